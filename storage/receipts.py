"""Receipts: eight words that can be learnt by heart, 80 bits, kept only as an Argon2id hash.

The words are the key themselves, so the hash is looked up by equality: its salt belongs to the installation, and with 80
random bits nothing is gained by one for each row, nor by a dearer hash: at a thousandth of a second a try, all words take
longer than the universe has. A few receipts are always made ahead by a thread of their own: the worker never waits for one.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Sequence

from argon2.low_level import Type, hash_secret_raw

from conference.model.reports import Receipt

WORDS = 8
BITS = 10  # in a word
LIST_SIZE = 1 << BITS


class ReceiptMaker:
    """Mints and recognises receipts. `salt` is 16 secret bytes of the installation."""

    def __init__(self, salt: bytes, ahead: int = 8) -> None:
        self._salt = salt
        self._ahead = ahead
        self._made: deque[Receipt] = deque()
        self._wanted = threading.Semaphore(ahead)
        self._closing = False
        self._thread = threading.Thread(target=self._make_ahead, name="receipts", daemon=True)
        self._thread.start()

    def digest(self, words: Sequence[int]) -> bytes:
        """The 32 bytes that are stored for these word numbers (each 0 to 1023)."""
        secret = ".".join(map(str, words)).encode()
        return hash_secret_raw(secret, self._salt, time_cost=1, memory_cost=1_024, parallelism=1, hash_len=32, type=Type.ID)

    def mint(self) -> Receipt:
        try:
            receipt = self._made.popleft()
        except IndexError:
            return self._make()
        self._wanted.release()
        return receipt

    def _make(self) -> Receipt:
        drawn = secrets.randbits(WORDS * BITS)
        words = [drawn >> place * BITS & LIST_SIZE - 1 for place in range(WORDS)]
        return Receipt(words, self.digest(words))

    def _make_ahead(self) -> None:
        while True:
            self._wanted.acquire()
            if self._closing:
                return
            self._made.append(self._make())

    def close(self) -> None:
        self._closing = True
        self._wanted.release()
        self._thread.join()
