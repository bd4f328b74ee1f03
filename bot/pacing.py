"""How fast we may send: a virtual-scheduling leaky bucket (GCRA) for the whole bot and for each chat."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`rate` a second on average, `burst` at once. Times are of one monotonic clock, in seconds."""

    rate: float
    burst: float
    _full_at: float = 0.0

    def free_at(self, now: float, left: float = 0) -> float:
        """When the next message may go and so many more at once behind it: `now` or later."""
        return max(now, self._full_at - (self.burst - 1 - left) / self.rate)

    def take(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + 1 / self.rate

    def give_back(self) -> None:
        """What was taken has not gone."""
        self._full_at -= 1 / self.rate

    def pause(self, until: float) -> None:
        """Nothing before `until`."""
        self._full_at = max(self._full_at, until + (self.burst - 1) / self.rate)

    def is_idle(self, now: float) -> bool:
        return self._full_at <= now


@dataclass(frozen=True, slots=True)
class Limits:
    """Telegram's limits, a breath below: 30 a second for a bot, one a second in a chat (short bursts are borne), 20 a minute in a group."""

    overall: tuple[float, float] = (29.9, 20)
    left: float = 5  # so many at once are always left by notices and digests for people who wait for an answer
    chat: tuple[float, float] = (0.95, 3)
    group: tuple[float, float] = (20 / 60, 5)


UNLIMITED = Limits((1e6, 1e6), 0, (1e6, 1e6), (1e6, 1e6))


class Pacer:
    """Says when a message to a chat may go, and counts it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.overall = Bucket(*limits.overall)
        self._chats: dict[int, Bucket] = {}

    def chat(self, account: int) -> Bucket:
        if (bucket := self._chats.get(account)) is None:
            bucket = self._chats[account] = Bucket(*self._limits.chat)
        return bucket

    def bot_free_at(self, now: float, *, mass: bool) -> float:
        return self.overall.free_at(now, self._limits.left if mass else 0)

    def lets_go(self, account: int, now: float, *, mass: bool) -> bool:
        """Whether a message may go now; looks only, so any thread may ask."""
        bucket = self._chats.get(account)
        return self.bot_free_at(now, mass=mass) <= now and (bucket is None or bucket.free_at(now) <= now)

    def take(self, account: int, now: float) -> None:
        self.overall.take(now)
        self.chat(account).take(now)

    def give_back(self, account: int) -> None:
        self.overall.give_back()
        self.chat(account).give_back()

    def forget_idle(self, now: float) -> None:
        """Buckets that are empty again need no memory."""
        self._chats = {account: bucket for account, bucket in self._chats.items() if not bucket.is_idle(now)}
