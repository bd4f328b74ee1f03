"""Whoever speaks is recognised, and his menu made: in an installation of one conference, and in one of 3,000 with 75,000 people.

Each measured step is what the desk does for an update before a handler runs and after it: the actor behind the address with the
posts held now, his first screen put into words, his commands compared. The two databases take turns, in one process and on one
PostgreSQL, so that both meet the same weather; a person is drawn anew for each step.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, event, insert, text

from benchmarks.bots import Yard
from benchmarks.measure import Goal, Noise, ratios
from conference import profiles
from conference.model.people import Reach, Role
from handlers import menus
from handlers.buttons import Signer
from handlers.messages import Reader
from handlers.records.everybody import DeskMenu, StartScreen
from handlers.telegram.texts import commands, render
from storage.engine import Database
from storage.mapping import map_entities
from storage.people import Door, Sender, recognise
from storage.schema import migrate
from storage.sealed import Purpose, Sealer, new_key
from storage.tables import accounts, conferences, persons, posts, profile_versions, tenures
from tests.postgres import Cluster, cluster

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Shanghai")
BOT = 42001
CONFERENCES = 3_000
PEOPLE = 25  # in each
STEPS = 400  # a repetition and database
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = (Role.CHIEF_CONVENER, Role.CONVENER, *[Role.MEMBER] * 6, *[Role.LIAISON] * 6, Role.OFFICE_DIRECTOR, Role.OFFICE, Role.OFFICE,
         *[Role.DUTY_DESK] * 4, *[Role.TOWNSHIP] * 4)  # fmt: skip

QUERIES = Goal("queries to recognise an actor and show his menu", 2, 2, at_most=True)
TIME = Goal("time with 3,000 conferences / with one", 1.5, 1.5, at_most=True)


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    assert len(ROLES) == PEOPLE
    map_entities()
    key, noise = new_key(), Noise()
    with cluster(durable=True) as postgres, World(postgres, "one", key, 1) as one, World(postgres, "many", key, CONFERENCES) as many:
        print(f"  {many.people:,} people of {CONFERENCES:,} conferences against {one.people} of one, {STEPS} steps a repetition")
        for world in (one, many):
            world.steps(STEPS)  # connections, statements and catalogues are ready
        times: dict[str, list[float]] = {"one": [], "many": []}
        for repetition in range(repetitions):
            for world in (one, many) if repetition % 2 == 0 else (many, one):
                noise.sample()
                times[world.name].append(world.steps(STEPS))
        for name, taken in times.items():
            print(f"  {name:<5} {statistics.median(taken) * 1e6:>8.0f} µs a step ({min(taken) * 1e6:.0f}..{max(taken) * 1e6:.0f})")
        queries = max(world.most_queries for world in (one, many))
        goals = [QUERIES.tell([queries]), TIME.tell(ratios(times["many"], times["one"]))]
        return {"seconds": times, "queries": queries, "noise": noise.tell(), "goals": goals}


class World:
    """A database of so many conferences with `PEOPLE` people each, one post each, and every tenth of them a second one next door."""

    def __init__(self, postgres: Cluster, name: str, key: str, number: int) -> None:
        self.name, self.number, self.people = name, number, number * PEOPLE
        self.most_queries = 0
        url = postgres.create_database(f"actors_{name}")
        migrate(url)
        self._sealer = Sealer(key)
        self._slugs = [f"c{n}" for n in range(number)]
        self._database = Database(url, self._sealer, self._slugs)
        self._draw = random.Random(7)
        self._signer = Signer(self._sealer.button_keys)
        self._door = Door(BOT, self._slugs[0], frozenset(self._slugs))

    def __enter__(self) -> World:
        with self._database.writer.begin() as connection:
            self._fill(connection)
        with self._database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        with self._database.reader.connect() as connection:
            self._database.conferences.refresh(connection)
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _fill(self, connection: Connection) -> None:
        profile = profiles.load("badong")
        facts = {"level": "county", "parent": None, "name_zh": profile.name_zh, "name_en": profile.name_en, "lacks": ["minutes"]}
        found = [{"slug": slug, **facts, "version": 1, "created_at": BEFORE} for slug in self._slugs]
        connection.execute(insert(conferences), found)
        written = {"version": 1, "digest": b"d" * 32, "source": profiles.source("badong").encode(), "loaded_at": BEFORE}
        versions = [{"conference": slug, **written} for slug in self._slugs]
        connection.execute(insert(profile_versions), versions)
        numbers = range(1, self.people + 1)
        for some in batched(numbers):
            connection.execute(insert(persons), [{"id": n, "name_sealed": None, "created_at": BEFORE} for n in some])
            connection.execute(insert(posts), [self._post(n) for n in some])
            connection.execute(insert(accounts), [self._account(n) for n in some])
            connection.execute(insert(tenures), [self._tenure(n, n) for n in some])
        second = [self._tenure(n % self.people + 1, n) for n in numbers if n % 10 == 0]
        for part in batched(second):
            connection.execute(insert(tenures), list(part))

    def _post(self, number: int) -> dict[str, Any]:
        role, slug = ROLES[number % PEOPLE], self._slugs[(number - 1) // PEOPLE]
        return {"id": number, "conference": slug, "unit": "civil_affairs", "role": role, "title": f"岗位{number}", "rank": 1}

    def _account(self, number: int) -> dict[str, Any]:
        index = self._sealer.index("telegram", number)
        address = self._sealer.seal(Purpose.IDENTITY, "accounts.address_sealed", index.hex(), str(number).encode())
        facts = {"id": number, "channel": "telegram", "bot": BOT, "person_id": number, "language": "zh_Hans", "reach": Reach.OPEN}
        return facts | {"address_index": index, "address_sealed": address, "created_at": BEFORE}

    @staticmethod
    def _tenure(post: int, person: int) -> dict[str, Any]:
        return {"post_id": post, "person_id": person, "alone": False, "begins_at": BEFORE}

    def steps(self, count: int) -> float:
        """Seconds a step, the mean of so many, each somebody else's."""
        with self._database.reader.connect() as connection:
            connection.execute(text("SELECT 1"))
            with self._counting() as queries:
                started = time.perf_counter()
                for _ in range(count):
                    queries.clear()
                    self._step(connection, self._draw.randint(1, self.people))
                    self.most_queries = max(self.most_queries, len(queries))
                return (time.perf_counter() - started) / count

    def _step(self, connection: Connection, number: int) -> None:
        known = self._database.conferences
        actor = recognise(connection, self._sealer, self._door, [Sender(number, "zh_Hans")], NOW)[number]
        record = menus.fitted(StartScreen(), actor, known)
        assert isinstance(record, DeskMenu), record
        commands.fitting(actor, known, "zh_Hans")
        render(record, Reader(actor.account_id, actor.language, ZONE, known, actor.conference, self._signer))

    @contextmanager
    def _counting(self) -> Iterator[list[str]]:
        queries: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            queries.append(statement)

        event.listen(self._database.reader, "before_cursor_execute", note)
        try:
            yield queries
        finally:
            event.remove(self._database.reader, "before_cursor_execute", note)


def batched(rows: Sequence[T], size: int = 5_000) -> Iterator[Sequence[T]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]
