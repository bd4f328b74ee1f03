"""A notice to very many: how many statements it takes does not hang on how many they are; taken back, counted and chased as any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from conference.model.notices import Copy, Receipt
from conference.model.told import Lane
from conference.services import due_work, notice_boards, notices, reminders
from storage import due, outbox
from storage.engine import Database
from storage.outbox import Outcome
from storage.sealed import Sealer
from storage.tables import DONE, NEW, SENT, WITHDRAWN, broadcasts, copies, nudges, tenures
from storage.tables import due as due_rows
from storage.tables import notices as notice_rows
from storage.tables import outbox as messages
from tests.crowd import CONFERENCE, CROWD, OFFICE, Crowd, actor
from tests.town import DOOR

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
PEOPLE = 300


@pytest.fixture
def crowd(database_url: str, key: str) -> Iterator[Crowd]:
    database = Database(database_url, Sealer(key))
    yield Crowd(database, DOOR.bot, PEOPLE, at=AT)
    database.close()


@contextmanager
def counting(crowd: Crowd) -> Iterator[Counter[str]]:
    """Rows of parameters by the beginning of their statement."""
    found: Counter[str] = Counter()

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        found[" ".join(statement.split()[:3])] += len(parameters) if executemany else 1

    event.listen(crowd.database.writer, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(crowd.database.writer, "before_cursor_execute", note)


def sent(crowd: Crowd) -> int:
    key = crowd.writes()
    crowd.lets_go(key)
    return key


def look(crowd: Crowd, query: Any) -> list[Any]:
    with crowd.database.reader.connect() as connection:
        return list(connection.execute(query).all())


def states(crowd: Crowd, record: str) -> dict[int, int]:
    query = select(messages.c.state, func.count().label("count")).where(messages.c.record == record).group_by(messages.c.state)
    return {row.state: row.count for row in look(crowd, query)}


def arrive(crowd: Crowd, record: str, most: int) -> list[Any]:
    """The channel takes the first so many of what waits."""
    rows = look(crowd, select(messages).where(messages.c.record == record, messages.c.state == NEW).order_by(messages.c.id).limit(most))
    with crowd.committing() as transaction:
        outbox.finish(transaction.connection, [Outcome(row.id, SENT, message_id=row.id + 7) for row in rows], AT)
    return rows


def test_everybody_is_written_to_in_as_many_statements_as_a_few(crowd: Crowd) -> None:
    key = crowd.writes()
    with counting(crowd) as statements:
        crowd.lets_go(key)
    assert sum(statements.values()) < 60, statements
    rows = look(crowd, select(messages).where(messages.c.record == "NoticeSent"))
    assert len({row.account_id for row in rows}) == len(rows) == PEOPLE
    assert {(row.state, row.data_sealed, row.conference) for row in rows} == {(NEW, None, CONFERENCE)}
    assert len(look(crowd, select(broadcasts))) == 1, "what it says is kept once"
    assert len(look(crowd, select(copies).where(copies.c.notice_id == key, copies.c.lost_at.is_(None)))) == PEOPLE
    with crowd.committing() as transaction:
        found = outbox.look(transaction.connection, [row.id for row in rows])
        opened = [outbox.open_row(crowd.database.sealer, row, None) for row in found]
    assert sorted(each.chat for each in opened) == list(range(CROWD, CROWD + PEOPLE))
    assert {each.record.number for each in opened} == {"2026-1"}  # type: ignore[attr-defined]  # it is a NoticeSent


def test_a_person_with_two_posts_is_told_once_and_an_empty_post_is_lost(crowd: Crowd) -> None:
    with crowd.database.writer.begin() as connection:
        connection.execute(update(tenures).where(tenures.c.post_id == CROWD + 1).values(person_id=CROWD))
        connection.execute(update(tenures).where(tenures.c.post_id == CROWD + 2).values(ends_at=AT))
    key = sent(crowd)
    assert states(crowd, "NoticeSent") == {NEW: PEOPLE - 2}
    assert [row.recipients for row in look(crowd, select(notice_rows))] == [PEOPLE - 2]
    assert states(crowd, "NoticeUnreached") == {NEW: 1}, "the office is told at once"
    crowd.act(lambda uow: notice_boards.note_delivered(uow, key, [CROWD], at=AT))
    assert crowd.act(lambda uow: uow.notices.standings(key)) == {Receipt.DELIVERED: 2, Receipt.LOST: 1, Receipt.ON_ITS_WAY: PEOPLE - 3}


def test_the_office_hears_of_the_first_who_blocked_the_desk_and_the_board_shows_the_others(crowd: Crowd) -> None:
    key = sent(crowd)
    for n in range(20):
        crowd.act(lambda uow, account=CROWD + n: notice_boards.note_unreachable(uow, account, at=AT))  # type: ignore[misc]
    assert states(crowd, "NoticeUnreached") == {NEW: 1}
    assert crowd.act(lambda uow: uow.notices.standings(key)) == {Receipt.LOST: 20, Receipt.ON_ITS_WAY: PEOPLE - 20}


def test_a_recall_stops_all_of_them_and_reaches_those_who_have_it(crowd: Crowd) -> None:
    key = sent(crowd)
    there = arrive(crowd, "NoticeSent", 5)
    with counting(crowd) as statements:
        crowd.act(lambda uow: notices.recall_notice(uow, actor(OFFICE), key, "数据有误", at=AT))
    assert sum(statements.values()) < 60, statements
    assert states(crowd, "NoticeSent") == {SENT: 5, WITHDRAWN: PEOPLE - 5}
    edits = look(crowd, select(messages).where(messages.c.record == "NoticeRecalled"))
    assert {(row.account_id, row.edits) for row in edits} == {(row.account_id, row.id + 7) for row in there}
    with crowd.database.writer.begin() as connection:  # one was under way
        connection.execute(update(messages).where(messages.c.account_id == CROWD + 9).values(state=SENT, message_id=99))
    for _ in range(2):
        crowd.act(lambda uow: notices.blank_again(uow, key, at=AT + timedelta(minutes=1)))
    assert len(look(crowd, select(messages).where(messages.c.record == "NoticeRecalled"))) == 6, "each once"


@contextmanager
def counting_copies() -> Iterator[list[Copy]]:
    """Copies that are read one by one."""
    found: list[Copy] = []

    def loaded(copy: Copy, context: Any) -> None:
        found.append(copy)

    event.listen(Copy, "load", loaded)
    try:
        yield found
    finally:
        event.remove(Copy, "load", loaded)


def test_the_board_the_lists_and_the_receipts_read_what_they_show(crowd: Crowd) -> None:
    key = sent(crowd)
    crowd.act(lambda uow: notice_boards.note_delivered(uow, key, range(CROWD, CROWD + 9), at=AT))
    with counting_copies() as read:
        board = crowd.act(lambda uow: notices.access_board(uow, actor(OFFICE), key, at=AT))
        listed = crowd.act(lambda uow: notices.notices_for(uow, actor(OFFICE)))
        _, rows, page, pages = crowd.act(lambda uow: notices.receipts_of(uow, actor(OFFICE), key, 99, 20))
    groups = {name: (count, len(names)) for name, (count, names) in board.groups.items()}
    assert groups == {"delivered": (9, 6), "on_its_way": (PEOPLE - 9, 6)}
    assert (board.of, [how for _, how in listed], len(rows), page, pages) == (PEOPLE, [""], 20, 14, 15)
    assert len(read) == 6 + 6 + 20


def test_each_of_them_is_reminded_once_some_at_a_time(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 120)
    key = sent(crowd)
    steps = look(crowd, select(due_rows).where(due_rows.c.kind == "nudge"))
    assert 0 < len(steps) < 10, "one a step, however many they are"
    with crowd.database.writer.begin() as connection:
        connection.execute(update(copies).where(copies.c.post_id.in_([CROWD, CROWD + 200])).values(signed_at=AT))
        first = min(steps, key=lambda row: row.due_at)
        connection.execute(update(due_rows).where(due_rows.c.kind == "nudge", due_rows.c.id != first.id).values(state=DONE))
    rounds = []
    while rows := fallen_due(crowd, first.due_at):
        with counting_copies() as read:
            crowd.act(lambda uow, rows=rows: due_work.run_together(uow, "nudge", rows, whole=True, at=first.due_at))  # type: ignore[misc]
        with crowd.committing() as transaction:
            due.finish(transaction.connection, [row.id for row in rows], first.due_at)
        rounds.append(len(read))
    assert rounds == [120, 120, 58], "each page looks at its own"
    lines = look(crowd, select(nudges))
    assert Counter(line.account_id for line in lines) == Counter({CROWD + n: 1 for n in range(PEOPLE) if n not in (0, 200)})
    assert {line.noun_id for line in lines} == {key}


def fallen_due(crowd: Crowd, at: datetime) -> list[due.DueRow]:
    with crowd.committing() as transaction:
        return [row for row in due.fallen_due(transaction.connection, at, 1_000) if row.kind == "nudge"]


def test_what_waits_is_found_by_its_index_however_much_was_sent(crowd: Crowd) -> None:
    sent(crowd)
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    with crowd.committing() as transaction:
        event.listen(crowd.database.writer, "before_cursor_execute", note)
        rows = outbox.ready(transaction.connection, transaction.at, after={int(Lane.NOTICE): 0}, most=64, bot=DOOR.bot)
        outbox.look(transaction.connection, [row.id for row in rows])
        event.remove(crowd.database.writer, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if crowd.database.is_sqlite else "EXPLAIN"
    with crowd.database.writer.connect() as connection:
        if not crowd.database.is_sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")  # of three hundred rows it would rather read all
        plans = [[str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {sql}", given)] for sql, given in asked]
    assert len(plans) == 2
    assert "ix_outbox_waiting" in str(plans[0])
    assert not [line for plan in plans for line in plan if "SCAN outbox" in line or "Seq Scan on outbox" in line]
