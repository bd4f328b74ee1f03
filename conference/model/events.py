"""What is done here is heard by those who registered for it: by the name under which the audit has it, at the end of the act.

Nobody calls them: `uow.note(actor, "meeting.convened", …)` is all that a verb does. What they do is part of the same act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar


class Listener(Protocol):
    """`uow` is the unit of work of the act; subject and facts are those of its audit entry."""

    def __call__(self, uow: Any, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None: ...


L = TypeVar("L", bound=Callable[..., None])
_LISTENERS: dict[str, list[Listener]] = {}


def on(*actions: str) -> Callable[[L], L]:
    """Decorator: this function hears of acts with these names."""

    def register(listener: L) -> L:
        for action in actions:
            _LISTENERS.setdefault(action, []).append(listener)
        return listener

    return register


def listeners(action: str) -> Sequence[Listener]:
    return _LISTENERS.get(action, ())
