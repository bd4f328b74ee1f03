"""Buttons of what takes two persons."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@dataclass(frozen=True, slots=True)
class Decide(Press):
    """Base of the buttons under what somebody asks: `granted` is 1 or 0. One class for each right to decide."""

    approval: int
    granted: int


@button("di", Action.APPROVE_IDENTITY)
@dataclass(frozen=True, slots=True)
class DecideIdentity(Decide):
    pass


@button("dx", Action.APPROVE_EXPORT)
@dataclass(frozen=True, slots=True)
class DecideExport(Decide):
    pass


@button("oi", Action.ASK_IDENTITY)
@dataclass(frozen=True, slots=True)
class OpenIdentity(Press):
    approval: int


@button("ls", Action.LIST_REPORTS)
@dataclass(frozen=True, slots=True)
class ShowReports(Press):
    below: int = 0
