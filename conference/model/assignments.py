"""An assigned item, from the office's word to being struck off (销号). Source: domain §2.8 (SUP-01 … 04), §4.4.

One lead unit, helpers only where the profile has them. It may be disputed once, and is ruled on once; more time is asked for before
it is due; only the office strikes it off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from .errors import AnswerUnfit, NotPossibleNow
from .history import By, Turn


class AssignmentState(StrEnum):
    ASSIGNED = "assigned"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    STRUCK_OFF = "struck_off"
    WITHDRAWN = "withdrawn"


S = AssignmentState
MOVES: dict[AssignmentState, frozenset[AssignmentState]] = {
    S.ASSIGNED: frozenset({S.ACCEPTED, S.DISPUTED, S.WITHDRAWN}),
    S.DISPUTED: frozenset({S.ASSIGNED, S.WITHDRAWN}),  # ruled: it stays (perhaps with another lead), or is taken back
    S.ACCEPTED: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.ACCEPTED, S.STRUCK_OFF}),  # returned with what lacks, or struck off
    S.STRUCK_OFF: frozenset(),
    S.WITHDRAWN: frozenset(),
}
OPEN = frozenset({S.ASSIGNED, S.DISPUTED, S.ACCEPTED, S.SUBMITTED})


class HelperState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


@dataclass(eq=False, kw_only=True)
class Helper:
    """A co-responsible unit: it helps, and says in the end that it has."""

    id: int | None = None
    assignment_id: int | None = None
    unit: str
    state: HelperState = HelperState.ASKED
    at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class Assignment:
    """`due` is a day: it is overdue when the day is over. What, why and which proof are sealed apart."""

    id: int | None = None
    conference: str
    number: str
    state: AssignmentState = AssignmentState.ASSIGNED
    lead: str
    helpers: list[Helper] = field(default_factory=list)
    due: date
    percent: int = 0
    notice_id: int | None = None
    disputed: bool = False
    longer_until: date | None = None  # asked for, not answered yet
    made_by: int | None
    made_post: int | None
    made_at: datetime
    ended_at: datetime | None = None
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def _move(self, to: AssignmentState, by: By, *, at: datetime, **words: str) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("assignment", self.number, self.state, to)
        self.turns.append(Turn(self.state, to, at, by, dict(words)))
        self.state = to
        if to not in OPEN:
            self.ended_at = at

    def _note(self, what: str, by: By, *, at: datetime, **words: str) -> None:
        self.turns.append(Turn(self.state, what, at, by, dict(words)))

    def accept(self, by: By, *, at: datetime) -> None:
        self._move(S.ACCEPTED, by, at=at)

    def dispute(self, by: By, reason: str, *, at: datetime) -> None:
        """ "Not ours": once. Raises NotPossibleNow after the ruling."""
        if self.disputed:
            raise NotPossibleNow("assignment", self.number, self.state, S.DISPUTED)
        self._move(S.DISPUTED, by, at=at, reason=reason)
        self.disputed = True

    def rule(self, by: By, *, lead: str, reason: str, at: datetime) -> None:
        """The office's word on the dispute: the same lead or another one; it cannot be disputed again."""
        self._move(S.ASSIGNED, by, at=at, reason=reason, lead=lead)
        self.lead = lead
        self.helpers = [helper for helper in self.helpers if helper.unit != lead]

    def progress(self, by: By, percent: int, note: str, *, at: datetime) -> None:
        if self.state is not S.ACCEPTED:
            raise NotPossibleNow("assignment", self.number, self.state, "progress")
        if not 0 <= percent <= 100:
            raise AnswerUnfit("percent", "0..100")
        self.percent = percent
        self._note("progress", by, at=at, note=note, percent=str(percent))

    def ask_longer(self, by: By, until: date, reason: str, *, today: date, at: datetime) -> None:
        """More time is asked for before it is due, and for a later day."""
        if self.state not in (S.ASSIGNED, S.ACCEPTED) or today > self.due:
            raise NotPossibleNow("assignment", self.number, "overdue" if today > self.due else self.state, "longer")
        if until <= self.due:
            raise AnswerUnfit("due", "later")
        self.longer_until = until
        self._note("longer_asked", by, at=at, reason=reason, until=until.isoformat())

    def answer_longer(self, by: By, *, granted: bool, at: datetime) -> None:
        if self.longer_until is None:
            raise NotPossibleNow("assignment", self.number, self.state, "longer")
        self._note("longer_granted" if granted else "longer_refused", by, at=at, until=self.longer_until.isoformat())
        if granted:
            self.due = self.longer_until
        self.longer_until = None

    def help(self, unit: str, by: By, *, confirmed: bool, at: datetime) -> None:
        helper = next((each for each in self.helpers if each.unit == unit), None)
        if helper is None or not self.is_open:
            raise NotPossibleNow("assignment", self.number, self.state, "help")
        helper.state, helper.at = HelperState.CONFIRMED if confirmed else HelperState.DECLINED, at
        self._note("help_confirmed" if confirmed else "help_declined", by, at=at, unit=unit)

    def submit(self, by: By, note: str, *, at: datetime) -> None:
        self._move(S.SUBMITTED, by, at=at, note=note)
        self.percent = 100

    def give_back(self, by: By, lacks: str, *, at: datetime) -> None:
        """Returned with what lacks; the due day stays."""
        self._move(S.ACCEPTED, by, at=at, lacks=lacks)

    def strike_off(self, by: By, *, at: datetime) -> None:
        self._move(S.STRUCK_OFF, by, at=at)

    def withdraw(self, by: By, reason: str, *, at: datetime) -> None:
        self._move(S.WITHDRAWN, by, at=at, reason=reason)

    @property
    def waiting_helpers(self) -> list[str]:
        return [helper.unit for helper in self.helpers if helper.state is HelperState.ASKED]
