"""An invitation into a post: a link (or a code on paper) that one account may answer once, and the office confirms.

ISSUED: nobody has opened it. ANSWERED: somebody has, and said their name; no right exists yet. CONFIRMED: a second
person of the office has seen the name; only now the post is held. Source: design §3, security T21.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import NotPossibleNow

VALID = timedelta(hours=72)
LINK = "i-"  # in front of the token in what the link hands to the bot
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter that looks like a digit
CODE_LENGTH = 16  # 5 bits each
_LOOKALIKES = str.maketrans("OIL", "011")
_TOKEN = re.compile(r"i-([A-Za-z0-9_-]{22})")
_GROUPS = re.compile(rf"(?:[{CODE_LETTERS}OIL]{{4}}[-\u2010-\u2015\uff0d ]?){{3}}[{CODE_LETTERS}OIL]{{4}}")


def token_in(text: str) -> str | None:
    """The token of a link, or of what the link hands to the bot; None if there is none."""
    head, _, tail = text.strip().rpartition("start=")
    found = _TOKEN.fullmatch(tail)
    return found[1] if found and (not head or head.endswith("?")) else None


def code_in(text: str) -> str | None:
    """A code from paper as it is compared: 16 letters, whatever their case and spacing, O read as 0, I and L as 1.

    A code always holds a digit above 1 and a letter (`fits_paper`), so "help this girl fast" is none.
    """
    said = text.strip().upper()
    if not _GROUPS.fullmatch(said):
        return None
    code = re.sub(r"[^0-9A-Z]", "", said).translate(_LOOKALIKES)
    return code if fits_paper(code) else None


def fits_paper(code: str) -> bool:
    return any(c in "23456789" for c in code) and any(c.isalpha() for c in code)


class InvitationState(StrEnum):
    ISSUED = "issued"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # by the office, or declined by the invited
    REVOKED = "revoked"
    EXPIRED = "expired"


MOVES: dict[InvitationState, frozenset[InvitationState]] = {
    InvitationState.ISSUED: frozenset(
        {InvitationState.ANSWERED, InvitationState.REFUSED, InvitationState.REVOKED, InvitationState.EXPIRED}
    ),
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

    token: str  # 22 letters, 128 bits
    code: str  # four groups of four, 80 bits
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

    @property
    def purpose(self) -> tuple[str, int | None]:
        """What it is for: invitations of one purpose into one post replace each other."""
        if self.handover_id is not None:
            return "handover", self.handover_id
        return ("rebind", self.person_id) if self.person_id is not None else ("join", None)

    def is_open(self, at: datetime) -> bool:
        return self.state in (InvitationState.ISSUED, InvitationState.ANSWERED) and at < self.expires_at
