"""What goes into people's digests: one line a thing, a person and a step. Core statements only, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    SmallInteger,
    String,
    bindparam,
    cast,
    column,
    delete,
    func,
    null,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.told import Digest, Lane

from .act import Act
from .tables import DONE, PENDING, WITHDRAWN, among, is_state, nudges, outbox

_LINE = ("key", "account_id", "noun", "noun_id", "step")  # what differs from line to line; they come as one value
_lines = bindparam("lines", type_=JSON)
_each = func.json_each(_lines).table_valued("value").c.value
_records = (
    func.json_to_recordset(_lines).table_valued(*(column(name, nudges.c[name].type) for name in _LINE)).render_derived(with_types=True)
)
_line: dict[str, list[ColumnElement[Any]]] = {
    "sqlite": [func.json_extract(_each, f"$.{name}") for name in _LINE],
    "postgresql": [_records.c[name] for name in _LINE],
}
_insert = {
    name: insert(nudges)
    .from_select(
        [*_LINE, "conference", "at", "state", "digest", "told_at"],
        select(
            *_line[name],
            bindparam("here", type_=String),
            bindparam("at", type_=nudges.c.at.type),
            bindparam("as_state", type_=SmallInteger),
            bindparam("name", type_=String),
            bindparam("told", type_=nudges.c.told_at.type),
        ).where(true()),  # SQLite takes ON for a join's without the WHERE
    )
    .on_conflict_do_nothing()
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))
}
_waiting = {
    name: select(nudges.c.id)
    .where(nudges.c.conference == bindparam("here"), is_state(nudges.c.state, PENDING), theirs, nudges.c.at <= bindparam("now"))
    .with_for_update(skip_locked=True)
    for name, theirs in among(nudges.c.account_id, "accounts").items()
}
_gather = {
    name: update(nudges).where(nudges.c.id.in_(waiting)).values(state=DONE, digest=bindparam("name"), told_at=bindparam("now"))
    for name, waiting in _waiting.items()
}
_of_digest = (
    select(nudges.c.id, nudges.c.noun, nudges.c.noun_id, nudges.c.step, nudges.c.key)
    .where(
        nudges.c.digest == bindparam("name"),
        nudges.c.account_id == bindparam("account"),
        nudges.c.conference == bindparam("conference"),
        is_state(nudges.c.state, DONE),
    )
    .order_by(nudges.c.id)
)
_withheld = update(nudges).where(nudges.c.id == bindparam("row")).values(state=WITHDRAWN, why=bindparam("reason"), told_at=bindparam("now"))


def purge(connection: Connection, before: datetime) -> int:
    """Lines that were told or withheld and lie before this moment."""
    return connection.execute(delete(nudges).where(nudges.c.state != PENDING, nudges.c.at < before)).rowcount


@dataclass(frozen=True, slots=True)
class Nudge:
    """`key` begins with what it reminds of: "meeting:3:education:0:before2:17"."""

    id: int
    noun: str
    noun_id: int
    step: str
    key: str


class NudgeRepository:
    """Fulfils conference.ports.Nudges."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, lines: Sequence[dict[str, Any]], *, at: datetime) -> None:
        """Lines with key, account_id, noun, noun_id, step; one whose key is there already is dropped."""
        if lines:
            self._put(lines, {"at": at, "as_state": PENDING, "name": None, "told": None})

    def _put(self, lines: Sequence[dict[str, Any]], shared: dict[str, Any]) -> None:
        connection = self._act.connection
        connection.execute(_insert[connection.dialect.name], {"lines": lines, "here": self._act.conference, **shared})

    def tell(self, digest: Digest, accounts: Collection[int], *, lines: Sequence[dict[str, Any]] = (), at: datetime) -> None:
        """See conference.ports.Nudges. Another process that composes digests at the same moment gets none of these lines."""
        connection, here = self._act.connection, self._act.conference
        connection.execute(_gather[connection.dialect.name], {"here": here, "accounts": list(accounts), "now": at, "name": digest.name})
        if lines:
            self._put(lines, {"at": at, "as_state": DONE, "name": digest.name, "told": at})
        theirs = (
            select(nudges.c.account_id, cast(null(), outbox.c.edits.type).label("edits"))
            .where(nudges.c.digest == digest.name, nudges.c.conference == here)
            .distinct()
        )
        self._act.tell_many(theirs, digest, key=f"digest:{here}:{digest.name}", lane=Lane.DIGEST)

    def of_digest(self, account: int, name: str) -> Sequence[Nudge]:
        """This account's lines of the digest, as they were put into it; without those withheld since."""
        asked = {"conference": self._act.conference, "account": account, "name": name}
        return [Nudge(*row) for row in self._act.connection.execute(_of_digest, asked)]

    def withheld(self, ids: Sequence[tuple[int, str]], *, at: datetime) -> None:
        """Not worth saying any more, each with the reason why."""
        if ids:
            self._act.connection.execute(_withheld, [{"row": row, "reason": why, "now": at} for row, why in ids])
