"""The way out: rows of the outbox, claimed, checked again, put into words, paced, sent, proven.

A row is claimed (SENDING) before its call, so a row found in SENDING after a crash may have arrived: it is sent again and
says that it may be a repeat, or is dropped if it was only a menu. Most rows are written as claimed, because nothing stands
in their way (docs/decisions/0013), and are sent as soon as they are committed. One loop claims the others and writes how
calls ended, in the worker's next commit; up to `WINDOW` calls are under way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from conference.model.errors import LianxiError
from conference.model.told import IncidentOpened, Lane, NoticeSent, Told
from conference.services import conditions, notice_boards, reminders
from handlers.buttons import Signer
from handlers.messages import Message
from storage import incidents, outbox
from storage.outbox import Claimed, Outcome, Ready
from storage.tables import NEW, SENDING, SENT, UNDELIVERABLE, WITHDRAWN
from storage.unit_of_work import Transaction, Unit

from .clock import Clock
from .conversing import Conversing, tell_operators
from .crash import crash
from .metrics import Metrics
from .nursery import Nursery
from .pacing import Pacer
from .queues import FULL, Queues
from .sending import Verdict, as_call, judge, reach_after, sent
from .telegram import Refused, Telegram, TelegramError
from .worker import Desk

log = structlog.get_logger("delivery")

Ended = tuple[Outcome, Claimed, TelegramError | None, Verdict]

WINDOW = 64  # calls under way: 30 a second times two seconds of answer
REFILL = 1.0  # seconds between looks for rows that other processes wrote
WORDED = 32  # things said to many whose words are remembered, by language
RETRY_LOUD = 5  # tries after which a row that cannot be sent is an incident


class Delivery:
    def __init__(
        self,
        desk: Desk,
        telegram: Telegram,
        conversing: Conversing,
        signer: Signer,
        clock: Clock,
        nursery: Nursery,
        metrics: Metrics,
        pacer: Pacer,
    ) -> None:
        self._desk = desk
        self._telegram = telegram
        self._conversing = conversing
        self._signer = signer
        self._clock = clock
        self._nursery = nursery
        self._metrics = metrics
        self._pacer = pacer
        self._queues = Queues(pacer)
        self._born: dict[int, Claimed] = {}  # written as claimed, not sent yet
        self._to_claim: list[tuple[int, int]] = []  # (row, account), taken from the queues
        self._outcomes: list[Ended] = []
        self._returned: list[int] = []  # claimed, and yet not to be sent now
        self._ours: set[int] = set()  # rows in SENDING that this process knows of
        self._connections = 0  # of the desk, when rows in doubt were last looked for
        self._worded: dict[tuple[int | None, str, str | None, bool], Message] = {}
        self._bell = asyncio.Event()
        self._flying = 0
        self._fleeting = 0
        self._stopping = False
        self._look_at = 0.0  # when rows of other processes are looked for again, on the loop's clock
        self._may_be_in_trouble = True  # an incident of the channel may be open, until something is sent
        self.leads = False
        clock.listen(lambda _: self._look())

    # -- from outside

    def offer(self, rows: Sequence[Ready], *, more: bool = False) -> None:
        """Rows that were committed; `more`: and others with them, too many to name."""
        if more:
            self._queues.look_again()
            self._bell.set()
        if rows and self.leads:
            born = {row.id: row.claimed for row in rows if row.claimed is not None}
            self._born |= born
            self._ours |= born.keys()
            self._queues.offer(rows)
            self._take()
            self._bell.set()  # what cannot go yet may need a refill, or another time to wake

    def _look(self) -> None:
        """The clock was moved: what was held until then may go."""
        self._queues.look_again()
        self._bell.set()

    def goes_at_once(self, account: int, lane: int) -> bool:
        """Whether a row written now may be written as claimed. Asked by the worker's thread; order and pace do not hang on the answer."""
        if not self.leads or self._stopping or self._connections != self._desk.connections:
            return False
        return self._queues.goes_at_once(account, lane, time.monotonic())

    def call_fleeting(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Best effort and not recorded: the end of a button's spinner, leaving a group."""
        for method, params in calls:
            self._fleeting += 1
            self._nursery.start(self._call_fleeting(method, params), f"fleeting {method}")

    async def _call_fleeting(self, method: str, params: dict[str, Any]) -> None:
        try:
            await self._telegram.call(method, **params)
        except TelegramError as error:
            log.info("fleeting_call_failed", error=str(error))
        finally:
            self._fleeting -= 1
            self._bell.set()

    @property
    def is_quiet(self) -> bool:
        """Nothing may go now, nothing is under way, nothing waits to be written."""
        if (
            self._queues.under_way
            or self._fleeting
            or len(self._ours) > len(self._born)
            or not self.leads
            or self._queues.lanes_to_refill()
        ):
            return False
        now = asyncio.get_running_loop().time()
        later = self._queues.next_time(now)
        return not len(self._queues) or (later is not None and later > now)

    async def stop(self, patience: float) -> None:
        """Send nothing new; wait for what is under way and write how it ended."""
        self._stopping = True
        deadline = asyncio.get_running_loop().time() + patience
        if not self._desk.away:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._desk.write(lambda _: None)  # after it, no commit brings rows that were written as claimed
        self._returned += self._born
        self._born.clear()
        self._bell.set()
        while (self._flying or self._returned or self._outcomes) and asyncio.get_running_loop().time() < deadline:
            self._bell.set()
            await asyncio.sleep(0.01)

    # -- the loop

    async def run(self) -> None:
        await self._recover()
        self.leads = True
        while True:
            loop = asyncio.get_running_loop()
            if self._connections != self._desk.connections:
                await self._recover()
            if loop.time() >= self._look_at:  # not only when idle: other processes write while this one is busy
                self._queues.look_again()
                self._look_at = loop.time() + REFILL
            if lanes := self._queues.lanes_to_refill():
                await self._refill(lanes)
            self._take()
            if self._to_claim or self._returned or self._outcomes:
                taken, self._to_claim = self._to_claim, []
                returned, self._returned = self._returned, []
                outcomes, self._outcomes = self._outcomes, []
                await self._write(outcomes, returned, taken)
                continue
            await self._sleep(loop.time())

    def _take(self) -> None:
        """Who may go now: what was written as claimed is sent, the rest is left to the loop to be claimed."""
        now = asyncio.get_running_loop().time()
        room = 0 if self._stopping else WINDOW - self._flying - len(self._to_claim)
        for row, account in self._queues.take(now, room):
            if (claimed := self._born.pop(row, None)) is not None:
                self._start(claimed)
            else:
                self._to_claim.append((row, account))

    def _start(self, row: Claimed) -> None:
        crash("claimed")
        self._flying += 1
        self._nursery.start(self._send(row), "send")

    async def _sleep(self, now: float) -> None:
        later = self._queues.next_time(now)
        wait = REFILL if later is None or self._stopping else min(REFILL, max(0.0, later - now))
        try:
            async with asyncio.timeout(wait):  # not wait_for: in Python 3.11 it can swallow a cancellation
                await self._bell.wait()
        except TimeoutError:
            self._pacer.forget_idle(now)
        self._bell.clear()

    async def _recover(self) -> None:
        """Rows in SENDING that nobody knows of, because a process died or a commit's answer was lost: in doubt."""
        connections = self._desk.connections

        def settle(transaction: Transaction) -> int:
            doubtful = [row for row in outbox.in_doubt(transaction.connection, self._telegram.bot_id) if row not in self._ours]
            rows = outbox.look(transaction.connection, doubtful, state=SENDING)
            outcomes = []
            unit = Unit(transaction, f"recover.{transaction.at.timestamp():.6f}.{doubtful[:1]}")
            for row in rows:
                try:
                    claimed = outbox.open_row(transaction.sealer, row, row.edits)
                except LianxiError as error:
                    outcomes.append(self._unreadable(unit, row.id, error))
                    continue
                menu = claimed.record.fleeting and row.edits is None
                state = WITHDRAWN if menu else NEW
                outcomes.append(Outcome(row.id, state, error="in doubt after a crash", in_doubt=not menu))
            if outcomes:
                outbox.finish(transaction.connection, outcomes, transaction.at)
            unit.succeed()
            return len(outcomes)

        found = await self._desk.write(settle)
        self._connections = connections
        if found:
            log.warning("rows_in_doubt", rows=found)
            self._metrics.deliveries.labels("in_doubt").inc(found)

    async def _refill(self, lanes: dict[int, int]) -> None:
        looks = self._queues.looks
        rows = await self._desk.write(lambda t: outbox.ready(t.connection, t.at, after=lanes, most=FULL, bot=self._telegram.bot_id))
        if looks == self._queues.looks:  # else there is more since this look
            for lane in lanes:
                self._queues.whole[Lane(lane)] = sum(row.lane == lane for row in rows) < FULL
        self._queues.offer(rows, loaded=True)

    async def _write(self, ended: list[Ended], returned: list[int], taken: list[tuple[int, int]]) -> None:
        """One commit: how calls ended, what is not sent after all, and what is claimed for the next ones."""
        self._ours |= {row for row, _ in taken}

        def settle_and_claim(transaction: Transaction) -> tuple[list[Claimed], Sequence[Outcome]]:
            if returned:
                outbox.finish(transaction.connection, [Outcome(row, NEW) for row in returned], transaction.at)
            self._settle(transaction, ended)
            return self._claim(transaction, [row for row, _ in taken])

        claimed, refused = await self._desk.write(settle_and_claim)
        now = asyncio.get_running_loop().time()
        for outcome, row, error, verdict in ended:
            self._after(outcome, row, error, verdict, now)
        self._ours.difference_update(returned, (outcome.id for outcome, *_ in ended))
        accounts = dict(taken)
        for row in claimed:
            accounts.pop(row.id)
            self._start(row)
        self._ours -= accounts.keys()
        named = {outcome.id: "held" if outcome.state == NEW else "withdrawn" for outcome in refused}
        for row_id, account in accounts.items():  # withdrawn, unreadable, or held until it may go
            self._pacer.give_back(account)
            self._queues.release(account, now)
            self._metrics.deliveries.labels(named.get(row_id, "gone")).inc()

    def _claim(self, transaction: Transaction, ids: Sequence[int]) -> tuple[list[Claimed], Sequence[Outcome]]:
        """Take these rows, after looking again whether they still make sense and may go at this hour."""
        if not ids:
            return [], []
        rows = [row for row in outbox.look(transaction.connection, ids) if row.bot == self._telegram.bot_id]
        before = outbox.earlier(transaction.connection, {row.replaces for row in rows if row.replaces})
        claimed: list[Claimed] = []
        ended: list[Outcome] = []
        unit = Unit(transaction, f"claim{ids[0]}.{transaction.at.timestamp():.6f}")
        holds: dict[tuple[str, str], bool] = {}  # what is said to many is asked once, and read once
        said: dict[int, Told] = {}
        for row in rows:
            edits = row.edits
            try:
                unit.conference = row.conference or unit.conferences.first
                if row.only_while and (asked := (unit.conference, row.only_while)) not in holds:
                    holds[asked] = conditions.holds(unit, row.only_while, at=transaction.at)
                if row.only_while and not holds[asked]:
                    ended.append(Outcome(row.id, WITHDRAWN, error="no longer so"))
                    continue
                if row.lane == Lane.DIGEST and row.edits is None:  # what changes a message in place rings nobody's telephone
                    may_go = reminders.when_told(unit, transaction.at)
                    if may_go > transaction.at:
                        ended.append(Outcome(row.id, NEW, not_before=may_go))
                        continue
            except (LianxiError, ValueError) as error:
                ended.append(self._unreadable(unit, row.id, error))
                continue
            if row.replaces:
                earlier = before.get(row.replaces)
                if earlier is None or earlier.state != SENT:
                    if earlier is not None and earlier.state == NEW:
                        ended.append(Outcome(earlier.id, WITHDRAWN, error="overtaken"))
                    ended.append(Outcome(row.id, WITHDRAWN, error="nothing to replace"))
                    continue
                edits = earlier.message_id
            try:
                opened = outbox.open_row(transaction.sealer, row, edits, said)
                record = conditions.completed(unit, opened.account_id, opened.record, at=transaction.at)
                if record is None:
                    ended.append(Outcome(row.id, WITHDRAWN, error="no longer so"))
                    continue
                # What is completed for one reader has words of its own, also where it was written to many.
                claimed.append(opened if record is opened.record else replace(opened, record=record, broadcast=None))
            except LianxiError as error:
                ended.append(self._unreadable(unit, row.id, error))
        unit.succeed()
        if claimed:
            outbox.claim(transaction.connection, [row.id for row in claimed])
        if ended:
            outbox.finish(transaction.connection, ended, transaction.at)
        return claimed, ended

    def _unreadable(self, unit: Unit, row_id: int, error: Exception) -> Outcome:
        """A row that was written by another program, or damaged: it must not stop the others."""
        why = type(error).__name__
        tell_operators(unit, "unreadable_row", f"outbox:{row_id}", why)
        return Outcome(row_id, UNDELIVERABLE, error=why)

    def _settle(self, transaction: Transaction, ended: Sequence[Ended]) -> None:
        """Write how calls ended, and what follows from it for others."""
        if not ended:
            return
        outbox.finish(transaction.connection, [outcome for outcome, *_ in ended], transaction.at)
        arrived: dict[tuple[str | None, int], list[int]] = {}  # notices, by conference, and the accounts
        for outcome, row, error, verdict in ended:
            if outcome.state == SENT:
                if isinstance(row.record, NoticeSent):
                    arrived.setdefault((row.conference, row.record.notice_id), []).append(row.account_id)
                if self._may_be_in_trouble:
                    for kind in ("message_token", "channel_trouble"):
                        incidents.close_incident(transaction.connection, kind, "telegram", transaction.at)
                    self._may_be_in_trouble = False
                continue
            unit = Unit(transaction, f"o{row.id}.{row.attempts}")
            if verdict is Verdict.UNREACHABLE and error is not None:
                outbox.set_reach(transaction.connection, row.account_id, reach_after(error))
                outbox.give_up_on(transaction.connection, row.account_id, str(error), transaction.at)
                self._unreachable(unit, row)
                for conference in unit.conferences.served:  # whoever holds posts in several
                    unit.conference = conference
                    notice_boards.note_unreachable(unit, row.account_id, at=transaction.at)
            elif verdict is Verdict.MOVED and isinstance(error, Refused) and error.migrate_to is not None:
                outbox.readdress(transaction.connection, transaction.sealer, row.account_id, error.migrate_to)
            elif verdict is Verdict.EDIT_LOST:
                outbox.forget_edit(transaction.connection, row.id)
            elif verdict is Verdict.REFUSED and not isinstance(row.record, IncidentOpened):
                tell_operators(unit, "message_refused", f"outbox:{row.id}", outcome.error or "")
            elif verdict is Verdict.TOKEN or (outcome.state == NEW and row.attempts == RETRY_LOUD):
                kind = "message_token" if verdict is Verdict.TOKEN else "channel_trouble"
                tell_operators(unit, kind, "telegram", outcome.error or "")
                self._may_be_in_trouble = True
            unit.succeed()
        for (slug, notice), accounts in arrived.items():
            unit = Unit(transaction, f"arrived{notice}.{ended[0][0].id}", slug)
            notice_boards.note_delivered(unit, notice, accounts, at=transaction.at)
            unit.succeed()

    def _unreachable(self, unit: Unit, row: Claimed) -> None:
        """An empty place is an incident at once where a post is held; a citizen who left is only noted."""
        if unit.people.person_of_account(row.account_id) is not None and not isinstance(row.record, IncidentOpened):
            tell_operators(unit, "person_unreachable", f"account:{row.account_id}")
        else:
            unit.open_incident("person_unreachable", f"account:{row.account_id}")

    async def _send(self, row: Claimed) -> None:
        loop = asyncio.get_running_loop()
        chat_was_full = self._pacer.chat(row.account_id).free_at(loop.time()) > loop.time()
        error: TelegramError | None = None
        verdict = Verdict.NOTHING
        try:
            repeat = row.repeats > 0 and row.edits is None
            message = self._in_words(row, repeat=repeat)
            method, params = as_call(message, row, self._signer)
            crash("before_call")
            outcome = sent(row, await self._telegram.call(method, **params))
            crash("after_call")
        except TelegramError as trouble:
            error = trouble
            outcome, verdict = judge(row, trouble, self._clock.now(), chat_was_full=chat_was_full)
        except Exception as fault:  # words that cannot be made: never retried, always told
            log.error("row_without_words", row=row.id, record=type(row.record).__name__, error=type(fault).__name__, exc_info=fault)
            outcome, verdict = Outcome(row.id, UNDELIVERABLE, error=type(fault).__name__), Verdict.REFUSED
        finally:
            self._flying -= 1
        now = loop.time()
        self._outcomes.append((outcome, row, error, verdict))
        if outcome.state == SENT:  # nothing stands in the next one's way; what it says is written before, or with, the next claim
            self._queues.release(row.account_id, now)
            self._take()
        else:
            if verdict in (Verdict.BOT_WAITS, Verdict.TOKEN):
                self._pacer.overall.pause(now + self._wait(outcome))
            self._return_born(row.account_id)
        self._bell.set()

    def _in_words(self, row: Claimed, *, repeat: bool) -> Message:
        """What is said to many has the same words for all who read one language."""
        same = (row.broadcast, row.language, row.conference, repeat)
        if row.broadcast is None or (message := self._worded.get(same)) is None:
            message = self._conversing.put_into_words(row.account_id, row.language, row.conference, row.record, repeat=repeat)
            if row.broadcast is not None:
                if len(self._worded) >= WORDED:
                    self._worded.clear()
                self._worded[same] = message
        return message

    def _wait(self, outcome: Outcome) -> float:
        """Seconds until the row may be tried again."""
        if outcome.state != NEW or outcome.not_before is None:
            return 0.0
        return max(0.0, (outcome.not_before - self._clock.now()).total_seconds())

    def _return_born(self, account: int) -> None:
        """What was written as claimed for this account waits like any other row now."""
        rows = [row.id for row in self._born.values() if row.account_id == account]
        for row in rows:
            del self._born[row]
        self._returned += rows

    def _after(self, outcome: Outcome, row: Claimed, error: TelegramError | None, verdict: Verdict, now: float) -> None:
        """Free the chat that was not sent to, or let it wait."""
        if outcome.state == SENT:
            self._metrics.sent.inc()
            return
        self._metrics.deliveries.labels(outbox.STATES[outcome.state] if outcome.state != NEW else "retried").inc()
        if verdict is Verdict.UNREACHABLE:
            self._queues.drop(row.account_id)
        wait = self._wait(outcome)
        back = (row.lane, row.id) if outcome.state == NEW else None
        self._queues.release(row.account_id, now, back=back, wait=wait if back else 0)
        if error is not None:
            log.info("not_sent", row=row.id, verdict=verdict.value, error=str(error))
