"""Buttons of the roster."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("ro", Action.SEE_ROSTER)
@dataclass(frozen=True, slots=True)
class ShowRoster(Press):
    page: int


@button("ru", Action.SEE_ROSTER)
@dataclass(frozen=True, slots=True)
class ShowUnit(Press):
    """The unit that this post belongs to: its slug would not fit. `back`: the page of units to return to."""

    post: int
    page: int
    back: int


@button("rx", Action.EXPORT_ROSTER)
@dataclass(frozen=True, slots=True)
class AskExport(Press):
    """How the roster can be taken out."""


@button("rt", Action.EXPORT_ROSTER)
@dataclass(frozen=True, slots=True)
class TakeExport(Press):
    """Send the file, as a second person has allowed."""

    approval: int


@button("rg", Action.SEE_ROSTER_GAPS)
@dataclass(frozen=True, slots=True)
class ShowGaps(Press):
    page: int
