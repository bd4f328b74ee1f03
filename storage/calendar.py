"""The table of working days and days off."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.calendar import WorkCalendar

from .tables import calendar_days, facts

MARK = "calendar"  # the fact that is another with each change, so that every process knows when to read the table anew
SEEDED = 3  # years: what lies further back is no deadline's any more

_insert = {  # two processes may fill an empty table at the same moment
    name: (insert(calendar_days).on_conflict_do_nothing(), insert(facts).on_conflict_do_nothing())
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))
}


def read(connection: Connection) -> WorkCalendar:
    """The whole table: a few hundred rows for all the years there are."""
    rows = connection.execute(select(calendar_days.c.day, calendar_days.c.workday))
    return WorkCalendar.of({row.day: row.workday for row in rows})


def names(connection: Connection, year: int) -> dict[date, str]:
    """What the days of a year are called that have a name."""
    rows = connection.execute(select(calendar_days.c.day, calendar_days.c.name).where(calendar_days.c.name != ""))
    return {row.day: row.name for row in rows if row.day.year == year}


def put(connection: Connection, days: Mapping[date, tuple[bool, str]]) -> None:
    """Write these days: whether one works, and what it is called."""
    if not days:
        return
    connection.execute(delete(calendar_days).where(calendar_days.c.day.in_(list(days))))
    days_in, mark_in = _insert[connection.dialect.name]
    connection.execute(days_in, [{"day": day, "workday": work, "name": name} for day, (work, name) in days.items()])
    connection.execute(delete(facts).where(facts.c.name == MARK))
    connection.execute(mark_in, {"name": MARK, "value": secrets.token_bytes(8)})


def seed(connection: Connection) -> None:
    """Fill a table that is empty with the days off and the working weekends that the package knows of."""
    if connection.execute(select(func.count()).select_from(calendar_days)).scalar():
        return
    from chinese_calendar import constants  # a large table, needed once

    days = {day: (False, constants.Holiday(name).chinese) for day, name in constants.holidays.items()}
    days |= dict.fromkeys(constants.workdays, (True, ""))
    since = max(days).year - SEEDED
    put(connection, {day: said for day, said in days.items() if day.year > since})
