"""An invitation into a post: a link (or a code on paper) that one account may answer once, and the office confirms.

ISSUED: nobody has opened it. ANSWERED: somebody has, and said their name; no right exists yet. CONFIRMED: a second
person of the office has seen the name; only now the post is held. Source: design §3, security T21.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import NotPossibleNow

VALID = timedelta(hours=72)


class InvitationState(StrEnum):
    ISSUED = "issued"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # by the office, or declined by the invited
    REVOKED = "revoked"
    EXPIRED = "expired"


MOVES: dict[InvitationState, frozenset[InvitationState]] = {
    InvitationState.ISSUED: frozenset({InvitationState.ANSWERED, InvitationState.REVOKED, InvitationState.EXPIRED}),
    InvitationState.ANSWERED: frozenset(
        {InvitationState.CONFIRMED, InvitationState.REFUSED, InvitationState.REVOKED, InvitationState.EXPIRED}
    ),
    InvitationState.CONFIRMED: frozenset(),
    InvitationState.REFUSED: frozenset(),
    InvitationState.REVOKED: frozenset(),
    InvitationState.EXPIRED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is handed out, once: the token of the link and the code for paper. Only their blind indices are kept."""

    token: str
    code: str
    token_index: bytes = field(repr=False)
    code_index: bytes = field(repr=False)


@dataclass(eq=False, kw_only=True)
class Invitation:
    """`person_id`: not a new person but a new account for one who is known. `handover_id`: it is a hand-over's."""

    id: int | None = None
    conference: str
    post_id: int
    person_id: int | None = None
    handover_id: int | None = None
    token_index: bytes
    code_index: bytes
    state: InvitationState = InvitationState.ISSUED
    issued_by: int | None
    issued_post: int | None
    issued_at: datetime
    expires_at: datetime
    account_id: int | None = None
    answered_at: datetime | None = None
    decided_by: int | None = None
    decided_at: datetime | None = None

    def move(self, to: InvitationState) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("invitation", self.id, self.state, to)
        self.state = to

    def is_open(self, at: datetime) -> bool:
        return self.state in (InvitationState.ISSUED, InvitationState.ANSWERED) and at < self.expires_at
