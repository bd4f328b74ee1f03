"""Working days, office hours and the moments at which people may be reminded. Pure: days and a zone are given.

Days of the table win (holidays, and working Saturdays and Sundays, 调休); where the table ends, weekdays count, and whoever asks can see
that (`is_certain`). Source: domain §5 A28, §6.6; the rules on public holidays and the yearly notices on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

HOLIDAYS = 11  # days off that the law names for a year; 13 since 2025
ON_THEIR_DAY = ((1, 1), (5, 1), (10, 1))  # New Year, Labour Day, National Day; the others follow the moon or the sun
FURTHEST = 3660  # days that are walked at most: a table without a working day must not turn for ever


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """`days`: True for a working day, False for a day off, only where it differs from the weekday or is known for sure."""

    days: Mapping[date, bool] = field(default_factory=dict)
    known_until: date | None = None

    def changed(self, days: Mapping[date, bool]) -> WorkCalendar:
        """The calendar with these days as they are said to be; the others stay."""
        return WorkCalendar.of({**self.days, **days})

    @classmethod
    def of(cls, days: Mapping[date, bool]) -> WorkCalendar:
        """A year is known once its days off are there: as many as the law names, among them those that lie on a day of its own.

        One of its days says nothing of the others; and what lies behind a year that is not known is not known either.
        """
        off = Counter(day.year for day, works in days.items() if not works)
        known = {
            year
            for year, number in off.items()
            if number >= HOLIDAYS and all(days.get(date(year, *fixed)) is False for fixed in ON_THEIR_DAY)
        }
        last = min(known, default=None)
        while last is not None and last + 1 in known:
            last += 1
        return cls(days, date(last, 12, 31) if last is not None else None)

    def is_workday(self, day: date) -> bool:
        return self.days.get(day, day.weekday() < 5)

    def is_certain(self, day: date) -> bool:
        """False beyond the end of the table: then only weekdays are counted."""
        return self.known_until is not None and day <= self.known_until

    def workday_from(self, day: date) -> date:
        """The day itself if it is a working day, else the next one."""
        return self._walk(day, 1)

    def workday_until(self, day: date) -> date:
        """The day itself if it is a working day, else the last one before it."""
        return self._walk(day, -1)

    def _walk(self, day: date, step: int) -> date:
        for _ in range(FURTHEST):
            if self.is_workday(day):
                return day
            day += timedelta(days=step)
        raise ValueError(f"no working day within {FURTHEST} days of {day}")

    def shift(self, day: date, workdays: int) -> date:
        """So many working days later (negative: earlier). 0 is the day itself, whatever it is."""
        step = 1 if workdays > 0 else -1
        for _ in range(abs(workdays)):
            day = self._walk(day + timedelta(days=step), step)
        return day

    def between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; negative if `last` lies before."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


@dataclass(frozen=True, slots=True)
class Hours:
    """When people are written to about what is not urgent: `digest` on working days, never in the quiet hours."""

    zone: tzinfo
    digest: time = time(8, 30)
    quiet_from: time = time(21, 30)
    quiet_until: time = time(7, 30)

    @classmethod
    def said(cls, zone: tzinfo, digest: str, quiet: str) -> Hours:
        """As a profile writes them: "08:30", and "21:30-07:30" or "" for none."""
        begins, ends = (time.fromisoformat(each) for each in (quiet or "00:00-00:00").split("-"))
        return cls(zone, time.fromisoformat(digest), begins, ends)

    def is_quiet(self, at: datetime) -> bool:
        clock = at.astimezone(self.zone).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def digest_of(self, day: date) -> datetime:
        return datetime.combine(day, self.digest, self.zone)

    def next_digest(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """The first digest at or after this moment, on a working day."""
        day = at.astimezone(self.zone).date()
        if self.digest_of(day) < at:
            day += timedelta(days=1)
        return self.digest_of(calendar.workday_from(day))

    def end_of(self, day: date) -> datetime:
        """The last moment of a day: what is due on it is overdue afterwards."""
        return datetime.combine(day + timedelta(days=1), time(0), self.zone)
