"""Updates that came in: stored before anybody is told so, handled once, set aside after five failing tries.

Core statements only: this is the hot path (design §4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .sealed import Purpose, Sealer, Unopenable
from .tables import DEAD, DONE, PENDING, among, inbox, is_state

MAX_ATTEMPTS = 5
_WHERE = "inbox.payload_sealed"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A raw update as it came: `body` is its JSON, `sender` the numeric id it is ordered by."""

    bot: int
    update_id: int
    sender: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored update whose turn has come. `body` is empty where it does not open: it fails like any other that cannot be read."""

    id: int
    bot: int
    update_id: int
    sender_index: bytes
    body: bytes
    attempts: int
    received_at: datetime


# Statements are built once: building one costs more than running it.
_insert = {name: insert(inbox).on_conflict_do_nothing() for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))}
_known = {
    name: select(inbox.c.bot, inbox.c.update_id, inbox.c.payload_hash).where(of_them, among(inbox.c.update_id, "updates")[name])
    for name, of_them in among(inbox.c.bot, "bots").items()
}


def store(connection: Connection, sealer: Sealer, arrivals: Sequence[Arrival], at: datetime) -> list[Arrival]:
    """Insert what is new. Returns the alarms: arrivals whose id came before with another body (they are stored too)."""
    hashes = [hashlib.sha256(arrival.body).digest()[:16] for arrival in arrivals]
    asked = {"bots": list({arrival.bot for arrival in arrivals}), "updates": [arrival.update_id for arrival in arrivals]}
    known = connection.execute(_known[connection.dialect.name], asked).all()
    seen = {(row.bot, row.update_id): bytes(row.payload_hash) for row in known}
    exact = {(row.bot, row.update_id, bytes(row.payload_hash)) for row in known}
    rows: list[dict[str, Any]] = []
    alarms = []
    for arrival, digest in zip(arrivals, hashes, strict=True):
        if (arrival.bot, arrival.update_id, digest) in exact:
            continue
        if seen.get((arrival.bot, arrival.update_id), digest) != digest:
            alarms.append(arrival)
        exact.add((arrival.bot, arrival.update_id, digest))
        seen[arrival.bot, arrival.update_id] = digest
        rows.append(
            {
                "bot": arrival.bot,
                "update_id": arrival.update_id,
                "payload_hash": digest,
                "payload_sealed": sealer.seal(Purpose.TRAFFIC, _WHERE, f"{arrival.bot}:{arrival.update_id}", arrival.body),
                "sender_index": sealer.index("sender", arrival.sender),
                "state": PENDING,
                "attempts": 0,
                "received_at": at,
            }
        )
    if rows:
        connection.execute(_insert[connection.dialect.name], rows)
    return alarms


_pending = (
    select(inbox.c.id, inbox.c.bot, inbox.c.update_id, inbox.c.sender_index, inbox.c.payload_sealed, inbox.c.attempts, inbox.c.received_at)
    .where(is_state(inbox.c.state, PENDING), or_(inbox.c.next_try_at.is_(None), inbox.c.next_try_at <= bindparam("now")))
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
)


_pending_of = _pending.where(inbox.c.bot == bindparam("bot"))


def waiting(connection: Connection, sealer: Sealer, bot: int, at: datetime, most: int, held: Collection[bytes] = ()) -> list[Waiting]:
    """The oldest updates of this bot whose turn it is, in order, whole; none of the senders who are held back.

    On PostgreSQL several processes ask: each takes the persons it can lock (one person, one process, until commit), so
    that nobody's messages overtake each other, and reads again what the locks protect.
    """
    query = _pending_of.where(inbox.c.sender_index.not_in(held)) if held else _pending_of
    rows = connection.execute(query, {"now": at, "most": most, "bot": bot}).all()
    if rows and connection.dialect.name == "postgresql":
        rows = _mine(connection, rows, at)
    return [
        Waiting(
            row.id,
            row.bot,
            row.update_id,
            bytes(row.sender_index),
            _body(sealer, row),
            row.attempts,
            row.received_at,
        )
        for row in rows
    ]


_failing = inbox.alias("failing")
_again = _pending.where(
    among(inbox.c.id, "ids")["postgresql"],
    ~exists().where(
        _failing.c.sender_index == inbox.c.sender_index, is_state(_failing.c.state, PENDING), _failing.c.next_try_at > bindparam("now")
    ),
)


def _body(sealer: Sealer, row: Any) -> bytes:
    try:
        return sealer.open(Purpose.TRAFFIC, _WHERE, f"{row.bot}:{row.update_id}", row.payload_sealed)
    except Unopenable:
        return b""  # a damaged row must not stop everybody else's


_asked = select(func.unnest(bindparam("locks", type_=ARRAY(BigInteger))).label("key")).subquery()
_lock_those = select(_asked.c.key, func.pg_try_advisory_xact_lock(_asked.c.key))


def _mine(connection: Connection, rows: Sequence[Any], at: datetime) -> list[Any]:
    locks = {_lock(bytes(row.sender_index)) for row in rows}
    got = connection.execute(_lock_those, {"locks": list(locks)}).all()
    mine = {key for key, locked in got if locked}
    ids = [row.id for row in rows if _lock(bytes(row.sender_index)) in mine]
    # Another process may have tried one since, and failed: read again how often, and leave its person alone until the next try.
    return list(connection.execute(_again, {"ids": ids, "now": at, "most": len(rows)}).all())


_finish = {
    name: update(inbox).where(them).values(state=DONE, done_at=bindparam("now"), next_try_at=None)
    for name, them in among(inbox.c.id, "ids").items()
}


def finish(connection: Connection, ids: Collection[int], at: datetime) -> None:
    """Mark updates as handled, in the transaction that holds their effects."""
    connection.execute(_finish[connection.dialect.name], {"ids": list(ids), "now": at})


def last_pending(connection: Connection, bot: int) -> int | None:
    """The newest row of this bot that waits."""
    return connection.execute(select(func.max(inbox.c.id)).where(inbox.c.bot == bot, is_state(inbox.c.state, PENDING))).scalar()


def held_back(connection: Connection, at: datetime) -> set[bytes]:
    """Senders whose earlier update waits for its next try: theirs after it wait too, so that order is kept."""
    query = select(inbox.c.sender_index).where(is_state(inbox.c.state, PENDING), inbox.c.next_try_at > at)
    return {bytes(index) for index in connection.execute(query).scalars()}


def begin_try(connection: Connection, row: int) -> None:
    """Count a try before it is made, so that an update which kills the process is counted too."""
    connection.execute(update(inbox).where(inbox.c.id == row).values(attempts=inbox.c.attempts + 1))


def retake(connection: Connection, row: Waiting) -> bool:
    """After `begin_try` was committed: take the person again. False if another process has been quicker."""
    if connection.dialect.name == "sqlite":
        return True
    if not connection.execute(select(func.pg_try_advisory_xact_lock(_lock(row.sender_index)))).scalar():
        return False
    mine = select(inbox.c.id).where(inbox.c.id == row.id, inbox.c.attempts == row.attempts + 1, is_state(inbox.c.state, PENDING))
    return connection.execute(mine).first() is not None


def _lock(sender_index: bytes) -> int:
    return int.from_bytes(sender_index[:8], "big", signed=True)


def fail(connection: Connection, row: int, attempts: int, error: str, at: datetime) -> bool:
    """Note a failed try; True if it was the last and the update is set aside."""
    dead = attempts >= MAX_ATTEMPTS
    connection.execute(
        update(inbox)
        .where(inbox.c.id == row)
        .values(
            attempts=attempts,
            state=DEAD if dead else PENDING,
            error=error[:200],
            next_try_at=None if dead else at + timedelta(seconds=0.25 * 4 ** (attempts - 1)),
            done_at=at if dead else None,
        )
    )
    return dead


def counts(connection: Connection) -> dict[str, Any]:
    """Figures for the panel and the metrics: pending, set aside, and since when the oldest waits."""
    pending, oldest = connection.execute(select(func.count(), func.min(inbox.c.received_at)).where(is_state(inbox.c.state, PENDING))).one()
    dead = connection.execute(select(func.count()).where(is_state(inbox.c.state, DEAD))).scalar()
    return {"pending": pending, "oldest": oldest, "dead": dead}


def latest(connection: Connection, most: int) -> Sequence[Any]:
    """The newest updates with id, state, attempts, received_at; nothing of what they say."""
    query = select(inbox.c.id, inbox.c.state, inbox.c.attempts, inbox.c.received_at)
    return connection.execute(query.order_by(inbox.c.id.desc()).limit(most)).all()


def highest(connection: Connection) -> tuple[int | None, datetime | None]:
    """The highest number of an update, and when the newest came."""
    number, at = connection.execute(select(func.max(inbox.c.update_id), func.max(inbox.c.received_at))).one()
    return number, at


def purge(connection: Connection, before: datetime) -> int:
    """Forget handled updates older than the channel can repeat (it repeats for 24 h; we keep longer)."""
    return connection.execute(inbox.delete().where(inbox.c.state == DONE, inbox.c.received_at < before)).rowcount
