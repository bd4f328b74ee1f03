"""When a recurring duty falls due again: windows that follow each other, each with a name. Pure: days in, days out.

Whoever asks for the windows between two days gets each of them once, however long nobody has looked. Source: domain §3, §5 A28.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

MonthDay = tuple[int, int]
PARTS = {12: "", 6: "H", 3: "Q"}  # months of a window: what stands before its number in the year
EVERY = (1, 2, 3, 4, 6, 12)  # months of which a whole number makes a year


@dataclass(frozen=True, slots=True)
class Window:
    """`name` 2026H2; from `first` to `last`, both included."""

    name: str
    first: date
    last: date


class Rhythm(Protocol):
    def of_year(self, year: int) -> Sequence[Window]:
        """The windows that begin and end in this year, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Months:
    """The year in equal parts: 12 yearly, 6 half-yearly, 3 quarterly; 1, 2 or 4 where the office says so. No day is left out."""

    months: int

    def __post_init__(self) -> None:
        if self.months not in EVERY:
            raise ValueError(f"{self.months} months do not divide a year; there are {EVERY}")

    def of_year(self, year: int) -> Sequence[Window]:
        return [self._part(year, month) for month in range(1, 13, self.months)]

    def _part(self, year: int, month: int) -> Window:
        until = month + self.months - 1
        last = date(year, until, calendar.monthrange(year, until)[1])
        sign = PARTS.get(self.months)
        if sign is None:
            return Window(f"{year}M{month:02}" + (f"-{until:02}" if until > month else ""), date(year, month, 1), last)
        return Window(f"{year}{sign}{(month - 1) // self.months + 1}" if sign else f"{year}", date(year, month, 1), last)


@dataclass(frozen=True, slots=True)
class Seasons:
    """Stretches of each year, such as the holidays of the schools, none of which crosses its end. 29 February is 28 in other years."""

    stretches: Sequence[tuple[MonthDay, MonthDay]]

    def of_year(self, year: int) -> Sequence[Window]:
        return [Window(f"{year}V{n}", _day(year, first), _day(year, last)) for n, (first, last) in enumerate(self.stretches, start=1)]


def _day(year: int, of: MonthDay) -> date:
    month, day = of
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def stretch(text: str) -> tuple[MonthDay, MonthDay]:
    """07-10/08-31 as two days of a year."""
    first, last = (tuple(map(int, part.split("-"))) for part in text.split("/"))
    return (first[0], first[1]), (last[0], last[1])


def windows_between(rhythm: Rhythm, first: date, last: date) -> list[Window]:
    """All windows of which at least one day lies from `first` to `last`."""
    found = (window for year in range(first.year, last.year + 1) for window in rhythm.of_year(year))
    return [window for window in found if window.first <= last and window.last >= first]


def beginnings(rhythm: Rhythm, after: date) -> Iterator[date]:
    """The days on which windows begin, after this one, of this year and the next."""
    return (window.first for year in (after.year, after.year + 1) for window in rhythm.of_year(year) if window.first > after)


def next_look(rhythms: Sequence[Rhythm], today: date) -> date:
    """When the next window of any of them begins; at the latest the first day of next month, when owners that came since are found."""
    month = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return min([month, *(day for rhythm in rhythms for day in beginnings(rhythm, today))])
