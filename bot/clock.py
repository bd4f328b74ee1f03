"""The only clock. Below `bot` time is a parameter; the demo and the tests put a clock here that can be moved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """`now` is aware; a listener hears when the clock is moved by hand."""

    def now(self) -> datetime: ...
    def listen(self, listener: Callable[[datetime], None]) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 -- the one place that reads the system's clock

    def listen(self, listener: Callable[[datetime], None]) -> None:
        """Nobody moves the system's clock by hand: due work is looked for every second anyway."""
