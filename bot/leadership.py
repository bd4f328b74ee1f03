"""Who delivers, polls and ticks when several processes share a PostgreSQL: the one that holds the lock.

On SQLite there is one process anyway (storage.engine locks the file).
"""

from __future__ import annotations

import asyncio
from threading import Lock

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.engine import Database, is_there, may_lead

log = structlog.get_logger("leadership")

PATIENCE = 1.0  # seconds between tries, and between looks whether the lock still holds


class Leadership:
    """An advisory lock on a connection of its own: it falls with the process, whatever ends it."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._key = bot_id
        self._connection: Connection | None = None
        self._using = Lock()  # a try whose task was cancelled goes on in its thread: it and close() take turns
        self._closed = False

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
        with self._using:
            if self._closed:
                return False
            try:
                if self._connection is None:
                    self._connection = self._database.writer.connect().execution_options(isolation_level="AUTOCOMMIT")
                return may_lead(self._connection, self._key)
            except DBAPIError:
                self._drop()
                return False

    def _still(self) -> bool:
        with self._using:
            if self._connection is None:
                return False
            try:
                is_there(self._connection)
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
        """The lock falls. Waits for a try that is under way, which lasts no longer than a connection takes to open or fail."""
        with self._using:
            self._closed = True
            self._drop()
