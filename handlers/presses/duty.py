"""Buttons of the duty rota."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("me", Action.RECORD_MECHANISM)
@dataclass(frozen=True, slots=True)
class ShowMechanism(Press):
    """Whether the mechanism is set up, and how to record it."""


@button("du", Action.SEE_DUTY)
@dataclass(frozen=True, slots=True)
class ShowDuty(Press):
    pass


@button("dt", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class TakeDuty(Press):
    post: int
    hours: int


@button("de", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class EndShift(Press):
    shift: int


@button("dp", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanDuty(Press):
    """For whom? Then `PlanDay`: on which day? Then `PlanHours`: which hours of it?"""

    post: int


@button("dd", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanDay(Press):
    post: int
    person: int


@button("dh", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanHours(Press):
    """`day`: 20261126."""

    post: int
    person: int
    day: int


@button("ds", Action.SET_DUTY)
@dataclass(frozen=True, slots=True)
class PlanShift(Press):
    """`hours`: day, night, all."""

    post: int
    person: int
    day: int
    hours: str
