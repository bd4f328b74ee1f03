"""The days of the rehearsal's check, counted beside the desk: which are worked on, and how far a step lies from a day."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from conference.model.calendar import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = time(8, 30)


@cache
def days() -> dict[date, bool]:
    """Days off and working weekends as announced; what is not named is by its weekday."""
    from chinese_calendar import constants

    return dict.fromkeys(constants.holidays, False) | dict.fromkeys(constants.workdays, True)


def calendar() -> WorkCalendar:
    return WorkCalendar.of(days())


def works(day: date) -> bool:
    return days().get(day, day.weekday() < 5)


def step_day(due: date, working_days: int) -> date:
    """So many working days before or after; a step before or on a day off comes on the working day before it."""
    day, left, way = due, abs(working_days), 1 if working_days > 0 else -1
    while left:
        day += timedelta(days=way)
        left -= works(day)
    while not works(day):
        day -= timedelta(days=1)
    return day
