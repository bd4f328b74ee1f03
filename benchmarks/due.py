"""Reminders that fall due at one moment, with a million others pending in the table, beside APScheduler with its jobs in a database.

A province on the morning of a deadline: thirty conferences of a thousand people, each with a duty that is not reported. A reminder
is fired when the digest that says it is committed in the outbox, by the real ticker and the real due work: the step falls due, the
thing is looked at, a line is kept, the lines of a person become one message, sealed. What APScheduler runs stores nothing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from benchmarks import crowd
from benchmarks.bots import KEY, Yard
from benchmarks.measure import Goal, Noise, ratios
from benchmarks.processes import ROOT
from storage.engine import plain_engine
from storage.schema import migrate
from tests.postgres import cluster

PENDING = 1_000_000
FEW = 1_000
"""Pending rows that an idle look is compared with."""
LOOKS = 2_000
SOME, MANY = crowd.PEOPLE, crowd.CONFERENCES * crowd.PEOPLE
"""So many at once: of one conference, of all thirty."""


def goals(name: str) -> dict[str, Goal]:
    return {
        "some": Goal(f"{name}: 1,000 at once, p99 late", 250, 50, at_most=True, unit=" ms"),
        "many": Goal(f"{name}: 30,000 at once, last late", 2, 0.5, at_most=True, unit=" s"),
        "lost": Goal(f"{name}: dropped", 0, 0, at_most=True),
        "growth": Goal(f"{name}: memory, 1,000,000 pending / 1,000", 10, 5, at_most=True, unit=" MB"),
        "idle": Goal(f"{name}: idle look, 1,000,000 pending / 1,000", 2, 1.2, at_most=True),
        "peer": Goal(f"{name}: less late than APScheduler", 20, 100),
    }


def run(yard: Yard, repetitions: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if yard.wants("ours_sqlite"):
        folder = yard.folder / "due"
        folder.mkdir()
        found["sqlite"] = measure("SQLite", f"sqlite:///{folder / 'ours'}", f"sqlite:///{folder / 'peer'}", repetitions)
    if yard.wants("ours_pg"):
        with cluster(durable=True) as postgres:
            urls = [postgres.create_database(name) for name in ("ours", "peer")]
            found["postgresql"] = measure("PostgreSQL", urls[0], urls[1], repetitions)
    return found


def measure(name: str, url: str, peer: str, repetitions: int) -> dict[str, Any]:
    noise, wanted = Noise(), goals(name)
    migrate(url)
    with plain_engine(url) as engine, engine.begin() as connection:
        crowd.fill(connection)
        crowd.add_pending(connection, 1, FEW)
    tidy(url)
    with reminders(url) as ours:
        ours.ask(burst=SOME)  # statements and caches are ready
        before, few = ours.ask(rss=True), ours.ask(idle=LOOKS)
        with plain_engine(url) as engine, engine.begin() as connection:
            crowd.add_pending(connection, FEW + 1, PENDING)
        tidy(url)
        idle = []
        some: list[float] = []
        late: list[float] = []
        many: list[float] = []
        lost = 0
        for _ in range(repetitions):
            noise.sample()
            idle.append(ours.ask(idle=LOOKS))
            burst = ours.ask(burst=SOME)
            some.append(burst["p99"])
            lost += burst["lost"]
            late.append(p99(apscheduler(peer)))
            burst = ours.ask(burst=MANY)
            many.append(burst["last"])
            lost += burst["lost"]
        after = ours.ask(rss=True)
    ours_ms, peer_ms = statistics.median(some) * 1e3, statistics.median(late) * 1e3
    print(f"  {name:<11} 1,000 due at once: p99 {ours_ms:,.0f} ms late; APScheduler {peer_ms:,.0f} ms")
    print(f"  {name:<11} idle look {few * 1e6:,.0f} µs with 1,000 pending, {statistics.median(idle) * 1e6:,.0f} µs with 1,000,000")
    told = [
        wanted["some"].tell([each * 1e3 for each in some]),
        wanted["many"].tell(many),
        wanted["lost"].tell([lost]),
        wanted["growth"].tell([after - before]),
        wanted["idle"].tell([each / few for each in idle]),
        wanted["peer"].tell(ratios(late, some)),
    ]
    return {
        "some": some,
        "many": many,
        "apscheduler": late,
        "rss_mb": [before, after],
        "idle": [few, *idle],
        "goals": told,
        "noise": noise.tell(),
    }


def p99(late: list[float]) -> float:
    return sorted(late)[int(len(late) * 0.99)]


def tidy(url: str) -> None:
    """What a database does by itself sooner or later, so that it does not do it while we look."""
    with plain_engine(url) as engine, engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ["PRAGMA wal_checkpoint(TRUNCATE)"] if url.startswith("sqlite") else ["VACUUM ANALYZE", "CHECKPOINT"]:
            connection.execute(text(statement))


class Reminders:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise RuntimeError(f"the reminders ended instead of answering {order}")
        return json.loads(answer)


@contextmanager
def reminders(url: str) -> Iterator[Reminders]:
    """Ours, in a process of its own from here to the end of the block."""
    command = [sys.executable, "-m", "benchmarks.peers.due_table", url, KEY]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Reminders(process)
        assert process.stdin is not None
        process.stdin.close()


def apscheduler(url: str) -> list[float]:
    """How late each of 1,000 jobs began, in seconds."""
    command = [sys.executable, "-m", "benchmarks.peers.due_apscheduler", url, str(SOME)]
    late: list[float] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return late
