"""Signed callback data: `kind:fields…~signature`, within the channel's 64 bytes.

The signature (HMAC-SHA256, 64 bits) covers the account it was made for, so a button that is forged, altered or pressed by
somebody else is known before anything is looked up. Rights are still checked at each press.
"""

from __future__ import annotations

import base64
import dataclasses
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, get_type_hints

from conference.model.errors import Misconfigured
from conference.model.permissions import Action

LIMIT = 64  # bytes, the Bot API's bound for callback data
_SIGNATURE = 8  # bytes


@dataclass(frozen=True, slots=True)
class Press:
    """Base of all buttons. `kind` is its short name in the data, `action` the right it needs. Fields: int or short ASCII str."""

    kind: ClassVar[str]
    action: ClassVar[Action]


_KINDS: dict[str, type[Press]] = {}
_FIELDS: dict[str, tuple[tuple[str, type], ...]] = {}
T = TypeVar("T", bound=type[Press])


def button(kind: str, action: Action) -> Any:
    """Class decorator: names the button in callback data and the right it needs."""

    def register(cls: T) -> T:
        if kind in _KINDS:
            raise Misconfigured(f"two buttons are named {kind!r}")
        cls.kind, cls.action = kind, action
        hints = get_type_hints(cls)
        _KINDS[kind] = cls
        _FIELDS[kind] = tuple((f.name, hints[f.name]) for f in dataclasses.fields(cls))
        return cls

    return register


def kinds() -> dict[str, type[Press]]:
    return dict(_KINDS)


class Signer:
    """Makes and reads callback data. `keys`: newest first; any of them is accepted, so buttons outlive a rotation."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._begun = [hmac.new(key, digestmod="sha256") for key in keys]

    def pack(self, press: Press, account_id: int) -> str:
        """Raises Misconfigured if it would not fit: such a button must not be made."""
        body = ":".join([press.kind, *(str(getattr(press, name)) for name, _ in _FIELDS[press.kind])])
        data = f"{body}~{self._sign(self._begun[0], body, account_id)}"
        if len(data.encode()) > LIMIT:
            raise Misconfigured(f"callback data of {press.kind} takes {len(data.encode())} bytes, {LIMIT} are allowed")
        return data

    def unpack(self, data: str, account_id: int) -> Press | None:
        """The press, or None for anything we did not make for this account."""
        body, _, signature = data.rpartition("~")
        made = (self._sign(begun, body, account_id) for begun in self._begun)
        if not any(hmac.compare_digest(signature.encode(), right.encode()) for right in made):
            return None
        kind, *values = body.split(":")
        if kind not in _KINDS or len(values) != len(_FIELDS[kind]):
            return None
        return _KINDS[kind](*(hint(value) for (_, hint), value in zip(_FIELDS[kind], values, strict=True)))

    @staticmethod
    def _sign(begun: hmac.HMAC, body: str, account_id: int) -> str:
        mac = begun.copy()  # hmac.digest would read the key anew, and let another thread go first
        mac.update(f"{account_id}|{body}".encode())
        return base64.urlsafe_b64encode(mac.digest()[:_SIGNATURE]).rstrip(b"=").decode()
