"""A hand-over: one post, one hour, an inventory that both sides confirm. The post's clocks and open items never move.

How it comes into force is the profile's (`rules.succession`): AUTOMATIC (Badong, for its members and conveners: both sides confirm;
the office is asked only where somebody confirmed instead of the holder), CONFIRM (Gansu, and every
other post in Badong: reported to the office, which confirms), MANUAL (the office starts it and another of the office confirms).
Source: 000 二(末段), 001 一(末段), domain §4.6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .errors import NotPossibleNow


class Succession(StrEnum):
    AUTOMATIC = "automatic"
    CONFIRM = "confirm"
    MANUAL = "manual"


class HandoverState(StrEnum):
    STARTED = "started"  # the successor is invited
    JOINED = "joined"  # the successor has answered; both sides look at the inventory
    AGREED = "agreed"  # both have confirmed; the office has to, where the profile wants it
    DONE = "done"
    CANCELLED = "cancelled"


MOVES: dict[HandoverState, frozenset[HandoverState]] = {
    HandoverState.STARTED: frozenset({HandoverState.JOINED, HandoverState.CANCELLED}),
    HandoverState.JOINED: frozenset({HandoverState.AGREED, HandoverState.CANCELLED}),
    HandoverState.AGREED: frozenset({HandoverState.DONE, HandoverState.CANCELLED}),
    HandoverState.DONE: frozenset(),
    HandoverState.CANCELLED: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class Handover:
    """`outgoing`: the person who holds the post (None: it is vacant). `inventory`: what goes over, by kind and number."""

    id: int | None = None
    conference: str
    post_id: int
    mode: Succession
    state: HandoverState = HandoverState.STARTED
    outgoing: int | None
    incoming: int | None = None
    started_by: int | None
    started_post: int | None
    started_at: datetime
    inventory: dict[str, Any] = field(default_factory=dict)
    outgoing_at: datetime | None = None
    incoming_at: datetime | None = None
    office_at: datetime | None = None
    office_by: int | None = None
    done_at: datetime | None = None

    def move(self, to: HandoverState, *, at: datetime) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("handover", self.id, self.state, to)
        self.state = to
        if to in (HandoverState.DONE, HandoverState.CANCELLED):
            self.done_at = at
