"""Buttons of a report of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from conference.model.permissions import Action
from handlers.buttons import Press, button

from .base import OfDraft


@button("m", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class ShowOwnReports(Press):
    """`below`: 1 under a message that has to stay, such as a receipt: what follows comes below it, not in its place."""

    below: int = 0


@button("mr", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class ShowOwnReport(Press):
    report: int


@button("a", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class AddMore(Press):
    report: int
    below: int = 0


@button("ad", Action.FOLLOW_OWN_REPORT)
@dataclass(frozen=True, slots=True)
class Adding(OfDraft):
    """`way`: send, cancel, drop, on."""

    kept_in: ClassVar[str] = "additions"

    way: str


@button("r", Action.RECLAIM_REPORT)
@dataclass(frozen=True, slots=True)
class Reclaim(Press):
    pass
