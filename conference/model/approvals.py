"""What nobody may do alone: one asks, another decides, and what was granted is used once and soon. Source: security T10."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import NotAllowed, NotPossibleNow

VALID = timedelta(hours=24)


class ApprovalState(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    USED = "used"
    EXPIRED = "expired"


MOVES: dict[ApprovalState, frozenset[ApprovalState]] = {
    ApprovalState.ASKED: frozenset({ApprovalState.GRANTED, ApprovalState.REFUSED, ApprovalState.EXPIRED}),
    ApprovalState.GRANTED: frozenset({ApprovalState.USED, ApprovalState.EXPIRED}),
    ApprovalState.REFUSED: frozenset(),
    ApprovalState.USED: frozenset(),
    ApprovalState.EXPIRED: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class Approval:
    """`action` is a name of the permission table, `subject` what it is about ("report:12"). The reason is sealed apart."""

    id: int | None = None
    conference: str
    action: str
    subject: str
    state: ApprovalState = ApprovalState.ASKED
    asked_by: int
    asked_post: int
    asked_at: datetime
    expires_at: datetime
    decided_by: int | None = None
    decided_post: int | None = None
    decided_at: datetime | None = None
    used_at: datetime | None = None

    def _move(self, to: ApprovalState, *, at: datetime) -> None:
        if at >= self.expires_at and to is not ApprovalState.EXPIRED:
            raise NotPossibleNow("approval", self.id, ApprovalState.EXPIRED, to)
        if to not in MOVES[self.state]:
            raise NotPossibleNow("approval", self.id, self.state, to)
        self.state = to

    def decide(self, *, granted: bool, person_id: int, post_id: int, at: datetime) -> None:
        """Raises NotAllowed for the one who asked: it takes a second person."""
        if person_id == self.asked_by:
            raise NotAllowed(self.action)
        self._move(ApprovalState.GRANTED if granted else ApprovalState.REFUSED, at=at)
        self.decided_by, self.decided_post, self.decided_at = person_id, post_id, at

    def use(self, *, person_id: int, at: datetime) -> None:
        """Once, by the one who asked."""
        if person_id != self.asked_by:
            raise NotAllowed(self.action)
        self._move(ApprovalState.USED, at=at)
        self.used_at = at

    def expire(self) -> None:
        """Undecided or unused, its day is over."""
        if ApprovalState.EXPIRED not in MOVES[self.state]:
            raise NotPossibleNow("approval", self.id, self.state, ApprovalState.EXPIRED)
        self.state = ApprovalState.EXPIRED
