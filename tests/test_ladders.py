"""Ladders of things that live: whatever is done with an item and whenever it is looked at, each step comes once; and what a year brings."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete

from bot.bootstrap import set_up_conferences
from conference import profiles
from conference.model.assignments import Task
from conference.model.ladders import moments
from conference.model.meetings import Answer, MeetingKind
from conference.model.notices import Audience, Wording
from conference.model.people import Actor, Role
from conference.services import assignments, duties, meetings, notices, people
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Sender, recognise
from storage.sealed import Sealer
from storage.tables import PENDING, due, nudges, occurrences
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.test_meetings import AT, SAID, acting
from tests.test_reminders import tick
from tests.town import DOOR, MakeDatabase

START = AT + timedelta(days=2)
ZONE = ZoneInfo("Asia/Shanghai")
PROFILE = profiles.load("badong")
TASK = Task("做什么", "为什么", "证明")
POSTS = {
    "office": (Role.OFFICE, "civil_affairs"),
    "convener": (Role.CONVENER, "government_office"),
    **{f"{unit} {role}": (role, unit) for unit in ("education", "justice") for role in (Role.LIAISON, Role.MEMBER)},
}
NUMBERS = {name: number for number, name in enumerate((*POSTS, "successor"), start=1)}


def opened(url: str, sealer: Sealer) -> Database:
    """As the desk does when it starts, without what only the first start brings in."""
    database = Database(url, sealer, ("badong",), ZONE)
    with database.reader.connect() as connection:
        database.conferences.refresh(connection)
    return database


def actor(uow: Unit, name: str) -> Actor:
    number = NUMBERS[name]
    return recognise(uow.connection, uow.sealer, DOOR, [Sender(number, "zh_Hans")], uow.at)[number]


@pytest.fixture
def house(make_database: MakeDatabase, key: str) -> Callable[[], Database]:
    """Opens a database where these people hold their posts: each time a copy of its own."""
    map_entities()
    made = make_database("sqlite")
    database = Database(made, Sealer(key), ("badong",), ZONE)
    set_up_conferences(database, DOOR.bot, at=AT)
    with acting(database, AT) as uow:
        for name, (role, unit) in POSTS.items():
            people.appoint(uow, actor(uow, name).account_id, conference="badong", unit=unit, role=role, title=name, at=AT)
        assert actor(uow, "successor")
        uow.connection.execute(delete(due))  # the document's own duties are looked at elsewhere
    database.close()
    numbers = count(1)

    def opens() -> Database:
        path = f"{made.removeprefix('sqlite:///')}.{next(numbers)}"
        shutil.copy(made.removeprefix("sqlite:///"), path)
        return opened(f"sqlite:///{path}", Sealer(key))

    return opens


class Item(RuleBasedStateMachine):
    """One item of one unit, and a model that knows of its ladder nothing but the days."""

    opens: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.database = self.opens()
        self.now, self.due, self.round = START, date(2026, 12, 17), 0
        self.holders = [(AT, "education liaison")]  # since when who
        self.waiting: list[tuple[datetime, str, str]] = []  # when, step, whom
        self.heard: Counter[tuple[str, int, str]] = Counter()  # who, in which round, which step
        with acting(self.database, self.now) as uow:
            made = assignments.assign(uow, actor(uow, "office"), "education", TASK, self.due, at=self.now)
            self.key = made.id or 0
            self._climbs(uow)
            assignments.accept(uow, actor(uow, self.holder), self.key, at=self.now)
            self.accounts = {actor(uow, name).account_id: name for name in NUMBERS}

    @property
    def holder(self) -> str:
        return next(name for since, name in reversed(self.holders) if since <= self.now)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    def _climbs(self, uow: Unit) -> None:
        found = moments(PROFILE.reminders["assignment"], self.due, since=self.now, hours=uow.hours, calendar=uow.calendar)
        self.waiting = [(each.at, each.code, each.reminder.whom) for each in found]

    def _expect(self) -> None:
        """What fell due until now has been heard by whoever is to hear it now."""
        own = {"liaison": self.holder, "member": "education member"}
        for at, step, whom in [each for each in self.waiting if each[0] <= self.now]:
            self.heard[own.get(whom, whom), self.round, step] += 1
            self.waiting.remove((at, step, whom))

    @rule(hours=st.integers(0, 70), most=st.integers(1, 40))
    def time_passes(self, hours: int, most: int) -> None:
        self.now += timedelta(hours=hours)
        self.looks(most)

    @rule(most=st.integers(1, 40))
    def looks(self, most: int) -> None:
        tick(self.database, self.now, most)
        self._expect()
        self._compare()

    @rule(hours=st.integers(-24, 24))
    def the_clock_jumps(self, hours: int) -> None:
        self.now = max(START, self.holders[-1][0], self.now + timedelta(hours=hours))

    @rule()
    def restarts(self) -> None:
        url, sealer = self.database.url, self.database.sealer
        self.database.close()
        self.database = opened(url, sealer)

    @precondition(lambda self: self.today <= self.due)
    @rule(days=st.integers(1, 20))
    def more_time_is_given(self, days: int) -> None:
        until = self.due + timedelta(days=days)
        with acting(self.database, self.now) as uow:
            assignments.ask_longer(uow, actor(uow, self.holder), self.key, until, "理由", at=self.now)
        with acting(self.database, self.now) as uow:
            assignments.answer_longer(uow, actor(uow, "office"), self.key, granted=True, at=self.now)
            self.due, self.round = until, self.round + 1
            self._climbs(uow)

    @rule()
    def what_is_submitted_lacks_something(self) -> None:
        with acting(self.database, self.now) as uow:
            assignments.submit(uow, actor(uow, self.holder), self.key, "已办", where="县政府网站", at=self.now)
        with acting(self.database, self.now) as uow:
            assignments.give_back(uow, actor(uow, "office"), self.key, "缺盖章", at=self.now)
            self.round += 1
            self._climbs(uow)

    @rule()
    def the_post_changes_hands(self) -> None:
        old, new = self.holder, "successor" if self.holder != "successor" else "education liaison"
        with acting(self.database, self.now) as uow:
            post_id = actor(uow, old).posts[0].post_id
            post = uow.people.get_post(post_id)
            assert post is not None
            (tenure,) = uow.people.holders_of(post_id, self.now)
            people.finish_tenure(uow, post, tenure, "left", at=self.now)
            people.appoint(
                uow, actor(uow, new).account_id, conference="badong", unit="education", role=Role.LIAISON, title="x", at=self.now
            )
        self.holders.append((self.now, new))

    def _compare(self) -> None:
        with self.database.reader.connect() as connection:
            lines = all_of(nudges, noun="assignment", noun_id=self.key)(connection)
        assert Counter((self.accounts[line.account_id], int(line.key.split(":")[3]), line.step) for line in lines) == self.heard

    def teardown(self) -> None:
        last = max(self.today, self.due) + timedelta(days=60)
        self.now = datetime.combine(self.database.conferences.calendar.workday_from(last), time(9), ZONE)
        self.looks(40)
        assert self.waiting == [], "none skipped"
        assert set(self.heard.values()) <= {1}, "no step twice"
        with self.database.reader.connect() as connection:
            assert all_of(nudges, state=PENDING)(connection) == [], "and each is in some digest"
        self.database.close()


def test_each_step_comes_once_whatever_happens_to_the_item(house: Callable[[], Database]) -> None:
    machine = type("Item", (Item,), {"opens": staticmethod(house)})
    run_state_machine_as_test(machine, settings=settings(max_examples=10, stateful_step_count=15, deadline=None))


def test_in_time_for_a_year_means_no_reminder_and_silence_reaches_the_convener_on_its_day(
    house: Callable[[], Database],
) -> None:
    """Each month a meeting, a notice, an item and a duty for two units: one does all of it on the day it learns of it, one nothing."""
    database, things = house(), list[tuple[str, int, date]]()
    for day in range(365):
        now = datetime(2026, 12, 1, 8, 31, tzinfo=ZONE) + timedelta(days=day)
        tick(database, now, 200)
        if day % 30 == 0:
            things += _given_out(database, now + timedelta(minutes=30))
            _done_at_once(database, "education liaison", now + timedelta(hours=1))
    with database.reader.connect() as connection:
        lines = all_of(nudges)(connection)
        owed = [row for row in all_of(occurrences, unit="justice")(connection) if row.due is not None and row.chased]
    things += [("duty", row.id, row.due) for row in owed]
    assert len(owed) == len(things) / 4
    with acting(database, now) as uow:
        convener = actor(uow, "convener").account_id
    assert {line.account_id for line in lines if line.step.endswith(" convener")} == {convener}
    assert [line.key for line in lines if ":education:" in line.key] == []
    heard = Counter((line.noun, line.noun_id, line.step, line.at.astimezone(ZONE).date()) for line in lines if ":justice:" in line.key)
    last, calendar = now.date(), database.conferences.calendar
    for noun, key, due_day in things:
        ladder = PROFILE.reminders["convocation" if noun == "meeting" else noun]
        assert noun == "meeting" or max(each.days for each in ladder if each.whom == "convener") == 10
        for each in ladder:
            at = calendar.shift(due_day, each.days) if each.days else calendar.workday_until(due_day)
            if at <= last:
                assert heard[noun, key, f"{each.days:+d} {each.whom}", at] == 1, (noun, key, each)
    database.close()


def _given_out(database: Database, at: datetime) -> list[tuple[str, int, date]]:
    """A meeting in three weeks, a notice, an item and a duty due then."""
    with acting(database, at) as uow:
        office, until = actor(uow, "office"), uow.calendar.workday_from(at.date() + timedelta(days=21))
        end = uow.hours.end_of(until) - timedelta(minutes=1)
        called = meetings.convene_meeting(uow, office, MeetingKind.EXTRA, SAID, end + timedelta(days=1), end, at=at)
        sent = notices.make_notice(uow, office, Wording("标题", "正文"), Audience("units", ("education", "justice")), end, at=at)
        mine, theirs = (assignments.assign(uow, office, unit, TASK, until, at=at) for unit in ("education", "justice"))
        assert mine.id
        asked = next(duty for duty in duties.duties_to_open(uow, office, at=at) if duty.unit == "all_members")
        assert duties.ask_for_duty(uow, office, asked.id, ["education", "justice"], until, at=at) == 2
        found = [("meeting", called.id or 0), ("notice", sent.id or 0), ("assignment", theirs.id or 0)]
    return [(noun, key, until) for noun, key in found]


def _done_at_once(database: Database, name: str, at: datetime) -> None:
    """Answered, signed, submitted, struck off, reported."""
    with acting(database, at) as uow:
        unit = actor(uow, name)
        post = unit.posts[0]
        for meeting, answers in meetings.upcoming_meetings(uow, unit, at=at):
            if answers[post.unit] is None:
                meetings.answer_convocation(uow, unit, meeting.id or 0, meeting.sequence, post.post_id, Answer.ATTEND, at=at)
        for notice, how in notices.notices_for(uow, unit):
            if how == "open":
                notices.sign_notice(uow, unit, notice.id or 0, at=at)
        for item, _ in assignments.open_assignments(uow, unit):
            assignments.accept(uow, unit, item.id or 0, at=at)
            assignments.submit(uow, unit, item.id or 0, "已办", where="县政府网站", at=at)
            assignments.strike_off(uow, actor(uow, "office"), item.id or 0, at=at)
        for duty in uow.duties.owed("badong", [post.unit]):
            duties.report_duty(uow, unit, duty.id or 0, "已办", at=at)
