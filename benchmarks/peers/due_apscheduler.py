"""APScheduler with its jobs in a database, as whoever reminds people with it would run it: so many jobs that are due at one moment.

Two settings are not at their default, for otherwise it would lose jobs: nothing is dropped for being late (`misfire_grace_time`)
and as many may run at once as there are. Prints how late each job began, in seconds. A job does nothing: nothing is stored.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

AHEAD = 0.5
PATIENCE = 120.0
SLOWEST = 0.005
"""Seconds to add a job, with room."""
_late: list[float] = []


async def fire(due_at: float) -> None:
    _late.append(time.time() - due_at)


async def burst(url: str, jobs: int) -> list[float]:
    defaults = {"misfire_grace_time": None, "coalesce": True}
    scheduler = AsyncIOScheduler(jobstores={"default": SQLAlchemyJobStore(url)}, job_defaults=defaults, timezone=UTC)
    scheduler.start(paused=True)  # while jobs are added, it would look at the store after each
    due_at = time.time() + jobs * SLOWEST + AHEAD  # all are added by then
    for number in range(jobs):
        scheduler.add_job(fire, "date", run_date=datetime.fromtimestamp(due_at, UTC), args=[due_at], id=f"job{number}")
    scheduler.resume()
    async with asyncio.timeout(PATIENCE):
        while len(_late) < jobs:  # noqa: ASYNC110 - a job has no bell that would not cost it time
            await asyncio.sleep(0.01)
    scheduler.shutdown(wait=False)
    return _late


if __name__ == "__main__":
    print(json.dumps(asyncio.run(burst(sys.argv[1], int(sys.argv[2])))))
