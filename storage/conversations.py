"""Where each conversation stands: plain rows, sealed, written in the transaction of the update that moved them.

aiogram's FSM sees them through an adapter in `bot/` (bot/conversation_storage.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .sealed import Purpose, Sealer
from .tables import among, conversations

_DATA = "conversations.data_sealed"


@dataclass(slots=True)
class Conversation:
    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    touched_at: datetime | None = None


_load = {
    name: select(conversations.c.account_id, conversations.c.state, conversations.c.data_sealed, conversations.c.touched_at).where(theirs)
    for name, theirs in among(conversations.c.account_id, "accounts").items()
}


def load(connection: Connection, sealer: Sealer, accounts: Collection[int]) -> dict[int, Conversation]:
    """The conversations of these accounts; one that is not there is empty."""
    found = {account: Conversation() for account in accounts}
    rows = connection.execute(_load[connection.dialect.name], {"accounts": list(accounts)}).all()
    for row in rows:
        data = sealer.open_json(Purpose.TRAFFIC, _DATA, row.account_id, row.data_sealed) if row.data_sealed else {}
        found[row.account_id] = Conversation(row.state, data, row.touched_at)
    return found


def _upsert(insert: Any) -> Any:
    statement = insert(conversations)
    taken = {name: statement.excluded[name] for name in ("state", "data_sealed", "touched_at")}
    return statement.on_conflict_do_update(index_elements=["account_id"], set_=taken)


_save = {"sqlite": _upsert(sqlite_insert), "postgresql": _upsert(pg_insert)}


def save(connection: Connection, sealer: Sealer, changed: dict[int, Conversation], at: datetime) -> None:
    connection.execute(
        _save[connection.dialect.name],
        [
            {
                "account_id": account,
                "state": talk.state,
                "data_sealed": sealer.seal_json(Purpose.TRAFFIC, _DATA, account, talk.data) if talk.data else None,
                "touched_at": at,
            }
            for account, talk in changed.items()
        ],
    )


def purge(connection: Connection, before: datetime) -> int:
    """Forget conversations with nothing unfinished, and the places last chosen in them; drafts are ended by their own due rows."""
    return connection.execute(conversations.delete().where(conversations.c.state.is_(None), conversations.c.touched_at < before)).rowcount
