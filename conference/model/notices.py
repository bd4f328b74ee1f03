"""A decision notice, and each copy of it up to the last signature. Source: domain §2.8, §5 A32, §6.5; design §3 "a receipt is an act".

A notice is an electronic copy with number, issuer and date; it never looks like a sealed paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .errors import NotPossibleNow
from .history import By, Turn
from .people import Role

MAX_BODY = 2800  # characters of a notice's text: more belongs into a paper


class NoticeState(StrEnum):
    AWAITING = "awaiting"  # a second person has to approve
    SENT = "sent"
    REFUSED = "refused"
    RECALLED = "recalled"


class Receipt(StrEnum):
    """How far a copy has come, from the least to the most."""

    LOST = "lost"
    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    OPENED = "opened"
    SIGNED = "signed"


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

    @property
    def by_unit(self) -> bool:
        """Whether one signature is the unit's; else each post signs for itself."""
        return self.kind == "units"

    def owing(self, unit: str, post_id: int) -> str:
        """Who owes a signature, as reminders name it: the unit, or one post of it ("education@12")."""
        return unit if self.by_unit else f"{unit}@{post_id}"


@dataclass(frozen=True, slots=True)
class Whom:
    """Posts of a conference that are open now: of these roles; or only those in these places and beneath, or only these ones."""

    conference: str
    roles: frozenset[Role]
    places: frozenset[str] | None = None
    posts: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What a notice says, sealed as a whole where it is kept. `doc_no`: the number of the document it goes with, if there is one."""

    title: str
    text: str
    doc_no: str = ""


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

    @property
    def goes_to(self) -> Audience:
        return Audience(self.audience["kind"], tuple(self.audience["names"]))

    def can_be_recalled(self, at: datetime) -> bool:
        return self.state is NoticeState.SENT and self.recall_until is not None and at <= self.recall_until

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
        if self.state is NoticeState.SENT and not self.can_be_recalled(at):
            raise NotPossibleNow("notice", self.number, "late", NoticeState.RECALLED)
        self._move(NoticeState.RECALLED, by, at=at, reason=reason)


@dataclass(eq=False, kw_only=True)
class Copy:
    """One post's copy. Signing is an act of a person who holds the post at that moment; delivery is what the channel says.

    `lost_at`: nobody could be reached there, because the post stood empty or the channel did not take it.
    """

    id: int | None = None
    notice_id: int
    unit: str
    post_id: int
    delivered_at: datetime | None = None
    lost_at: datetime | None = None
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

    @property
    def standing(self) -> Receipt:
        """How far it has come."""
        if self.signed_at is not None:
            return Receipt.SIGNED
        if self.opened_at is not None:
            return Receipt.OPENED
        if self.delivered_at is not None:
            return Receipt.DELIVERED
        return Receipt.LOST if self.lost_at is not None else Receipt.ON_ITS_WAY


def furthest(copies: Iterable[Copy]) -> Receipt:
    """How far a unit has come, of whose posts several may have a copy; without any, nobody there can be reached."""
    return max((copy.standing for copy in copies), key=list(Receipt).index, default=Receipt.LOST)
