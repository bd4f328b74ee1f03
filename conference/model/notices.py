"""A decision notice, and each copy of it up to the last signature. Source: domain §2.8, §5 A32, §6.5; design §3 "a receipt is an act".

A notice is an electronic copy with number, issuer and date; it never looks like a sealed paper.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .errors import NotPossibleNow
from .history import By, Turn

MAX_BODY = 3000  # characters of a notice's text: more belongs into a paper


class NoticeState(StrEnum):
    AWAITING = "awaiting"  # a second person has to approve
    SENT = "sent"
    REFUSED = "refused"
    RECALLED = "recalled"


MOVES: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.AWAITING: frozenset({NoticeState.SENT, NoticeState.REFUSED}),
    NoticeState.SENT: frozenset({NoticeState.RECALLED}),
    NoticeState.REFUSED: frozenset(),
    NoticeState.RECALLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom: all units, these units, everybody who holds a post, or the posts of these places. Empty is refused."""

    kind: str  # units | seats | everyone | territory
    names: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "names": list(self.names)}


@dataclass(eq=False, kw_only=True)
class Notice:
    """`corrects`: the notice that this one puts right. `recall_until`: so long after sending it can be taken back."""

    id: int | None = None
    conference: str
    number: str
    state: NoticeState
    corrects: int | None = None
    audience: dict[str, Any]
    recipients: int
    sign_by: datetime
    made_by: int | None
    made_post: int | None
    made_at: datetime
    approved_by: int | None = None
    sent_at: datetime | None = None
    recall_until: datetime | None = None
    turns: list[Turn] = field(default_factory=list)

    def _move(self, to: NoticeState, by: By, *, at: datetime, **words: str) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("notice", self.number, self.state, to)
        self.turns.append(Turn(self.state, to, at, by, dict(words)))
        self.state = to

    def send(self, by: By, *, recall_for: timedelta, at: datetime) -> None:
        self._move(NoticeState.SENT, by, at=at)
        self.approved_by, self.sent_at, self.recall_until = by.person_id, at, at + recall_for

    def refuse(self, by: By, reason: str, *, at: datetime) -> None:
        self._move(NoticeState.REFUSED, by, at=at, reason=reason)

    def recall(self, by: By, reason: str, *, at: datetime) -> None:
        """Take it back, within the minutes the profile gives. Raises NotPossibleNow afterwards: then a correction is sent."""
        if self.recall_until is None or at > self.recall_until:
            raise NotPossibleNow("notice", self.number, self.state, NoticeState.RECALLED)
        self._move(NoticeState.RECALLED, by, at=at, reason=reason)


@dataclass(eq=False, kw_only=True)
class Copy:
    """One post's copy. Signing is an act of a person who holds the post at that moment; delivery is what the channel says."""

    id: int | None = None
    notice_id: int
    unit: str
    post_id: int
    opened_at: datetime | None = None
    signed_at: datetime | None = None
    signed_by: int | None = None

    def open(self, *, at: datetime) -> None:
        self.opened_at = self.opened_at or at

    def sign(self, person_id: int, *, at: datetime) -> bool:
        """False if it is signed for already: the first signature stands."""
        if self.signed_at is not None:
            return False
        self.open(at=at)
        self.signed_at, self.signed_by = at, person_id
        return True
