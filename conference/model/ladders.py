"""Whom to remind, and when, until something is done: a ladder is data of the profile, its moments are computed once.

A step lies so many working days before the due day, on it, or after it, always at the hour of the digest. Steps whose moment
has passed when the thing is created are left out: nobody is reminded of what he learnt a minute ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .calendar import Hours, WorkCalendar
from .profile import Reminder, Settings

Ladder = Sequence[Reminder]


@dataclass(frozen=True, slots=True)
class Moment:
    """A step and when it comes. `code` names it within its ladder: "-2 liaison"."""

    reminder: Reminder
    at: datetime

    @property
    def code(self) -> str:
        return code_of(self.reminder)


def code_of(reminder: Reminder) -> str:
    return f"{reminder.days:+d} {reminder.whom}"


def moments(ladder: Ladder, due: date, *, since: datetime, hours: Hours, calendar: WorkCalendar) -> list[Moment]:
    """When each step comes, in order of time; those that would lie before `since` are left out."""
    found = []
    for reminder in ladder:
        day = calendar.shift(due, reminder.days) if reminder.days else due
        if reminder.days <= 0:  # a reminder that would fall on a day off comes on the working day before it
            day = calendar.workday_until(day)
        at = hours.digest_of(day)
        if at > since:
            found.append(Moment(reminder, at))
    return sorted(found, key=lambda moment: (moment.at, ladder.index(moment.reminder)))


def light(settings: Settings, due: date, today: date, calendar: WorkCalendar, *, is_late: bool) -> str:
    """The colour of an open thing today. `is_late`: what it is says whether it is overdue at all; whoever is only informed never is."""
    in_time, soon, late = settings.light_colours
    past = calendar.between(due, today)
    if is_late and past >= settings.light_red_days:
        return late
    return soon if past >= -settings.light_yellow_days else in_time


def window(cadence: str, day: date) -> tuple[str, date, date]:
    """The window of a cadence that holds this day: its name (2026H2, 2026Q4, 2026), first and last day. Source: domain §5 A5."""
    year = day.year
    if cadence == "yearly":
        return f"{year}", date(year, 1, 1), date(year, 12, 31)
    if cadence == "half_yearly":
        half = 1 if day.month <= 6 else 2
        return (
            f"{year}H{half}",
            date(year, 6 * half - 5, 1),
            date(year, 6 * half + 1, 1) - timedelta(days=1) if half == 1 else date(year, 12, 31),
        )
    if cadence == "quarterly":
        quarter = (day.month + 2) // 3
        first = date(year, 3 * quarter - 2, 1)
        last = date(year, 12, 31) if quarter == 4 else date(year, 3 * quarter + 1, 1) - timedelta(days=1)
        return f"{year}Q{quarter}", first, last
    raise ValueError(f"no window of {cadence!r}; there are yearly, half_yearly, quarterly")
