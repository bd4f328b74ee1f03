"""The way of time: sleeps until the next due row, and turns due rows into work, each once.

APScheduler keeps the few calendar-like jobs, in memory; nothing that is due to somebody is ever stored in it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from conference.services import due_work
from storage import conversations, due, inbox, outbox
from storage.engine import is_away
from storage.unit_of_work import Transaction, Unit

from .clock import Clock
from .conversing import tell_operators
from .worker import Desk

log = structlog.get_logger("ticker")

MOST = 500  # due rows in one commit
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
        """Do what is due, at most MOST rows. Returns whether there is more, and when the next is due."""
        connection, at = transaction.connection, transaction.at
        transaction.conferences.refresh(connection)  # another process may have loaded a profile
        earliest = due.earliest(connection)
        if earliest is None or earliest > at:
            return False, earliest
        rows = due.fallen_due(connection, at, MOST)
        done = []
        for row in rows:
            unit = Unit(transaction, f"d{row.id}", row.data.get("conference"))
            try:
                due_work.run(unit, row.kind, row.subject, row.data, at=at)
                unit.succeed()
            except Exception as error:
                unit.fail()
                if is_away(error):
                    raise
                self._failed(transaction, row, error)
            else:
                done.append(row.id)
        if done:
            due.finish(connection, done, at)
        transaction.flush()
        return len(rows) == MOST, due.earliest(connection)

    def _failed(self, transaction: Transaction, row: due.DueRow, error: Exception) -> None:
        log.error("due_work_failed", row=row.id, kind=row.kind, attempt=row.attempts + 1, error=type(error).__name__, exc_info=error)
        if due.fail(transaction.connection, row, type(error).__name__, transaction.at):
            unit = Unit(transaction, f"d{row.id}.aside")
            tell_operators(unit, "due_set_aside", f"due:{row.id}", type(error).__name__)
            unit.succeed()


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
        "conversations": conversations.purge(connection, at - TALKS_KEPT),
    }
