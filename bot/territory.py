"""`lianxi territory`: the places from province to village, read from a file, looked at, and brought in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from conference.model.errors import Misconfigured
from conference.services.territory import Difference, Problem, Reading, difference, fit_territory, import_territory, read_territory

from .at_the_desk import at_the_desk
from .imports import agreed, bring_in
from .settings import read_settings

if TYPE_CHECKING:
    from rich.console import Console

    from storage.unit_of_work import Transaction, Unit

log = structlog.get_logger("lianxi")

MOST_SHOWN = 40  # problems, and changes of each kind

PROBLEMS = {
    "too_large": "the file has {found} bytes; allowed: up to {allowed}",
    "too_many": "too many lines; allowed: up to {allowed}",
    "gbk": "the file is in GBK, as Excel saves it; allowed: UTF-8 (in Excel: save as “CSV UTF-8”)",
    "encoding": "these bytes are no UTF-8; allowed: UTF-8 (in Excel: save as “CSV UTF-8”)",
    "csv": "cannot be read as CSV ({found})",
    "empty": "there is no place in the file; needed: a line of column names, then a line for each place",
    "column_unknown": "unknown column {found!r}; allowed: {allowed}",
    "column_twice": "the column {found!r} stands there twice",
    "column_missing": "the column {found!r} is missing; columns: {allowed}",
    "cells": "{found} cells; needed: {allowed}, one for each column",
    "code_bad": "code {found!r}; allowed: 2 to {allowed} digits (in Excel: format the column as text)",
    "code_twice": "the code {found} stands in line {allowed} already; each place has its own",
    "parent_bad": "parent {found!r}; allowed: the code of another place, or nothing",
    "parent_unknown": "parent {found}: no place in the file or in the database has this code",
    "parent_ends": "parent {found}: this place ends with this import, for the file does not name it",
    "name_bad": "name {found!r}; needed: a name in characters that can be shown",
    "name_long": "the name has {found} characters; allowed: up to {allowed}",
    "level_unknown": "level {found!r}; allowed: {allowed}",
    "level_under": "{found}: such a place cannot stand there; allowed parents: {allowed}",
    "initials_bad": "initials {found!r}; allowed: letters from a to z",
}


def bring_in_territory(transaction: Transaction) -> None:
    """The territory that comes with the program, for each conference served of whose region nothing is known yet."""
    from storage.unit_of_work import Unit

    for slug in transaction.conferences.served:
        file = resources.files("conference").joinpath(f"territory/{slug}.csv")
        if not file.is_file():
            continue
        unit = Unit(transaction, f"territory.{slug}", slug)
        reading = read_territory(file.read_bytes(), lambda name: "")
        if unit.places.get(reading.rows[0].place.code) is None:
            found = import_territory(unit, reading.rows, at=transaction.at)
            log.info("territory_loaded", conference=slug, places=len(found.added))
        unit.succeed()


def said(problem: Problem) -> str:
    """A problem in words, with the line it stands in."""
    return f"line {problem.line}: {PROBLEMS[problem.kind].format(found=problem.found, allowed=problem.allowed)}"


def initials_of(name: str) -> str:
    """First letters of a name's pinyin. Only here, for its tables take 20 MB: the running desk never imports them."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="ignore")).lower()


# -- commands ----------------------------------------------------------------------------------------------------------


def add_parsers(subs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    territory = subs.add_parser("territory", help="bring places in from a CSV, and look at them")
    ways = territory.add_subparsers(dest="way", required=True, metavar="WAY")
    bring = ways.add_parser("import", help="show what a file would change, ask, and apply it as a whole")
    bring.add_argument("file", type=Path, help="CSV in UTF-8: code,name,level,parent (or 代码,名称,级别,上级)")
    bring.add_argument("--yes", action="store_true", help="apply without asking")
    bring.set_defaults(do=import_file)
    show = ways.add_parser("show", help="a place, what is around it and beneath it")
    show.add_argument("code")
    show.set_defaults(do=show_place)


def import_file(arguments: argparse.Namespace) -> int:
    """Preview, then apply: 0 if it is in (or nothing differs), 1 if nothing was applied."""
    from rich.console import Console

    console = Console()
    try:
        raw = arguments.file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{arguments.file}: cannot be read ({error.strerror})") from error
    reading = read_territory(raw, initials_of)

    def plan(unit: Unit) -> tuple[Reading, Difference]:
        fitted = fit_territory(unit, reading) if not reading.problems else reading
        return fitted, Difference() if fitted.problems else difference(unit, fitted.rows)

    def ask(planned: tuple[Reading, Difference]) -> int | None:
        fitted, found = planned
        if fitted.problems:
            _print_problems(console, arguments.file, fitted.problems)
            return 1
        _print_difference(console, found)
        if found.is_empty:
            return 0
        if not (arguments.yes or agreed("Apply this?")):
            console.print("Nothing was applied.")
            return 1
        return None

    return bring_in(
        lambda: at_the_desk(read_settings()),
        plan,
        ask,
        lambda unit, planned: import_territory(unit, planned[0].rows, at=unit.at),
        lambda _: console.print("Applied."),
    )


def show_place(arguments: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    with at_the_desk(read_settings()) as unit:
        path = unit.places.path(arguments.code)
        if not path:
            raise Misconfigured(f"{arguments.code}: no place has this code")
        here = path[-1]
        console.print(" › ".join(place.name for place in path), style="bold", highlight=False)
        counts = ", ".join(f"{level}: {count}" for level, count in unit.places.counts(here.code).items())
        console.print(f"{here.code}, {here.level}{', ended' if here.ended else ''}; beneath it: {counts or 'nothing'}", highlight=False)
        beneath = unit.places.children(here.code, 0, MOST_SHOWN)
        table = Table("code", "name", "level", "initials")
        for place in beneath.places:
            table.add_row(place.code, place.name, str(place.level), place.initials)
        if beneath.places:
            console.print(table)
        if beneath.pages > 1:
            console.print(f"… only the first {MOST_SHOWN} are shown")
    return 0


def _print_problems(console: Console, file: Path, problems: Sequence[Problem]) -> None:
    console.print(f"{file}: nothing was applied", style="bold red", highlight=False)
    for problem in problems[:MOST_SHOWN]:
        console.print(f"  {said(problem)}", highlight=False, markup=False)
    if len(problems) > MOST_SHOWN:
        console.print(f"  … and {len(problems) - MOST_SHOWN} more")


def _print_difference(console: Console, found: Difference) -> None:
    from rich.markup import escape
    from rich.table import Table

    if found.is_empty:
        console.print("Nothing differs from what is there.")
        return
    table = Table("", "code", "name", "level", "under")
    changes = [
        *(("added", place.code, place.name, place.level, place.parent) for place in found.added),
        *(("renamed", after.code, f"{before.name} → {after.name}", after.level, after.parent) for before, after in found.renamed),
        *(("moved", after.code, after.name, after.level, f"{before.parent} → {after.parent}") for before, after in found.moved),
        *(("returned", place.code, place.name, place.level, place.parent) for place in found.returned),
        *(("ended", place.code, place.name, place.level, place.parent) for place in found.ended),
    ]
    shown = {kind: 0 for kind, *_ in changes}
    for kind, *cells in changes:
        shown[kind] += 1
        if shown[kind] <= MOST_SHOWN:
            table.add_row(kind, *map(escape, map(str, cells)))
    console.print(table)
    total = [f"{kind}: {count}" for kind, count in shown.items()]
    total += [f"other initials: {len(found.initials)}"] if found.initials else []
    console.print(", ".join(total), highlight=False)
