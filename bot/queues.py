"""What waits to be sent, in memory: who may go now, who has to wait, in which order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from conference.model.told import Lane
from storage.outbox import Ready

from .pacing import Pacer

FULL = 2_000  # rows of a lane held in memory; the rest waits in the database
LOW = 500


class Queues:
    """Rows by account. An account has one row under way at a time, so that what is said to one person keeps its order.

    Emergencies and answers may overtake notices that still wait for the same person; nothing overtakes its own lane.
    Times are of the loop's clock, in seconds.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._rows: dict[int, list[tuple[int, int]]] = {}  # account -> heap of (lane, id)
        self._ready: list[tuple[int, int, int]] = []  # heap of (lane, id, account): heads of accounts that may go
        self._later: list[tuple[float, int]] = []  # heap of (time, account): accounts that have to wait
        self._busy: set[int] = set()
        self._waiting: set[int] = set()
        self._held: set[int] = set()  # ids in memory
        self._count = dict.fromkeys(Lane, 0)
        self.whole = dict.fromkeys(Lane, False)  # per lane: nothing of it waits in the database only
        self._missed: dict[Lane, int] = {}  # per lane: the newest row left to the next refill
        self.looks = 0  # how often it was asked for another look at the database

    def __len__(self) -> int:
        return len(self._held)

    @property
    def under_way(self) -> int:
        return len(self._busy)

    def offer(self, rows: Iterable[Ready], *, loaded: bool = False) -> None:
        """Take in rows; fresh ones of a lane that overflows stay in the database until it is refilled, unless they are claimed."""
        for row in sorted(rows, key=lambda r: r.id):
            lane = Lane(row.lane)
            if row.id in self._held:
                continue
            if not loaded and row.claimed is None and (not self.whole[lane] or self._count[lane] >= FULL):
                self.whole[lane] = False
                self._missed[lane] = row.id
                continue
            self._put(row.lane, row.id, row.account_id)
        if loaded:
            # A row left to the refill may have been written after the refill read: then one more is due.
            for lane, missed in self._missed.items():
                if missed not in self._held:
                    self.whole[lane] = False
            self._missed = {}

    def look_again(self) -> None:
        """Rows were written that nobody names, or another process may have written: look at the database once more."""
        self.looks += 1
        self.whole = dict.fromkeys(Lane, False)

    def lanes_to_refill(self) -> dict[int, int]:
        """Lanes to be read, each from its start: what another process commits later may have a lower id, and goes first all the same."""
        return {int(lane): 0 for lane in Lane if not self.whole[lane] and self._count[lane] < LOW}

    def _put(self, lane: int, row: int, account: int) -> None:
        self._held.add(row)
        self._count[Lane(lane)] += 1
        heapq.heappush(self._rows.setdefault(account, []), (lane, row))
        if account not in self._busy and account not in self._waiting:
            heapq.heappush(self._ready, (lane, row, account))

    def take(self, now: float, most: int) -> list[tuple[int, int]]:
        """Up to `most` rows that may go now, as (id, account); their accounts are busy until `release`."""
        while self._later and self._later[0][0] <= now:
            _, account = heapq.heappop(self._later)
            self._waiting.discard(account)
            self._ready_again(account)
        taken: list[tuple[int, int]] = []
        while self._ready and len(taken) < most:
            lane, row, account = self._ready[0]
            heap = self._rows.get(account)
            if account in self._busy or account in self._waiting or not heap or heap[0] != (lane, row):
                heapq.heappop(self._ready)  # an old entry
                continue
            mass = lane >= Lane.NOTICE
            if self._pacer.bot_free_at(now, mass=mass) > now:
                break
            heapq.heappop(self._ready)
            if (free := self._pacer.chat(account).free_at(now)) > now:
                self._wait(account, free)
                continue
            heapq.heappop(heap)
            self._held.discard(row)
            self._count[Lane(lane)] -= 1
            self._busy.add(account)
            self._pacer.take(account, now)
            taken.append((row, account))
        return taken

    def goes_at_once(self, account: int, lane: int, now: float) -> bool:
        """Whether a row would be the next to go. Looks only: the worker asks, and what has changed when it is offered makes it wait."""
        first = next(iter(self._rows.get(account, ())), None)  # the worker's thread asks while the loop's may take it
        known = account in self._busy or account in self._waiting or (first is not None and first[0] <= lane)
        return self.whole[Lane(lane)] and not known and self._pacer.lets_go(account, now, mass=lane >= Lane.NOTICE)

    def _wait(self, account: int, until: float) -> None:
        self._waiting.add(account)
        heapq.heappush(self._later, (until, account))

    def _ready_again(self, account: int) -> None:
        heap = self._rows.get(account)
        if heap:
            heapq.heappush(self._ready, (*heap[0], account))
        elif heap is not None:
            del self._rows[account]

    def release(self, account: int, now: float, *, back: tuple[int, int] | None = None, wait: float = 0) -> None:
        """The account's row has ended, or goes `back` as (lane, id) and waits so many seconds."""
        self._busy.discard(account)
        if back is not None:
            self._waiting.add(account)  # keeps _put from showing it yet
            self._put(*back, account)
            self._waiting.discard(account)
        if wait > 0:
            self._wait(account, now + wait)
        else:
            self._ready_again(account)

    def drop(self, account: int) -> None:
        """Nothing goes to this account any more."""
        for lane, row in self._rows.pop(account, []):
            self._held.discard(row)
            self._count[Lane(lane)] -= 1

    def next_time(self, now: float) -> float | None:
        """When something may go that may not now; None if nothing waits for time."""
        times = [self._later[0][0]] if self._later else []
        if self._ready:
            times.append(self._pacer.bot_free_at(now, mass=self._ready[0][0] >= Lane.NOTICE))
        return min(times, default=None)
