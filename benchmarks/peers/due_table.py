"""Our reminders at work: the real worker and ticker on one database, nobody else and no channel.

Orders come on stdin, a JSON object a line, and each is answered by a line: {"burst": people},
{"idle": ticks}, {"rss": true}. A reminder is fired when the message that says it is committed in the outbox.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from array import array
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psutil  # type: ignore[import-untyped]  # ships no types
from sqlalchemy import bindparam, func, select

from benchmarks import crowd
from bot.conversing import Conversing
from bot.interpreter import settle
from bot.logs import set_up_logs
from bot.metrics import Metrics
from bot.nursery import Nursery
from bot.ticker import Ticker
from bot.worker import Desk, Round
from handlers.buttons import Signer
from sandbox.clock import Clock
from storage.engine import Database
from storage.mapping import map_entities
from storage.receipts import ReceiptMaker
from storage.sealed import Sealer
from storage.tables import outbox
from storage.unit_of_work import Transaction

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)  # by day on a working day: what falls due is said at once
AHEAD = timedelta(seconds=0.5)
"""From the commit of the rows to the moment at which they fall due."""
PATIENCE = 120.0
"""Seconds without a message after which what has not come is lost."""


_SAID = select(func.coalesce(func.max(outbox.c.id), bindparam("last")), func.count()).where(outbox.c.id > bindparam("last"))


class Reminders:
    def __init__(self, url: str, key: str) -> None:
        map_entities()
        self._database = Database(url, Sealer(key), [crowd.slug(0)], ZONE)
        known, sealer = self._database.conferences, self._database.sealer
        with self._database.reader.connect() as connection:
            known.refresh(connection)
        for number in range(crowd.CONFERENCES):
            known.profile(crowd.slug(number))  # read once, as on any day but the first
        self._clock = Clock(NOON)
        signer, self._receipts = Signer(sealer.button_keys), ReceiptMaker(sealer.index("receipt", "salt"))
        conversing = Conversing(f"{crowd.BOT}:token", known, ZONE, signer, self._receipts, full_disclosure=False)
        self._desk = Desk(self._database, self._clock, conversing, Metrics())
        self._ticker = Ticker(self._desk, self._clock)
        self._desk.after_commit = self._committed
        self._fired = array("d")  # seconds after NOON, one for each message
        self._last = 0  # the newest message seen
        self._bursts = 0

    def _committed(self, result: Round) -> None:
        if result.told_many:
            now = self._seconds(self._clock.now())
            with self._database.reader.connect() as connection:
                last, said = connection.execute(_SAID, {"last": self._last}).one()
            self._fired.extend([now] * said)
            self._last = last
        self._ticker.expect(result.next_due)

    @staticmethod
    def _seconds(at: datetime) -> float:
        return (at - NOON).total_seconds()

    async def serve(self) -> None:
        self._desk.start()
        settle(self._desk.thread)  # as a desk does when it serves
        nursery = Nursery()
        nursery.start(self._ticker.run(), "ticker")
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await self._do(**json.loads(line))), flush=True)
        await nursery.close()
        await self._desk.stop()
        self._receipts.close()
        self._database.close()

    async def _do(self, burst: int = 0, idle: int = 0, rss: bool = False) -> Any:
        if burst:
            return await self._burst(burst)
        if idle:
            return await self._idle(idle)
        return psutil.Process().memory_info().rss / 1e6 if rss else None

    async def _burst(self, number: int) -> dict[str, float]:
        """So many people are to be reminded at one moment; seconds from it to the commits of what is said to them."""
        self._fired = array("d")
        self._bursts += 1
        due_at = self._clock.now() + AHEAD + timedelta(seconds=number / 10_000)  # all are written by then
        await self._desk.write(lambda t: crowd.add_at_once(t.connection, self._bursts, number, due_at))
        if self._clock.now() >= due_at:
            raise RuntimeError("the rows were not written before they were due")
        self._ticker.expect(due_at)
        seen, until = 0, time.monotonic() + PATIENCE
        while len(self._fired) < number and time.monotonic() < until:
            await asyncio.sleep(0.01)
            if len(self._fired) > seen:
                seen, until = len(self._fired), time.monotonic() + PATIENCE
        p99, last = self._fired[int(len(self._fired) * 0.99)], self._fired[-1]
        return {"p99": p99 - self._seconds(due_at), "last": last - self._seconds(due_at), "lost": number - len(self._fired)}

    async def _idle(self, ticks: int) -> float:
        """Seconds of the worker's time that a look takes which finds nothing, the mean of so many."""

        def look(transaction: Transaction) -> float:
            began = time.perf_counter()
            for _ in range(ticks):
                self._ticker._tick(transaction)
            return (time.perf_counter() - began) / ticks

        return await self._desk.write(look)


if __name__ == "__main__":
    set_up_logs(readable=False)
    asyncio.run(Reminders(*sys.argv[1:]).serve())
