"""What reached whom: the count that the stand-in keeps for one bot while it is told to watch it."""

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Watch:
    """Count the messages to these chats from now on, and answer as Telegram would under a limit."""

    token: str
    first_chat: int
    """Chats with a lower number are not counted."""
    skip: int = 0
    """So many messages pass before the rate is measured: a start, a burst."""
    latency: float = 0.0
    limit: float = 0.0
    """Messages a second; as many again at once. 0: none."""


@dataclass(frozen=True)
class Seen:
    messages: int
    chats: int
    refused: int
    """Answered with 429."""
    seconds: float
    """From the last message that was skipped to the newest."""

    @property
    def doubled(self) -> int:
        return self.messages - self.chats


@dataclass
class Tally:
    watch: Watch
    by_chat: Counter[int] = field(default_factory=Counter)
    messages: int = 0
    refused: int = 0
    began: float = 0.0
    ended: float = 0.0
    _full_at: float = 0.0

    def refuses(self) -> int:
        """Seconds to wait, if the limit is used up; 0: go on. Every message counts, whoever it is for."""
        if not (limit := self.watch.limit):
            return 0
        now = time.perf_counter()
        if self._full_at - now > (limit - 1) / limit:
            self.refused += 1
            return 1
        self._full_at = max(self._full_at, now) + 1 / limit
        return 0

    def saw(self, chat: int) -> None:
        if chat < self.watch.first_chat:
            return
        self.by_chat[chat] += 1
        self.messages += 1
        self.ended = time.perf_counter()
        if self.messages <= max(1, self.watch.skip):
            self.began = self.ended

    def seen(self) -> Seen:
        return Seen(self.messages, len(self.by_chat), self.refused, self.ended - self.began)
