"""Decision notices end to end: written, approved, recalled, put right; opened and signed for; who is reminded, and what reaches nobody."""

from __future__ import annotations

from typing import Any

import pytest

from conference.model.people import Role
from sandbox.messages import Message
from storage.tables import copies, notices
from tests.engine import all_of
from tests.officials import CHIEF, CONVENER, OFFICE, Seat, conference_town, liaison, member, seat, seen
from tests.talking import CLIENTS, Speaker
from tests.town import TOKEN

OPERATOR = Seat("operator", Role.OPERATOR, "civil_affairs", "系统运维")
CAST = (
    OFFICE,
    CHIEF,
    CONVENER,
    OPERATOR,
    liaison("education"),
    member("education"),
    liaison("justice"),
    member("health"),
    liaison("court"),
)
TITLE = "关于做好冬季关爱行动的通知"
TEXT = "请各成员单位于十二月十日前完成入户排查，并将台账报送办公室。"
HEAD = "📊 <b>Notice {number}</b>: signed for {signed}/{of}"


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
    return str(profile.units[unit].name_en if speaker.language == "en" else profile.units[unit].name_zh)


async def write(by: Speaker, *units: str, kind: str = "Units, each by whoever stands for it", sign_by: str = "12月10日") -> None:
    """From the command to the last screen."""
    await by.sends("/notify")
    await by.sends(TITLE)
    await by.taps("Skip")  # no number of a document
    await by.sends(TEXT)
    await by.taps("Skip")  # no papers
    await by.taps(kind)
    for unit in units:
        await by.sends(name_of(by, unit))
    if units:
        await by.taps("Next")
    await by.sends(sign_by)


async def send(by: Speaker, *units: str, **how: str) -> None:
    await write(by, *units, **how)
    await by.taps("✅ Send the notice")


def board(of: Speaker) -> str:
    """The one message that says how far it has come."""
    word = of.words("All receipts")
    found = [message for message in of.someone.person.from_bot(TOKEN) if word in message.button_texts]
    assert len(found) == 1, "there is one board, and it edits itself"
    return found[0].text or ""


def counted(of: Speaker, english: str, number: int) -> bool:
    return f"{of.words(english)} {number}" in board(of)


def reminders(of: Speaker, unit: str) -> int:
    """How many messages in this chat say that this unit has not signed."""
    return sum(f"{name_of(of, unit)}尚未签收" in text for text in of.history)


def last_messages(of: Speaker) -> list[Message]:
    return of.someone.person.from_bot(TOKEN)


async def test_sent_opened_signed_and_counted(people: dict[str, Speaker]) -> None:
    office, education, health, town = people["office"], people["education liaison"], people["health member"], people["office"].town
    await write(office, "education", "justice", "health")
    office.sees("<i>As it will be read:</i>", "It goes to <b>{people}</b> people ({audience}).",
                people=3, audience=office.words("Units, each by whoever stands for it"))  # fmt: skip
    await office.taps_twice("✅ Send the notice")
    education.sees("📨 <b>Notice {number}</b>", number="2026-1")
    assert TITLE in education.screen
    assert TEXT not in education.screen, "what is pushed says little"
    assert TITLE not in seen(people["education member"]), "the liaison stands for the unit"
    await town.passes(seconds=15)
    assert counted(office, "Delivered, not opened", 3)

    await education.taps("Open the notice")
    education.reads(TEXT)
    await town.passes(seconds=15)
    assert counted(office, "Opened, not signed for", 1)
    await education.taps_twice("✍️ Sign for it")
    education.is_not_offered("✍️ Sign for it")
    await health.taps("Open the notice")
    await health.taps("✍️ Sign for it")
    await town.passes(seconds=15)
    assert counted(office, "Signed for", 2)
    assert counted(office, "Delivered, not opened", 1)
    assert [row.number for row in await town.look(all_of(notices))] == ["2026-1"], "two presses send one notice"
    assert len([row for row in await town.look(all_of(copies)) if row.signed_at]) == 2
    for message in last_messages(education):
        assert message.protected or TITLE not in (message.text or "")
