"""Things that need a person: opened once, closed when they are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .tables import incidents


def open_incident(connection: Connection, kind: str, subject: str, detail: str, at: datetime) -> bool:
    """True if it is new; an incident that is open already, here or in another process, is left as it is."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else pg_insert
    statement = insert(incidents).values(kind=kind, subject=subject, detail=detail[:200], opened_at=at)
    return connection.execute(statement.on_conflict_do_nothing().returning(incidents.c.id)).first() is not None


def close_incident(connection: Connection, kind: str, subject: str, at: datetime) -> None:
    statement = update(incidents).where(incidents.c.kind == kind, incidents.c.subject == subject, incidents.c.closed_at.is_(None))
    connection.execute(statement.values(closed_at=at))


def open_ones(connection: Connection) -> Sequence[Any]:
    return connection.execute(select(incidents).where(incidents.c.closed_at.is_(None)).order_by(incidents.c.id)).all()
