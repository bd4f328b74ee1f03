"""One step of anything that has a life: who moved it, from where to where, when, and what they said to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .people import Actor, HeldPost


@dataclass(frozen=True, slots=True)
class By:
    """Who did something, and under which post; both None where time itself did."""

    person_id: int | None = None
    post_id: int | None = None
    unit: str | None = None

    @classmethod
    def of(cls, actor: Actor, post: HeldPost | None) -> By:
        return cls(actor.person_id, post.post_id if post else None, post.unit if post else None)


@dataclass(frozen=True, slots=True)
class Turn:
    """`words` is what was said to it (a reason, a note); it is sealed where it is kept."""

    before: str | None
    after: str
    at: datetime
    by: By = By()
    words: dict[str, Any] = field(default_factory=dict)
