"""Assigned items end to end: given out by the office, accepted, disputed, worked on, returned, struck off; who owes what."""

from __future__ import annotations

from typing import Any

import pytest

from storage.tables import assignments
from tests.engine import all_of
from tests.obligations import obligation
from tests.officials import CHIEF, CONVENER, OFFICE, conference_town, liaison, member, seat, seen
from tests.talking import CLIENTS, Speaker
from tests.town import Town

LEAD = liaison("education")
CAST = (OFFICE, CHIEF, CONVENER, LEAD, member("education"), liaison("justice"), liaison("finance"), member("health"))
WHAT = "摸清全县寄宿学校留守儿童底数"
WHY = "全体会议第三项决定"
PROOF = "名单和盖章的汇总表"
DUE = "12月10日"
ONE = "2026-1"


@pytest.fixture(params=list(CLIENTS))
async def people(request: pytest.FixtureRequest, database_url: str, key: str) -> Any:
    """Badong with an office and some units, who all read one language."""
    async with conference_town(database_url, key, "badong") as town:
        yield await seat(town, *CAST, language=request.param)


@pytest.fixture
async def county(database_url: str, key: str) -> Any:
    async with conference_town(database_url, key, "badong") as town:
        yield await seat(town, *CAST)


def name_of(speaker: Speaker, unit: str) -> str:
    profile = speaker.town.application.database.conferences.profile(speaker.town.settings.conferences[0])
    known = profile.units[unit]
    return known.name_en if speaker.language == "en" else known.name_zh


async def chooses(by: Speaker, unit: str) -> None:
    """The unit in the list, on whichever of its pages."""
    name = name_of(by, unit)
    while not any(name in label for label in by.buttons):
        await by.taps("Next page ▶")
    await by.taps_written(next(label for label in by.buttons if name in label))


async def fills(by: Speaker, *helpers: str, lead: str = "education", due: str = DUE) -> None:
    """From the command to the last screen."""
    await by.sends("/assign")
    await by.sends(WHAT)
    await by.sends(WHY)
    await chooses(by, lead)
    for helper in helpers:
        await chooses(by, helper)
    await by.taps("Next" if helpers else "Skip")
    await by.sends(PROOF)
    await by.sends(due)
    await by.taps("Skip")  # no files


async def assigns(by: Speaker, *helpers: str, **how: str) -> None:
    await fills(by, *helpers, **how)
    await by.taps("✅ Assign it")


async def does(by: Speaker, button: str, send: str, *answers: str) -> None:
    """A button that opens a form, what is written into it ("" skips), and what sends it."""
    await by.taps(button)
    for answer in answers:
        await (by.sends(answer) if answer else by.taps("Skip"))
    await by.taps(send)


async def row(town: Town) -> Any:
    return (await town.look(all_of(assignments)))[-1]


def reminded_of(speaker: Speaker) -> int:
    return sum(ONE in text for text in speaker.history if speaker.words("⏰ <b>Waiting for you: {count}</b>", count="").strip()[:4] in text)


@obligation("SUP-01", "SUP-02", profile="badong")
async def test_from_the_office_to_the_strike_off(people: dict[str, Speaker]) -> None:
    office, lead, helper = people["office"], people["education liaison"], people["justice liaison"]
    await fills(office, "justice")
    office.sees("<i>As it will be read:</i>", "📌 <b>Assigned item {number}</b>", number="–")
    office.sees("It goes to <b>{people}</b> people.", people=3)
    await office.taps_twice("✅ Assign it")
    office.has_seen("✅ Item <b>{number}</b> is assigned; {people} people have been told.", number=ONE, people=3)
    for someone in (lead, helper, people["education member"]):
        someone.has_seen("📌 <b>Assigned item {number}</b>", number=ONE)
        assert WHAT in seen(someone)
    assert WHAT not in seen(people["finance liaison"])

    await lead.taps("Accept the item")
    lead.sees("State: {state}, {percent}%", state=lead.words("under way"), percent=0)
    office.sees("👍 <b>Item {number} has been accepted</b>", number=ONE)
    await lead.taps("Report progress")
    await lead.sends("150")
    lead.sees("Please write a whole number from {least} to {limit}.", least=0, limit=100)
    await lead.sends("60%")
    await lead.sends("已摸排六所学校")
    await lead.sends_file("document", name="进展.xlsx", size=4000)
    await lead.taps("Next")
    await lead.taps("✅ Send")
    office.sees("📈 <b>Progress of item {number}: {percent}%</b>", number=ONE, percent=60)
    office.reads("已摸排六所学校")

    await lead.taps("Submit with proof")
    assert lead.toast == lead.words(
        "Not all co-responsible units have said their word yet, so it cannot be submitted. Please ask them, or the office."
    )
    await helper.taps("Our part is done")
    lead.sees("🤝 <b>Item {number}: a co-responsible unit has done its part</b>", number=ONE)
    await lead.taps("Submit with proof")
    await lead.sends("全部摸清")
    await lead.sends_file("photo")
    await lead.taps("Next")
    await lead.taps("✅ Submit")
    lead.sees("✅ Item <b>{number}</b> is submitted. The office checks it, and strikes it off or returns it.", number=ONE)

    await does(office, "Return it", "✅ Return it", "缺盖章")
    lead.sees("↩️ <b>Item {number} is returned: something lacks</b>", "What lacks: {text}", number=ONE, text="缺盖章")
    await does(lead, "Submit with proof", "✅ Submit", "已补盖章", "")
    await does(office, "Strike off", "✅ Strike it off", "")
    for someone in (lead, helper):
        someone.sees("✅ <b>Item {number} is struck off</b>", number=ONE)
    kept = await row(office.town)
    assert (str(kept.state), kept.percent, kept.number) == ("struck_off", 100, ONE)

    await office.sends(f"/trace {ONE}")
    steps = office.screen
    await office.taps("More ▶")
    steps += office.screen
    for step in ("assigned", "accepted by the lead unit", "progress", "part done", "submitted", "returned", "struck off"):
        assert office.words(step) in steps, step
    assert "缺盖章" in steps
    await office.taps("Files ({count})", count=2)
    office.has_seen("Item <b>{number}</b>, file {part}/{parts}: {step}", number=ONE, part=2, parts=2, step=office.words("proof"))
