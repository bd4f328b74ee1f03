"""Where every background task starts. A task that dies takes the application down with it: nothing fails unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("nursery")


class Nursery:
    """Holds tasks; `failed` is set when one ends by an exception, and `error` is that exception."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.failed = asyncio.Event()
        self.error: BaseException | None = None

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_died", task=task.get_name(), error=type(error).__name__, exc_info=error)
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        """Something died that is not a task of ours: a thread."""
        self.error = self.error or error
        self.failed.set()

    async def close(self) -> None:
        """Cancel what still runs, and wait for it."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
