"""What a database holds, counted: for whoever looks at it when the desk has stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, func, select

from .tables import audit, incidents, occurrences, outbox


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of rows: duties by state, incidents by kind."""

    duties: Mapping[str, int]
    messages: int
    entries: int
    incidents: Mapping[str, int]


def figures(connection: Connection) -> Figures:
    messages, entries = (connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (outbox, audit))
    return Figures(_by(connection, occurrences.c.state), messages, entries, _by(connection, incidents.c.kind))


def _by(connection: Connection, column: Column[Any]) -> dict[str, int]:
    return {str(value): number for value, number in connection.execute(select(column, func.count()).group_by(column))}
