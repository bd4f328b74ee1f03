"""Field encryption: AES-256-GCM with associated data = table, column, row, so a sealed value moved elsewhere does not open.

One secret (`LIANXI_KEY`) makes the keyring; each purpose derives a key of its own by HKDF, so that who reported is sealed
under another key than what was reported. Rotation: `LIANXI_KEY=new,old` seals with the first and opens with any.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from enum import StrEnum
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from conference.model.errors import LianxiError, Misconfigured

_NONCE = 12
_KEY_MARK = 4  # bytes in front of a sealed value that say which key of the ring made it


class Purpose(StrEnum):
    IDENTITY = "identity"  # who reported, and how to reach anybody
    NARRATIVE = "narrative"  # what was reported
    TRAFFIC = "traffic"  # updates and messages on their way, conversations
    BUTTONS = "buttons"
    INDEX = "index"  # blind indices: equality without reading
    CHECK = "check"


class Unopenable(LianxiError):
    """A sealed value does not open: another key, another row, or damage. `where` is table.column."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def new_key() -> str:
    """A fresh key as it is written into the environment: 32 bytes, base64."""
    return base64.b64encode(os.urandom(32)).decode()


def parse_keys(text: str) -> list[bytes]:
    """One or more keys, newest first, separated by commas. Raises Misconfigured."""
    keys = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            key = base64.b64decode(part, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise Misconfigured("LIANXI_KEY: each key is 32 bytes in base64 (44 characters); `lianxi key` makes one")
        keys.append(key)
    if not keys:
        raise Misconfigured(
            "LIANXI_KEY: no key is set, so nothing could be sealed; `lianxi key` makes one (keep it apart from the database)"
        )
    return keys


class Sealer:
    """Seals and opens. Thread-safe: it holds only derived keys."""

    def __init__(self, keys: str | list[bytes]) -> None:
        masters = parse_keys(keys) if isinstance(keys, str) else keys
        self._marks = [hashlib.sha256(b"lianxi/mark" + master).digest()[:_KEY_MARK] for master in masters]
        self._rings: dict[Purpose, dict[bytes, AESGCM]] = {
            purpose: {mark: AESGCM(_derive(master, purpose)) for mark, master in zip(self._marks, masters, strict=True)}
            for purpose in Purpose
        }
        # An index must stay the same over a rotation, or nobody would be recognised: it is made with the oldest key.
        self._index = hmac.new(_derive(masters[-1], Purpose.INDEX), digestmod="sha256")
        self.button_keys = [_derive(master, Purpose.BUTTONS) for master in masters]

    def seal(self, purpose: Purpose, where: str, row: str | int, value: bytes) -> bytes:
        """`where` is "table.column", `row` its key."""
        mark = self._marks[0]
        nonce = os.urandom(_NONCE)
        return mark + nonce + self._rings[purpose][mark].encrypt(nonce, value, f"{where}|{row}".encode())

    def open(self, purpose: Purpose, where: str, row: str | int, sealed: bytes) -> bytes:
        """Raises Unopenable."""
        cipher = self._rings[purpose].get(bytes(sealed[:_KEY_MARK]))
        if cipher is None:
            raise Unopenable(where)
        try:
            return cipher.decrypt(sealed[_KEY_MARK : _KEY_MARK + _NONCE], sealed[_KEY_MARK + _NONCE :], f"{where}|{row}".encode())
        except (InvalidTag, ValueError):  # ValueError: cut so short that not even the nonce is whole
            raise Unopenable(where) from None

    def seal_json(self, purpose: Purpose, where: str, row: str | int, value: Any) -> bytes:
        return self.seal(purpose, where, row, orjson.dumps(value))

    def open_json(self, purpose: Purpose, where: str, row: str | int, sealed: bytes) -> Any:
        return orjson.loads(self.open(purpose, where, row, sealed))

    def index(self, what: str, value: str | int) -> bytes:
        """A blind index, 16 bytes: equal values have equal indices, and no index tells its value."""
        mac = self._index.copy()  # hmac.digest would read the key anew, and let another thread go first
        mac.update(f"{what}|{value}".encode())
        return mac.digest()[:16]


def _derive(master: bytes, purpose: Purpose) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"lianxi/" + purpose.encode()).derive(master)
