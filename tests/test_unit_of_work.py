"""One commit, many acts: each wholly or not at all; what came in and what goes out is kept once, in order, until it has ended."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Select, create_engine, event, func, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from conference.model.people import Actor, HeldPost, Person, Reach, Role
from conference.model.reports import Report, Statement, StatementKind
from conference.model.told import DraftErased, IncidentOpened, Lane
from conference.services import people as services
from storage import conversations, due, inbox, incidents, outbox, tables
from storage.engine import Database
from storage.inbox import Arrival
from storage.mapping import map_entities
from storage.outbox import Outcome
from storage.people import Sender, recognise
from storage.sealed import Sealer
from storage.tables import DEAD, DONE, NEW, PENDING, SENDING, SENT, UNDELIVERABLE, WITHDRAWN
from storage.unit_of_work import Transaction, Unit
from tests.town import DOOR, MakeDatabase

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
LANES = dict.fromkeys(map(int, Lane), 0)


def after(**delta: float) -> datetime:
    return AT + timedelta(**delta)


@pytest.fixture
def open_database(key: str) -> Iterator[Callable[[str], Database]]:
    map_entities()
    opened: list[Database] = []

    def make(url: str) -> Database:
        database = Database(url, Sealer(key))
        opened.append(database)
        database.check()
        return database

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def database(database_url: str, open_database: Callable[[str], Database]) -> Database:
    return open_database(database_url)


@pytest.fixture
def postgresql(make_database: MakeDatabase, open_database: Callable[[str], Database]) -> Database:
    return open_database(make_database("postgresql"))


@pytest.fixture(scope="module")
def database_in_memory() -> Iterator[Connection]:
    """For the statements of one table only: no process, no file."""
    engine = create_engine("sqlite://")
    tables.due.create(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def account(database: Database) -> int:
    return account_of(database, 1)


def account_of(database: Database, address: int) -> int:
    with database.writer.begin() as connection:
        return recognise(connection, database.sealer, DOOR, [Sender(address, "en")], AT)[address].account_id


@contextmanager
def transaction(database: Database, at: datetime = AT) -> Iterator[Transaction]:
    """One commit of the worker."""
    with database.writer.begin() as connection:
        running = Transaction(connection, database.sealer, at, database.conferences)
        yield running
        running.flush()


@contextmanager
def acting(database: Database, origin: str = "u1", at: datetime = AT) -> Iterator[Unit]:
    """One act in a commit of its own."""
    with transaction(database, at) as running:
        unit = Unit(running, origin)
        yield unit
        unit.succeed()


def a_report(number: str, draft: str | None = None) -> Report:
    return Report(
        number=number, draft=draft or f"draft {number}", conference="badong", questionnaire="1", subject=None, situation="x", danger=None,
        place=None, reporter_kind="citizen", mandatory=False, filed_at=AT,
    )  # fmt: skip


def read(database: Database, query: Select[Any]) -> list[Any]:
    with database.reader.connect() as connection:
        return list(connection.execute(query).all())


def column(database: Database, name: str) -> list[Any]:
    """A column of a table ("outbox.key"), by row id."""
    table = tables.metadata.tables[name.partition(".")[0]]
    order = table.c.id if "id" in table.c else next(iter(table.primary_key))
    return [row[0] for row in read(database, select(table.c[name.partition(".")[2]]).order_by(order))]


# -- an act in a commit of many ----------------------------------------------------------------------------------------


def everything(unit: Unit, mark: str, account: int) -> None:
    """An act that writes to every table an act can write to."""
    report = a_report(mark)
    unit.reports.add(report)
    assert report.id is not None
    unit.statements.add(report.id, [Statement(StatementKind.WORDS, {"text": mark}, unit.at)])
    unit.reporters.bind(report.id, account, mark.encode().ljust(32), at=unit.at)
    unit.people.add_person(Person(created_at=unit.at))
    unit.schedule.add(f"due:{mark}", "kind", mark, unit.at)
    unit.tries.note("receipt", account, unit.at)
    unit.tell(account, DraftErased())
    unit.note(None, "act", mark)
    unit.open_incident("kind", mark)
    unit.change_conversation(account, state=mark, data={"mark": mark})


WRITTEN = ("reports", "statements", "reporters", "persons", "due", "tries", "outbox", "audit", "incidents", "conversations")


def counts(database: Database) -> dict[str, int]:
    return {name: read(database, select(func.count()).select_from(tables.metadata.tables[name]))[0][0] for name in WRITTEN}


def test_an_act_that_fails_leaves_nothing_and_its_neighbours_stay(database: Database) -> None:
    accounts = [account_of(database, number) for number in range(3)]
    with transaction(database) as running:
        for number, mark in enumerate(["one", "two", "three"]):
            unit = Unit(running, f"u{number}")
            everything(unit, mark, accounts[number])
            if mark == "two":
                unit.fail()
            else:
                unit.succeed()
    assert counts(database) == dict.fromkeys(WRITTEN, 2)
    assert column(database, "reports.number") == ["one", "three"]
    assert column(database, "audit.subject") == ["one", "three"]
    assert column(database, "incidents.subject") == ["one", "three"]
    assert column(database, "due.key") == ["due:one", "due:three"]
    assert column(database, "outbox.key") == ["u0.1", "u2.1"]
    assert column(database, "conversations.state") == ["one", "three"]


def test_an_act_that_the_database_refuses_does_not_spoil_the_next(database: Database) -> None:
    with transaction(database) as running:
        first = Unit(running, "u1")
        first.reports.add(a_report("1"))
        first.succeed()
        second = Unit(running, "u2")
        with pytest.raises(IntegrityError):
            second.reports.add(a_report("1", "another draft"))
        second.fail()
        third = Unit(running, "u3")
        third.reports.add(a_report("3"))
        third.succeed()
    assert column(database, "reports.number") == ["1", "3"]


def test_an_act_that_is_refused_only_at_its_end_does_not_spoil_the_next(database: Database) -> None:
    with transaction(database) as running:
        refused = Unit(running, "u1")
        refused.session.add(a_report("1", "same"))
        refused.session.add(a_report("2", "same"))
        with pytest.raises(IntegrityError):
            refused.succeed()
        refused.fail()
        following = Unit(running, "u2")
        following.reports.add(a_report("3"))
        following.people.add_person(Person(created_at=AT))
        following.succeed()
    assert column(database, "reports.number") == ["3"]
    assert len(column(database, "persons.id")) == 1


@pytest.mark.parametrize("order", ["statements first", "entities first"])
def test_the_first_act_of_a_commit_may_fail_in_any_way_of_writing(database: Database, order: str) -> None:
    """Plain statements and mapped entities share one savepoint, whichever comes first."""
    with transaction(database) as running:
        for number in range(4):
            unit = Unit(running, f"u{number}")
            writes: list[Callable[[], object]] = [
                lambda unit=unit, number=number: unit.reports.add(a_report(str(number))),  # type: ignore[misc]
                lambda unit=unit: unit.people.add_person(Person(created_at=AT)),  # type: ignore[misc]
                lambda unit=unit, number=number: unit.open_incident("kind", str(number)),  # type: ignore[misc]
            ]
            for write in writes if order == "statements first" else reversed(writes[:2]):
                write()
            if number % 2 == 0:
                unit.fail()
            else:
                unit.succeed()
    assert column(database, "reports.number") == ["1", "3"]
    assert len(column(database, "persons.id")) == 2


def test_failing_twice_does_no_harm(database: Database) -> None:
    with transaction(database) as running:
        unit = Unit(running, "u1")
        unit.reports.add(a_report("1"))
        unit.fail()
        unit.fail()
        following = Unit(running, "u2")
        following.reports.add(a_report("2"))
        following.succeed()
    assert column(database, "reports.number") == ["2"]


def test_what_a_failed_act_did_to_an_entity_is_forgotten_by_the_next(database: Database) -> None:
    with acting(database) as unit:
        unit.reports.add(a_report("1"))
    with transaction(database) as running:
        failing = Unit(running, "u2")
        report = failing.reports.get(1)
        assert report is not None
        report.accept(person_id=1, post_id=1, at=AT)  # never flushed
        failing.fail()
        following = Unit(running, "u3")
        again = following.reports.get(1)
        assert again is not None
        assert again.is_waiting
        assert again.history == []
        following.succeed()
    assert column(database, "reports.accepted_at") == [None]


def test_a_holder_of_an_act_that_failed_is_on_nobodys_roster(database: Database, account: int) -> None:
    with transaction(database) as all_of_it:
        for origin, fails in (("u1", True), ("u2", False)):
            unit = Unit(all_of_it, origin)
            if fails:
                services.appoint(unit, account, conference="badong", unit="civil_affairs", role=Role.OFFICE, title="office", at=AT)
                assert [holder.account_id for holder in unit.people.roster("badong", AT)] == [account]
                unit.fail()
            else:
                assert unit.people.roster("badong", AT) == []
                unit.succeed()


def test_a_commit_that_fails_leaves_nothing_of_anybody(database: Database, account: int) -> None:
    with database.writer.connect() as connection:
        running = Transaction(connection, database.sealer, AT, database.conferences)
        unit = Unit(running, "u1")
        everything(unit, "one", account)
        unit.succeed()
        running.flush()
        connection.rollback()
    assert counts(database) == dict.fromkeys(WRITTEN, 0)


def test_a_savepoint_is_opened_only_by_an_act_that_uses_the_database(database: Database, account: int) -> None:
    said: list[str] = []
    event.listen(database.writer, "savepoint", lambda connection, name: said.append("open"))
    event.listen(database.writer, "release_savepoint", lambda connection, name, context: said.append("keep"))
    event.listen(database.writer, "rollback_savepoint", lambda connection, name, context: said.append("undo"))

    with acting(database) as unit:  # moves a conversation, speaks, notes: what nearly every message does
        unit.change_conversation(account, state="asked")
        unit.tell(account, DraftErased())
        unit.note(None, "act", "x")
        unit.schedule.add("k", "kind", "x", AT)
    assert said == []
    with acting(database, "u2") as unit:
        unit.reports.next_number("badong", 2026)
        unit.reports.next_number("badong", 2026)
    assert said == ["open", "keep"]
    with transaction(database) as running:
        failing = Unit(running, "u3")
        failing.reports.next_number("badong", 2026)
        failing.fail()
    assert said == ["open", "keep", "open", "undo"]


def test_numbers_never_repeat_and_start_anew_each_year_and_conference(database: Database) -> None:
    with acting(database) as unit:
        numbers = [unit.reports.next_number(*series) for series in [("badong", 2026), ("badong", 2026), ("gansu", 2026), ("badong", 2027)]]
    assert numbers == ["2026-00001", "2026-00002", "2026-00001", "2027-00001"]


def test_the_worker_learns_that_people_changed_only_from_acts_that_ended_well(database: Database) -> None:
    with transaction(database) as running:
        failing = Unit(running, "u1")
        failing.people.add_person(Person(created_at=AT))
        failing.fail()
        looking = Unit(running, "u2")
        looking.people.posts_of_person(1, AT)
        looking.succeed()
        assert not running.people_changed
        adding = Unit(running, "u3")
        adding.people.add_person(Person(created_at=AT))
        adding.succeed()
        assert running.people_changed


def test_the_audit_says_who_in_which_post(database: Database) -> None:
    held = HeldPost(5, "badong", "public_security", Role.DUTY_DESK, "desk")
    with acting(database) as unit:
        unit.note(Actor(9, 3, (held,)), "accept", "report:1", post=held, step=2)
        unit.note(None, "purge", "inbox")
    rows = read(
        database,
        select(*(tables.audit.c[name] for name in ("person_id", "post_id", "action", "subject", "facts", "at"))).order_by(
            tables.audit.c.id
        ),
    )
    assert [tuple(row) for row in rows] == [(3, 5, "accept", "report:1", {"step": 2}, AT), (None, None, "purge", "inbox", {}, AT)]


# -- what is said ------------------------------------------------------------------------------------------------------


def ready(database: Database) -> list[outbox.Ready]:
    with database.reader.connect() as connection:
        return outbox.ready(connection, AT, after=LANES, most=100)


def test_a_key_drops_the_second_message_whenever_it_comes(database: Database, account: int) -> None:
    with transaction(database) as running:
        unit = Unit(running, "u1")
        unit.tell(account, IncidentOpened("first", ""), key="same")
        unit.tell(account, IncidentOpened("second", ""), key="same")
        unit.tell(account, IncidentOpened("other", ""))
        unit.succeed()
        running.flush()
        assert [row.id for row in running.ready] == [row.id for row in outbox.ready(running.connection, AT, after=LANES, most=9)]
        assert len(running.ready) == 2
    with acting(database, "u2") as unit:
        unit.tell(account, IncidentOpened("third", ""), key="same")
    with database.writer.begin() as connection:
        rows = outbox.look(connection, [row.id for row in ready(database)])
        said = [outbox.open_row(database.sealer, row, None).record for row in rows]
    assert said == [IncidentOpened("first", ""), IncidentOpened("other", "")]


def test_the_same_act_done_again_says_the_same_once(database: Database, account: int) -> None:
    for _ in range(2):
        with acting(database, "u17") as unit:
            unit.tell(account, DraftErased())
            unit.tell(account, DraftErased())
    assert column(database, "outbox.key") == ["u17.1", "u17.2"]


def test_what_is_too_long_for_its_column_is_refused_and_never_cut(postgresql: Database) -> None:
    account = account_of(postgresql, 1)
    with pytest.raises(DataError), acting(postgresql) as unit:
        unit.tell(account, DraftErased(), only_while="mechanism.open:" + "x" * 64)
    assert column(postgresql, "outbox.id") == []


def test_of_many_messages_at_once_those_said_before_are_dropped(database: Database, account: int) -> None:
    with acting(database, "u1") as unit:
        unit.tell(account, DraftErased(), key="40")
    with transaction(database) as running:
        unit = Unit(running, "u2")
        for number in range(64):
            unit.tell(account, DraftErased(), key=str(number))
        unit.succeed()
        running.flush()
        assert len(running.ready) == 64 - 1
    ids = column(database, "outbox.id")
    assert [row.id for row in running.ready] == [each for each in ids if each != 1]


def test_what_keeps_the_quiet_hours_is_never_written_as_claimed(database: Database, account: int) -> None:
    with transaction(database) as running:
        running.addressees[account] = (7, "en")
        running.goes_at_once = lambda account, lane: True
        unit = Unit(running, "u1")
        for lane in (Lane.REPLY, Lane.DIGEST):
            unit.tell(account, DraftErased(), lane=lane)
        unit.succeed()
        running.flush()
    assert column(database, "outbox.state") == [SENDING, NEW]


def test_ready_gives_each_lane_in_order_behind_the_last_and_no_more_than_asked(database: Database, account: int) -> None:
    with acting(database) as unit:
        for lane in (Lane.NOTICE, Lane.REPLY, Lane.NOTICE, Lane.EMERGENCY, Lane.NOTICE):
            unit.tell(account, DraftErased(), lane=lane)
    with database.reader.connect() as connection:
        found = outbox.ready(connection, AT, after={2: 0}, most=2)
        assert [(row.lane, row.id) for row in found] == [(2, 1), (2, 3)]
        assert [row.id for row in outbox.ready(connection, AT, after={2: 3, 0: 0}, most=2)] == [5, 4]
        assert outbox.ready(connection, AT, after={0: 4, 1: 2, 2: 5, 3: 0}, most=2) == []


def test_a_row_is_claimed_once_and_ends_as_it_ended(database: Database, account: int) -> None:
    with acting(database) as unit:
        for _ in range(4):
            unit.tell(account, DraftErased())
    with database.writer.begin() as connection:
        outbox.claim(connection, [1, 2, 3, 4])
        outbox.claim(connection, [1])  # not new any more: not a second try
        assert outbox.in_doubt(connection) == [1, 2, 3, 4]
        assert outbox.look(connection, [1, 2, 3, 4]) == []
        assert [row.id for row in outbox.look(connection, [2, 1], state=SENDING)] == [1, 2]
        outbox.finish(
            connection,
            [
                Outcome(1, SENT, message_id=70),
                Outcome(2, UNDELIVERABLE, error="x" * 300),
                Outcome(3, NEW, error="later", not_before=after(seconds=5), in_doubt=True),
                Outcome(4, WITHDRAWN),
            ],
            after(seconds=1),
        )
        assert outbox.in_doubt(connection) == []
    table = tables.outbox.c
    query = select(table.state, table.message_id, table.error, table.not_before, table.ended_at, table.attempts, table.repeats).order_by(
        table.id
    )
    assert [tuple(row) for row in read(database, query)] == [
        (SENT, 70, None, AT, after(seconds=1), 1, 0),
        (UNDELIVERABLE, None, "x" * 200, AT, after(seconds=1), 1, 0),
        (NEW, None, "later", after(seconds=5), None, 1, 1),
        (WITHDRAWN, None, None, AT, after(seconds=1), 1, 0),
    ]
    assert ready(database) == [], "it waits for its time"
    with database.reader.connect() as connection:
        assert outbox.next_held(connection, AT) == after(seconds=5)
        assert [row.id for row in outbox.ready(connection, after(seconds=5), after=LANES, most=9)] == [3]
        assert outbox.next_held(connection, after(seconds=5)) is None
        assert outbox.counts(connection) == {"new": 1, "sending": 0, "sent": 1, "undeliverable": 1, "withdrawn": 1}


def test_giving_up_on_somebody_ends_what_waits_for_them_and_nothing_else(database: Database) -> None:
    gone, other = account_of(database, 1), account_of(database, 2)
    with acting(database) as unit:
        for to in (gone, gone, gone, other):
            unit.tell(to, DraftErased())
    with database.writer.begin() as connection:
        outbox.claim(connection, [1])
        outbox.set_reach(connection, gone, Reach.BLOCKED)
        assert outbox.give_up_on(connection, gone, "y" * 300, after(seconds=1)) == 2
    assert column(database, "outbox.state") == [SENDING, UNDELIVERABLE, UNDELIVERABLE, NEW]
    assert column(database, "outbox.error") == [None, "y" * 200, "y" * 200, None]
    assert column(database, "accounts.reach") == [Reach.BLOCKED, Reach.OPEN]
    account_of(database, 1)  # they speak again
    assert column(database, "accounts.reach") == [Reach.OPEN, Reach.OPEN]


def test_a_chat_that_moved_takes_its_messages_along_and_is_recognised_there(database: Database, account: int) -> None:
    with acting(database) as unit:
        unit.tell(account, DraftErased())
    with database.writer.begin() as connection:
        outbox.readdress(connection, database.sealer, account, -1001234567890)
    with database.writer.begin() as connection:
        (row,) = outbox.look(connection, [1])
        assert outbox.open_row(database.sealer, row, None).chat == -1001234567890
    assert account_of(database, -1001234567890) == account
    assert account_of(database, 1) != account


def test_a_message_whose_place_is_gone_goes_as_one_of_its_own(database: Database, account: int) -> None:
    with acting(database) as unit:
        unit.tell(account, DraftErased(), edits=5, replaces="k")
    with database.writer.begin() as connection:
        outbox.forget_edit(connection, 1)
        (row,) = outbox.look(connection, [1])
        assert (row.edits, row.replaces) == (None, None)


def test_what_became_of_earlier_messages_is_found_by_key(database: Database, account: int) -> None:
    with acting(database) as unit:
        unit.tell(account, DraftErased(), key="a")
        unit.tell(account, DraftErased(), key="b")
    with database.writer.begin() as connection:
        outbox.finish(connection, [Outcome(1, SENT, message_id=7)], AT)
        (row,) = connection.execute(select(tables.outbox.c.key).where(tables.outbox.c.id == 1)).scalars()
        keys = [database.sealer.index("outbox", key).hex() for key in ("a", "b", "c")]
        assert row == keys[0], "a key beside an account would say who reported"
        found = outbox.earlier(connection, keys)
    assert {key: (row.id, row.state, row.message_id) for key, row in found.items()} == {keys[0]: (1, SENT, 7), keys[1]: (2, NEW, None)}


def test_what_replaces_an_earlier_message_names_it_as_its_row_does(database: Database, account: int) -> None:
    with acting(database) as unit:
        unit.tell(account, DraftErased(), key="alert:1")
        unit.tell(account, DraftErased(), replaces="alert:1")
    keys, replaced = column(database, "outbox.key"), column(database, "outbox.replaces")
    assert replaced == [None, keys[0]]
    assert not [key for key in keys if "alert" in key]


# -- conversations -----------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
talks = st.dictionaries(
    texts, st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), texts, st.lists(texts, max_size=3)), max_size=5
)


def test_a_conversation_survives_as_it_was(database: Database, account: int) -> None:
    @settings(max_examples=40, deadline=None)
    @given(st.one_of(st.none(), st.sampled_from(["report:words", "report:place"])), talks)
    def survives(state: str | None, data: dict[str, Any]) -> None:
        with acting(database) as unit:
            unit.change_conversation(account, state=state, data=data)
        with acting(database, "u2", after(hours=1)) as unit:
            talk = unit.conversation(account)
            assert (talk.state, talk.data, talk.touched_at) == (state, data, AT)

    survives()


def test_a_later_act_of_the_commit_sees_the_conversation_as_the_earlier_left_it(database: Database, account: int) -> None:
    with transaction(database) as running:
        first = Unit(running, "u1")
        first.change_conversation(account, state="one", data={"n": 1})
        first.succeed()
        failing = Unit(running, "u2")
        failing.change_conversation(account, state="two")
        assert failing.conversation(account).state == "two"
        failing.fail()
        third = Unit(running, "u3")
        assert (third.conversation(account).state, third.conversation(account).data) == ("one", {"n": 1})
        third.succeed()
    assert column(database, "conversations.state") == ["one"]


def test_only_empty_conversations_that_rest_are_forgotten(database: Database) -> None:
    idle, drafting, fresh = (account_of(database, number) for number in range(3))
    with acting(database) as unit:
        unit.change_conversation(idle, state=None, data={})
        unit.change_conversation(drafting, state="report", data={"draft": 1})
    with acting(database, "u2", after(days=2)) as unit:
        unit.change_conversation(fresh, state=None, data={})
    with database.writer.begin() as connection:
        assert conversations.purge(connection, after(days=1)) == 1
    assert column(database, "conversations.account_id") == sorted([drafting, fresh])


# -- due rows ----------------------------------------------------------------------------------------------------------


def test_what_falls_due_is_found_oldest_first_and_each_once(database: Database) -> None:
    with acting(database) as unit:
        for minutes in (3, 1, 2, 9):
            unit.schedule.add(f"k{minutes}", "kind", str(minutes), after(minutes=minutes), {"minutes": minutes})
        unit.schedule.add("k1", "kind", "a second one of the same key", after(minutes=0))
    found = []
    for now in (after(minutes=2), after(minutes=2), after(minutes=4), after(minutes=4)):
        with database.writer.begin() as connection:
            rows = due.fallen_due(connection, now, 1)
            due.finish(connection, [row.id for row in rows], now)
            found += [(row.key, row.subject, row.data, row.due_at) for row in rows]
    assert found == [(f"k{n}", str(n), {"conference": "badong", "minutes": n}, after(minutes=n)) for n in (1, 2, 3)]
    with database.reader.connect() as connection:
        assert due.earliest(connection) == after(minutes=9)
        assert due.counts(connection) == {"pending": 1, "earliest": after(minutes=9)}


def test_two_tickers_on_postgresql_never_get_the_same_row(postgresql: Database) -> None:
    with acting(postgresql) as unit:
        for number in range(4):
            unit.schedule.add(f"k{number}", "kind", "", AT)
    with postgresql.writer.begin() as one, postgresql.writer.begin() as other:
        first, second, third = due.fallen_due(one, AT, 3), due.fallen_due(other, AT, 3), due.fallen_due(other, AT, 3)
        assert [row.key for row in first] == ["k0", "k1", "k2"]
        assert [row.key for row in second] == ["k3"]
        assert third == second


def test_due_work_that_fails_is_tried_again_later_and_set_aside_at_last(database: Database) -> None:
    with acting(database) as unit:
        unit.schedule.add("k", "kind", "", AT)
    at, waits = AT, []
    for attempt in range(1, due.MAX_ATTEMPTS + 1):
        with database.writer.begin() as connection:
            (row,) = due.fallen_due(connection, at, 9)
            assert due.fail(connection, row, "z" * 300, at) == (attempt == due.MAX_ATTEMPTS)
            if (earliest := due.earliest(connection)) is not None:
                waits.append((earliest - at).total_seconds())
                assert due.fallen_due(connection, earliest - timedelta(microseconds=1), 9) == []
                at = earliest
    assert waits == [4, 16, 64, 256]
    assert column(database, "due.state") == [DEAD]
    assert column(database, "due.error") == ["z" * 200]


def withdrawn(database: Database) -> dict[str, int]:
    return {row.key: row.state for row in read(database, select(tables.due.c.key, tables.due.c.state))}


def test_withdrawing_takes_rows_written_long_ago_in_this_commit_and_in_this_act(database: Database) -> None:
    with acting(database) as unit:
        unit.schedule.add("accept:1:a", "kind", "", AT)
        unit.schedule.add("accept:11:a", "kind", "", AT)
        unit.schedule.add("accept:2:a", "kind", "", AT)
    with transaction(database) as running:
        before = Unit(running, "u2")
        before.schedule.add("accept:1:b", "kind", "", AT)
        before.schedule.add("accept:11:b", "kind", "", AT)
        before.succeed()
        unit = Unit(running, "u3")
        unit.schedule.add("accept:1:c", "kind", "", AT)
        unit.schedule.add("accept:11:c", "kind", "", AT)
        unit.schedule.withdraw("accept:1:")
        unit.schedule.add("accept:1:d", "kind", "", AT)  # made after the withdrawal: it stands
        unit.succeed()
    assert withdrawn(database) == {
        "accept:1:a": WITHDRAWN, "accept:11:a": PENDING, "accept:2:a": PENDING, "accept:11:b": PENDING, "accept:11:c": PENDING,
        "accept:1:d": PENDING,
    }  # fmt: skip


def test_a_withdrawal_by_an_act_that_fails_withdraws_nothing(database: Database) -> None:
    with acting(database) as unit:
        unit.schedule.add("accept:1:a", "kind", "", AT)
    with transaction(database) as running:
        before = Unit(running, "u2")
        before.schedule.add("accept:1:b", "kind", "", AT)
        before.succeed()
        failing = Unit(running, "u3")
        failing.schedule.withdraw("accept:1:")
        failing.fail()
    assert withdrawn(database) == {"accept:1:a": PENDING, "accept:1:b": PENDING}


def test_withdrawing_follows_code_points_whatever_the_language_of_the_database(postgresql: Database) -> None:
    """A dictionary's order passes over colons, and "accept:11:a" would stand between "accept:1:" and its end.

    Such a database cannot be made here (the wheel's server knows the C order only), so what the column says is looked at.
    """
    ordered = text("SELECT collation_name FROM information_schema.columns WHERE table_name = 'due' AND column_name = 'key'")
    with postgresql.reader.connect() as connection:
        assert connection.execute(ordered).scalar() == "C"


def due_row(key: str) -> dict[str, Any]:
    return {"key": key, "kind": "", "subject": "", "data": {}, "due_at": AT, "state": PENDING, "attempts": 0}


@settings(deadline=None)
@given(st.lists(st.text("ab:1!~", max_size=4), unique=True), st.text("ab:1!~", min_size=1, max_size=3))
def test_withdrawing_takes_exactly_the_keys_that_begin_so(database_in_memory: Connection, keys: list[str], prefix: str) -> None:
    connection = database_in_memory
    connection.execute(tables.due.delete())
    for key in keys:
        due.add(connection, [due_row(key)])
    due.withdraw(connection, prefix, AT)
    left = connection.execute(select(tables.due.c.key).where(tables.due.c.state == PENDING)).scalars().all()
    assert set(left) == {key for key in keys if not key.startswith(prefix)}


def test_what_is_forgotten_leaves_no_trace(database: Database) -> None:
    with acting(database) as unit:
        for key in ("draft:1:a", "draft:1:b", "draft:11:a"):
            unit.schedule.add(key, "kind", "", AT)
    with database.writer.begin() as connection:
        due.finish(connection, [2], AT)
    with transaction(database) as running:
        before = Unit(running, "u2")
        before.schedule.add("draft:1:c", "kind", "", AT)
        before.schedule.add("draft:11:c", "kind", "", AT)
        before.succeed()
        failing = Unit(running, "u3")
        failing.schedule.forget("draft:11:")
        failing.fail()
        unit = Unit(running, "u4")
        unit.schedule.add("draft:1:d", "kind", "", AT)
        unit.schedule.forget("draft:1:")
        unit.schedule.add("draft:1:a", "kind", "made anew", AT)
        unit.succeed()
    assert withdrawn(database) == {"draft:11:a": PENDING, "draft:11:c": PENDING, "draft:1:a": PENDING}


# -- incidents and tries -----------------------------------------------------------------------------------------------


def test_an_incident_is_opened_once_until_it_is_closed(database: Database) -> None:
    with acting(database) as unit:
        assert [unit.open_incident("kind", "x", "d" * 300), unit.open_incident("kind", "x"), unit.open_incident("kind", "y")] == [
            True,
            False,
            True,
        ]
    with database.writer.begin() as connection:
        incidents.close_incident(connection, "kind", "x", AT)
        assert [row.subject for row in incidents.open_ones(connection)] == ["y"]
        assert incidents.open_incident(connection, "kind", "x", "", AT)
    assert column(database, "incidents.detail") == ["d" * 200, "", ""]


def test_two_processes_that_meet_the_same_incident_open_one(postgresql: Database) -> None:
    opened: list[bool] = []
    with postgresql.writer.begin() as one:
        assert incidents.open_incident(one, "kind", "x", "", AT)

        def other() -> None:
            with postgresql.writer.begin() as connection:
                opened.append(incidents.open_incident(connection, "kind", "x", "", AT))

        meanwhile = threading.Thread(target=other)
        meanwhile.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with postgresql.reader.connect() as connection:
            while not connection.execute(waiting).scalar_one():
                connection.rollback()
    meanwhile.join()
    assert opened == [False]


def test_tries_are_counted_by_what_by_whom_and_since_when(database: Database) -> None:
    one, other = account_of(database, 1), account_of(database, 2)
    with acting(database) as unit:
        for what, who, minutes in [("receipt", one, 0), ("receipt", one, 5), ("receipt", other, 5), ("code", one, 5)]:
            unit.tries.note(what, who, after(minutes=minutes))
        assert unit.tries.count("receipt", one, AT) == 2
        assert unit.tries.count("receipt", one, after(seconds=1)) == 1


# -- the inbox ---------------------------------------------------------------------------------------------------------


BOT = 7


def arrival(number: int, sender: int = 1, body: bytes = b"{}", bot: int = BOT) -> Arrival:
    return Arrival(bot, number, sender, body)


def store(database: Database, *arrivals: Arrival, at: datetime = AT) -> list[Arrival]:
    with database.writer.begin() as connection:
        return inbox.store(connection, database.sealer, arrivals, at)


def bodies(database: Database, bot: int = BOT) -> list[tuple[int, bytes]]:
    with database.writer.begin() as connection:
        return [(row.update_id, row.body) for row in inbox.waiting(connection, database.sealer, bot, AT, 1000)]


def test_updates_wait_in_the_order_they_came_not_by_their_number(database: Database) -> None:
    store(database, arrival(30, body=b"a"), arrival(10, body=b"b"))
    store(database, arrival(20, body=b"c"))
    assert bodies(database) == [(30, b"a"), (10, b"b"), (20, b"c")]


def test_a_repeat_is_swallowed_whenever_it_comes(database: Database) -> None:
    assert store(database, arrival(1, body=b"a"), arrival(1, body=b"a"), arrival(2, body=b"b")) == []
    assert store(database, arrival(2, body=b"b"), arrival(1, body=b"a")) == []
    assert bodies(database) == [(1, b"a"), (2, b"b")]
    with database.writer.begin() as connection:
        inbox.finish(connection, [1, 2], AT)
    assert store(database, arrival(2, body=b"b")) == []
    assert bodies(database) == [], "an update that was handled is handled once"


def test_the_same_id_with_another_body_is_kept_and_alarmed(database: Database) -> None:
    first, second, third = arrival(1, body=b"a"), arrival(1, body=b"b"), arrival(1, body=b"c")
    assert store(database, first, second) == [second]
    assert store(database, third, second, first) == [third]
    assert bodies(database) == [(1, b"a"), (1, b"b"), (1, b"c")]


def test_the_same_id_of_another_bot_is_another_update(database: Database) -> None:
    assert store(database, arrival(1, body=b"a"), arrival(1, body=b"b", bot=8)) == []
    assert (bodies(database), bodies(database, 8)) == ([(1, b"a")], [(1, b"b")])


def test_any_mixture_of_repeats_is_stored_once_in_the_order_of_its_first_coming(database: Database) -> None:
    # 30 % repeats, shuffled over batches (F10): the inbox holds what a set would, in the order of first sight.
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([b"a", b"b"])), max_size=6), max_size=5))
    def mixture(batches: list[list[tuple[int, bytes]]]) -> None:
        with database.writer.begin() as connection:
            connection.execute(tables.inbox.delete())
        alarms = [alarm for batch in batches for alarm in store(database, *(arrival(number, body=body) for number, body in batch))]
        expected = list(dict.fromkeys(each for batch in batches for each in batch))
        assert bodies(database) == expected
        assert len(alarms) == len(expected) - len({number for number, _ in expected})

    mixture()


def test_an_update_that_fails_waits_longer_each_time_and_its_sender_with_it(database: Database) -> None:
    store(database, arrival(1, sender=1), arrival(2, sender=2), arrival(3, sender=1))
    waits = []
    at = AT
    for attempt in range(1, inbox.MAX_ATTEMPTS):
        with database.writer.begin() as connection:
            assert not inbox.fail(connection, 1, attempt, "Error", at)
            retry = connection.execute(select(func.min(tables.inbox.c.next_try_at))).scalar_one()
            waits.append((retry - at).total_seconds())
            assert inbox.held_back(connection, at) == {database.sealer.index("sender", 1)}
            assert inbox.held_back(connection, retry) == set()
            assert 1 not in [row.id for row in inbox.waiting(connection, database.sealer, BOT, retry - timedelta(microseconds=1), 9)]
            at = retry
        with database.writer.begin() as connection:
            assert [(row.id, row.attempts) for row in inbox.waiting(connection, database.sealer, BOT, at, 1)] == [(1, attempt)]
    assert waits == [0.25, 1, 4, 16]
    with database.writer.begin() as connection:
        assert inbox.fail(connection, 1, inbox.MAX_ATTEMPTS, "e" * 300, at)
    assert column(database, "inbox.state") == [DEAD, PENDING, PENDING]
    assert column(database, "inbox.error") == ["e" * 200, None, None]
    with database.reader.connect() as connection:
        assert inbox.counts(connection) == {"pending": 2, "oldest": AT, "dead": 1}
        assert inbox.last_pending(connection, BOT) == 3


def test_senders_who_are_held_back_do_not_fill_the_list(database: Database) -> None:
    """However much waits behind somebody's failed update, the others' turn comes."""
    store(database, *(arrival(number, sender=1) for number in range(5)), arrival(5, sender=2))
    with database.writer.begin() as connection:
        inbox.fail(connection, 1, 1, "Error", AT)
        rows = inbox.waiting(connection, database.sealer, BOT, AT, 2, inbox.held_back(connection, AT))
        assert [row.update_id for row in rows] == [5]


def test_a_try_is_counted_before_it_is_made(database: Database) -> None:
    store(database, arrival(1))
    for expected in (0, 1, 2):
        with database.writer.begin() as connection:
            (row,) = inbox.waiting(connection, database.sealer, BOT, AT, 9)
            assert row.attempts == expected
            inbox.begin_try(connection, row.id)


def test_a_damaged_update_does_not_hold_up_the_others(database: Database) -> None:
    store(database, arrival(1, body=b"a"), arrival(2, body=b"b"))
    with database.writer.begin() as connection:
        sealed = connection.execute(select(tables.inbox.c.payload_sealed).where(tables.inbox.c.id == 2)).scalar_one()
        connection.execute(update(tables.inbox).where(tables.inbox.c.id == 1).values(payload_sealed=sealed))
    assert bodies(database) == [(1, b""), (2, b"b")]


# -- several processes on PostgreSQL -----------------------------------------------------------------------------------


def taken(connection: Connection, database: Database, at: datetime = AT, most: int = 100) -> list[int]:
    return [row.update_id for row in inbox.waiting(connection, database.sealer, BOT, at, most)]


def test_two_processes_never_have_the_same_person_and_keep_each_ones_order(postgresql: Database) -> None:
    store(postgresql, *(arrival(number, sender=number % 3) for number in range(9)))
    with postgresql.writer.begin() as one, postgresql.writer.begin() as other:
        assert taken(one, postgresql, most=2) == [0, 1]  # persons 0 and 1
        assert taken(other, postgresql) == [2, 5, 8]  # person 2 only
        assert taken(one, postgresql) == [0, 1, 3, 4, 6, 7]
        inbox.finish(one, [1, 2], AT)
        one.commit()
        assert taken(other, postgresql) == list(range(2, 9)), "after the commit its persons are free again"


def test_what_another_process_did_meanwhile_is_not_done_again(postgresql: Database) -> None:
    """The list was read before the other's commit, the lock was got after it."""
    store(postgresql, arrival(1, sender=1), arrival(2, sender=1), arrival(3, sender=2), arrival(4, sender=3))
    with postgresql.writer.begin() as one, postgresql.writer.begin() as other:
        assert taken(one, postgresql) == [1, 2, 3, 4]
        stale = other.execute(inbox._pending, {"now": AT, "most": 100}).all()
        inbox.finish(one, [1], AT)
        inbox.fail(one, 3, 1, "Error", AT)
        one.commit()
        assert [row.update_id for row in inbox._mine(other, stale, AT)] == [2, 4]


def test_somebody_whose_earlier_update_waits_for_another_try_is_left_alone_by_every_process(postgresql: Database) -> None:
    store(postgresql, arrival(1, sender=1), arrival(2, sender=2), arrival(3, sender=1))
    with postgresql.writer.begin() as one:
        inbox.fail(one, 1, 1, "Error", AT)
    with postgresql.writer.begin() as other:
        assert taken(other, postgresql) == [2]
        assert taken(other, postgresql, after(seconds=1)) == [1, 2, 3]


def test_after_a_counted_try_only_one_process_goes_on(postgresql: Database) -> None:
    """The count is committed, which frees the person: whoever takes them first may go on, on what it knows to be so."""
    store(postgresql, arrival(1), arrival(2, sender=2))
    with postgresql.writer.connect() as one, postgresql.writer.connect() as other:
        row, second = inbox.waiting(one, postgresql.sealer, BOT, AT, 9)
        inbox.begin_try(one, row.id)
        inbox.begin_try(one, second.id)
        one.commit()
        assert inbox.retake(one, row)
        assert not inbox.retake(other, row), "somebody has the person"
        assert inbox.retake(other, second)
        inbox.begin_try(other, second.id)
        other.commit()
        assert not inbox.retake(one, second), "it was tried again meanwhile"
        inbox.finish(one, [row.id], AT)
        one.commit()
        assert not inbox.retake(other, row), "it is done"


def test_many_threads_handle_everything_once_and_in_order(postgresql: Database) -> None:
    people, each = 6, 12
    store(postgresql, *(arrival(number, sender=number % people) for number in range(people * each)))
    handled: list[int] = []
    lock = threading.Lock()

    def work() -> None:
        while True:
            with postgresql.writer.connect() as connection:
                rows = inbox.waiting(connection, postgresql.sealer, BOT, AT, 7)
                if rows:
                    inbox.finish(connection, [row.id for row in rows], AT)
                    with lock:  # before the commit: after it the next ones of these persons may be taken
                        handled.extend(row.update_id for row in rows)
                    connection.commit()
                elif inbox.last_pending(connection, BOT) is None:
                    return

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(handled) == list(range(people * each))
    for person in range(people):
        own = [number for number in handled if number % people == person]
        assert own == sorted(own)


# -- purges ------------------------------------------------------------------------------------------------------------


def test_only_handled_updates_of_long_ago_are_forgotten(database: Database) -> None:
    store(database, arrival(1), arrival(2), arrival(3))
    store(database, arrival(4), at=after(days=8))
    with database.writer.begin() as connection:
        inbox.finish(connection, [1, 4], AT)
        inbox.fail(connection, 2, inbox.MAX_ATTEMPTS, "Error", AT)
        assert inbox.purge(connection, after(days=1)) == 1
    assert column(database, "inbox.update_id") == [2, 3, 4]


def test_only_ended_messages_of_long_ago_are_forgotten_and_failures_stay_to_be_seen(database: Database, account: int) -> None:
    with acting(database) as unit:
        for _ in range(6):
            unit.tell(account, DraftErased())
    with database.writer.begin() as connection:
        outbox.claim(connection, [5])
        outbox.finish(connection, [Outcome(1, SENT), Outcome(2, WITHDRAWN), Outcome(3, UNDELIVERABLE)], AT)
        outbox.finish(connection, [Outcome(4, SENT)], after(days=2))
        assert outbox.purge(connection, after(days=1)) == 2
    assert column(database, "outbox.id") == [3, 4, 5, 6]


def test_only_done_or_withdrawn_due_rows_of_long_ago_are_forgotten(database: Database) -> None:
    with acting(database) as unit:
        for number in range(5):
            unit.schedule.add(f"k{number}", "kind", "", AT)
    with database.writer.begin() as connection:
        due.finish(connection, [1], AT)
        due.finish(connection, [2], after(days=2))
        due.withdraw(connection, "k2", AT)
        dead = replace(due.fallen_due(connection, AT, 1)[0], attempts=due.MAX_ATTEMPTS - 1)
        assert due.fail(connection, dead, "Error", AT)
        assert due.purge(connection, after(days=1)) == 2
    assert column(database, "due.key") == ["k1", "k3", "k4"]
    assert column(database, "due.state") == [DONE, DEAD, PENDING]


# -- the indices are used ----------------------------------------------------------------------------------------------


def plans(database: Database, run: Callable[[Connection], object]) -> list[str]:
    """How the database means to read its tables for what `run` asks, and what it would sort: one line each."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: object, statement: str, parameters: Any, context: object, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append((statement, parameters))

    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN (COSTS OFF) "
    with database.writer.begin() as connection:
        event.listen(connection, "before_cursor_execute", note)
        run(connection)
        event.remove(connection, "before_cursor_execute", note)
        if not database.is_sqlite:  # which reads a small table whole; where no index fits it does so even now
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        steps = [str(row[-1]) for statement, given in list(seen) for row in connection.exec_driver_sql(explain + statement, given)]
    return [step for step in steps if re.search(r"(SCAN|SEARCH|Scan .*on) (inbox|outbox|due)\b|TEMP B-TREE|Sort", step)]


HOT: dict[str, tuple[Callable[[Connection, Sealer], object], str]] = {
    "outbox.ready": (lambda c, s: outbox.ready(c, AT, after={2: 5}, most=9, bot=BOT), "ix_outbox_waiting"),
    "outbox.in_doubt": (lambda c, s: outbox.in_doubt(c, BOT), "ix_outbox_in_doubt"),
    "outbox.next_held": (lambda c, s: outbox.next_held(c, AT), "ix_outbox_waiting"),
    "outbox.finish": (
        lambda c, s: outbox.finish(c, [outbox.Outcome(1, tables.SENT, 7), outbox.Outcome(2, tables.SENT, 8)], AT),
        "INTEGER PRIMARY KEY",
    ),
    "inbox.store": (lambda c, s: inbox.store(c, s, [arrival(1), arrival(2)], AT), "sqlite_autoindex_inbox_1 (bot=? AND update_id=?)"),
    "inbox.waiting": (lambda c, s: inbox.waiting(c, s, BOT, AT, 9), "ix_inbox_pending"),
    "inbox.held_back": (lambda c, s: inbox.held_back(c, AT), "ix_inbox_pending"),
    "inbox.last_pending": (lambda c, s: inbox.last_pending(c, BOT), "ix_inbox_pending"),
    "inbox.finish": (lambda c, s: inbox.finish(c, [1, 2], AT), "INTEGER PRIMARY KEY"),
    "due.earliest": (lambda c, s: due.earliest(c), "ix_due_pending"),
    "due.fallen_due": (lambda c, s: due.fallen_due(c, AT, 9), "ix_due_pending"),
    "due.withdraw": (lambda c, s: due.withdraw(c, "accept:7:", AT), "sqlite_autoindex_due_1 (key>? AND key<?)"),
    "due.forget": (lambda c, s: due.forget(c, "draft:7:", AT), "sqlite_autoindex_due_1 (key>? AND key<?)"),
    "due.pending": (lambda c, s: due.pending(c, "meeting:7:"), "sqlite_autoindex_due_1 (key>? AND key<?)"),
    "inbox.purge": (lambda c, s: inbox.purge(c, AT), "ix_inbox_received_at"),
}
ON_POSTGRESQL = {
    "sqlite_autoindex_inbox_1 (bot=? AND update_id=?)": "uq_inbox_bot_update_id_payload_hash",
    "sqlite_autoindex_due_1 (key>? AND key<?)": "uq_due_key",
    "INTEGER PRIMARY KEY": "pk_",
}


@pytest.mark.parametrize("name", HOT)
def test_the_hot_path_reads_its_index_and_sorts_nothing(database: Database, name: str) -> None:
    run, index = HOT[name]
    with database.writer.begin() as connection:  # so many that an index of all that waits is not as good as one of the keys
        due.add(connection, [due_row(f"later:{number}") for number in range(2_000)])
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    steps = plans(database, lambda connection: run(connection, database.sealer))
    if not database.is_sqlite:
        index = ON_POSTGRESQL.get(index, index)
    assert steps
    assert all(index in step for step in steps), steps


def test_a_query_that_reads_a_whole_table_would_be_seen(database: Database) -> None:
    steps = plans(database, lambda connection: connection.execute(select(tables.outbox.c.id).where(tables.outbox.c.error == "x")).all())
    assert steps == ["SCAN outbox" if database.is_sqlite else "Seq Scan on outbox"]
