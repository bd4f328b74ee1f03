"""Buttons of those who respond."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("ac", Action.ACCEPT_REPORT)
@dataclass(frozen=True, slots=True)
class AcceptReport(Press):
    """`sheet`: 1 under the opened report, which stays; 0 under the alert, whose place the acceptance takes."""

    report: int
    sheet: int


@button("rd", Action.READ_REPORT)
@dataclass(frozen=True, slots=True)
class ReadReport(Press):
    report: int
