"""The roster as it is read: each post of a conference with those who hold it at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .people import Role


@dataclass(frozen=True, slots=True)
class PostHolder:
    """Somebody who holds a post now. `reachable`: at least one account of theirs still takes our messages."""

    person_id: int
    since: datetime
    reachable: bool


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A post and its holders; none: it is vacant, since `vacant_since` as far as that is known."""

    post_id: int
    unit: str
    role: Role
    title: str
    place: str | None
    rank: int
    vacant_since: datetime | None
    holders: tuple[PostHolder, ...] = ()

    @property
    def vacant(self) -> bool:
        return not self.holders

    @property
    def unreachable(self) -> bool:
        """Somebody holds it, and nobody of them can be reached here."""
        return bool(self.holders) and not any(holder.reachable for holder in self.holders)
