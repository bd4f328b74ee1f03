"""The mechanism that a document wants set up by a day: whether it is, and by which document. Source: 003 六(一)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from .calendar import WorkCalendar
from .days import CHINA, OPENING


class MechanismStep(StrEnum):
    """When the office is reminded."""

    EARLY = "20"  # working days before
    SOON = "5"
    LAST_DAY = "day"
    OVERDUE = "overdue"  # the day after

    def due_at(self, last_day: date, calendar: WorkCalendar) -> datetime:
        day = last_day + timedelta(days=1) if self is MechanismStep.OVERDUE else calendar.shift(last_day, -self.days)
        return datetime.combine(day, time(OPENING.hour, OPENING.minute), CHINA)

    @property
    def days(self) -> int:
        """Working days that are left."""
        return int(self) if self.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class SetUp:
    """It is set up: the number of the document that did it, and when the office said so."""

    act_number: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MechanismState:
    """`term`: the text's own words, "" if it names no day. `last_day`: None while nobody has said the year."""

    conference: str
    term: str
    last_day: date | None
    set_up: SetUp | None
