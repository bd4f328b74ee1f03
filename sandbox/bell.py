"""Telling those who wait that something changed: tests waiting for a condition, long polls, and the page's event stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger("sandbox")


class Bell:
    """Everyone who waits hears the next ring; nobody is kept waiting for a listener."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, timeout: float) -> bool:
        """True when it rang within `timeout` seconds."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True


Event = tuple[str, dict[str, Any]]


class Events:
    """The live stream. A listener who does not keep up is dropped: he may come back, the sandbox does not wait for him."""

    PATIENCE = 1000

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Event | None]] = set()

    @property
    def heard(self) -> bool:
        return bool(self._listeners)

    def join(self) -> asyncio.Queue[Event | None]:
        queue: asyncio.Queue[Event | None] = asyncio.Queue(self.PATIENCE)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Event | None]) -> None:
        self._listeners.discard(queue)

    def tell(self, name: str, data: dict[str, Any]) -> None:
        for queue in tuple(self._listeners):
            try:
                queue.put_nowait((name, data))
            except asyncio.QueueFull:
                self._drop(queue)

    def close(self) -> None:
        for queue in tuple(self._listeners):
            self._drop(queue)

    def _drop(self, queue: asyncio.Queue[Event | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


class Nursery:
    """The one place that starts tasks: it keeps a reference to each and says so loudly when one dies."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("the sandbox's task %r died", task.get_name(), exc_info=error)


async def until(bell: Bell, condition: Callable[[], object], timeout: float, *, look_again: float = 0.05) -> None:
    """Wait for `condition`. It is looked at on every ring, and every `look_again` seconds for things the sandbox cannot see change."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout
    while not condition():
        left = end - loop.time()
        if left <= 0:
            raise TimeoutError(f"the condition did not come true within {timeout} s")
        await bell.wait(min(left, look_again))
