"""What goes into people's digests: one line a thing, a person and a step. Core statements only, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .act import Act
from .tables import DONE, PENDING, WITHDRAWN, among, is_state, nudges

_insert = {name: insert(nudges).on_conflict_do_nothing() for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))}
_pending = {
    name: select(nudges.c.id, nudges.c.account_id, nudges.c.conference, nudges.c.noun, nudges.c.noun_id, nudges.c.step, nudges.c.key)
    .where(nudges.c.conference == bindparam("conference"), is_state(nudges.c.state, PENDING), theirs, nudges.c.at <= bindparam("now"))
    .order_by(nudges.c.id)
    .with_for_update(skip_locked=True)
    for name, theirs in among(nudges.c.account_id, "accounts").items()
}
_told = {
    name: update(nudges).where(these).values(state=DONE, told_at=bindparam("now")) for name, these in among(nudges.c.id, "rows").items()
}
_withheld = update(nudges).where(nudges.c.id == bindparam("row")).values(state=WITHDRAWN, why=bindparam("reason"), told_at=bindparam("now"))


def purge(connection: Connection, before: datetime) -> int:
    """Lines that were told or withheld and lie before this moment."""
    return connection.execute(delete(nudges).where(nudges.c.state != PENDING, nudges.c.at < before)).rowcount


@dataclass(frozen=True, slots=True)
class Nudge:
    """`key` begins with what it reminds of: "meeting:3:education:0:before2:17"."""

    id: int
    account_id: int
    conference: str
    noun: str
    noun_id: int
    step: str
    key: str


class NudgeRepository:
    """Fulfils conference.ports.Nudges."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Rows with key, conference, account_id, noun, noun_id, step, at; one whose key is there already is dropped."""
        if rows:
            connection = self._act.connection
            connection.execute(_insert[connection.dialect.name], [{"state": PENDING, **row} for row in rows])

    def pending(self, conference: str, accounts: Collection[int], at: datetime) -> Sequence[Nudge]:
        """Lines to be told, for whoever asks first: another process that composes digests at the same moment does not get them."""
        connection = self._act.connection
        rows = connection.execute(
            _pending[connection.dialect.name], {"conference": conference, "accounts": list(accounts), "now": at}
        ).all()
        return [Nudge(*row) for row in rows]

    def told(self, ids: Sequence[int], *, at: datetime) -> None:
        if ids:
            connection = self._act.connection
            connection.execute(_told[connection.dialect.name], {"rows": list(ids), "now": at})

    def withheld(self, ids: Sequence[tuple[int, str]], *, at: datetime) -> None:
        """Not worth saying any more, each with the reason why."""
        if ids:
            self._act.connection.execute(_withheld, [{"row": row, "reason": why, "now": at} for row, why in ids])
