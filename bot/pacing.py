"""How fast we may send: a virtual-scheduling leaky bucket (GCRA) for the whole bot, for mass messages, and for each chat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`rate` a second on average, `burst` at once. Times are of one monotonic clock, in seconds."""

    rate: float
    burst: float
    _full_at: float = 0.0

    def free_at(self, now: float) -> float:
        """When the next message may go: `now` or later."""
        return max(now, self._full_at - (self.burst - 1) / self.rate)

    def take(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + 1 / self.rate

    def pause(self, until: float) -> None:
        """Nothing before `until`."""
        self._full_at = max(self._full_at, until + (self.burst - 1) / self.rate)

    def is_idle(self, now: float) -> bool:
        return self._full_at <= now


@dataclass(frozen=True, slots=True)
class Limits:
    """Telegram's limits, a breath below: 30 a second for a bot, one a second in a chat (short bursts are borne), 20 a minute in a group."""

    overall: tuple[float, float] = (29.9, 20)
    mass: tuple[float, float] = (25, 15)  # notices and digests leave five a second for people who wait for an answer
    chat: tuple[float, float] = (0.95, 3)
    group: tuple[float, float] = (20 / 60, 5)


UNLIMITED = Limits((1e6, 1e6), (1e6, 1e6), (1e6, 1e6), (1e6, 1e6))


class Pacer:
    """Says when a message to a chat may go, and counts it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.overall = Bucket(*limits.overall)
        self._mass = Bucket(*limits.mass)
        self._chats: dict[int, Bucket] = {}

    def chat(self, account: int) -> Bucket:
        if (bucket := self._chats.get(account)) is None:
            bucket = self._chats[account] = Bucket(*self._limits.chat)
        return bucket

    def bot_free_at(self, now: float, *, mass: bool) -> float:
        return max(self.overall.free_at(now), self._mass.free_at(now) if mass else now)

    def lets_go(self, account: int, now: float, *, mass: bool) -> bool:
        """Whether a message may go now; looks only, so any thread may ask."""
        bucket = self._chats.get(account)
        return self.bot_free_at(now, mass=mass) <= now and (bucket is None or bucket.free_at(now) <= now)

    def take(self, account: int, now: float, *, mass: bool) -> None:
        self.overall.take(now)
        if mass:
            self._mass.take(now)
        self.chat(account).take(now)

    def forget_idle(self, now: float) -> None:
        """Buckets that are empty again need no memory."""
        self._chats = {account: bucket for account, bucket in self._chats.items() if not bucket.is_idle(now)}
