"""The roster check, once a quarter by default: each unit says whether its people are still those the roster names. Source: domain §4.6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import NotPossibleNow

QUIET = timedelta(days=90)  # a holder who did nothing for so long may not read what comes


class RosterAnswer(StrEnum):
    UNCHANGED = "unchanged"
    CHANGED = "changed"


class Unread(StrEnum):
    """Why nobody seems to read what comes to a post."""

    VACANT = "vacant"
    UNREACHABLE = "unreachable"
    QUIET = "quiet"


@dataclass(eq=False, kw_only=True)
class RosterCheck:
    """One unit's line of one term's check. `answered_by`: the person. The answer may change until the check closes."""

    id: int | None = None
    conference: str
    quarter: str
    unit: str
    asked_at: datetime
    answered_at: datetime | None = None
    answered_by: int | None = None
    answer: RosterAnswer | None = None

    def give(self, answer: RosterAnswer, *, by: int, closes_at: datetime, at: datetime) -> None:
        """Raises NotPossibleNow once the check is closed."""
        if at >= closes_at:
            raise NotPossibleNow("roster_check", self.id, "closed", answer)
        self.answer, self.answered_by, self.answered_at = answer, by, at
