"""Buttons of the duty calendar."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("yl", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowDuties(Press):
    """`view`: own, waiting, overdue, all, unsaid, done; "" the one that fits best."""

    view: str
    page: int


@button("yr", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowDutyRows(Press):
    """What the document says, row by row."""

    page: int


@button("yo", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowOccurrence(Press):
    occurrence: int


@button("yp", Action.SEE_DUTIES)
@dataclass(frozen=True, slots=True)
class ShowProofs(Press):
    occurrence: int


@button("yt", Action.REPORT_DUTY)
@dataclass(frozen=True, slots=True)
class ReportDuty(Press):
    occurrence: int


@button("yw", Action.RUN_DUTIES)
@dataclass(frozen=True, slots=True)
class RunDuty(Press):
    """`way`: accept, return, waive."""

    occurrence: int
    way: str


@button("ya", Action.RUN_DUTIES)
@dataclass(frozen=True, slots=True)
class AskForDuty(Press):
    """`way`: open (a duty is owed because of something this program does not hear of), often (how often one recurs)."""

    way: str
