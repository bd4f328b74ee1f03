"""Reminders whatever happens between: no step twice, none skipped, none to whoever has answered, each conference by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from bot.ticker import Ticker
from bot.worker import Desk
from conference import profiles
from conference.model.calendar import Hours, WorkCalendar
from conference.model.ladders import light, moments
from conference.model.meetings import Answer, MeetingKind
from conference.model.people import Role
from conference.model.profile import REMINDED, Reminder, Settings
from conference.model.told import Digest
from conference.services import due_work, meetings, people, reminders
from sandbox.clock import Clock
from storage import due
from storage.engine import Database
from storage.tables import DONE, PENDING, nudges, outbox
from storage.tables import due as due_rows
from storage.unit_of_work import Unit
from tests.conferences import HERE, THERE, two_conferences
from tests.engine import all_of, english
from tests.test_meetings import AT, PEOPLE, SAID, acting, actor, filled, give
from tests.test_meetings import database as database
from tests.town import Town, actor_of, recognised

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = st.integers(0, 90).map(lambda number: date(2026, 11, 1) + timedelta(days=number))
LADDERS = st.lists(st.builds(Reminder, st.integers(-12, 12), st.sampled_from(REMINDED)), max_size=6, unique=True)
TABLES = st.dictionaries(DAYS, st.booleans(), max_size=20)


@given(LADDERS, TABLES, DAYS, st.integers(0, 90 * 24))
def test_each_step_comes_once_in_the_order_of_time_and_never_in_the_past(
    ladder: list[Reminder], table: dict[date, bool], due_day: date, hours: int
) -> None:
    since = datetime(2026, 11, 1, tzinfo=ZONE) + timedelta(hours=hours)
    calendar = WorkCalendar.of(table)
    found = moments(ladder, due_day, since=since, hours=Hours(ZONE), calendar=calendar)
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert all(each.at > since for each in found)
    assert len({each.code for each in found}) == len(found)
    for reminder in ladder:
        day = due_day
        for _ in range(abs(reminder.days)):  # counted one working day at a time
            day += timedelta(days=1 if reminder.days > 0 else -1)
            while not calendar.is_workday(day):
                day += timedelta(days=1 if reminder.days > 0 else -1)
        while reminder.days == 0 and not calendar.is_workday(day):
            day -= timedelta(days=1)
        expected = datetime(day.year, day.month, day.day, 8, 30, tzinfo=ZONE)
        assert [each.at for each in found if each.reminder == reminder] == ([expected] if expected > since else [])


def test_one_recipe_of_colours_for_all_that_is_owed() -> None:
    """Due on Friday 4 December; yellow seven working days before. The day after is a Saturday, and it is overdue all the same."""

    def shown(day: int, *, month: int = 12, is_late: bool = True, red: int = 0) -> str:
        today = date(2026, month, day)
        late = is_late and today > due_day
        return light(Settings(light_red_days=red), due_day, today, WorkCalendar(), is_late=late)

    due_day = date(2026, 12, 4)
    assert [shown(24, month=11), shown(25, month=11), shown(4), shown(5)] == ["green", "yellow", "yellow", "red"]
    assert shown(20, is_late=False) == "yellow", "who is only informed is never late"
    assert [shown(day, red=2) for day in (5, 7, 8)] == ["yellow", "yellow", "red"]


def tick(database: Database, at: datetime, most: int) -> None:
    """What the ticker does, with batches of any size: done together, marked in the same commit."""
    while True:
        with acting(database, at) as uow:
            rows = due.fallen_due(uow.connection, at, most)
            for kind in dict.fromkeys(row.kind for row in rows):
                these = [row for row in rows if row.kind == kind]
                if kind in due_work.TOGETHER:
                    due_work.run_together(uow, kind, these, whole=len(rows) < most, at=at)
                else:
                    for row in these:
                        due_work.run(uow, kind, row.subject, row.data, at=at)
            due.finish(uow.connection, [row.id for row in rows], at)
        if not rows:
            return


hours_on = st.integers(1, 200)
acts = st.lists(st.one_of(hours_on, st.sampled_from([name for name in PEOPLE if name != "office"])), max_size=10)


def test_the_silent_hear_of_each_step_once_and_the_others_of_none(database: Database) -> None:
    """Whatever the ticks, however late (25 hours of silence among them), in whatever batches."""
    silent_units = [u.slug for u in profiles.load("badong").units.values() if u.seat and u.supervised]

    @settings(max_examples=20, deadline=None)
    @given(acts, st.integers(1, 50))
    def holds(done: list[Any], most: int) -> None:
        now, answered = AT, dict[str, datetime]()
        starts = AT + timedelta(days=40)
        with acting(database, AT) as uow:
            uow.connection.execute(delete(due_rows))  # each example has a calendar of its own: digests bear their moment as a key
            before = uow.connection.execute(select(func.coalesce(func.max(nudges.c.id), 0))).scalar_one()
            made = meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.PLENARY, SAID, starts, starts, at=AT)
            key, ladder = made.id or 0, profiles.load("badong").reminders["convocation"]
            steps = moments(ladder, made.answer_by.astimezone(uow.hours.zone).date(), since=AT, hours=uow.hours, calendar=uow.calendar)
            members = {name: account_of(uow, name) for name in PEOPLE}
        for act in [*done, 1200, 240]:  # what fell due on a day off is said with the next digest
            if isinstance(act, int):
                now += timedelta(hours=act)
                tick(database, now, most)
            elif now < starts:
                with acting(database, now) as uow:
                    who = actor(uow, act)
                    give(uow, who, key, 0, Answer.ATTEND, now)
                    answered.setdefault(who.posts[0].unit, now)
        with acting(database, now) as uow:
            morning = uow.hours.next_digest(now, uow.calendar)
        tick(database, morning, most)  # what came too late for one digest waits for the next
        with database.reader.connect() as connection:
            lines = connection.execute(
                select(nudges).where(nudges.c.id > before, nudges.c.noun == "meeting", nudges.c.noun_id == key)
            ).all()
        said = Counter((line.account_id, line.key.split(":")[2], line.step) for line in lines)
        assert set(said.values()) <= {1}, "no step twice"
        assert all(line.state != PENDING for line in lines)
        for line in lines:
            unit = line.key.split(":")[2]
            assert unit in silent_units
            assert unit not in answered or line.at <= answered[unit], "nobody is asked who has answered (of one moment, the tick is first)"
        for name, account in members.items():
            role, unit = PEOPLE[name]
            wanted = {s.code for s in steps if s.reminder.whom == role and unit not in answered and s.at <= _last_moment(done, starts)}
            heard = {step for who, of, step in said if who == account and of == unit}
            assert wanted <= heard, "none skipped"

    holds()


def _last_moment(done: list[Any], starts: datetime) -> datetime:
    """Until the last tick at which it could still be answered: whoever is asked later could do nothing about it."""
    now, last = AT, AT
    for act in done:
        if isinstance(act, int):
            now += timedelta(hours=act)
            last = now if now <= starts else last
    return last


def test_two_bots_at_the_same_moment_say_each_line_once(make_database: Callable[[str], str], key: str) -> None:
    """Each composes a digest for the same person on a connection of its own, and neither has committed when the other looks."""
    database = filled(make_database("postgresql"), key)
    noon = AT + timedelta(hours=8)
    with acting(database, AT) as uow:
        starts = AT + timedelta(days=40)
        made = meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.PLENARY, SAID, starts, starts, at=AT)
        account = account_of(uow, "education liaison")
        line = {"account_id": account, "noun": "meeting", "noun_id": made.id, "step": "-5 liaison"}
        uow.nudges.add([{"key": f"meeting:{made.id}:education:0:-5 liaison:{account}", **line}], at=AT)
    with acting(database, noon) as one, acting(database, noon) as other:
        other.connection.execute(text("SET LOCAL lock_timeout = '2s'"))  # who would write the same line waits for the other for ever
        reminders.tell_digests(one, "one", [account], at=noon)
        reminders.tell_digests(other, "other", [account], at=noon + timedelta(seconds=1))
    with acting(database, AT) as uow:
        digests = uow.connection.execute(select(func.count()).where(outbox.c.record == "Digest")).scalar_one()
        states = uow.connection.execute(select(nudges.c.state).where(nudges.c.account_id == account)).scalars().all()
    database.close()
    assert (digests, states) == (1, [DONE])


@pytest.mark.parametrize("shared", [True, False])
def test_a_bot_that_shares_what_is_due_leaves_the_digest_to_whoever_sees_all_lines(
    make_database: Callable[[str], str], key: str, shared: bool
) -> None:
    """Another one holds a part of the same moment's steps: what one person owes may be in both parts, and is to be one message."""
    database = filled(make_database("postgresql"), key)
    first = two_meetings(database)
    with acting(database, first) as other, acting(database, first) as one:
        held = due.fallen_due(other.connection, first, 1) if shared else []
        Ticker(cast(Desk, None), Clock(first))._tick(one.transaction)
        digests = one.connection.execute(select(func.count()).where(outbox.c.record == "Digest")).scalar_one()
        waiting = one.connection.execute(select(func.count()).where(due_rows.c.kind == "digest")).scalar_one()
    database.close()
    assert len(held) == shared
    assert (digests > 0, waiting > 0) == (not shared, shared)


@pytest.mark.parametrize("most", [1, 2, 500])
def test_what_falls_due_at_one_moment_is_one_message_in_however_many_commits(database: Database, most: int) -> None:
    first = two_meetings(database)
    tick(database, first, most)
    with acting(database, first) as uow:
        account = account_of(uow, "education liaison")
        digests = uow.connection.execute(select(outbox.c.id).where(outbox.c.record == "Digest", outbox.c.account_id == account)).all()
        named = uow.connection.execute(select(nudges.c.noun_id, nudges.c.digest).where(nudges.c.account_id == account)).all()
        waited = uow.connection.execute(select(func.count()).where(due_rows.c.kind == "digest")).scalar_one()
    assert len(digests) == len({row.digest for row in named}) == 1
    assert len({row.noun_id for row in named}) == 2
    assert (waited == 0) == (most == 500), "in the commit of its lines where nothing can follow them"


def test_a_digest_of_the_evening_before_has_the_lines_of_the_morning(database: Database) -> None:
    """It was announced before the morning's steps were written, so its number is lower: they come first all the same."""
    first = two_meetings(database)
    with acting(database, AT) as uow:
        account = account_of(uow, "education liaison")
        line = {"account_id": account, "noun": "meeting", "noun_id": 1, "step": "evening"}
        uow.nudges.add([{"key": f"meeting:1:education:0:evening:{account}", **line}], at=AT)
        uow.schedule.add("digest:evening", "digest", "evening", first, {"accounts": [account]})
    with acting(database, AT) as uow:
        uow.connection.execute(update(due_rows).where(due_rows.c.key == "digest:evening").values(id=0))
    with acting(database, first) as uow:
        Ticker(cast(Desk, None), Clock(first))._tick(uow.transaction)
        digests = uow.connection.execute(select(outbox.c.id).where(outbox.c.record == "Digest", outbox.c.account_id == account)).all()
        named = uow.connection.execute(select(nudges.c.step, nudges.c.digest).where(nudges.c.account_id == account)).all()
    assert len(digests) == len({row.digest for row in named}) == 1
    assert len(named) == 3
    assert "evening" in {row.step for row in named}


def test_a_digest_that_waited_through_the_upgrade_says_what_is_still_owed(database: Database) -> None:
    """Before schema 0004 a digest had no name and bore its lines itself."""
    starts = AT + timedelta(days=40)
    with acting(database, AT) as uow:
        made = meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.PLENARY, SAID, starts, starts, at=AT)
        old = Digest([["meeting", made.id, unit, 0, "-5 liaison", {"number": made.number}] for unit in ("education", "justice")])
        account = account_of(uow, "education liaison")
        assert reminders.refreshed(uow, account, old, at=AT) == old
        give(uow, actor(uow, "education liaison"), made.id or 0, 0, Answer.ATTEND, AT)
        assert reminders.refreshed(uow, account, old, at=AT) == Digest(old.lines[1:])
        meetings.cancel_meeting(uow, actor(uow, "office"), made.id or 0, "雨", at=AT)
        assert reminders.refreshed(uow, account, old, at=AT) is None


def two_meetings(database: Database) -> datetime:
    """Called for the same day; when the first steps of both fall due."""
    starts = AT + timedelta(days=40)
    with acting(database, AT) as uow:
        for _ in range(2):
            made = meetings.convene_meeting(uow, actor(uow, "office"), MeetingKind.EXTRA, SAID, starts, starts, at=AT)
    with acting(database, AT) as uow:
        of_it = due_rows.c.kind == "nudge", due_rows.c.subject == f"meeting:{made.id}"
        found: datetime = uow.connection.execute(select(func.min(due_rows.c.due_at)).where(*of_it)).scalar_one()
    return found


def account_of(uow: Unit, name: str) -> int:
    return actor(uow, name).account_id


async def test_each_conference_writes_a_digest_of_its_own(database_url: str, key: str) -> None:
    """Somebody with a post in two conferences: what is owed in the one is not said in the name of the other."""
    async with two_conferences(database_url, key) as town:
        both = english(town, "both")
        await both.sends("/start")
        await town.application.desk.act(lambda uow: _called_in_both(uow, town))
        await town.passes(days=14)
        account = await town.application.desk.act(lambda uow: recognised(uow, town.someone("both")).account_id)
        rows = await town.look(all_of(outbox, account_id=account, record="Digest"))
        assert Counter(row.conference for row in rows) == {HERE: 1, THERE: 1}
        said = [text for text in both.history if "Waiting for you" in text]
        assert len(said) == 2
        assert all(len(re.findall("2026-1|2027-1", text)) == 1 for text in said)
        lines = await town.look(all_of(nudges, account_id=account, state=DONE))
        assert Counter(line.conference for line in lines) == {HERE: 1, THERE: 1}


def _called_in_both(uow: Unit, town: Town) -> None:
    account = recognised(uow, town.someone("both")).account_id
    for conference, office in ((HERE, "office"), (THERE, "office there")):
        uow.conference = conference
        people.appoint(uow, account, conference=conference, unit="justice", role=Role.LIAISON, title=f"司法 {conference}", at=uow.at)
        answer_by = datetime(2026, 12, 16, 6, tzinfo=UTC)  # the first step, five working days before, lies within the fortnight
        caller = actor_of(uow, town, office)  # an extra one: before a plenary duties are asked for too
        meetings.convene_meeting(uow, caller, MeetingKind.EXTRA, SAID, answer_by + timedelta(days=2), answer_by, at=uow.at)
