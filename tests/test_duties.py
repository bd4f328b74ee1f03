"""Windows of recurring duties for any day and rhythm, and the life of one occurrence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from conference.model.assignments import Task
from conference.model.duties import MOVES, STANDING, Occurrence, OccurrenceState
from conference.model.errors import NotPossibleNow
from conference.model.events import on
from conference.model.history import By
from conference.model.ladders import window
from conference.model.meetings import MeetingKind
from conference.model.people import Actor, HeldPost, Role
from conference.model.profile import EVENTS, Cadence, DutyKind
from conference.model.rhythms import EVERY, Months, Rhythm, Seasons, Window, next_look, stretch, windows_between
from conference.profiles import load, source
from conference.services import assignments, duties, meetings
from conference.services.duty_events import Happened, tell
from conference.services.owing import what_is_owed
from storage.engine import Database
from storage.mapping import map_entities
from storage.sealed import Sealer
from storage.tables import audit, occurrences
from storage.unit_of_work import Unit
from tests.obligations import CONFERENCES
from tests.profile_files import without
from tests.test_meetings import SAID, acting, actor
from tests.test_meetings import database as database
from tests.test_profile_loading import House

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
PAIRS = [(day.month, day.day) for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(365))]


@st.composite
def seasons(draw: st.DrawFn) -> Seasons:
    """Up to four stretches of the year, one after the other."""
    chosen = sorted(draw(st.sets(st.sampled_from(PAIRS), min_size=2, max_size=8)))
    return Seasons(list(zip(chosen[::2], chosen[1::2], strict=False)))


rhythms: st.SearchStrategy[Rhythm] = st.one_of(st.sampled_from(EVERY).map(Months), seasons())


@given(rhythms, days, st.integers(0, 1200))
def test_each_window_between_two_days_comes_once_and_none_is_skipped(rhythm: Rhythm, first: date, length: int) -> None:
    last = first + timedelta(days=length)
    found = windows_between(rhythm, first, last)
    assert len({each.name for each in found}) == len(found)
    by_hand = {each.name for year in range(first.year - 1, last.year + 2) for each in rhythm.of_year(year) if touches(each, first, last)}
    assert {each.name for each in found} == by_hand
    assert all(one.last < other.first for one, other in pairwise(found)), "no two windows share a day"


def touches(each: Window, first: date, last: date) -> bool:
    return any(first <= each.first + timedelta(days=n) <= last for n in range((each.last - each.first).days + 1))


@given(st.sampled_from(EVERY), days)
def test_every_day_lies_in_exactly_one_window_of_months(months: int, day: date) -> None:
    (found,) = windows_between(Months(months), day, day)
    assert found.first <= day <= found.last
    (following,) = windows_between(Months(months), found.last + timedelta(days=1), found.last + timedelta(days=1))
    assert following.first == found.last + timedelta(days=1)
    assert following.name != found.name


@given(st.sampled_from([("yearly", 12), ("half_yearly", 6), ("quarterly", 3)]), days)
def test_duties_and_plenaries_have_the_same_windows(cadence: tuple[str, int], day: date) -> None:
    name, months = cadence
    (found,) = windows_between(Months(months), day, day)
    assert (found.name, found.first, found.last) == window(name, day)


@given(st.lists(rhythms, min_size=1, max_size=3), days, st.lists(st.integers(0, 200), max_size=12))
def test_whoever_looks_late_opens_what_he_missed_and_nothing_twice(several: list[Rhythm], since: date, delays: list[int]) -> None:
    """As `watch_duties` does it: look, note the day, look again when the next window begins or however much later."""
    opened: list[tuple[int, str]] = []
    begun, today = since, since
    for delay in delays:
        opened += [(n, each.name) for n, rhythm in enumerate(several) for each in windows_between(rhythm, since, today)]
        since, today = today, next_look(several, today) + timedelta(days=delay)
        assert today > since
    expected = [(n, each.name) for n, rhythm in enumerate(several) for each in windows_between(rhythm, begun, since)] if delays else []
    assert set(opened) == set(expected), "the table keeps each of them once"


@given(rhythms, days)
def test_no_window_begins_unseen_before_the_next_look(rhythm: Rhythm, today: date) -> None:
    look = next_look([rhythm], today)
    between = [each for each in windows_between(rhythm, today, look) if today < each.first < look]
    assert between == []
    assert today < look <= today + timedelta(days=31)


@pytest.mark.parametrize("months", [0, 5, 7, 13, -1])
def test_months_that_make_no_year_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match="divide"):
        Months(months)


# -- one occurrence


def occurrence(state: OccurrenceState, **more: Any) -> Occurrence:
    made = Occurrence(conference="badong", duty="badong.justice.04", unit="justice", cause="2026", opens=AT.date(), due=None, **more)
    made.state = state
    return made


WAYS: dict[str, Any] = {
    "open": lambda o: o.open(at=AT),
    "report": lambda o: o.report(By(1), "done", at=AT),
    "accept": lambda o: o.accept(By(1), at=AT),
    "give_back": lambda o: o.give_back(By(1), "a paper", at=AT),
    "waive": lambda o: o.waive(By(1), "no case", at=AT),
    "fulfil": lambda o: o.fulfil("plenary_held", at=AT),
    "lapse": lambda o: o.lapse("interval", at=AT),
}


@given(st.lists(st.sampled_from(sorted(WAYS)), max_size=8), st.sampled_from([OccurrenceState.SCHEDULED, OccurrenceState.OPEN]))
def test_whatever_is_tried_it_moves_as_the_table_says_and_keeps_each_step(tries: list[str], begins: OccurrenceState) -> None:
    one, seen = occurrence(begins), [begins]
    for way in tries:
        before, mark = one.state, one.mark
        try:
            WAYS[way](one)
        except NotPossibleNow:
            assert one.state is before
        if way == "give_back" and one.state is not before:
            assert one.mark == mark + 1, "reminders of before are worth nothing"
        assert (one.ended_at is None) == one.is_open
    for turn in one.turns:
        assert turn.before == seen[-1]
        assert OccurrenceState(turn.after) in MOVES[OccurrenceState(turn.before)]
        seen.append(OccurrenceState(turn.after))
    assert seen[-1] is one.state


def test_what_is_only_for_information_is_never_overdue() -> None:
    one = occurrence(OccurrenceState.OPEN, chased=False)
    one.due = date(2026, 1, 1)
    assert not one.is_overdue(date(2027, 1, 1))
    one.chased = True
    assert one.is_overdue(date(2026, 1, 2))
    assert not one.is_overdue(date(2026, 1, 1)), "the day itself is in time"


# -- the profiles


@pytest.mark.parametrize("slug", CONFERENCES)
def test_every_row_of_the_profiles_can_live(slug: str) -> None:
    """A recurring one has a rhythm or waits for a plenary or the office; one that an event ends or opens names one that exists."""
    profile = load(slug)
    for duty in profile.duties:
        assert {duty.event, duty.ends} <= {"", *EVENTS}
        assert not (duty.event and duty.kind is not DutyKind.ON_EVENT), duty.id
        assert (duty.kind is DutyKind.RECURRING) == (duty.cadence is not None), duty.id
        if duty.cadence is Cadence.BEFORE_PLENARY:
            assert profile.has_conference
    for each in profile.settings.holidays:
        first, last = stretch(each)
        assert first <= last


# -- the calendar in the database


@pytest.fixture
def house(database_url: str, key: str) -> Iterator[House]:
    map_entities()
    database = Database(database_url, Sealer(key))
    database.check()
    yield House(database)
    database.close()


def due_of(house: House, slug: str, duty: str) -> list[tuple[str, str]]:
    query = select(occurrences.c.cause, occurrences.c.due).where(occurrences.c.conference == slug, occurrences.c.duty == duty)
    with house.database.reader.connect() as connection:
        return [(row.cause, str(row.due)) for row in connection.execute(query.order_by(occurrences.c.id))]


def looks(house: House, slug: str, since: date, at: datetime) -> None:
    with house.act(at, slug) as uow:
        duties.watch_duties(uow, since, at=at)


@pytest.mark.parametrize("slug", CONFERENCES)
def test_every_row_comes_to_be_owed_in_one_way_or_another(make_database: Any, key: str, slug: str) -> None:
    """By time, with a plenary, by what this desk hears of, or because the office asks: no row of a document is only read."""
    map_entities()
    with closing(Database(make_database("sqlite"), Sealer(key))) as database:
        _every_row(House(database), slug)


def _every_row(house: House, slug: str) -> None:
    house.load(source(slug), slug=slug, at=AT)
    profile = load(slug)
    looks(house, slug, AT.date(), AT + timedelta(days=365))  # a year, and its holidays
    with house.act(AT, slug) as uow:
        office = HeldPost(1, slug, "civil_affairs", Role.OFFICE, "")
        by_hand = {duty.id for duty in duties.duties_to_open(uow, Actor(1, 1, (office,)), at=AT)}
        for event in EVENTS:
            tell(uow, Happened(event, f"{event}:1"), at=AT)
    with house.act(AT, slug) as uow:
        owed = {each.duty for each in uow.duties.owed(slug)} | {duty.id for duty in duties.unsaid(uow, profile)}
        attested = {row.id for owner in duties.standing_owners(uow, profile, at=AT) for row in duties.standing_of(profile, owner)}
        ended = {each.duty for each in uow.duties.done(slug, duties.standing_owners(uow, profile, at=AT), 999)}
    for duty in profile.duties:
        match duty.kind:
            case DutyKind.STANDING:
                assert duty.id in attested
            case DutyKind.RECURRING if duty.cadence is Cadence.BEFORE_PLENARY:
                assert profile.rules.plenary_cadence
            case DutyKind.RECURRING:
                assert duty.id in owed
            case DutyKind.ON_EVENT:
                assert duty.id in by_hand
                assert not duty.event or duty.id in owed | ended


def test_what_is_done_at_this_desk_opens_rows_and_shows_others_done(database: Database) -> None:
    """Meetings of every kind, and assigned items that go from one unit to another."""

    def stand(uow: Unit, duty: str) -> list[tuple[str, str]]:
        rows = select(occurrences.c.unit, occurrences.c.state).where(occurrences.c.duty == f"badong.{duty}").order_by(occurrences.c.id)
        return [(row.unit, str(row.state)) for row in uow.connection.execute(rows)]

    due, later = date(2026, 12, 20), AT + timedelta(days=2)
    with acting(database, AT) as uow:
        for kind in (MeetingKind.EXTRA, MeetingKind.LIAISON):
            starts = AT + timedelta(hours=30)
            meetings.convene_meeting(uow, actor(uow, "office"), kind, SAID, starts, AT + timedelta(hours=8), at=AT)
        item = assignments.assign(uow, actor(uow, "office"), "education", TASK, due, helpers=["justice"], at=AT).id or 0
        other = assignments.assign(uow, actor(uow, "office"), "health", TASK, due, at=AT).id or 0
    with acting(database, AT) as uow:
        assert stand(uow, "chief_convener.02") == [("chief_convener", "open")]
        assert stand(uow, "office.02") == [("office", "open")]
        assert stand(uow, "all_members.03") == [("education", "open"), ("health", "open")]
        assert stand(uow, "all_members.04") == [("justice", "open")]
        lines = what_is_owed(uow, actor(uow, "education liaison"), at=AT).later
        assert [line.noun for line in lines if line.facts.get("duty") in (None, "badong.all_members.03")] == ["assignment"], "in one line"
        assignments.dispute(uow, actor(uow, "education liaison"), item, "r", at=AT)
        assignments.withdraw(uow, actor(uow, "office"), other, "r", at=AT)
    with acting(database, AT) as uow:
        assignments.rule(uow, actor(uow, "office"), item, "health", "r", at=AT)
    with acting(database, later) as uow:
        assert stand(uow, "all_members.03") == [("education", "waived"), ("health", "waived"), ("health", "open")]
        assignments.accept(uow, actor(uow, "health liaison"), item, at=later)
        assignments.help_with(uow, actor(uow, "justice liaison"), item, confirmed=True, at=later)
        assignments.submit(uow, actor(uow, "health liaison"), item, "n", where="w", at=later)
        assignments.strike_off(uow, actor(uow, "office"), item, at=later)
        for meeting in uow.meetings.upcoming("badong", AT):
            meetings.record_held(uow, actor(uow, "office"), meeting.id or 0, at=later)
    with acting(database, later) as uow:
        assert stand(uow, "all_members.03")[-1] == ("health", "accepted")
        assert stand(uow, "all_members.04") == [("justice", "accepted")]
        assert stand(uow, "chief_convener.02") == [("chief_convener", "accepted")]


TASK = Task("w", "y", "p")


def test_a_change_of_post_is_owed_until_the_successor_is_there(house: House) -> None:
    """Gansu asks the unit to report it; the vacancy opens that, the successor ends it. Inner Mongolia's mechanism ends its own row."""
    house.load(source("gansu"), slug="gansu", at=AT)
    row = "gansu.all_members.01"

    def stands(uow: Unit) -> list[tuple[str, str]]:
        found = uow.connection.execute(select(occurrences.c.unit, occurrences.c.state).where(occurrences.c.duty == row))
        return [(each.unit, str(each.state)) for each in found]

    with house.act(AT, "gansu") as uow:
        post = next(post for post in uow.people.open_posts("gansu") if (post.role, post.unit) == (Role.MEMBER, "education"))
        uow.note(None, "tenure.ended", f"post:{post.id}")
    with house.act(AT, "gansu") as uow:
        assert stands(uow) == [("education", "open")]
        uow.note(None, "handover.done", "handover:1", of=post.id)
    with house.act(AT, "gansu") as uow:
        assert stands(uow) == [("education", "accepted")]


def test_after_an_outage_each_missed_window_is_there_once(house: House) -> None:
    house.load(source("neimenggu"), slug="neimenggu", at=AT)
    looks(house, "neimenggu", AT.date(), AT)
    much_later = datetime(2027, 8, 2, 1, 0, tzinfo=UTC)
    for _ in range(2):
        looks(house, "neimenggu", AT.date(), much_later)
    quarters = [("2026Q4", "2026-12-31"), ("2027Q1", "2027-03-31"), ("2027Q2", "2027-06-30"), ("2027Q3", "2027-09-30")]
    assert due_of(house, "neimenggu", "neimenggu.township.02") == quarters
    yearly = due_of(house, "neimenggu", STANDING)
    assert {cause for cause, _ in yearly} == {"2026", "2027"}, "nobody meets there: the standing duties are attested once a year"


def test_a_row_that_a_newer_version_no_longer_has_is_owed_no_more(house: House) -> None:
    text = source("badong")
    house.load(text, at=AT)
    looks(house, "badong", AT.date(), AT)
    start = text.index('[[duties]]\nid = "badong.youth_league.02"')
    house.load(text[:start] + text[text.index("[[duties]]", start + 1) :], at=AT + timedelta(days=60))
    yearly = text.index('[[duties]]\nid = "badong.political_legal.02"')
    house.load(text[:yearly] + text[text.index("[[duties]]", yearly + 1) :], at=AT + timedelta(days=61))
    looks(house, "badong", AT.date(), AT + timedelta(days=61))
    with house.act(AT + timedelta(days=61)) as uow:
        owed = {each.duty for each in uow.duties.owed("badong")}
        lapsed = uow.duties.done("badong", ["political_legal"], 10)
    assert "badong.political_legal.02" not in owed
    assert "badong.political_legal.01" in owed
    assert [(each.duty, str(each.state)) for each in lapsed] == [("badong.political_legal.02", "waived")]


def edited(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_a_newer_version_leaves_what_runs_and_moves_what_it_says_otherwise(house: House) -> None:
    """One unit went up in another, one row became half-yearly, one went to another unit, the summer begins later; the rest runs on."""
    text = source("badong")
    house.load(text, at=AT)
    july = datetime(2027, 7, 20, 1, 0, tzinfo=UTC)
    looks(house, "badong", AT.date(), july)
    with house.act(july) as uow:
        uow.duties.open([duties.row(uow.conferences.profile("badong"), STANDING, "ageing_office", "meeting:1", july.date(), None)])
        before = {each.id: (each.duty, each.unit, each.cause, each.due, each.mark) for each in uow.duties.owed("badong")}
        reminders = uow.schedule.pending("duty:")
    merged = without("badong", "units", 'slug = "ageing_office"').replace('"ageing_office"', '"health"')
    newer = edited(
        merged,
        ('slug = "health"\n', 'slug = "health"\nmerged = ["ageing_office"]\n'),
        (f'{ROW}political_legal.01"\nunit = "political_legal"\nkind = "recurring"\ncadence = "yearly"',
         f'{ROW}political_legal.01"\nunit = "political_legal"\nkind = "recurring"\ncadence = "half_yearly"'),
        (f'{ROW}womens_federation.02"\nunit = "womens_federation"', f'{ROW}womens_federation.02"\nunit = "trade_union"'),
        ('"07-10/08-31"', '"07-15/08-31"'),
    )  # fmt: skip
    house.load(newer, at=july)
    looks(house, "badong", july.date(), july)
    with house.act(july) as uow:
        now = {each.id: (each.duty, each.unit, each.cause, each.due, each.mark) for each in uow.duties.owed("badong")}
        after = uow.schedule.pending("duty:")
    new = {key: was for key, was in now.items() if key not in before}
    gone = {was[0] + " " + was[2] for key, was in before.items() if key not in now}
    other = {key: (before[key], was) for key, was in now.items() if before.get(key, was) != was}
    summer = date(2027, 8, 31)
    assert gone == {"badong.political_legal.01 2026", "badong.political_legal.01 2027"}, "another rhythm: its windows are no more"
    assert {was[:3] for was in new.values()} == {("badong.political_legal.01", "political_legal", "2027H2")}
    assert sorted((was, is_now) for was, is_now in other.values()) == sorted([
        (("badong.womens_federation.02", "womens_federation", "2027V1", date(2027, 2, 20), 0),
         ("badong.womens_federation.02", "trade_union", "2027V1", date(2027, 2, 20), 1)),
        (("badong.womens_federation.02", "womens_federation", "2027V2", summer, 0),
         ("badong.womens_federation.02", "trade_union", "2027V2", summer, 2)),
        (("badong.youth_league.02", "youth_league", "2027V2", summer, 0), ("badong.youth_league.02", "youth_league", "2027V2", summer, 1)),
        ((STANDING, "ageing_office", "meeting:1", None, 0), (STANDING, "health", "meeting:1", None, 1)),
    ])  # fmt: skip
    untouched = {key: at for key, at in reminders.items() if int(key.split(":")[1]) in now.keys() - other.keys()}
    assert untouched
    assert untouched.items() <= after.items(), "the reminders of what is as it was stand where they stood"
    assert not any(":womens_federation:" in key or ":ageing_office:" in key for key in after)


ROW = '[[duties]]\nid = "badong.'
HEARD = "test.heard"
heard: list[str] = []


@on(HEARD)
def hears(uow: Unit, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    heard.append(subject)
    uow.note(None, "test.after", subject)
    if facts.get("refuses"):
        raise NotPossibleNow("test", subject, "a", "b")


def test_what_is_done_is_heard_at_the_end_of_the_act_and_is_part_of_it(house: House) -> None:
    house.load(source("badong"), at=AT)
    heard.clear()
    with house.act(AT) as uow:
        uow.note(None, HEARD, "thing:1")
        assert heard == [], "not in the midst of the act"
    assert heard == ["thing:1"]
    with pytest.raises(NotPossibleNow), house.act(AT) as uow:
        uow.note(None, HEARD, "thing:2", refuses=True)
    with house.database.reader.connect() as connection:
        found = connection.execute(select(audit.c.action, audit.c.subject).where(audit.c.action.like("test.%"))).all()
    assert [tuple(row) for row in found] == [(HEARD, "thing:1"), ("test.after", "thing:1")], "what fails leaves nothing"
