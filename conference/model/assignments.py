"""An assigned item, from the office's word to being struck off (销号). Source: domain §2.8 (SUP-01 … 04), §4.4.

One lead unit, helpers only where the profile has them. It may be disputed once, and is ruled on once; more time is asked for before
it is due; only the office strikes it off.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    S.ASSIGNED: frozenset({S.ASSIGNED, S.ACCEPTED, S.DISPUTED, S.WITHDRAWN}),  # to itself and back: given to others
    S.DISPUTED: frozenset({S.ASSIGNED, S.WITHDRAWN}),  # ruled: it stays (perhaps with another lead), or is taken back
    S.ACCEPTED: frozenset({S.ASSIGNED, S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.ACCEPTED, S.STRUCK_OFF}),  # returned with what lacks, or struck off
    S.STRUCK_OFF: frozenset(),
    S.WITHDRAWN: frozenset(),
}
OPEN = frozenset({S.ASSIGNED, S.DISPUTED, S.ACCEPTED, S.SUBMITTED})
WITH_LEAD = frozenset({S.ASSIGNED, S.ACCEPTED})  # it is the lead's turn; else the office's


class HelperState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, why, and what will show that it is done: sealed as a whole where it is kept."""

    what: str
    why: str
    proof: str


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
    """`due` is a day: it is overdue when the day is over. What, why and which proof are sealed apart. `round` rises when it is put
    anew (another day, another lead, returned): reminders of an earlier one never leave."""

    id: int | None = None
    conference: str
    number: str
    state: AssignmentState = AssignmentState.ASSIGNED
    lead: str
    helpers: list[Helper] = field(default_factory=list)
    due: date
    percent: int = 0
    notice_id: int | None = None
    round: int = 0
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
        if self.state is not S.ASSIGNED:
            raise NotPossibleNow("assignment", self.number, self.state, S.ACCEPTED)
        self._move(S.ACCEPTED, by, at=at)

    def dispute(self, by: By, reason: str, *, at: datetime) -> None:
        """ "Not ours": once. Raises NotPossibleNow after the ruling."""
        if self.disputed:
            raise NotPossibleNow("assignment", self.number, self.state, S.DISPUTED)
        self._move(S.DISPUTED, by, at=at, reason=reason)
        self.disputed = True

    def rule(self, by: By, *, lead: str, reason: str, at: datetime) -> None:
        """The office's word on the dispute: the same lead or another one; it cannot be disputed again."""
        if self.state is not S.DISPUTED:
            raise NotPossibleNow("assignment", self.number, self.state, "ruled")
        self._put_anew(by, lead, reason, "ruled", at=at)
        self.helpers = [helper for helper in self.helpers if helper.unit != lead]

    def reassign(self, by: By, *, lead: str, helpers: Sequence[str], due: date, reason: str, at: datetime) -> None:
        """Other units, and perhaps another day. A helper that stays keeps what it has said. Raises AnswerUnfit for a lead that helps."""
        if lead in helpers:
            raise AnswerUnfit("helpers", "not_lead")
        if self.state is S.DISPUTED:
            raise NotPossibleNow("assignment", self.number, self.state, "reassigned")
        self._put_anew(by, lead, reason, "reassigned", at=at)
        kept = {helper.unit: helper for helper in self.helpers if helper.unit in helpers}
        self.helpers = [kept.get(unit) or Helper(unit=unit) for unit in helpers]
        self.due, self.longer_until = due, None

    def _put_anew(self, by: By, lead: str, reason: str, how: str, *, at: datetime) -> None:
        self._move(S.ASSIGNED, by, at=at, reason=reason, lead=lead, how=how)
        if lead != self.lead:
            self.percent, self.longer_until = 0, None
        self.lead, self.round = lead, self.round + 1

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
        if self.longer_until is not None:
            raise NotPossibleNow("assignment", self.number, "longer", "longer")
        if until <= self.due:
            raise AnswerUnfit("due", "later")
        self.longer_until = until
        self._note("longer_asked", by, at=at, reason=reason, until=until.isoformat())

    def answer_longer(self, by: By, *, granted: bool, reason: str = "", at: datetime) -> None:
        if self.longer_until is None or not self.is_open:
            raise NotPossibleNow("assignment", self.number, self.state, "longer")
        said = {"until": self.longer_until.isoformat()} | ({"reason": reason} if reason else {})
        self._note("longer_granted" if granted else "longer_refused", by, at=at, **said)
        if granted:
            self.due, self.round = self.longer_until, self.round + 1
        self.longer_until = None

    def help(self, unit: str, by: By, *, confirmed: bool, reason: str = "", at: datetime) -> None:
        """A helper says that its part is done, or, with the reason, that it cannot help."""
        helper = next((each for each in self.helpers if each.unit == unit and each.state is HelperState.ASKED), None)
        if helper is None or not self.is_open:
            raise NotPossibleNow("assignment", self.number, self.state, "help")
        helper.state, helper.at = HelperState.CONFIRMED if confirmed else HelperState.DECLINED, at
        self._note("help_confirmed" if confirmed else "help_declined", by, at=at, **({"reason": reason} if reason else {}))

    def submit(self, by: By, note: str, *, files: int = 0, where: str = "", at: datetime) -> None:
        """Done, with proof: files, or words that say where it can be seen. Raises AnswerUnfit without either, NotPossibleNow with
        state "helpers" while a co-responsible unit has not said its word."""
        if self.state is S.ACCEPTED and self.waiting_helpers:
            raise NotPossibleNow("assignment", self.number, "helpers", S.SUBMITTED)
        if S.SUBMITTED in MOVES[self.state] and not files and not where:
            raise AnswerUnfit("proof", "file_or_words")
        self._move(S.SUBMITTED, by, at=at, note=note, **({"where": where} if where else {}))
        self.percent = 100

    def give_back(self, by: By, lacks: str, *, at: datetime) -> None:
        """Returned with what lacks; the due day stays."""
        if self.state is not S.SUBMITTED:
            raise NotPossibleNow("assignment", self.number, self.state, "returned")
        self._move(S.ACCEPTED, by, at=at, lacks=lacks)
        self.round += 1

    def strike_off(self, by: By, remark: str = "", *, at: datetime) -> None:
        self._move(S.STRUCK_OFF, by, at=at, **({"remark": remark} if remark else {}))

    def withdraw(self, by: By, reason: str, *, at: datetime) -> None:
        self._move(S.WITHDRAWN, by, at=at, reason=reason)

    def is_overdue(self, today: date) -> bool:
        return self.state in WITH_LEAD and today > self.due

    def part_of(self, unit: str) -> str:
        """lead, helper, or "" for a unit that has nothing to do with it."""
        if unit == self.lead:
            return "lead"
        return "helper" if any(helper.unit == unit for helper in self.helpers) else ""

    @property
    def units(self) -> list[str]:
        return [self.lead, *(helper.unit for helper in self.helpers)]

    @property
    def waiting_helpers(self) -> list[str]:
        return [helper.unit for helper in self.helpers if helper.state is HelperState.ASKED]
