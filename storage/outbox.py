"""Messages on their way out. Every row ends as sent, undeliverable or withdrawn: none stays unseen.

NEW -> SENDING -> SENT | UNDELIVERABLE | WITHDRAWN. A row found in SENDING at start is in doubt: it may have arrived.
A row that can go at once is written as SENDING and handed over in memory (docs/decisions/0013).
Core statements only: this is the hot path (design §4).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.people import Reach
from conference.model.told import Shape, Told, pack, unpack

from .sealed import Purpose, Sealer
from .tables import NEW, SENDING, SENT, UNDELIVERABLE, WITHDRAWN, accounts, broadcasts, is_state, outbox

_DATA = "outbox.data_sealed"
_DATA_OF_MANY = "broadcasts.data_sealed"
_ADDRESS = "accounts.address_sealed"
STATES = {NEW: "new", SENDING: "sending", SENT: "sent", UNDELIVERABLE: "undeliverable", WITHDRAWN: "withdrawn"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row taken for sending, whole: `chat` is where it goes, `edits` the message it replaces there."""

    id: int
    lane: int
    account_id: int
    chat: int
    language: str
    conference: str | None
    record: Told
    edits: int | None
    attempts: int
    repeats: int
    broadcast: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A row that waits to be sent, as the delivery queues it; `claimed` if it was written as taken for sending."""

    id: int
    lane: int
    account_id: int
    not_before: datetime
    claimed: Claimed | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try to send ended."""

    id: int
    state: int
    message_id: int | None = None
    error: str | None = None
    not_before: datetime | None = None
    in_doubt: bool = False


_GIVEN = (
    *("key", "account_id", "lane", "state", "record", "conference", "data_sealed", "only_while", "replaces", "edits"),
    *("not_before", "attempts", "repeats", "created_at"),
)

# PostgreSQL gets each column as one array: a statement that grows with the rows would be read anew for each number of them.
# Texts without their length: an array of VARCHAR(64) would cut what is longer, and nobody would hear of it.
_types = {name: String() if isinstance(outbox.c[name].type, String) else outbox.c[name].type for name in _GIVEN}
_arrays = (
    func.unnest(*(bindparam(name, type_=ARRAY(_types[name])) for name in _GIVEN))
    .table_valued(*(column(name, _types[name]) for name in _GIVEN), with_ordinality="place")
    .render_derived()
)
_new = (outbox.c.key, outbox.c.id)
_insert = {
    "sqlite": sqlite_insert(outbox).on_conflict_do_nothing().returning(*_new),
    "postgresql": pg_insert(outbox)
    .from_select(_GIVEN, select(*(_arrays.c[name] for name in _GIVEN)).order_by(_arrays.c.place))
    .on_conflict_do_nothing()
    .returning(*_new),
}


def add(
    connection: Connection, rows: Sequence[dict[str, Any]], claimed: Mapping[str, Callable[[int], Claimed]] | None = None
) -> list[Ready]:
    """Insert rows; one whose key is there already is dropped. `claimed`: as what, given its number, by key."""
    claimed, given = claimed or {}, {row["key"]: row for row in reversed(rows)}
    as_arrays = connection.dialect.name == "postgresql"
    values: Any = {name: [row[name] for row in rows] for name in _GIVEN} if as_arrays else rows
    found = []
    for key, number in connection.execute(_insert[connection.dialect.name], values):
        row, born = given[key], claimed.get(key)
        found.append(Ready(number, row["lane"], row["account_id"], row["not_before"], born(number) if born else None))
    return found


def blind(sealer: Sealer, key: str) -> str:
    """A key as rows keep it: "filed:12" beside an account would say who reported."""
    return sealer.index("outbox", key).hex()


def sealed_row(sealer: Sealer, *, key: str, data: dict[str, Any], **columns: Any) -> dict[str, Any]:
    return {"key": key, "data_sealed": sealer.seal_json(Purpose.TRAFFIC, _DATA, key, data), **columns}


def ready(connection: Connection, at: datetime, *, after: dict[int, int], most: int, bot: int | None = None) -> list[Ready]:
    """Rows that wait for this bot (None: any) and may go now, per lane those behind the given id, at most so many a lane."""
    found: list[Ready] = []
    waiting = _of(select(outbox.c.id, outbox.c.lane, outbox.c.account_id, outbox.c.not_before), bot)
    waiting = waiting.where(is_state(outbox.c.state, NEW), outbox.c.not_before <= at)
    for lane, last in after.items():
        rows = connection.execute(waiting.where(outbox.c.lane == lane, outbox.c.id > last).order_by(outbox.c.id).limit(most)).all()
        found += [Ready(*row) for row in rows]
    return found


def _of(query: Select[Any], bot: int | None) -> Select[Any]:
    """Only what goes to accounts of this bot: another one of the same installation sends the rest."""
    return query if bot is None else query.join(accounts, accounts.c.id == outbox.c.account_id).where(accounts.c.bot == bot)


def next_held(connection: Connection, at: datetime) -> datetime | None:
    """When the next row may go of those that have to wait for their time."""
    return connection.execute(select(func.min(outbox.c.not_before)).where(is_state(outbox.c.state, NEW), outbox.c.not_before > at)).scalar()


def in_doubt(connection: Connection, bot: int | None = None) -> list[int]:
    """Rows left in SENDING by a process of this bot (None: any) that died."""
    query = _of(select(outbox.c.id), bot).where(is_state(outbox.c.state, SENDING)).order_by(outbox.c.id)
    return list(connection.execute(query).scalars())


WHAT_IT_SAYS = (
    outbox.c.key,
    outbox.c.record,
    outbox.c.data_sealed,
    outbox.c.broadcast_id,
    broadcasts.c.key.label("broadcast_key"),
    broadcasts.c.data_sealed.label("broadcast_sealed"),
)  # of `SAID`, for open_data
SAID = outbox.outerjoin(broadcasts, broadcasts.c.id == outbox.c.broadcast_id)

_whole = select(
    outbox.c.id,
    *WHAT_IT_SAYS,
    outbox.c.lane,
    outbox.c.account_id,
    outbox.c.conference,
    outbox.c.only_while,
    outbox.c.replaces,
    outbox.c.edits,
    outbox.c.attempts,
    outbox.c.repeats,
    accounts.c.address_index,
    accounts.c.address_sealed,
    accounts.c.language,
    accounts.c.reach,
    accounts.c.bot,
).select_from(SAID.join(accounts, accounts.c.id == outbox.c.account_id))


_look = {
    state: _whole.where(outbox.c.id.in_(bindparam("ids", expanding=True)), is_state(outbox.c.state, state)).order_by(outbox.c.id)
    for state in (NEW, SENDING)
}


def look(connection: Connection, ids: Collection[int], state: int = NEW) -> Sequence[Any]:
    """The rows of these ids that are still in this state, with their addressees."""
    return connection.execute(_look[state], {"ids": list(ids)}).all()


def open_row(sealer: Sealer, row: Any, edits: int | None, opened: dict[int, Told] | None = None) -> Claimed:
    """The row as the delivery needs it; `opened`: what was said to many, read before. Raises Unopenable or Misconfigured where it cannot
    be read."""
    record = opened.get(row.broadcast_id) if opened is not None else None
    if record is None:
        record = unpack(row.record, open_data(sealer, row))
        if opened is not None and row.broadcast_id is not None:
            opened[row.broadcast_id] = record
    return Claimed(
        row.id,
        row.lane,
        row.account_id,
        int(sealer.open(Purpose.IDENTITY, _ADDRESS, bytes(row.address_index).hex(), row.address_sealed)),
        row.language,
        row.conference,
        record,
        edits,
        row.attempts + 1,
        row.repeats,
        row.broadcast_id,
    )


def open_data(sealer: Sealer, row: Any) -> dict[str, Any]:
    """What the row says, as plain data. Raises Unopenable where it cannot be read."""
    found: dict[str, Any]
    if row.broadcast_id is None:
        found = sealer.open_json(Purpose.TRAFFIC, _DATA, row.key, row.data_sealed)
    else:
        found = sealer.open_json(Purpose.TRAFFIC, _DATA_OF_MANY, row.broadcast_key, row.broadcast_sealed)
    return found


def shape_of(sealer: Sealer, row: Any) -> Shape:
    """What kind of message the row became. Raises Unopenable or Misconfigured where it cannot be read."""
    return unpack(row.record, open_data(sealer, row)).shape


_claim = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), is_state(outbox.c.state, NEW))
    .values(state=SENDING, attempts=outbox.c.attempts + 1)
)


def claim(connection: Connection, ids: Iterable[int]) -> None:
    """Take rows for sending. From here until their outcome is written they are in doubt."""
    connection.execute(_claim, [{"row": row} for row in ids])


def earlier(connection: Connection, keys: Collection[str]) -> dict[str, Any]:
    """What became of earlier messages: key -> row with id, state, message_id."""
    if not keys:
        return {}
    rows = connection.execute(select(outbox.c.key, outbox.c.id, outbox.c.state, outbox.c.message_id).where(outbox.c.key.in_(keys))).all()
    return {row.key: row for row in rows}


_end = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        state=bindparam("to"),
        message_id=bindparam("message"),
        error=bindparam("why"),
        ended_at=bindparam("ended"),
        not_before=func.coalesce(bindparam("wait", type_=outbox.c.not_before.type), outbox.c.not_before),
        repeats=outbox.c.repeats + bindparam("doubt"),
    )
)


# Most tries end alike, with the number of a message: all of them are one statement, told the pairs of row and message.
_pairs = {
    "sqlite": func.json_each(bindparam("pairs", type_=JSON)).table_valued(column("key", Integer), column("value", BigInteger)),
    "postgresql": func.unnest(bindparam("rows", type_=ARRAY(BigInteger)), bindparam("messages", type_=ARRAY(BigInteger)))
    .table_valued(column("key", BigInteger), column("value", BigInteger))
    .render_derived(),
}
_arrive = {
    name: update(outbox)
    .where(outbox.c.id == cast(pairs.c.key, BigInteger))
    .values(state=SENT, message_id=pairs.c.value, error=None, ended_at=bindparam("ended", type_=outbox.c.ended_at.type))
    for name, pairs in _pairs.items()
}


def _arrived(connection: Connection, messages: Mapping[int, int | None], at: datetime) -> None:
    """These rows were sent, as these messages of the channel."""
    if connection.dialect.name == "postgresql":
        asked: dict[str, Any] = {"rows": list(messages), "messages": list(messages.values())}
    else:
        asked = {"pairs": {str(row): message for row, message in messages.items()}}
    connection.execute(_arrive[connection.dialect.name], {**asked, "ended": at})


def finish(connection: Connection, outcomes: Sequence[Outcome], at: datetime) -> None:
    """Write how tries ended; state NEW sends a row back to wait until `not_before`."""
    if sent := {outcome.id: outcome.message_id for outcome in outcomes if outcome.state == SENT}:
        _arrived(connection, sent, at)
    rest = [outcome for outcome in outcomes if outcome.state != SENT]
    if not rest:
        return
    connection.execute(
        _end,
        [
            {
                "row": outcome.id,
                "to": outcome.state,
                "message": outcome.message_id,
                "why": outcome.error and outcome.error[:200],
                "ended": None if outcome.state == NEW else at,
                "wait": outcome.not_before,
                "doubt": int(outcome.in_doubt),
            }
            for outcome in rest
        ],
    )


def forget_edit(connection: Connection, row: int) -> None:
    """The message to be replaced is gone: this one goes as a message of its own."""
    connection.execute(update(outbox).where(outbox.c.id == row).values(edits=None, replaces=None))


def give_up_on(connection: Connection, account_id: int, why: str, at: datetime) -> int:
    """Nothing reaches this account any more: what waits for it is undeliverable. Returns how many."""
    return connection.execute(
        update(outbox)
        .where(outbox.c.account_id == account_id, is_state(outbox.c.state, NEW))
        .values(state=UNDELIVERABLE, error=why[:200], ended_at=at)
    ).rowcount


def set_reach(connection: Connection, account_id: int, reach: Reach) -> None:
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(reach=reach))


def readdress(connection: Connection, sealer: Sealer, account_id: int, chat: int) -> None:
    """A chat moved to another id: everything waiting for it goes there, in one transaction with the move."""
    index = sealer.index("telegram", chat)
    sealed = sealer.seal(Purpose.IDENTITY, _ADDRESS, index.hex(), str(chat).encode())
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(address_index=index, address_sealed=sealed))


def counts(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all()
    found = {row[0]: row[1] for row in rows}
    return {name: found.get(state, 0) for state, name in STATES.items()}


def latest(connection: Connection, most: int) -> Sequence[Any]:
    """The newest messages with id, record, lane, state, repeats; nothing of what they say."""
    query = select(outbox.c.id, outbox.c.record, outbox.c.lane, outbox.c.state, outbox.c.repeats)
    return connection.execute(query.order_by(outbox.c.id.desc()).limit(most)).all()


def highest(connection: Connection) -> tuple[int | None, datetime | None]:
    """The highest number that the channel gave to a message, and when the last one ended."""
    number, at = connection.execute(select(func.max(outbox.c.message_id), func.max(outbox.c.ended_at))).one()
    return number, at


def purge(connection: Connection, before: datetime) -> int:
    """Forget messages that ended long ago, and what was said to many once none of them is left."""
    gone = connection.execute(
        outbox.delete().where(and_(outbox.c.ended_at < before, or_(outbox.c.state == SENT, outbox.c.state == WITHDRAWN)))
    ).rowcount
    said = select(outbox.c.id).where(outbox.c.broadcast_id == broadcasts.c.id).exists()
    connection.execute(broadcasts.delete().where(broadcasts.c.created_at < before, ~said))
    return gone


# -- to many at once ---------------------------------------------------------------------------------------------------


def tell_many(
    connection: Connection,
    sealer: Sealer,
    recipients: Select[Any],
    record: Told,
    *,
    key: str,
    lane: int,
    conference: str,
    only_while: str | None,
    at: datetime,
) -> int:
    """One row for each of the recipients (account, message to be replaced or NULL), in one statement; the record is kept once.

    Who was told under this key already is left out, and so it can be said again to those who have come since. Returns how many.
    """
    name, data = pack(record)
    hidden = blind(sealer, key)
    broadcast = connection.execute(select(broadcasts.c.id).where(broadcasts.c.key == hidden)).scalar()
    said_before = broadcast is not None
    if not said_before:
        sealed = sealer.seal_json(Purpose.TRAFFIC, _DATA_OF_MANY, hidden, data)
        row = {"key": hidden, "data_sealed": sealed, "created_at": at}
        broadcast = connection.execute(broadcasts.insert().returning(broadcasts.c.id), row).scalar_one()
    to = recipients.subquery()
    account, edits = to.c
    values: dict[str, ColumnElement[Any]] = {
        "key": literal(f"b{broadcast}:") + cast(account, String) + ":" + cast(func.coalesce(edits, 0), String),
        "account_id": account,
        "lane": literal(lane, outbox.c.lane.type),
        "state": literal(NEW, outbox.c.state.type),
        "record": literal(name),
        "conference": literal(conference),
        "broadcast_id": literal(broadcast, outbox.c.broadcast_id.type),
        "only_while": literal(only_while, outbox.c.only_while.type),
        "edits": edits,
        "not_before": literal(at, outbox.c.not_before.type),
        "attempts": literal(0, outbox.c.attempts.type),
        "repeats": literal(0, outbox.c.repeats.type),
        "created_at": literal(at, outbox.c.created_at.type),
    }
    rows = select(*values.values()).where(true()).order_by(account)  # SQLite takes ON for a join's without the WHERE
    insert = sqlite_insert if connection.dialect.name == "sqlite" else pg_insert
    statement = insert(outbox).from_select(list(values), rows)
    if said_before:
        statement = statement.on_conflict_do_nothing()
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _of_many(sealer: Sealer, key: str) -> ColumnElement[bool]:
    return outbox.c.broadcast_id == select(broadcasts.c.id).where(broadcasts.c.key == blind(sealer, key)).scalar_subquery()


def withdraw_many(connection: Connection, sealer: Sealer, key: str, at: datetime) -> int:
    """What was said to many under this key and still waits is not sent. Returns how many."""
    waiting = and_(_of_many(sealer, key), is_state(outbox.c.state, NEW))
    return connection.execute(update(outbox).where(waiting).values(state=WITHDRAWN, error="taken back", ended_at=at)).rowcount


def arrived(sealer: Sealer, key: str) -> Select[Any]:
    """Accounts and messages in which what was said to many stands."""
    return select(outbox.c.account_id, outbox.c.message_id).where(
        _of_many(sealer, key), outbox.c.state == SENT, outbox.c.message_id.is_not(None)
    )
