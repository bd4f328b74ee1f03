"""A notice to 100,000 people: written for all of them in the one act that sends it, against Core's executemany of the same rows.

Ours is the whole act by which a second person lets it go, with its commit: receipts, messages, reminders, the office's board,
audit. Theirs is given the finished rows of the two large tables and only writes and commits them. Both take turns on tables that
were emptied before, on SQLite and on PostgreSQL with every commit on the disk.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, text

from benchmarks.bots import Yard, sqlite
from benchmarks.measure import Goal, Noise, ratios
from storage.engine import Database
from storage.schema import migrate
from storage.sealed import Sealer, new_key
from storage.tables import copies, outbox
from tests.crowd import Crowd
from tests.postgres import PostgresMissing, cluster

Rows = Mapping[Table, Sequence[dict[str, Any]]]
PEOPLE = 100_000
BOT = 42001
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    noise = Noise()
    with ExitStack() as stack:
        places = [stack.enter_context(filled(url, PEOPLE)) for url in urls(yard, stack)]
        ours: dict[str, list[float]] = {place.name: [] for place in places}
        theirs: dict[str, list[float]] = {place.name: [] for place in places}
        for _ in range(repetitions):
            for place in places:
                noise.sample()
                rows = place.sent(ours[place.name])
                noise.sample()
                theirs[place.name].append(place.written(rows))
            places.reverse()
    goals = []
    for name, taken in ours.items():
        print(f"  {name:<11} one act {statistics.median(taken):.2f} s, executemany {statistics.median(theirs[name]):.2f} s")
        goals.append(Goal(f"{name}: executemany / ours", 2, 3).tell(ratios(theirs[name], taken)))
        goals.append(Goal(f"{name}: the notice to {PEOPLE:,} is enqueued", 2, 1, at_most=True, unit=" s").tell(taken))
    return {"seconds": ours, "executemany_seconds": theirs, "noise": noise.tell(), "goals": goals}


def urls(yard: Yard, stack: ExitStack) -> list[str]:
    """One database of each kind."""
    found = []
    if yard.wants("ours_sqlite"):
        folder = yard.folder / "crowd"
        folder.mkdir()
        found.append(sqlite(folder))
    if yard.wants("ours_pg"):
        try:
            found.append(stack.enter_context(cluster(durable=True)).create_database("crowd"))
        except PostgresMissing as missing:
            print(f"!! no figures for PostgreSQL: {missing}")
    return found


@contextmanager
def filled(url: str, people: int) -> Iterator[Place]:
    """A database with so many holders of posts."""
    migrate(url)
    database = Database(url, Sealer(new_key()))
    try:
        place = Place(Crowd(database, BOT, people, at=NOW))
        place.tidy()
        yield place
    finally:
        database.close()


class Place:
    """A database and its crowd, the same again after each measurement."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self.name = NAMES[crowd.database.writer.dialect.name]

    def sent(self, seconds: list[float]) -> Rows:
        """Send it, time the act that does, and take the rows away."""
        key = self._crowd.writes()
        started = time.perf_counter()
        self._crowd.lets_go(key)
        seconds.append(time.perf_counter() - started)
        with self._crowd.database.writer.connect() as connection:
            rows = {copies: _rows(connection, copies, copies.c.notice_id == key), outbox: _rows(connection, outbox, _TO_MANY)}
        assert [len(found) for found in rows.values()] == [PEOPLE, PEOPLE]
        self._empty()
        return rows

    def written(self, rows: Rows) -> float:
        with self._crowd.database.writer.connect() as connection:
            connection.execute(text("SELECT 1"))
            started = time.perf_counter()
            for table, found in rows.items():
                connection.execute(insert(table), found)
            connection.commit()
            taken = time.perf_counter() - started
        self._empty()
        return taken

    def _empty(self) -> None:
        with self._crowd.database.writer.begin() as connection:
            connection.execute(delete(copies))
            connection.execute(delete(outbox).where(_TO_MANY))
        self.tidy()

    def tidy(self) -> None:
        if self._crowd.database.is_sqlite:
            return
        with self._crowd.database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


_TO_MANY = outbox.c.broadcast_id.is_not(None)


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Without their numbers, which the database gives."""
    names = [column.name for column in table.c if column.name != "id"]
    return [dict(zip(names, row, strict=True)) for row in connection.execute(select(*(table.c[name] for name in names)).where(which))]
