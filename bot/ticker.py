"""The way of time: sleeps until the next due row, and turns due rows into work, each once.

APScheduler keeps the few calendar-like jobs, in memory; nothing that is due to somebody is ever stored in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Connection

from conference.services import due_work
from storage import conversations, due, inbox, nudges, outbox
from storage.engine import is_away
from storage.unit_of_work import Transaction, Unit

from .clock import Clock
from .conversing import tell_operators
from .worker import Desk

log = structlog.get_logger("ticker")

MOST = 1_000  # due rows in one commit: a bound on how long an answer waits, some 25 ms
LONGEST_SLEEP = 1.0  # seconds: another process may write an earlier row
INBOX_KEPT = timedelta(days=7)  # the channel repeats for a day; its ids may be random for a week
OUTBOX_KEPT = timedelta(days=90)
TALKS_KEPT = timedelta(days=30)


class Ticker:
    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._bell = asyncio.Event()
        self._earliest: datetime | None = None
        self.is_quiet = False
        clock.listen(lambda _: self.wake())

    def wake(self) -> None:
        """The clock was moved, or an earlier row was written."""
        self.is_quiet = False
        self._bell.set()

    def expect(self, due_at: datetime | None) -> None:
        """A row that is due then has been written."""
        if due_at is not None and (self._earliest is None or due_at < self._earliest):
            self._earliest = due_at
            self.wake()

    async def run(self) -> None:
        while True:
            self._bell.clear()
            more = True
            while more:
                more, self._earliest = await self._desk.write(self._tick)
            self.is_quiet = not self._bell.is_set()
            wait = LONGEST_SLEEP
            if self._earliest is not None:
                wait = min(wait, max(0.0, (self._earliest - self._clock.now()).total_seconds()))
            try:
                async with asyncio.timeout(wait):
                    await self._bell.wait()
            except TimeoutError:
                continue

    def _tick(self, transaction: Transaction) -> tuple[bool, datetime | None]:
        """Do what is due, at most MOST rows and about as many messages. Returns whether there is more, and when the next is due."""
        connection, at = transaction.connection, transaction.at
        transaction.conferences.refresh(connection)  # another process may have loaded a profile
        earliest = due.earliest(connection)
        if earliest is None or earliest > at:
            return False, earliest
        rows = due.fallen_due(connection, at, MOST + 1)
        done, more = list[int](), len(rows) > MOST
        whole = not more and due.count_fallen(connection, at) == len(rows)
        for group in _grouped(rows[:MOST]):
            if len(transaction.outbox_rows) >= MOST:
                more = True
                break
            done += self._do(transaction, group, whole=whole)
        if done:
            due.finish(connection, done, at)
        transaction.flush()
        return more, due.earliest(connection)

    def _do(self, transaction: Transaction, rows: list[due.DueRow], *, whole: bool) -> list[int]:
        """Do these together; if that fails, each alone, so that one does not stop the others. Returns those that are done.

        `whole`: nothing else is due, here or in another bot's hands, so these are all that their conference has of this kind.
        """
        first = rows[0]
        unit = Unit(transaction, f"d{first.id}", first.data.get("conference"))
        try:
            if first.kind in due_work.TOGETHER:
                due_work.run_together(unit, first.kind, rows, whole=whole, at=transaction.at)
            else:
                due_work.run(unit, first.kind, first.subject, first.data, at=transaction.at)
            unit.succeed()
        except Exception as error:
            unit.fail()
            if is_away(error):
                raise
            if len(rows) > 1:
                return [row for each in rows for row in self._do(transaction, [each], whole=False)]
            self._failed(transaction, first, error)
            return []
        return [row.id for row in rows]

    def _failed(self, transaction: Transaction, row: due.DueRow, error: Exception) -> None:
        log.error("due_work_failed", row=row.id, kind=row.kind, attempt=row.attempts + 1, error=type(error).__name__, exc_info=error)
        if due.fail(transaction.connection, row, type(error).__name__, transaction.at):
            unit = Unit(transaction, f"d{row.id}.aside")
            tell_operators(unit, "due_set_aside", f"due:{row.id}", type(error).__name__)
            unit.succeed()


def next_moment(connection: Connection, at: datetime) -> datetime | None:
    """When something happens by itself next: a row falls due, or a message that was held may go."""
    return min(filter(None, (due.earliest(connection), outbox.next_held(connection, at))), default=None)


def _grouped(rows: Sequence[due.DueRow]) -> list[list[due.DueRow]]:
    """Rows of a kind that is done together, by conference; every other row alone. In order of their first, and of one moment
    what is done together before the rest: a digest of then has the lines of the steps of then."""
    groups: dict[tuple[object, ...], list[due.DueRow]] = {}
    for row in rows:
        together = row.kind in due_work.TOGETHER
        groups.setdefault((row.kind, row.data.get("conference")) if together else (row.id,), []).append(row)
    return sorted(groups.values(), key=lambda group: (group[0].due_at, group[0].kind not in due_work.TOGETHER))


def calendar_jobs(desk: Desk, clock: Clock) -> AsyncIOScheduler:
    """The calendar-like jobs. A job missed while the program was down runs once when it is up."""
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1})

    async def purge() -> None:
        forgotten = await desk.write(lambda t: _purge(t, clock.now()))
        log.info("purged", **forgotten)

    scheduler.add_job(purge, "cron", hour=19, minute=30, id="purge")  # 03:30 in China
    return scheduler


def _purge(transaction: Transaction, at: datetime) -> dict[str, int]:
    connection = transaction.connection
    return {
        "inbox": inbox.purge(connection, at - INBOX_KEPT),
        "outbox": outbox.purge(connection, at - OUTBOX_KEPT),
        "due": due.purge(connection, at - OUTBOX_KEPT),
        "nudges": nudges.purge(connection, at - OUTBOX_KEPT),
        "conversations": conversations.purge(connection, at - TALKS_KEPT),
    }
