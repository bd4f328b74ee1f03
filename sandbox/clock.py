"""The sandbox's time: everything it stamps, expires or counts is read here, so an exercise can live through a week in a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC. It runs with real time plus an offset; `running=False` holds it still between moves, for tests."""

    def __init__(self, at: datetime | None = None, *, running: bool = True) -> None:
        self._running = running
        self._started = time.monotonic()
        self._base = _aware(at) if at is not None else datetime.fromtimestamp(time.time(), UTC)
        self._listeners: list[Callable[[datetime], None]] = []

    def now(self) -> datetime:
        if not self._running:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._started)

    def move(self, by: timedelta) -> datetime:
        self._base += by
        return self._changed()

    def set(self, at: datetime) -> datetime:
        self._base = _aware(at)
        self._started = time.monotonic()
        return self._changed()

    def listen(self, listener: Callable[[datetime], None]) -> None:
        """`listener` hears of each jump (not of time passing by itself)."""
        self._listeners.append(listener)

    def _changed(self) -> datetime:
        now = self.now()
        for listener in tuple(self._listeners):
            listener(now)
        return now


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("the sandbox's clock needs a time with a zone, for example 2026-03-01T09:00:00+08:00")
    return at.astimezone(UTC)
