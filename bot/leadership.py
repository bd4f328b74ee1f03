"""Who delivers, polls and ticks when several processes share a PostgreSQL: the one that holds the lock.

On SQLite there is one process anyway (storage.engine locks the file).
"""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.engine import Database

log = structlog.get_logger("leadership")

PATIENCE = 1.0  # seconds between tries, and between looks whether the lock still holds


class Leadership:
    """An advisory lock on a connection of its own: it falls with the process, whatever ends it."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._key = bot_id
        self._connection: Connection | None = None

    async def win(self) -> None:
        """Returns once this process leads."""
        if self._database.is_sqlite:
            return
        while not await asyncio.to_thread(self._try):  # noqa: ASYNC110 -- the lock is another process's: nothing could tell us
            await asyncio.sleep(PATIENCE)
        log.info("leading")

    async def hold(self) -> None:
        """Returns only if leadership is lost: the connection that held the lock broke."""
        if self._database.is_sqlite:
            await asyncio.Event().wait()
        while await asyncio.to_thread(self._still):  # noqa: ASYNC110 -- a lock that fell does not tell us either
            await asyncio.sleep(PATIENCE)
        log.error("leadership_lost")

    def _try(self) -> bool:
        try:
            if self._connection is None:
                self._connection = self._database.writer.connect().execution_options(isolation_level="AUTOCOMMIT")
            return bool(self._connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}).scalar())
        except DBAPIError:
            self._drop()
            return False

    def _still(self) -> bool:
        try:
            assert self._connection is not None
            self._connection.execute(text("SELECT 1"))
            return True
        except DBAPIError:
            self._drop()
            return False

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        self._drop()
