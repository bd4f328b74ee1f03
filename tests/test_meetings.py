"""Attendance whatever the order of answers, moves and restarts: one valid answer a unit, and only the silent are reminded."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.bootstrap import set_up_conferences
from conference import profiles
from conference.model.calendar import Hours, WorkCalendar
from conference.model.errors import NotAllowed, NotPossibleNow
from conference.model.meetings import Answer, Convocation, Meeting, MeetingKind, MeetingState
from conference.model.people import Actor, HeldPost, Post, Role
from conference.model.profile import Unit as Body
from conference.services import meetings, people
from conference.services.inventories import inventory_of
from storage import tables
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Sender, recognise
from storage.sealed import Sealer
from storage.unit_of_work import Transaction, Unit
from tests.obligations import obligation
from tests.town import DOOR, MakeDatabase

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
SAID = Convocation("议题", "会议室")
UNITS = ("education", "justice", "health")
PEOPLE = {"office": (Role.OFFICE, "civil_affairs")}
PEOPLE |= {f"{unit} {role}": (role, unit) for unit in UNITS for role in (Role.LIAISON, Role.MEMBER)}
NUMBERS = {name: number for number, name in enumerate(PEOPLE, start=1)}
_acts = itertools.count(1)


@contextmanager
def acting(database: Database, at: datetime) -> Iterator[Unit]:
    with database.writer.begin() as connection:
        running = Transaction(connection, database.sealer, at, database.conferences)
        unit = Unit(running, f"t{next(_acts)}", "badong")
        yield unit
        unit.succeed()
        running.flush()


def actor(uow: Unit, name: str) -> Actor:
    number = NUMBERS[name]
    return recognise(uow.connection, uow.sealer, DOOR, [Sender(number, "zh_Hans")], uow.at)[number]


@pytest.fixture
def database(database_url: str, key: str) -> Iterator[Database]:
    database = filled(database_url, key)
    yield database
    database.close()


def filled(database_url: str, key: str) -> Database:
    """Badong with the people of the cast."""
    map_entities()
    database = Database(database_url, Sealer(key), ("badong",))
    set_up_conferences(database, DOOR.bot, at=AT)
    with acting(database, AT) as uow:
        for name, (role, unit) in PEOPLE.items():
            account = actor(uow, name).account_id
            people.appoint(uow, account, conference="badong", unit=unit, role=role, title=name, at=AT)
    return database


def convene(database: Database, at: datetime, days: int = 20) -> int:
    with acting(database, at) as uow:
        starts = at + timedelta(days=days)
        until = meetings.default_answer_by(uow, profiles.load("badong"), starts, at=at)
        return meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.PLENARY, SAID, starts, until, at=at).id or 0


answers = st.tuples(st.sampled_from([name for name in PEOPLE if name != "office"]), st.sampled_from(list(Answer)))
steps = st.one_of(answers, answers, st.just("move"), st.just("late"), st.just("old"), st.integers(1, 30).map(lambda hours: hours))


@obligation("MTG-12", profile="badong")
def test_one_valid_answer_a_unit_whatever_the_order(database: Database) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(steps, max_size=12))
    def holds(done: list[Any]) -> None:
        now, sequence, expected = AT, 0, cast(dict[str, Answer], {})
        key = convene(database, AT)
        for step in done:
            if isinstance(step, int):
                now += timedelta(hours=step)
                continue
            with acting(database, now) as uow:  # each act in a commit of its own: nothing is remembered but what is stored
                meeting = uow.meetings.get(key)
                assert meeting is not None
                if step == "move":
                    starts = now + timedelta(days=10)
                    until = meetings.default_answer_by(uow, profiles.load("badong"), starts, at=now)
                    meetings.change_meeting(uow, actor(uow, "office"), key, starts, until, SAID, at=now)
                    sequence, expected = sequence + 1, {}
                elif isinstance(step, tuple):
                    name, answer = step
                    who = actor(uow, name)
                    if meeting.takes_answers(now):
                        give(uow, who, key, sequence, answer, now)
                        expected[who.posts[0].unit] = answer
                    else:
                        with pytest.raises(NotPossibleNow):
                            give(uow, who, key, sequence, answer, now)
                else:
                    late = meeting.answer_by + timedelta(seconds=1) if step == "late" else now
                    with pytest.raises(NotPossibleNow):
                        give(uow, actor(uow, "education liaison"), key, sequence - (step == "old"), Answer.ATTEND, late)
        _check(database, key, sequence, expected)

    holds()


def give(uow: Unit, who: Actor, key: int, sequence: int, answer: Answer, at: datetime) -> None:
    meetings.answer_convocation(uow, who, key, sequence, who.posts[0].post_id, answer, at=at)


def _check(database: Database, key: int, sequence: int, expected: dict[str, Answer]) -> None:
    """The table, the tally and the reminders that wait all say the same."""
    with database.reader.connect() as connection:
        a = tables.attendances
        rows = connection.execute(select(a.c.unit, a.c.answer).where(a.c.meeting_id == key, a.c.void_at.is_(None))).all()
        waiting = connection.execute(
            select(tables.due.c.data).where(tables.due.c.subject == f"meeting:{key}", tables.due.c.state == tables.PENDING)
        ).scalars()
        pending = {(data["unit"], data["mark"]) for data in waiting}
    assert len(rows) == len(expected)
    assert {row.unit: row.answer for row in rows} == expected
    assert all(mark == sequence and unit not in expected for unit, mark in pending)


def test_nobody_answers_for_another_unit_nor_calls_without_the_right(database: Database) -> None:
    key = convene(database, AT)
    with acting(database, AT) as uow:
        theirs = actor(uow, "justice liaison").posts[0].post_id
        with pytest.raises(NotAllowed):
            meetings.answer_convocation(uow, actor(uow, "education liaison"), key, 0, theirs, Answer.ATTEND, at=AT)
        starts = AT + timedelta(days=9)
        with pytest.raises(NotAllowed):
            meetings.convene_meeting(uow, actor(uow, "education liaison"), MeetingKind.PLENARY, SAID, starts, starts, at=AT)


CALLING = [  # roles in the order worn, whether the convener is entrusted, and under which of them each kind is called
    ((Role.CONVENER, Role.OFFICE), False, {"plenary": 1, "extra": 1, "liaison": 0}),
    ((Role.CONVENER, Role.OFFICE), True, {"plenary": 0, "extra": 0, "liaison": 0}),
    ((Role.OFFICE, Role.CONVENER), False, {"plenary": 0, "extra": 0, "liaison": 0}),
    ((Role.MEMBER, Role.CONVENER), False, {"liaison": 1}),
    ((Role.MEMBER, Role.CHIEF_CONVENER), False, {"plenary": 1, "extra": 1, "liaison": 1}),
]


@pytest.mark.parametrize(("roles", "trusted", "expected"), CALLING)
def test_each_kind_is_called_under_one_post_that_has_the_right_to_it(
    roles: tuple[Role, ...], trusted: bool, expected: dict[str, int]
) -> None:
    posts = tuple(HeldPost(number, "badong", "education", role, "岗位") for number, role in enumerate(roles))
    uow = SimpleNamespace(meetings=SimpleNamespace(is_entrusted=lambda post: trusted and roles[post] is Role.CONVENER))
    found = meetings.may_call(cast(Any, uow), Actor(1, 1, posts, conference="badong"), profiles.load("badong"))
    assert {str(kind): post.post_id for kind, post in found.items()} == expected


def test_an_answer_beside_a_move_in_another_process_comes_second(make_database: MakeDatabase, key: str) -> None:
    url = make_database("postgresql")  # SQLite has one process only
    database, other = filled(url, key), Database(url, Sealer(key), ("badong",))
    meeting = convene(database, AT)

    def answers() -> None:
        with acting(other, AT) as uow:
            give(uow, actor(uow, "education liaison"), meeting, 0, Answer.ATTEND, AT)

    with ThreadPoolExecutor(1) as elsewhere:
        with acting(database, AT) as uow:
            starts = AT + timedelta(days=9)
            meetings.change_meeting(uow, actor(uow, "office"), meeting, starts, starts, SAID, at=AT)
            answering = elsewhere.submit(answers)
            assert not wait([answering], timeout=0.5).done  # it waits for the lock
        with pytest.raises(NotPossibleNow):
            answering.result()
    with acting(database, AT) as uow:
        assert uow.meetings.attendances([meeting]) == []
    other.close()
    database.close()


def test_an_answer_to_an_older_date_never_counts(database: Database) -> None:
    key = convene(database, AT)
    with acting(database, AT) as uow:
        give(uow, actor(uow, "education liaison"), key, 0, Answer.ATTEND, AT)
        meeting = uow.meetings.get(key)
        assert meeting is not None
        assert [each.unit for each in uow.meetings.attendances([key])] == ["education"]
        meeting.sequence += 1  # as if the answer had slipped in beside the move
        assert uow.meetings.attendances([key]) == []
        meeting.sequence -= 1
        meetings.cancel_meeting(uow, actor(uow, "office"), key, "因故", at=AT)
        assert [each.unit for each in uow.meetings.attendances([key])] == ["education"]


def test_only_the_meeting_that_filled_the_window_brings_the_warning_back(database: Database) -> None:
    late = datetime(2026, 12, 10, 2, tzinfo=UTC)  # the window ends with the year and is warned of by now
    said = Convocation("议题", "会议室", by="office")

    def looks() -> int:
        with database.reader.connect() as connection:
            due = tables.due.c
            return len(connection.execute(select(due.key).where(due.kind == "plenary_window", due.state == tables.PENDING)).all())

    def called(kind: MeetingKind, words: Convocation, at: datetime) -> int:
        with acting(database, at) as uow:
            starts = at + timedelta(days=5)
            return meetings.convene_meeting(uow, actor(uow, "office"), kind, words, starts, starts, at=at).id or 0

    before = looks()
    liaisons = called(MeetingKind.LIAISON, said, late)
    with acting(database, late) as uow:
        starts = late + timedelta(days=6)
        meetings.change_meeting(uow, actor(uow, "office"), liaisons, starts, starts, said, at=late)
    with acting(database, late) as uow:
        meetings.cancel_meeting(uow, actor(uow, "office"), liaisons, "因故", at=late)
    assert looks() == before
    plenary = called(MeetingKind.PLENARY, SAID, late)
    with acting(database, late) as uow:
        meetings.cancel_meeting(uow, actor(uow, "office"), plenary, "因故", at=late)
    with acting(database, late) as uow:
        assert uow.hours.next_digest(late, uow.calendar) in uow.schedule.pending("plenary:badong:2026H2:").values()


def test_nobody_calls_in_a_name_that_is_not_theirs(database: Database) -> None:
    number = 90
    with acting(database, AT) as uow:
        found = recognise(uow.connection, uow.sealer, DOOR, [Sender(number, "zh_Hans")], uow.at)[number]
        people.appoint(uow, found.account_id, conference="badong", unit="civil_affairs", role=Role.CONVENER, title="召集人", at=AT)
    with acting(database, AT) as uow:
        convener = recognise(uow.connection, uow.sealer, DOOR, [Sender(number, "zh_Hans")], uow.at)[number]
        starts = AT + timedelta(days=9)
        for by in ("chief_convener", "convener", "nobody"):
            with pytest.raises(NotAllowed):
                meetings.convene_meeting(uow, convener, MeetingKind.LIAISON, Convocation("议题", "室", by=by), starts, starts, at=AT)
        assert meetings.convene_meeting(uow, convener, MeetingKind.LIAISON, Convocation("议题", "室", by="office"), starts, starts, at=AT)


def test_the_seat_is_reminded_before_a_meeting_early_in_the_morning(database: Database) -> None:
    with acting(database, AT) as uow:
        starts = uow.hours.digest_of(date(2026, 12, 10)) - timedelta(minutes=30)
        key = meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.PLENARY, SAID, starts, starts, at=AT).id
    with acting(database, AT) as uow:
        steps = uow.schedule.pending(f"meeting:{key}:education:0:+0 member")
        assert list(steps.values()) == [uow.hours.digest_of(date(2026, 12, 9))]


def test_what_is_sent_late_never_names_an_old_date(database: Database) -> None:
    """A convocation that waits in the outbox makes no sense once the meeting was moved or cancelled."""
    from conference.services import conditions

    key = convene(database, AT)
    with acting(database, AT) as uow:
        assert conditions.holds(uow, f"meeting.open:{key}:0", at=AT)
        starts = AT + timedelta(days=9)
        meetings.change_meeting(uow, actor(uow, "office"), key, starts, starts, SAID, at=AT)
        assert not conditions.holds(uow, f"meeting.open:{key}:0", at=AT)
        assert conditions.holds(uow, f"meeting.open:{key}:1", at=AT)
        meetings.cancel_meeting(uow, actor(uow, "office"), key, "因故", at=AT)
        assert not conditions.holds(uow, f"meeting.open:{key}:1", at=AT)


def test_a_unit_that_has_joined_is_asked_counted_and_reminded(database: Database) -> None:
    profile = profiles.load("badong")
    with acting(database, AT) as uow:
        uow.profiles.add_units("badong", [Body(slug="joined_1", name_zh="县税务局", name_en="Tax office")], at=AT)
    key = convene(database, AT)
    with acting(database, AT) as uow:
        meeting = uow.meetings.get(key)
        assert meeting is not None
        assert "joined_1" in meetings.count(uow, profile, meeting).silent
        assert "joined_1" in meetings.owed(uow, [key], at=AT)[key].owing
        assert {name.split(":")[2] for name in uow.schedule.pending(f"meeting:{key}:joined_1:")} == {"joined_1"}
        assert "joined_1" in meetings.addressees(uow, profile, MeetingKind.PLENARY, at=AT).unreached


def test_kinds_are_those_of_the_document() -> None:
    everything = [MeetingKind.PLENARY, MeetingKind.EXTRA, MeetingKind.LIAISON]
    assert {slug: meetings.kinds_of(profiles.load(slug)) for slug in profiles.available()} == {
        "badong": everything,
        "gansu": everything,
        "jieyang": everything,
        "national": everything,
        "neimenggu": [],
    }


@pytest.mark.parametrize(
    ("slug", "how", "day", "window"),
    [
        ("badong", "calendar", date(2026, 11, 26), ("2026H2", date(2026, 7, 1), date(2026, 12, 31))),
        ("gansu", "calendar", date(2026, 11, 26), ("2026", date(2026, 1, 1), date(2026, 12, 31))),
        ("badong", "rolling", date(2026, 11, 26), ("2026-09-01", date(2026, 9, 1), date(2027, 2, 28))),
        ("neimenggu", "calendar", date(2026, 11, 26), None),
    ],
)
def test_the_window_of_a_day(slug: str, how: str, day: date, window: tuple[str, date, date] | None) -> None:
    import dataclasses

    profile = profiles.load(slug)
    profile = dataclasses.replace(profile, settings=dataclasses.replace(profile.settings, plenary_window=how))
    zone = ZoneInfo("Asia/Shanghai")
    last = SimpleNamespace(starts_at=datetime(2026, 8, 31, 9, tzinfo=zone))
    uow = SimpleNamespace(hours=Hours(zone), calendar=WorkCalendar(), meetings=SimpleNamespace(last_of=lambda *_: last))
    found = meetings.window_of(cast(Any, uow), profile, day)
    assert (None if found is None else (found.name, found.first, found.last)) == window


def test_the_life_of_a_meeting_ends_once() -> None:
    from conference.model.history import By

    def made() -> Meeting:
        return Meeting(
            conference="badong",
            number="2026-1",
            kind=MeetingKind.EXTRA,
            starts_at=AT,
            answer_by=AT,
            uid="u",
            called_by=1,
            called_post=1,
            called_at=AT,
        )

    ends: list[Callable[[Meeting], None]] = [
        lambda m: m.cancel(By(), "x", at=AT),
        lambda m: m.hold(By(), at=AT),
        lambda m: m.change(By(), starts_at=AT, answer_by=AT, at=AT),
    ]
    for first, second in itertools.product(ends[:2], ends):
        meeting = made()
        first(meeting)
        with pytest.raises(NotPossibleNow):
            second(meeting)
        assert meeting.state is not MeetingState.CONVENED
        assert len(meeting.turns) == 1


def test_meetings_to_come_go_over_with_a_post_that_answers_for_them(database: Database) -> None:
    key = convene(database, AT)
    with acting(database, AT) as uow:
        give(uow, actor(uow, "education liaison"), key, 0, Answer.ATTEND, AT)
        meeting = uow.meetings.get(key)
        assert meeting is not None
        for role, wanted in ((Role.LIAISON, [1, [meeting.number]]), (Role.DUTY_DESK, None)):
            post = Post(conference="badong", unit="education", role=role, title="岗位", id=0)
            assert inventory_of(uow, post, None, at=AT).get("meetings") == wanted
        assert "meetings" not in inventory_of(uow, post, None, at=AT + timedelta(days=90))
