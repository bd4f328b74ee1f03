"""Days and terms as the offices count them. China keeps one zone all year, whatever the machine's clock says."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone

from .calendar import WorkCalendar

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
OPENING = time(9, 0)
_FIXED = re.compile(r"(\d{1,2})月(?:(\d{1,2})日|底)[以之]?前")


def local_day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def clock_time(day: date, hour: int) -> datetime:
    """This full hour of the day; 24 is midnight at its end."""
    return datetime.combine(day, time(0), CHINA) + timedelta(hours=hour)


def working_days_after(at: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The same hour so many working days later."""
    local = at.astimezone(CHINA)
    return local + (calendar.shift(local.date(), days) - local.date())


def fixed_day(words: str, year: int) -> date | None:
    """The last day of a term that a document writes without its year: 6月底前 is 30 June. None: the words or the year say no day."""
    found = _FIXED.fullmatch(words)
    if found is None:
        return None
    month, day = int(found[1]), int(found[2] or 0)
    try:  # neither a year of 0 nor a 13th month is one
        return date(year, month, day if found[2] else monthrange(year, month)[1])
    except ValueError:
        return None


def term_of(day: date, months: int) -> str:
    """The part of the year in which the day lies: 2027Q1 (3 months), 2027H1 (6), 2027 (12)."""
    part = (day.month - 1) // months + 1
    return f"{day.year}" + {3: f"Q{part}", 6: f"H{part}"}.get(months, "")


def months_of(term: str) -> int:
    """How long the term of this name is: what `term_of` was asked with."""
    return {"Q": 3, "H": 6}.get(term[-2:-1], 12)


def opening_of(term: str, calendar: WorkCalendar) -> datetime:
    """The opening hour of the first working day of the term of this name."""
    part = int(term[5:] or 1)
    return _opening(date(int(term[:4]), (part - 1) * months_of(term) + 1, 1), calendar)


def _opening(start: date, calendar: WorkCalendar) -> datetime:
    return datetime.combine(calendar.workday_from(start), OPENING, CHINA)


def next_opening(at: datetime, months: int, calendar: WorkCalendar) -> datetime:
    """The next opening hour of a term's first working day, after this moment."""
    day = local_day(at)
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    while True:
        opening = _opening(start, calendar)
        if opening > at:
            return opening
        following = start.month + months
        start = date(start.year + (following > 12), (following - 1) % 12 + 1, 1)
