"""Buttons of assigned items."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("al", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class ShowAssignments(Press):
    page: int


@button("as", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class ShowAssignment(Press):
    """`below`: 1 under a message that has to stay."""

    assignment: int
    below: int = 0


@button("at", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class TraceAssignment(Press):
    """Its history; `page` counts from 0, -1 is the first one under a message that has to stay."""

    assignment: int
    page: int


@button("af", Action.SEE_ASSIGNMENTS)
@dataclass(frozen=True, slots=True)
class ShowAssignmentFiles(Press):
    assignment: int


@button("an", Action.ASSIGN)
@dataclass(frozen=True, slots=True)
class Assign(Press):
    """`notice`: the decision notice it comes from, or 0."""

    notice: int = 0


@button("aw", Action.WORK_ASSIGNMENT)
@dataclass(frozen=True, slots=True)
class WorkAssignment(Press):
    """By a unit. `way`: accept, dispute, progress, longer, submit, helped, no_help."""

    assignment: int
    way: str


@button("ax", Action.ASSIGN)
@dataclass(frozen=True, slots=True)
class RunAssignment(Press):
    """By the office. `way`: rule, grant, refuse, give_back, strike_off, withdraw."""

    assignment: int
    way: str


@button("ar", Action.REASSIGN)
@dataclass(frozen=True, slots=True)
class Reassign(Press):
    assignment: int


@button("ao", Action.SEE_OWED)
@dataclass(frozen=True, slots=True)
class ShowOwed(Press):
    pass
