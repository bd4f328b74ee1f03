"""A meeting from its convocation to the day it is held, and who comes. Source: domain §2.7 (MTG-01 … 04, 12), §4.2.

Each change of date, time or place raises `sequence`: answers given to an earlier one are void and asked again, reminders of it never
leave. Agenda gates and minutes hang on the same noun later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .errors import NotPossibleNow
from .history import By, Turn


class MeetingKind(StrEnum):
    PLENARY = "plenary"
    EXTRA = "extra"
    LIAISON = "liaison"


class MeetingState(StrEnum):
    CONVENED = "convened"
    CANCELLED = "cancelled"
    HELD = "held"


MOVES: dict[MeetingState, frozenset[MeetingState]] = {
    MeetingState.CONVENED: frozenset({MeetingState.CANCELLED, MeetingState.HELD}),
    MeetingState.CANCELLED: frozenset(),
    MeetingState.HELD: frozenset(),
}


class Answer(StrEnum):
    ATTEND = "attend"
    SUBSTITUTE = "substitute"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True)
class Convocation:
    """What the convocation says: sealed as a whole where it is kept. `link` may be empty. `by`: in whose name it is called
    (chief_convener, convener, office); `chair`: who presides, if that is settled."""

    subject: str
    place: str
    link: str = ""
    chair: str = ""
    by: str = "chief_convener"


@dataclass(eq=False, kw_only=True)
class Meeting:
    """`uid` and `sequence` are those of the calendar invitation (RFC 5545): the same meeting, the newer word."""

    id: int | None = None
    conference: str
    number: str
    kind: MeetingKind
    state: MeetingState = MeetingState.CONVENED
    starts_at: datetime
    answer_by: datetime
    uid: str
    sequence: int = 0
    called_by: int | None
    called_post: int | None
    called_at: datetime
    ended_at: datetime | None = None
    turns: list[Turn] = field(default_factory=list)

    def _move(self, to: MeetingState, by: By, *, at: datetime, **words: str) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("meeting", self.number, self.state, to)
        self.turns.append(Turn(self.state, to, at, by, dict(words)))
        self.state, self.ended_at = to, at

    def change(self, by: By, *, starts_at: datetime, answer_by: datetime, at: datetime) -> None:
        """Another date, time or place: what was answered is void."""
        if self.state is not MeetingState.CONVENED:
            raise NotPossibleNow("meeting", self.number, self.state, "changed")
        self.turns.append(Turn(self.state, self.state, at, by, {"from": self.starts_at.isoformat(), "to": starts_at.isoformat()}))
        self.starts_at, self.answer_by, self.sequence = starts_at, answer_by, self.sequence + 1

    def cancel(self, by: By, reason: str, *, at: datetime) -> None:
        self._move(MeetingState.CANCELLED, by, at=at, reason=reason)

    def hold(self, by: By, *, at: datetime) -> None:
        """It has taken place. Not before it began."""
        if at < self.starts_at:
            raise NotPossibleNow("meeting", self.number, self.state, MeetingState.HELD)
        self._move(MeetingState.HELD, by, at=at)

    def takes_answers(self, at: datetime) -> bool:
        return self.state is MeetingState.CONVENED and at <= self.answer_by

    def open_for(self, sequence: int) -> bool:
        """Whether a reminder written for this sequence still names the right date."""
        return self.state is MeetingState.CONVENED and sequence == self.sequence


@dataclass(eq=False, kw_only=True)
class Attendance:
    """One unit's answer to one convocation. A second one replaces the first, which stays as history (`void_at`)."""

    id: int | None = None
    meeting_id: int
    sequence: int
    unit: str
    answer: Answer
    person_id: int
    post_id: int
    at: datetime
    void_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Units by their answer, in the order of the profile."""

    coming: tuple[str, ...]
    substitute: tuple[str, ...]
    excused: tuple[str, ...]
    silent: tuple[str, ...]


def tally(units: Iterable[str], attendances: Iterable[Attendance]) -> Tally:
    valid = {a.unit: a.answer for a in attendances if a.void_at is None}
    by: dict[Answer | None, list[str]] = {}
    for unit in units:
        by.setdefault(valid.get(unit), []).append(unit)
    return Tally(*(tuple(by.get(answer, ())) for answer in (Answer.ATTEND, Answer.SUBSTITUTE, Answer.EXCUSED, None)))


@dataclass(eq=False, kw_only=True)
class Guest:
    """A body from outside, invited to one meeting by a link of its own. The link is its holder's once somebody has opened it."""

    id: int | None = None
    meeting_id: int
    token_index: bytes
    account_id: int | None = None
    answer: Answer | None = None
    answered_at: datetime | None = None
