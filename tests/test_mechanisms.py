"""The mechanism of Inner Mongolia's regions: the day, the reminders before and after it, and the number of the document as proof."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from conference import profiles
from conference.model.calendar import WorkCalendar
from conference.model.days import fixed_day
from conference.model.errors import Misconfigured
from conference.model.mechanisms import MechanismStep
from conference.model.people import Role
from conference.services import people
from conference.services.profiles import load_profile
from handlers.telegram.texts.everybody import REASONS
from handlers.telegram.texts.mechanisms import HOW_RECORDED, MECHANISM_NOTES, MECHANISM_STEPS
from handlers.telegram.texts.officials import LACKING
from storage.tables import DONE, PENDING, WITHDRAWN, due
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.obligations import obligation
from tests.profile_files import edited
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, holds_for_all
from tests.town import MakeDatabase, Town, actor_of, open_town

ACT = "内政办发〔2027〕12号"
HEAD = "🏛 <b>The mechanism is to be set up.</b>"
NO_YEAR = "The document does not say the year, and the operator has not named it yet: nobody is reminded."
NOTHING = "Nothing has been recorded yet."
OPEN = "Set up the mechanism"
LAST_DAY = "2027年6月30日（周三）"


@pytest.fixture(params=list(CLIENTS))
async def clerk(request: pytest.FixtureRequest, backend: str, make_database: MakeDatabase, key: str) -> AsyncIterator[Speaker]:
    """A clerk of Inner Mongolia's lead unit, in each language; a convener and a liaison read simplified Chinese."""
    async with open_town(make_database(backend, "neimenggu,badong"), key, profile="neimenggu,badong") as town:
        found = await town.appoint("clerk", Role.OFFICE, "civil_affairs", "自治区民政厅", language=CLIENTS[request.param])
        await town.appoint("convener", Role.CONVENER, "civil_affairs", "自治区民政厅厅长")
        await town.appoint("liaison", Role.LIAISON, "education", "教育厅联络员")
        yield Speaker(found, request.param)
        await holds_for_all(town)


async def names_the_year(town: Town, year: int = 2027) -> None:
    """The operator loads the profile with the year of its day."""
    source = edited("neimenggu", ("mechanism_year = 0", f"mechanism_year = {year}"))

    def verb(uow: Unit) -> None:
        assert load_profile(uow, profiles.parse(source, "neimenggu.toml"), source, at=uow.at)

    await town.application.desk.act(verb)
    await town.settled()


async def comes(town: Town, *day: int, hour: int = 9) -> None:
    """Let time pass to this hour of the day in China."""
    await town.passes(seconds=(datetime(*day, hour - 8, tzinfo=UTC) - town.clock.now()).total_seconds())  # type: ignore[misc, arg-type]  # year, month, day


def reminded(someone: Speaker) -> int:
    return sum(someone.words(HEAD) in text for text in someone.history)


async def states(town: Town) -> dict[str, int]:
    return {row.key: row.state for row in await town.look(all_of(due, kind="mechanism_due"))}


@obligation("ORG-04", profile="neimenggu")
async def test_the_office_is_reminded_until_it_records_the_document(clerk: Speaker) -> None:
    town = clerk.town
    convener, liaison = as_seen_by("convener", town), as_seen_by("liaison", town)
    await clerk.sends("/start")
    await clerk.taps(OPEN)
    clerk.sees(NO_YEAR, NOTHING, HOW_RECORDED)
    clerk.reads("6月底前")
    assert await states(town) == {}, "without a year nobody is reminded"
    await names_the_year(town)
    await comes(town, 2027, 6, 2, hour=8)
    assert reminded(clerk) == 0
    await comes(town, 2027, 6, 2)
    clerk.sees(HEAD, HOW_RECORDED)
    clerk.sees(MECHANISM_STEPS["20"], number=20)
    await comes(town, 2027, 6, 23)
    clerk.sees(MECHANISM_STEPS["5"], number=5)
    if clerk.language == "zh_Hans":
        clerk.reads(LAST_DAY)
    assert (reminded(clerk), reminded(convener), reminded(liaison)) == (2, 0, 0)
    await clerk.taps(OPEN)
    clerk.sees(NOTHING)
    for written, note, figure in (("x", "too_short", 2), ("x" * 61, "too_long", 60)):
        await clerk.sends(f"/mechanism {written}")
        clerk.sees(MECHANISM_NOTES[note], figure=figure)
    await clerk.sends(f"/mechanism  {ACT}")
    clerk.sees(MECHANISM_NOTES["kept"])
    clerk.sees("Set up by: <b>{number}</b>", number=ACT)
    await town.restart()
    before = len(clerk.history)
    await comes(town, 2027, 7, 30)
    assert (reminded(clerk), reminded(convener)) == (1, 0), "the second became the screen; nothing after it"
    assert not any(clerk.words(HEAD) in text for text in clerk.history[before:])
    assert await states(town) == {
        "mechanism:neimenggu:2027:20": DONE,
        "mechanism:neimenggu:2027:5": DONE,
        "mechanism:neimenggu:2027:day": WITHDRAWN,
        "mechanism:neimenggu:2027:overdue": WITHDRAWN,
    }
    (row,) = await audited(town, "mechanism.recorded")
    assert (row.subject, row.facts["act_number"], row.post_id is not None) == ("conference:neimenggu", ACT, True)
    await clerk.sends("/mechanism 内政办发〔2027〕13号")
    clerk.sees("Set up by: <b>{number}</b>", number="内政办发〔2027〕13号")
    assert len(await audited(town, "mechanism.recorded")) == 2, "what was written first stays on record"


@pytest.fixture
async def plain(backend: str, make_database: MakeDatabase, key: str) -> AsyncIterator[Speaker]:
    """The clerk and the convener in simplified Chinese only."""
    async with open_town(make_database(backend, "neimenggu,badong"), key, profile="neimenggu,badong") as town:
        await town.appoint("convener", Role.CONVENER, "civil_affairs", "自治区民政厅厅长")
        yield Speaker(await town.appoint("clerk", Role.OFFICE, "civil_affairs", "自治区民政厅"))
        await holds_for_all(town)


async def test_on_the_day_and_the_day_after_each_is_told_once(plain: Speaker) -> None:
    town, convener = plain.town, as_seen_by("convener", plain.town)
    await names_the_year(town)
    await comes(town, 2027, 6, 30)
    plain.sees(MECHANISM_STEPS["day"])
    assert (reminded(plain), reminded(convener)) == (3, 0)
    await comes(town, 2027, 7, 1)
    for each in (plain, convener):
        each.sees(MECHANISM_STEPS["overdue"])
        each.reads(LAST_DAY)
    plain.is_offered(OPEN)
    convener.sees("The office has been told too.")
    convener.sees_not(HOW_RECORDED)
    convener.is_not_offered(OPEN)
    await comes(town, 2027, 9, 1)
    assert (reminded(plain), reminded(convener)) == (4, 1)


async def test_a_day_that_is_past_is_said_at_once_and_once(plain: Speaker) -> None:
    await names_the_year(plain.town, 2016)
    await plain.town.passes(hours=1)
    plain.sees(MECHANISM_STEPS["overdue"])
    assert reminded(plain) == 1


async def test_reminders_of_a_year_that_was_taken_back_say_nothing(plain: Speaker) -> None:
    await names_the_year(plain.town, 2027)
    await names_the_year(plain.town, 2028)
    await comes(plain.town, 2027, 7, 2)
    assert reminded(plain) == 0
    await comes(plain.town, 2028, 6, 30)
    assert reminded(plain) == 3


async def test_a_clerk_of_another_conference_is_refused(plain: Speaker) -> None:
    town, other = plain.town, as_seen_by("other", plain.town)
    await other.sends("/start")

    def verb(uow: Unit) -> None:
        account = actor_of(uow, town, "other").account_id
        people.appoint(uow, account, conference="badong", unit="civil_affairs", role=Role.OFFICE, title="联席办", rank=1, at=uow.at)

    await town.application.desk.act(verb)
    await names_the_year(town)
    await other.sends("/area")
    await other.turns_to("内蒙古", "Next page ▶")
    await other.sends(f"/mechanism {ACT}")
    other.sees(REASONS["not_allowed"])
    await other.sends("/area")
    await other.turns_to("巴东县", "Next page ▶")
    await other.sends("/start")
    other.is_not_offered(OPEN)
    await other.sends(f"/mechanism {ACT}")
    other.sees(
        "The document of this conference does not provide for: {parts}. It is therefore not offered here.",
        parts=other.words(LACKING["mechanism"]),
    )
    assert await audited(town, "mechanism.recorded") == []
    assert set((await states(town)).values()) == {PENDING}
    await plain.sends("/mechanism")
    plain.sees(NOTHING)


@pytest.mark.parametrize(
    ("words", "year", "day"),
    [
        ("6月底前", 2027, date(2027, 6, 30)),
        ("2月底前", 2028, date(2028, 2, 29)),
        ("12月底前", 2027, date(2027, 12, 31)),
        ("9月5日前", 2027, date(2027, 9, 5)),
        ("2月30日前", 2027, None),
        ("2月0日前", 2027, None),
        ("13月底前", 2027, None),
        ("6月底前", 0, None),
        ("年底前", 2027, None),
        ("", 2027, None),
    ],
)
def test_a_day_without_its_year_is_read_with_it(words: str, year: int, day: date | None) -> None:
    assert fixed_day(words, year) == day


def test_working_days_are_counted_back() -> None:
    """Those of the calendar: here 29 June is a day off, and Saturday the 26th is worked instead."""
    calendar = WorkCalendar.of({date(2027, 6, 29): False, date(2027, 6, 26): True})
    found = [MechanismStep.SOON.due_at(date(2027, 6, 30), each).date() for each in (WorkCalendar(), calendar)]
    assert found == [date(2027, 6, 23), date(2027, 6, 23)]
    assert MechanismStep.SOON.due_at(date(2027, 6, 28), calendar).date() == date(2027, 6, 22)
    assert MechanismStep.LAST_DAY.due_at(date(2027, 6, 29), calendar).date() == date(2027, 6, 29)


@pytest.mark.parametrize("year", ["26", "-1", "true", '"2027"'])
def test_a_year_that_cannot_be_one_is_refused_when_the_profile_is_read(year: str) -> None:
    with pytest.raises(Misconfigured, match="mechanism_year"):
        profiles.parse(edited("neimenggu", ("mechanism_year = 0", f"mechanism_year = {year}")), "neimenggu.toml")
