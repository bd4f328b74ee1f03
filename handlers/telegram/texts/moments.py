"""Dates and times as people here write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from handlers.messages import Reader
from locales import Markup, Translator, later

_WEEKDAYS = (later("Mon"), later("Tue"), later("Wed"), later("Thu"), later("Fri"), later("Sat"), later("Sun"))
_MONTHS = (
    later("Jan"),
    later("Feb"),
    later("Mar"),
    later("Apr"),
    later("May"),
    later("Jun"),
    later("Jul"),
    later("Aug"),
    later("Sep"),
    later("Oct"),
    later("Nov"),
    later("Dec"),
)


def moment(iso: str, reader: Reader, t: Translator) -> Markup:
    """11月26日（周四）14:30, in the reader's zone. `iso` carries an offset."""
    at = datetime.fromisoformat(iso).astimezone(reader.zone)
    return t("{weekday} {day} {month}, {time}", time=f"{at:%H:%M}", **_day(at.date(), t))


def day(iso: str, t: Translator) -> Markup:
    """2026年11月26日（周四）: a day that somebody named."""
    found = date.fromisoformat(iso)
    return t("{weekday} {day} {month} {year}", year=found.year, **_day(found, t))


def day_of(iso: str, reader: Reader, t: Translator) -> Markup:
    """2026年11月26日（周四）: the day of a moment in the reader's zone."""
    return day(datetime.fromisoformat(iso).astimezone(reader.zone).date().isoformat(), t)


def _day(found: date, t: Translator) -> dict[str, object]:
    return {"weekday": t(_WEEKDAYS[found.weekday()]), "day": found.day, "month": t(_MONTHS[found.month - 1])}


def hours(span: timedelta) -> int:
    """A rule's span as a figure for a sentence."""
    return span // timedelta(hours=1)


def minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)
