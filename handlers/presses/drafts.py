"""Buttons of a report on its way."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button

from .base import OfDraft


@button("b", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Begin(Press):
    """Begin a report about one of the people of the first question."""

    subject: str


@button("bd", Action.REPORT)
@dataclass(frozen=True, slots=True)
class BeginOnDuty(Press):
    """Begin a report as somebody whose work obliges them to report."""


@button("o", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Choose(OfDraft):
    option: int


@button("p", Action.REPORT)
@dataclass(frozen=True, slots=True)
class PickPlace(OfDraft):
    place: str


@button("pp", Action.REPORT)
@dataclass(frozen=True, slots=True)
class OpenPlaces(OfDraft):
    """A page of the places beneath `under` ("": beneath the region)."""

    under: str
    page: int


@button("s", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Step(OfDraft):
    """`way`: next, back, review, cancel, drop, on (go on), anew, new (what is held is a new report)."""

    way: str


@button("c", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Change(OfDraft):
    question: int


@button("f", Action.REPORT)
@dataclass(frozen=True, slots=True)
class Submit(OfDraft):
    pass


@button("hd", Action.REPORT)
@dataclass(frozen=True, slots=True)
class HeldBelongsTo(OfDraft):
    """What is held is an addition to this filed report."""

    report: int
