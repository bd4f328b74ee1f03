"""Due work: rows with a time, behind a partial index. The ticker sleeps until the earliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .tables import DEAD, DONE, PENDING, WITHDRAWN, among, due, is_state

MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class DueRow:
    id: int
    key: str
    kind: str
    subject: str
    data: dict[str, Any]
    due_at: datetime
    attempts: int


_insert = {name: insert(due).on_conflict_do_nothing() for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))}


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; one whose key is there already stays as it is."""
    connection.execute(_insert[connection.dialect.name], rows)


_begins = and_(due.c.key >= bindparam("first"), due.c.key < bindparam("last"))
_withdraw = update(due).where(_begins, is_state(due.c.state, PENDING)).values(state=WITHDRAWN, fired_at=bindparam("now"))
_forget = delete(due).where(_begins)
_to_come = select(due.c.key, due.c.due_at).where(_begins, is_state(due.c.state, PENDING))


def withdraw(connection: Connection, prefix: str, at: datetime) -> None:
    """Rows whose key begins like this are no longer due."""
    connection.execute(_withdraw, {"first": prefix, "last": prefix + "\uffff", "now": at})


def forget(connection: Connection, prefix: str, at: datetime) -> None:
    """Rows whose key begins like this are gone without a trace."""
    connection.execute(_forget, {"first": prefix, "last": prefix + "\uffff"})


def pending(connection: Connection, prefix: str) -> dict[str, datetime]:
    """Rows to come whose key begins like this, and when."""
    return {row.key: row.due_at for row in connection.execute(_to_come, {"first": prefix, "last": prefix + "\uffff"})}


def move(connection: Connection, key: str, due_at: datetime) -> None:
    """Another time for a row that is still to come."""
    connection.execute(update(due).where(due.c.key == key, is_state(due.c.state, PENDING)).values(due_at=due_at))


def earliest(connection: Connection) -> datetime | None:
    return connection.execute(select(due.c.due_at).where(is_state(due.c.state, PENDING)).order_by(due.c.due_at).limit(1)).scalar()


def coming(connection: Connection, most: int) -> Sequence[Any]:
    """What falls due next, with id, kind, data, due_at."""
    query = select(due.c.id, due.c.kind, due.c.data, due.c.due_at).where(is_state(due.c.state, PENDING))
    return connection.execute(query.order_by(due.c.due_at, due.c.id).limit(most)).all()


def fallen_due(connection: Connection, at: datetime, most: int) -> list[DueRow]:
    """Rows whose time has come, oldest first. On PostgreSQL no two processes get the same."""
    rows = connection.execute(
        select(due.c.id, due.c.key, due.c.kind, due.c.subject, due.c.data, due.c.due_at, due.c.attempts)
        .where(is_state(due.c.state, PENDING), due.c.due_at <= at)
        .order_by(due.c.due_at, due.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    return [DueRow(*row) for row in rows]


_fallen = select(func.count()).where(is_state(due.c.state, PENDING), due.c.due_at <= bindparam("now", type_=due.c.due_at.type))


def count_fallen(connection: Connection, at: datetime) -> int:
    """How many rows have fallen due and are not done, those that another process has taken among them."""
    return connection.execute(_fallen, {"now": at}).scalar_one()


_finish = {name: update(due).where(them).values(state=DONE, fired_at=bindparam("now")) for name, them in among(due.c.id, "ids").items()}


def finish(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    connection.execute(_finish[connection.dialect.name], {"ids": list(ids), "now": at})


def fail(connection: Connection, row: DueRow, error: str, at: datetime) -> bool:
    """Note a failed try; True if it was the last and the row is set aside."""
    attempts = row.attempts + 1
    dead = attempts >= MAX_ATTEMPTS
    values: dict[str, Any] = {"attempts": attempts, "error": error[:200], "state": DEAD if dead else PENDING}
    if not dead:
        values["due_at"] = at + timedelta(seconds=4**attempts)
    connection.execute(update(due).where(due.c.id == row.id).values(**values))
    return dead


def counts(connection: Connection) -> dict[str, Any]:
    pending = connection.execute(select(func.count()).where(is_state(due.c.state, PENDING))).scalar()
    return {"pending": pending, "earliest": earliest(connection)}


def purge(connection: Connection, before: datetime) -> int:
    return connection.execute(due.delete().where(due.c.state.in_([DONE, WITHDRAWN]), due.c.fired_at < before)).rowcount
