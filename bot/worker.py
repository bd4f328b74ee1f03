"""The writer: one thread, one connection, one commit for all that waits.

Everything that changes the database comes through here: updates to be stored, stored updates to be handled, acts of pages,
jobs and commands, claims and outcomes of the delivery. Each round takes what there is, gives each act a savepoint of its
own, and commits once; whoever waits is told after the commit. (design §2.2)
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from aiogram.types import Update
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from conference.model.errors import LianxiError, RuleBroken
from conference.model.people import Actor
from storage import inbox, people
from storage.engine import Database, is_away
from storage.inbox import Arrival
from storage.outbox import Ready
from storage.sealed import Unopenable
from storage.unit_of_work import Transaction, Unit

from .clock import Clock
from .conversing import Conversing, tell_operators
from .crash import crash
from .metrics import Metrics

log = structlog.get_logger("worker")

MOST = 128  # updates in one commit: a bound on how long one person waits for another
BUSY = 8  # updates in a commit after which others may join the next: what a commit costs by itself is the same for one as for ten
GATHER = 0.0005  # seconds in which others must come for it to go on
GATHERED = 12  # times that, at the most
AWAY_PAUSE = 1.0  # seconds between tries to reach a database that went away
STOP_PATIENCE = 3.0  # seconds for the last commit when asked to stop
LOOK_AGAIN = 1.0  # seconds after which an idle worker looks for rows of other processes and for retries

T = TypeVar("T")
Call = tuple[str, dict[str, Any]]


class DatabaseAway(LianxiError):
    """The database cannot be reached now; nothing was stored."""


@dataclass(slots=True)
class Job:
    """Something to be done in the next commit. `run` gets the transaction; `done` is told its value after the commit."""

    run: Callable[[Transaction], Any]
    done: asyncio.Future[Any]
    arrivals: Sequence[Arrival] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """What a verb raised: its act is undone, those of its neighbours stand."""

    error: BaseException


@dataclass(slots=True)
class Round:
    """What one commit brought, for those on the main loop who wait for it."""

    answers: list[tuple[asyncio.Future[Any], Any]] = field(default_factory=list)
    ready: list[Ready] = field(default_factory=list)
    told_many: bool = False
    calls: list[Call] = field(default_factory=list)
    next_due: datetime | None = None
    handled: int = 0  # updates that ended well


class Desk:
    """The door to the database. `after_commit` (on the main loop) gets each Round."""

    def __init__(self, database: Database, clock: Clock, conversing: Conversing, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._conversing = conversing
        self._metrics = metrics
        self._jobs: deque[Job] = deque()
        self._bell = threading.Event()
        self._stopping = False
        self._inbox_waits = True
        self._retrying = False
        self._look_at = 0.0  # when the inbox is looked at again whatever rings, on the monotonic clock
        self._careful_until = 0
        self._crowd = 0  # updates stored or handled by the last commit
        self.away = False
        self.idle = threading.Event()
        self.connections = 0  # made so far: after each, a commit whose answer was lost may stand
        self.after_commit: Callable[[Round], None] = lambda _: None
        self.goes_at_once: Callable[[int, int], bool] = lambda account, lane: False
        self.on_death: Callable[[BaseException], None] = lambda _: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.thread = threading.Thread(target=self._live, name="worker", daemon=True)

    # -- from the main loop

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.thread.start()

    async def stop(self) -> None:
        """Finish what waits, then end; a database that does not answer is not waited for."""
        self._stopping = True
        self._bell.set()
        await asyncio.to_thread(self.thread.join, STOP_PATIENCE)
        if self.thread.is_alive():
            log.error("worker_still_busy", remedy="what it was about to write is rolled back when the process ends")

    async def store(self, arrivals: Sequence[Arrival]) -> None:
        """Returns once the updates are committed. Raises DatabaseAway."""
        await self._enqueue(lambda _: None, arrivals)

    async def act(self, verb: Callable[[Unit], T]) -> T:
        """Run a verb in a unit of its own; returns its value after the commit. Raises what the verb raises, or DatabaseAway."""

        def in_a_unit(transaction: Transaction) -> T | Raised:
            unit = Unit(transaction, f"a{secrets.token_hex(8)}")
            try:
                value = verb(unit)
                unit.succeed()
            except Exception as error:
                unit.fail()
                if is_away(error):
                    raise
                return Raised(error)
            return value

        value: T = await self._enqueue(in_a_unit)
        return value

    async def write(self, run: Callable[[Transaction], T]) -> T:
        """Run plain statements in the next commit, without a savepoint: if they fail, the whole round is done again without them."""
        value: T = await self._enqueue(run)
        return value

    async def _enqueue(self, run: Callable[[Transaction], Any], arrivals: Sequence[Arrival] = ()) -> Any:
        if self.away and arrivals:
            raise DatabaseAway("the database is away")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.idle.clear()
        self._jobs.append(Job(run, done, arrivals))
        self._bell.set()
        return await done

    def look(self) -> None:
        """Wake up: something may have changed outside (another process, the clock)."""
        self._inbox_waits = True
        self.idle.clear()
        self._bell.set()

    # -- the thread

    def _live(self) -> None:
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._work())
        except BaseException as error:
            log.critical("worker_died", error=type(error).__name__, exc_info=error)
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self.on_death, error)
        finally:
            loop.close()

    async def _work(self) -> None:
        connection: Connection | None = None
        failures = 0  # rounds in a row
        try:
            while True:
                if not (self._jobs or self._inbox_waits):
                    if self._stopping:
                        break
                    self._tidy(connection)
                    self.idle.set()
                    self._bell.wait(max(0.0, self._look_at - time.monotonic()) if self._looks_by_itself else None)
                if self._looks_by_itself and time.monotonic() >= self._look_at:
                    self._inbox_waits = True
                self._let_others_join()
                self._bell.clear()
                self.idle.clear()
                jobs = [self._jobs.popleft() for _ in range(min(len(self._jobs), 4 * MOST))]
                try:
                    if connection is None:
                        connection = self._connect()
                    await self._round(connection, jobs)
                    self.away, failures = False, 0
                except Exception as error:  # noqa: BLE001 -- told away from broken below, and never swallowed
                    if connection is not None:
                        with suppress(Exception):
                            connection.rollback()
                        if not is_away(error) and await self._one_by_one(connection, jobs, error):
                            if self._stopping and not self._jobs:
                                break
                            failures += 1
                            self._bell.wait(min(AWAY_PAUSE, 0.005 * 2 ** min(failures, 10)))  # what fails each time must not spin
                            continue
                    log.error("database_away", error=type(error).__name__)
                    self.away = True
                    if connection is not None:
                        with suppress(Exception):
                            connection.invalidate()
                            connection.close()
                    connection = None
                    self._send_away(jobs)
                    if self._stopping:
                        break
                    self._bell.wait(AWAY_PAUSE)
        finally:
            if connection is not None:
                connection.close()

    def _tidy(self, connection: Connection | None) -> None:
        """What a database has to do at times, while nobody waits."""
        if connection is None:
            return
        try:
            self._database.tidy(connection)
        except sqlite3.Error as error:
            log.warning("log_not_copied", error=str(error))

    def _let_others_join(self) -> None:
        """As long as more keep coming. Blocks this thread, like all it does: whoever waits here waits for the commit, and the main
        loop, which brings the others, goes on meanwhile."""
        if self._crowd < BUSY:
            return
        for _ in range(GATHERED):
            there = len(self._jobs)
            time.sleep(GATHER)
            if len(self._jobs) == there:
                return

    @property
    def _looks_by_itself(self) -> bool:
        """Whether there may be something in the inbox that nobody rings for: a retry, or another process's rows."""
        return self._retrying or not self._database.is_sqlite

    def _connect(self) -> Connection:
        connection = self._database.writer.connect()
        self.connections += 1
        self._inbox_waits = self._retrying = True
        try:
            pending = inbox.last_pending(connection, self._conversing.door.bot)
            connection.rollback()
        except Exception:
            connection.close()
            raise
        # What waited before this process began may be what killed the one before: such updates are tried one at a time.
        self._careful_until = max(self._careful_until, pending or 0)
        return connection

    def _send_away(self, jobs: Sequence[Job]) -> None:
        """Arrivals are refused (the channel repeats them); all else waits until the database is back."""
        waiting = [job for job in jobs if not job.arrivals]
        refused = Round(answers=[(job.done, Raised(DatabaseAway("the database is away"))) for job in jobs if job.arrivals])
        self._jobs.extendleft(reversed(waiting))
        self._tell(refused)

    async def _round(self, connection: Connection, jobs: Sequence[Job]) -> None:
        at = self._clock.now()
        result = Round()
        handled: list[inbox.Waiting] = []
        transaction = Transaction(connection, self._database.sealer, at, self._database.conferences)
        transaction.goes_at_once = self.goes_at_once
        if self._inbox_waits:
            self._inbox_waits = False
            self._look_at = time.monotonic() + LOOK_AGAIN
            handled = await self._handle_waiting(transaction, result)
        for job in jobs:
            if not job.arrivals:
                result.answers.append((job.done, job.run(transaction)))
        self._store([job for job in jobs if job.arrivals], transaction, result)
        result.next_due = min((row["due_at"] for row in transaction.due_rows), default=None)
        transaction.flush()
        crash("before_commit")
        connection.commit()
        crash("after_commit")
        result.ready, result.told_many = transaction.ready, transaction.told_many
        result.calls += transaction.calls
        self._metrics.commits.inc()
        self._metrics.handled.inc(result.handled)
        self._crowd = len(handled) + sum(len(job.arrivals) for job in jobs)
        for row in handled:
            self._metrics.lag.observe(max(0.0, (at - row.received_at).total_seconds()))
        self._tell(result)

    def _store(self, jobs: Sequence[Job], transaction: Transaction, result: Round) -> None:
        arrivals = [arrival for job in jobs for arrival in job.arrivals]
        if not arrivals:
            return
        crash("before_store")
        for alarm in inbox.store(transaction.connection, self._database.sealer, arrivals, transaction.at):
            log.error("same_id_other_body", update_id=alarm.update_id)
            self._metrics.alarms.labels("same_id_other_body").inc()
            unit = Unit(transaction, f"x{secrets.token_hex(8)}")
            tell_operators(unit, "same_id_other_body", str(alarm.update_id))
            unit.succeed()
        self._inbox_waits = True
        result.answers += [(job.done, None) for job in jobs]

    async def _handle_waiting(self, transaction: Transaction, result: Round) -> list[inbox.Waiting]:
        at, connection = transaction.at, transaction.connection
        careful = self._careful_until > 0  # then what was counted by begin_try is one more than row.attempts
        held = inbox.held_back(connection, at) if self._retrying else set()
        self._retrying = bool(held)
        rows = inbox.waiting(connection, self._database.sealer, self._conversing.door.bot, at, 1 if careful else MOST, held)
        if not rows or (careful and rows[0].id > self._careful_until):
            self._careful_until = 0
        if not rows:
            return []
        # On PostgreSQL part of a full batch may be another process's.
        self._inbox_waits = len(rows) >= (MOST if self._database.is_sqlite else MOST // 8) or careful
        if careful and not self._count_try(transaction, rows[0]):
            return rows
        parsed = [(row, self._parse(row)) for row in rows]
        senders = [p[1] for _, p in parsed if not isinstance(p, Exception) and p[1] is not None]
        actors = self._recognise(transaction, senders)
        waits: set[bytes] = set()  # whose earlier update failed just now: nothing of theirs overtakes it
        for row, found in parsed:
            if row.sender_index in waits:
                continue
            if transaction.people_changed:
                transaction.people_changed = False
                actors = self._recognise(transaction, senders)
            if not await self._handle(transaction, row, found, actors, result):
                waits.add(row.sender_index)
        return rows

    def _count_try(self, transaction: Transaction, row: inbox.Waiting) -> bool:
        """Commit the count of a try before it is made, so that an update which kills the process is counted. False: it is set aside."""
        if row.attempts >= inbox.MAX_ATTEMPTS:
            self._set_aside(transaction, row, row.attempts, "it ended the process each time", None)
            return False
        connection = transaction.connection
        inbox.begin_try(connection, row.id)
        connection.commit()  # nothing else is in this transaction yet; the person's lock ended with it
        return inbox.retake(connection, row)

    def _parse(self, row: inbox.Waiting) -> tuple[Update, people.Sender | None, Call | None] | Exception:
        try:
            return self._conversing.parse(row.body)
        except Exception as error:  # noqa: BLE001 -- an update that cannot be read fails like one that cannot be handled
            return error

    def _recognise(self, transaction: Transaction, senders: Sequence[people.Sender]) -> dict[int, Actor]:
        if not senders:
            return {}
        each = {sender.address: sender for sender in senders}
        door = self._conversing.door
        actors = people.recognise(transaction.connection, self._database.sealer, door, list(each.values()), transaction.at)
        transaction.addressees |= {actor.account_id: (address, actor.language) for address, actor in actors.items()}
        with suppress(Unopenable):  # then each is read when it is used, and fails alone
            transaction.load_conversations({actor.account_id for actor in actors.values()})
        return actors

    async def _handle(self, transaction: Transaction, row: inbox.Waiting, parsed: Any, actors: dict[int, Actor], result: Round) -> bool:
        """False: it failed, and waits for its next try."""
        actor = None
        unit = Unit(transaction, f"u{row.id}")
        call: Call | None
        try:
            if isinstance(parsed, Exception):
                raise parsed
            update, sender, call = parsed
            if sender is not None:
                actor = actors[sender.address]
                crash("in_handler")
                try:
                    call = await self._conversing.handle(unit, update, actor)
                except RuleBroken as broken:
                    unit.fail()
                    unit = Unit(transaction, f"u{row.id}")
                    call = self._conversing.refuse(unit, update, actor, broken)
            unit.succeed()
        except Exception as error:
            unit.fail()
            if is_away(error):
                raise
            log.warning("update_failed", row=row.id, attempt=row.attempts + 1, error=type(error).__name__, exc_info=error)
            return self._failed(transaction, row, error, actor)
        transaction.finished.append(row.id)
        result.handled += 1
        if call is not None:
            result.calls.append(call)
        return True

    def _failed(self, transaction: Transaction, row: inbox.Waiting, error: Exception, actor: Actor | None) -> bool:
        """True: that was its last try, and it is set aside."""
        attempts = row.attempts + 1
        if attempts >= inbox.MAX_ATTEMPTS:
            self._set_aside(transaction, row, attempts, type(error).__name__, actor)
            return True
        inbox.fail(transaction.connection, row.id, attempts, type(error).__name__, transaction.at)
        self._retrying = True
        self._metrics.updates.labels("retried").inc()
        return False

    def _set_aside(self, transaction: Transaction, row: inbox.Waiting, attempts: int, why: str, actor: Actor | None) -> None:
        inbox.fail(transaction.connection, row.id, max(attempts, inbox.MAX_ATTEMPTS), why, transaction.at)
        log.error("update_set_aside", row=row.id, error=why)
        self._metrics.updates.labels("set_aside").inc()
        unit = Unit(transaction, f"u{row.id}.aside")
        tell_operators(unit, "update_set_aside", f"inbox:{row.id}", why)
        if actor is None and (sender := self._conversing.speaker(row.body)) is not None:
            actor = self._recognise(transaction, [sender])[sender.address]
        if actor is not None:
            self._conversing.apologise(unit, actor, str(row.id))
        unit.succeed()

    async def _one_by_one(self, connection: Connection, jobs: list[Job], error: BaseException) -> bool:
        """The whole round failed, and not because the database is away: somebody in it is to blame. Try each alone.

        False: now the database is away; the jobs that are left were not tried.
        """
        log.error("round_failed", jobs=len(jobs), error=type(error).__name__, exc_info=error)
        self._metrics.alarms.labels("round_failed").inc()
        try:
            self._careful_until = inbox.last_pending(connection, self._conversing.door.bot) or 0
            connection.rollback()
            while jobs:
                self._inbox_waits = False
                try:
                    await self._round(connection, jobs[:1])
                except Exception as alone:
                    connection.rollback()
                    if is_away(alone):
                        raise
                    self._tell(Round(answers=[(jobs[0].done, Raised(alone))]))
                del jobs[0]
        except DBAPIError as worse:
            if is_away(worse):
                return False
            raise
        finally:
            self._inbox_waits = True
        return True

    def _tell(self, result: Round) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle, result)

    def _settle(self, result: Round) -> None:
        for done, value in result.answers:
            if done.done():
                continue
            if isinstance(value, Raised):
                done.set_exception(value.error)
            else:
                done.set_result(value)
        self.after_commit(result)
