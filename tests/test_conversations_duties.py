"""The duty calendar end to end: opened by windows and by what happens, reported with proof, accepted, returned, waived, chased."""

from __future__ import annotations

from typing import Any

import pytest

from storage.tables import occurrences
from tests.engine import all_of
from tests.obligations import obligation
from tests.officials import CHIEF, CONVENER, OFFICE, conference_town, liaison, member, seat, seen
from tests.talking import CLIENTS, Speaker, holds_for_all
from tests.town import Town

LAW = "political_legal"
CAST = (OFFICE, CHIEF, CONVENER, liaison(LAW), member(LAW), liaison("education"), liaison("court"))
DONE = "已印发考核细则，见政法〔2026〕12号"


@pytest.fixture(params=list(CLIENTS))
async def people(request: pytest.FixtureRequest, database_url: str, key: str) -> Any:
    async with conference_town(database_url, key, "badong") as town:
        yield await seat(town, *CAST, language=request.param)


@pytest.fixture
async def county(database_url: str, key: str) -> Any:
    async with conference_town(database_url, key, "badong") as town:
        yield await seat(town, *CAST)
        await holds_for_all(town)


def duty_of(speaker: Speaker, duty: str) -> str:
    profile = speaker.town.application.database.conferences.profile(speaker.town.settings.conferences[0])
    row = next(each for each in profile.duties if each.id == duty)
    return row.en if speaker.language == "en" else row.zh


async def states(town: Town, **which: Any) -> list[str]:
    return [str(row.state) for row in await town.look(all_of(occurrences, **which))]


async def reports(by: Speaker, number: str = "1", *, text: str = DONE, proof: bool = False) -> None:
    """From the list to the last screen, and sent."""
    await by.sends("/duties")
    await by.taps_written(number)
    await by.taps("Report")
    await by.sends(text)
    if proof:
        await by.sends_file("document", name="考核细则.pdf")
        await by.taps("Next")
    else:
        await by.taps("Skip")
    await by.taps("✅ Report it")


@obligation("EVA-01", profile="badong")
async def test_listed_reported_with_proof_and_accepted(people: dict[str, Speaker]) -> None:
    law, office = people[f"{LAW} liaison"], people["office"]
    await law.sends("/duties")
    law.sees("🗓 <b>Duties: {view}</b>", view=law.words("To be reported by you"))
    for duty in ("badong.political_legal.01", "badong.political_legal.02"):
        law.reads(duty_of(law, duty))
    await reports(law, proof=True)
    law.sees("✅ Reported: {duty}. The office will look at it.", duty=duty_of(law, "badong.political_legal.01"))
    office.sees("🗓 <b>Reports on duties wait for your word.</b> This is said once a day; the list has all of them.")
    await office.taps("Duties")
    office.sees("🗓 <b>Duties: {view}</b>", view=office.words("Waiting for the office's word"))
    await office.taps_written("1")
    office.reads(DONE)
    await office.taps("Proof ({count})", count=1)
    office.sees("{duty}, proof {part}/{parts}", duty=duty_of(office, "badong.political_legal.01"), part=1, parts=1)
    await office.taps("Accept it")
    assert office.words("State: <b>{state}</b>", state=office.words("accepted by the office")) in seen(office)
    assert await states(office.town, duty="badong.political_legal.01") == ["accepted"]
    await law.sends("/duties")
    law.someone.sees_not(duty_of(law, "badong.political_legal.01"))
    law.reads(duty_of(law, "badong.political_legal.02"))
