"""SQLite's log of committed pages is copied into the database beside the writer, not by it.

Left to itself, SQLite copies in the commit that makes the log longer than a thousand pages: everybody in that commit waits for pages to
be copied and synced that are safe already. Here a thread with a connection of its own does it, which holds up neither the writer
nor a reader. Crashes change nothing: what was not copied is in the log.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import structlog

log = structlog.get_logger("storage")

CHANGES = 1_000  # changed rows after which the log is copied: with their indices, some thousands of pages
LONGEST = 8_000  # pages (32 MiB) of the log past which the writer copies the rest itself, so that it begins anew


class Checkpoints:
    """The copying thread of one open database; it begins with the first log that is worth it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copied_at = 0  # the writer's count of changed rows
        self._wanted = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def committed(self, changes: int) -> None:
        """The writer has committed; `changes`: rows it has changed since its connection began."""
        if abs(changes - self._copied_at) < CHANGES:  # less than before on a new connection
            return
        self._copied_at = changes
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name="checkpoints", daemon=True)
            self._thread.start()
        self._wanted.set()

    def _live(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            while self._wanted.wait() and not self._closing:
                self._wanted.clear()
                try:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
                except sqlite3.Error as error:  # nothing is lost: the log goes on, and the writer copies it when it is too long
                    log.warning("log_not_copied", error=str(error))
        finally:
            connection.close()

    def close(self) -> None:
        self._closing = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
