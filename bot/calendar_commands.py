"""`lianxi calendar`: the table of working days, looked at and changed."""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from conference.model.calendar import WorkCalendar
from conference.model.errors import Misconfigured
from conference.services.calendar import change_calendar, plan_calendar
from conference.services.reminders import Shift

from .at_the_desk import at_the_desk
from .imports import agreed, bring_in
from .settings import read_settings

if TYPE_CHECKING:
    from rich.console import Console

    from storage.unit_of_work import Unit

MOST_SHOWN = 40  # lines
MOST_DAYS = 4000  # lines of a file: eleven years, day by day
LONGEST_NAME = 40  # characters
WORKS = {"workday": True, "班": True, "上班": True, "holiday": False, "休": False, "放假": False}
HEADINGS = ("date", "日期")
A_LINE = "a line is 2027-01-01,holiday,元旦 (or workday)"
Day = tuple[bool, str]


@dataclass(frozen=True)
class Plan:
    """What a file changes: how its days stood, how they will, and which deadlines and reminders move in which conference."""

    known: Mapping[date, bool | None]
    days: Mapping[date, Day]
    moved: Sequence[tuple[str, Shift]]
    known_until: date | None


def add_parsers(subs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    calendar = subs.add_parser("calendar", help="the table of working days: show it, or bring in the announced holidays")
    ways = calendar.add_subparsers(dest="way", required=True, metavar="WAY")
    show = ways.add_parser("show", help="the days of a year that differ from their weekday")
    show.add_argument("year", type=int, nargs="?", help="default: this year")
    show.set_defaults(do=show_year)
    bring = ways.add_parser("import", help="show what a file would change and which deadlines and reminders move, ask, and apply it")
    bring.add_argument("file", type=Path, help="CSV in UTF-8: date, workday or holiday (班, 休), name")
    bring.add_argument("--yes", action="store_true", help="apply without asking")
    bring.set_defaults(do=import_file)


def show_year(arguments: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    from storage import calendar

    console, settings = Console(), read_settings()
    with at_the_desk(settings) as unit:
        known = calendar.read(unit.connection)
        year = arguments.year or unit.at.astimezone(settings.zone).year
        names = calendar.names(unit.connection, year)
    table = Table("day", "", "", "name", title=str(year))
    for day in sorted(day for day in known.days if day.year == year):
        table.add_row(day.isoformat(), f"{day:%a}", "workday" if known.days[day] else "day off", names.get(day, ""))
    if table.row_count:
        console.print(table)
    else:
        console.print(f"{year}: no day differs from its weekday", highlight=False)
    console.print(f"known until {known.known_until}; beyond it weekdays count" if known.known_until else "no day is known", highlight=False)
    return 0


def import_file(arguments: argparse.Namespace) -> int:
    """Preview, then apply: 0 if it is in (or nothing differs), 1 if nothing was applied."""
    from rich.console import Console

    from storage import calendar

    console, settings = Console(), read_settings()
    days = read_days(arguments.file)

    def plan(unit: Unit) -> Plan:
        known = calendar.read(unit.connection).days
        names = {year: calendar.names(unit.connection, year) for year in {day.year for day in days}}
        fresh = {day: said for day, said in days.items() if (known.get(day), names[day.year].get(day, "")) != said}
        until = WorkCalendar.of({**known, **{day: works for day, (works, _) in fresh.items()}}).known_until
        return Plan({day: known.get(day) for day in fresh}, fresh, _everywhere(unit, fresh), until)

    def ask(planned: Plan) -> int | None:
        if not planned.days:
            console.print("Nothing differs from what is there.")
            return 0
        _print_plan(console, planned, settings.zone)
        if arguments.yes or agreed("Apply this?"):
            return None
        console.print("Nothing was applied.")
        return 1

    def apply(unit: Unit, planned: Plan) -> None:
        for slug in unit.conferences.slugs():
            unit.conference = slug
            change_calendar(unit, planned.days, at=unit.at)

    return bring_in(lambda: at_the_desk(settings), plan, ask, apply, lambda _: console.print("Applied."))


def _everywhere(unit: Unit, days: Mapping[date, Day]) -> list[tuple[str, Shift]]:
    """What moves in each conference of the database: they share one table."""
    found = []
    for slug in unit.conferences.slugs():
        unit.conference = slug
        found += [(slug, shift) for shift in plan_calendar(unit, days, at=unit.at)]
    return found


def _print_plan(console: Console, planned: Plan, zone: tzinfo) -> None:
    from rich.markup import escape
    from rich.table import Table

    words = {True: "workday", False: "day off", None: "-"}
    table = Table("day", "", "before", "after", "name")
    for day, (works, name) in sorted(planned.days.items()):
        table.add_row(day.isoformat(), f"{day:%a}", words[planned.known[day]], words[works], escape(name))
    console.print(table)
    console.print(
        f"known until {planned.known_until}; beyond it weekdays count: a year is known once all its days off are there", highlight=False
    )
    if not planned.moved:
        console.print("No running deadline and no reminder moves.")
        return
    alike = Counter((slug, what(shift.key), shift.before, shift.after) for slug, shift in planned.moved)
    table = Table("conference", "what", "how many", "before", "after")
    for (slug, of, *moments), number in list(alike.items())[:MOST_SHOWN]:
        table.add_row(slug, of, str(number), *(f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in moments))
    console.print(table)
    if len(alike) > MOST_SHOWN:
        console.print(f"… and {len(alike) - MOST_SHOWN} lines more", highlight=False)
    console.print(f"running deadlines and reminders that move: {len(planned.moved)}", highlight=False)


def what(key: str) -> str:
    """Of what a due row reminds, and which step it is: the units and numbers in its key are counted, not shown."""
    noun, *_, step = key.split(":")
    return f"{noun}, {step}"


def read_days(file: Path) -> dict[date, Day]:
    """Whether one works on a day, and its name. Raises Misconfigured that names each line that is wrong."""
    try:
        rows = list(csv.reader(file.read_bytes().decode("utf-8-sig").splitlines()))
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        raise Misconfigured(f"{file}: these bytes are no UTF-8 (in Excel: save as “CSV UTF-8”)") from None
    except csv.Error as error:
        raise Misconfigured(f"{file}: cannot be read as CSV ({error})") from None
    if len(rows) > MOST_DAYS:
        raise Misconfigured(f"{file}: {len(rows)} lines; allowed: up to {MOST_DAYS}")
    days: dict[date, Day] = {}
    problems = []
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].casefold() in HEADINGS):
            continue
        try:
            day, works = date.fromisoformat(cells[0]), WORKS[cells[1].casefold()]
        except (ValueError, KeyError, IndexError):
            problems.append(f"line {number}: {','.join(row)[:60]!r}; {A_LINE}")
            continue
        name = cells[2] if len(cells) > 2 else ""
        if day in days:
            problems.append(f"line {number}: {day} stands in the file twice")
        elif len(name) > LONGEST_NAME or not name.isprintable():
            problems.append(f"line {number}: the name; allowed: up to {LONGEST_NAME} characters that can be shown")
        days[day] = (works, name)
    if problems or not days:
        raise Misconfigured(*(problems or [f"{file}: no day in it; {A_LINE}"]))
    return days
