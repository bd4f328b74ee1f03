"""One time a duty of the profile is owed: a window of a recurring one, an event of another, the attestation of a standing one.

Source: domain §2, §3, §4.5, §5 A20 (who is informed and never chased), A28 (no calendar: the office says first how often).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from .errors import NotPossibleNow
from .history import By, Turn


class OccurrenceState(StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    WAIVED = "waived"


S = OccurrenceState
MOVES: dict[OccurrenceState, frozenset[OccurrenceState]] = {
    S.SCHEDULED: frozenset({S.OPEN, S.WAIVED}),
    S.OPEN: frozenset({S.REPORTED, S.WAIVED}),
    S.REPORTED: frozenset({S.ACCEPTED, S.OPEN, S.WAIVED}),  # accepted, or returned
    S.ACCEPTED: frozenset(),
    S.WAIVED: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class Occurrence:
    """`duty` is the id of the profile's row, `unit` who owes it, `cause` what opened it: a window (2026H2) or an event (report:12).

    `chased`: False for courts, procuratorates and congresses: they are informed, it is never overdue.
    """

    id: int | None = None
    conference: str
    duty: str
    unit: str
    cause: str
    state: OccurrenceState = OccurrenceState.SCHEDULED
    opens: date
    due: date | None
    chased: bool = True
    ended_at: datetime | None = None
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state in (S.SCHEDULED, S.OPEN, S.REPORTED)

    def _move(self, to: OccurrenceState, by: By, *, at: datetime, **words: str) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("duty", self.id, self.state, to)
        self.turns.append(Turn(self.state, to, at, by, dict(words)))
        self.state = to
        if to in (S.ACCEPTED, S.WAIVED):
            self.ended_at = at

    def open(self, *, at: datetime) -> None:
        self._move(S.OPEN, By(), at=at)

    def report(self, by: By, text: str, *, at: datetime) -> None:
        """What was done, in a line or more; proof hangs beside it."""
        self._move(S.REPORTED, by, at=at, text=text)

    def accept(self, by: By, *, at: datetime) -> None:
        self._move(S.ACCEPTED, by, at=at)

    def give_back(self, by: By, lacks: str, *, at: datetime) -> None:
        self._move(S.OPEN, by, at=at, lacks=lacks)

    def waive(self, by: By, reason: str, *, at: datetime) -> None:
        self._move(S.WAIVED, by, at=at, reason=reason)
