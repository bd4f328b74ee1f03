"""`lianxi roster`: people brought in from a file, looked at first, and the roster written out."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from conference.model.errors import Misconfigured
from conference.services.roster_files import Plan, Planned, Problem, Row, apply_import, export_lines, plan_import, read_csv, read_lines

from .at_the_desk import at_the_desk, bot_name
from .imports import agreed, bring_in

if TYPE_CHECKING:
    from rich.console import Console

    from conference.model.invitations import Ticket

MOST_SHOWN = 60

PROBLEMS = {
    "too_large": "the file has {found} bytes; allowed: up to {allowed}",
    "too_many": "too many lines; allowed: up to {allowed}",
    "gbk": "the file is in GBK, as Excel saves it; allowed: UTF-8 (in Excel: save as “CSV UTF-8”), or .xlsx",
    "encoding": "these bytes are no UTF-8; allowed: UTF-8 (in Excel: save as “CSV UTF-8”), or .xlsx",
    "csv": "cannot be read as CSV ({found})",
    "empty": "there is nobody in the file; needed: a line of column names, then a line for each person",
    "column_unknown": "unknown column {found!r}; allowed: {allowed}",
    "column_twice": "the column {found!r} stands there twice",
    "column_missing": "the column {found!r} is missing; columns: {allowed}",
    "cells": "{found} cells; there are {allowed} columns",
    "formula": "{found!r} is a formula; allowed: text (one that begins like a formula gets an apostrophe in front)",
    "unit_unknown": "unit {found!r}; allowed: a unit of the profile by name or slug (lianxi profile show)",
    "role_unknown": "post {found!r}; allowed: {allowed}",
    "post_unknown": "this unit has no post {found!r} and a roster may not add it; there are: {allowed}",
    "post_ambiguous": "{found!r} could be several posts; say which in 职务: {allowed}",
    "title_missing": "a new post needs its title in 职务",
    "title_other": "{found!r}: there this post is called {allowed!r}",
    "title_long": "the title has {found} characters; allowed: up to {allowed}",
    "place_missing": "a new post of a township, a village or a reporting contact needs its place in 地区",
    "place_unknown": "place {found!r}; allowed: a place of the territory by name or code",
    "place_ambiguous": "several places are called {found!r}; write the code",
    "name_long": "the name has {found} characters; allowed: up to {allowed}",
    "name_bad": "{found!r}; needed: a name in characters that can be shown",
    "line_twice": "{found!r} stands in line {allowed} already, for the same post",
    "one_holder": "{found!r}: one person holds this post at a time; line {allowed} names one already",
    "held_by_another": "{found!r}: somebody else holds this post; change that by a hand-over",
}


def said(problem: Problem) -> str:
    """A problem in words, with the line it stands in."""
    return f"line {problem.line}: {PROBLEMS[problem.kind].format(found=problem.found, allowed=problem.allowed or '-')}"


def add_parsers(subs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    roster = subs.add_parser("roster", help="bring people in from a file, and write the roster out")
    ways = roster.add_subparsers(dest="way", required=True, metavar="WAY")
    bring = ways.add_parser("import", help="show what a file would do, ask, invite everybody, and print the links and codes")
    bring.add_argument("file", type=Path, help="CSV in UTF-8 or XLSX: 单位,岗位,职务,姓名,地区 (or unit,role,title,name,place)")
    bring.add_argument("--yes", action="store_true", help="apply without asking")
    bring.set_defaults(do=import_file)
    export = ways.add_parser("export", help="write the roster to a CSV or XLSX")
    export.add_argument("file", type=Path)
    export.set_defaults(do=export_file)
    for each in (bring, export):
        each.add_argument("--conference", help="slug (default: the first that the desk serves)")


def import_file(arguments: argparse.Namespace) -> int:
    """Preview, then apply: 0 if everybody is invited, 1 if nothing was applied."""
    from rich.console import Console

    from .settings import read_settings

    console, settings = Console(), read_settings()
    conference = arguments.conference or settings.conferences[0]
    rows, problems = _read(arguments.file)
    if problems:
        _print_problems(console, arguments.file, problems)
        return 1
    name = ""

    def ask(plan: Plan) -> int | None:
        nonlocal name
        if plan.problems:
            _print_problems(console, arguments.file, plan.problems)
            return 1
        _print_plan(console, plan)
        if not plan.invited and not plan.new_posts:
            return 0
        if not (arguments.yes or agreed("Invite them?")):
            console.print("Nothing was applied.")
            return 1
        name = asyncio.run(bot_name(settings))  # before anything is committed: the links are shown once
        return None

    return bring_in(
        lambda: at_the_desk(settings, conference),
        lambda unit: plan_import(unit, rows, at=unit.at),
        ask,
        lambda unit, plan: apply_import(unit, plan, at=unit.at),
        lambda tickets: _print_tickets(console, tickets, name),
    )


def export_file(arguments: argparse.Namespace) -> int:
    """Before there is an office; once it has two people, nobody takes the roster along alone."""
    from rich.console import Console

    from conference.model.errors import SecondNeeded
    from conference.model.permissions import Action
    from conference.model.sheets import as_csv
    from conference.services.invitations import while_the_office_is_few

    from .settings import read_settings

    kind, settings = _kind(arguments.file), read_settings()
    with at_the_desk(settings, arguments.conference or settings.conferences[0]) as unit:
        try:
            while_the_office_is_few(unit, unit.conference, Action.EXPORT_ROSTER, at=unit.at)
        except SecondNeeded:
            raise Misconfigured("the office has two people now: one of them asks for it under /export, another one allows it") from None
        lines = export_lines(unit, unit.conference, at=unit.at)
        unit.note(None, "roster.exported", f"conference:{unit.conference}", lines=len(lines) - 1)
    if kind == ".xlsx":
        from .spreadsheets import as_xlsx

        raw = as_xlsx(lines)
    else:
        raw = as_csv(lines)
    try:
        arguments.file.write_bytes(raw)
    except OSError as error:
        raise Misconfigured(f"{arguments.file}: cannot be written ({error.strerror})") from error
    Console().print(f"{arguments.file}: {len(lines) - 1} lines", highlight=False, markup=False, soft_wrap=True)
    return 0


def _kind(file: Path) -> str:
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise Misconfigured(f"{file}: what kind of file is that? allowed: .csv, .xlsx")
    return file.suffix.lower()


def _read(file: Path) -> tuple[Sequence[Row], Sequence[Problem]]:
    kind = _kind(file)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read ({error.strerror})") from error
    if kind == ".csv":
        return read_csv(raw)
    from .spreadsheets import from_xlsx

    return read_lines(from_xlsx(raw, str(file)))


def _print_problems(console: Console, file: Path, problems: Sequence[Problem]) -> None:
    console.print(f"{file}: nothing was applied", style="bold red", highlight=False)
    for problem in problems[:MOST_SHOWN]:
        console.print(f"  {said(problem)}", highlight=False, markup=False)
    if len(problems) > MOST_SHOWN:
        console.print(f"  … and {len(problems) - MOST_SHOWN} more")


def _print_plan(console: Console, plan: Plan) -> None:
    from rich.markup import escape
    from rich.table import Table

    words = {"invite": "invite", "held": "holds it already", "post": "nobody named"}
    table = Table("line", "unit", "post", "title", "place", "name", "")
    for planned in plan.lines[:MOST_SHOWN]:
        new = ", new post" if planned.post_id is None else ""
        cells = (planned.line, planned.unit, planned.role, planned.title, planned.place or "", planned.name, words[planned.how] + new)
        table.add_row(*map(escape, map(str, cells)))
    console.print(table)
    more = len(plan.lines) - MOST_SHOWN
    total = f"{len(plan.lines)} lines: {len(plan.invited)} to invite, {plan.new_posts} new posts"
    console.print(f"… and {more} more. {total}" if more > 0 else total, highlight=False)


def _print_tickets(console: Console, tickets: Sequence[tuple[Planned, Ticket]], bot: str) -> None:
    """One block a person, to be cut apart: nobody can show these again."""
    from handlers.links import link_of

    for planned, ticket in tickets:
        console.print(f"\n{planned.name} · {planned.title}", style="bold", highlight=False, markup=False)
        link = link_of(bot, ticket.token) or "not known: the channel does not answer"
        console.print(f"  link  {link}", highlight=False, markup=False, soft_wrap=True)
        console.print(f"  code  {ticket.code}", highlight=False, markup=False)
    console.print(f"\n{len(tickets)} invited, for 72 hours. Links and codes are shown this once.", highlight=False)
