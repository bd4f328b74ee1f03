"""One time a duty of the profile is owed: a window of a recurring one, an event of another, the attestation of a standing one.

Source: domain §2, §3, §4.5, §5 A20 (who is informed and never chased), A28 (no calendar: the office says first how often).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from .errors import NotPossibleNow
from .history import By, Turn


class OccurrenceState(StrEnum):
    SCHEDULED = "scheduled"
    OPEN = "open"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    WAIVED = "waived"


S = OccurrenceState
OWED = frozenset({S.SCHEDULED, S.OPEN})
STANDING = "standing"  # in place of a duty's id: all standing duties of a unit, attested in one line
MOVES: dict[OccurrenceState, frozenset[OccurrenceState]] = {
    S.SCHEDULED: frozenset({S.OPEN, S.WAIVED}),
    S.OPEN: frozenset({S.REPORTED, S.WAIVED}),
    S.REPORTED: frozenset({S.ACCEPTED, S.OPEN, S.WAIVED}),  # accepted, or returned
    S.ACCEPTED: frozenset(),
    S.WAIVED: frozenset(),
}


class Chased(NamedTuple):
    """An occurrence that is owed and chased, as a reminder looks at it."""

    id: int
    unit: str
    duty: str
    cause: str
    due: date | None
    mark: int


@dataclass(eq=False, kw_only=True)
class Occurrence:
    """`duty` is the id of the profile's row, `unit` who owes it, `cause` what opened it: a window (2026H2) or an event (report:12).

    `chased`: False for courts, procuratorates and congresses: they are informed, it is never overdue. `due` None: no day is known.
    `mark` rises whenever it is put anew (returned, moved, passed on): reminders of an earlier one never leave.
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
    mark: int = 0
    ended_at: datetime | None = None
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state in (S.SCHEDULED, S.OPEN, S.REPORTED)

    @property
    def is_owed(self) -> bool:
        """Whether its unit still has to report."""
        return self.state in OWED

    def is_overdue(self, today: date) -> bool:
        return self.chased and self.is_owed and self.due is not None and self.due < today

    def _move(self, to: OccurrenceState, by: By, *, at: datetime, **words: str) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("duty", self.id, self.state, to)
        self.turns.append(Turn(self.state, to, at, by, {name: said for name, said in words.items() if said}))
        self.state = to
        if to in (S.ACCEPTED, S.WAIVED):
            self.ended_at = at

    def open(self, *, at: datetime) -> None:
        self._move(S.OPEN, By(), at=at)

    def report(self, by: By, text: str, *, at: datetime) -> None:
        """What was done, in a line or more; proof hangs beside it."""
        if self.state is S.SCHEDULED:  # earlier than it had to be
            self.open(at=at)
        self._move(S.REPORTED, by, at=at, text=text)

    def accept(self, by: By, *, at: datetime) -> None:
        self._move(S.ACCEPTED, by, at=at)

    def give_back(self, by: By, lacks: str, *, at: datetime) -> None:
        self._move(S.OPEN, by, at=at, lacks=lacks)
        self.mark += 1

    def fulfil(self, event: str, *, at: datetime) -> None:
        """What happened is itself the proof: nobody has to report it."""
        if self.is_owed:
            self.report(By(), "", at=at)
        self._move(S.ACCEPTED, By(), at=at, event=event)

    def lapse(self, why: str, *, at: datetime) -> None:
        """It is owed no more, for a reason of time itself: a code, not words."""
        self._move(S.WAIVED, By(), at=at, why=why)

    def put_off(self, due: date, opens: date) -> None:
        """Another day for it: what it waits for was moved."""
        self.due, self.opens, self.mark = due, opens, self.mark + 1

    def pass_on(self, unit: str, *, chased: bool) -> None:
        """Another owes it now, as it stands."""
        self.unit, self.chased, self.mark = unit, chased, self.mark + 1

    def waive(self, by: By, reason: str, *, at: datetime) -> None:
        self._move(S.WAIVED, by, at=at, reason=reason)
