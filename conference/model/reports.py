"""A report of suspected neglect or harm, from the moment it is sent.

Free words, places, contacts and who reported are no part of this entity: they are sealed apart (storage/sealed.py) and
opened only for those the report is assigned to. Source: domain §2.1, §4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .errors import NotPossibleNow


class ReportState(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"  # by public security; the domain's "emergency" begins here


MOVES: dict[ReportState, frozenset[ReportState]] = {
    ReportState.SUBMITTED: frozenset({ReportState.ACCEPTED}),
    ReportState.ACCEPTED: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class Move:
    """One step of a report's history."""

    id: int | None = None
    before: str | None
    after: str
    at: datetime
    person_id: int | None = None
    post_id: int | None = None


@dataclass(eq=False, kw_only=True)
class Report:
    """What may be sorted, counted and routed by; nothing that names anybody.

    `danger` is the reporter's own answer (None: not asked or skipped). `subject` and `situation` are codes of the
    questionnaire whose `questionnaire` version the report keeps.
    """

    id: int | None = None
    number: str
    draft: str
    conference: str
    questionnaire: str
    subject: str | None
    situation: str
    danger: bool | None
    place: str | None
    reporter_kind: str
    mandatory: bool
    state: ReportState = ReportState.SUBMITTED
    filed_at: datetime
    accepted_at: datetime | None = None
    accepted_by: int | None = None
    accepted_post: int | None = None
    history: list[Move] = field(default_factory=list)

    def _move(self, to: ReportState, *, at: datetime, person_id: int | None, post_id: int | None) -> None:
        if to not in MOVES[self.state]:
            raise NotPossibleNow("report", self.number, self.state, to)
        self.history.append(Move(before=self.state, after=to, at=at, person_id=person_id, post_id=post_id))
        self.state = to

    def accept(self, *, person_id: int, post_id: int, at: datetime) -> None:
        """Public security takes the report: person, post and time are stamped. Source: EMG-01 (000 四(五), 003 四(二))."""
        self._move(ReportState.ACCEPTED, at=at, person_id=person_id, post_id=post_id)
        self.accepted_at, self.accepted_by, self.accepted_post = at, person_id, post_id

    @property
    def is_waiting(self) -> bool:
        return self.state is ReportState.SUBMITTED


class StatementKind(StrEnum):
    """The sealed parts of a report."""

    WORDS = "words"
    PLACE = "place"
    LOCATION = "location"
    SINCE = "since"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Statement:
    """One sealed part, opened. `body` is what the person gave: text, or for evidence a mapping of the channel's file facts."""

    kind: StatementKind
    body: dict[str, object]
    at: datetime
    added: bool = False  # came after the filing


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of who reported. `address`: their number in the channel; `particulars`: answers about contact and workplace."""

    address: int
    particulars: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter learns by heart (`words`: numbers of the word list), and the only thing that is stored of it."""

    words: list[int]
    digest: bytes
