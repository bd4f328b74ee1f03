"""`lianxi profile …`: look at conferences as data, check a file, compare two, load one. Tables are made for 100 columns.

Exit codes: 0 fine; 1 there is something to see (check: problems; diff: differences; load: not loaded, as answered); 2 it could
not be done.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conference import profiles
from conference.model.errors import Misconfigured
from conference.model.profile import Profile
from conference.model.profile_changes import Change, ChangeKind, diff, said
from conference.model.profile_gaps import Gap, GapKind, gaps
from conference.model.seating import PostChange, PostMove

from .at_the_desk import at_the_desk
from .imports import agreed, bring_in
from .settings import read_settings

if TYPE_CHECKING:
    from conference.services.profiles import Plan
    from storage.unit_of_work import Unit

WIDTH = 100

GAPS = {
    GapKind.NO_ROSTER: "the document names no seats",
    GapKind.OFFICE_WITHOUT_HOST: "there is an office, and no word where it sits",
    GapKind.OFFICE_HOST_INFERRED: "where the office sits follows only from its director's post",
    GapKind.SEAT_WITHOUT_DUTY_ENTRY: "a seat, and no entry in the list of duties",
    GapKind.DUTY_ENTRY_WITHOUT_SEAT: "an entry in the list of duties, and no seat",
    GapKind.SEAT_NOT_NAMED: "is said to sit, and no post is named for it",
    GapKind.SEAT_NOT_EXPECTED: "a post is named for it, and it is said not to sit",
    GapKind.DUTY_ENTRY_EMPTY: "an entry is named, and none of its duties is here",
    GapKind.DUTIES_WITHOUT_ENTRY: "duties of its own, and no entry where they stand",
}

CHANGES = {
    ChangeKind.CONFERENCE: "conference",
    ChangeKind.RULE: "rule",
    ChangeKind.TARGET: "target",
    ChangeKind.SETTING: "setting",
    ChangeKind.LADDER: "ladder",
    ChangeKind.REMINDER: "reminder",
    ChangeKind.WORD: "word",
    ChangeKind.TITLE: "title",
    ChangeKind.UNIT_ADDED: "unit added",
    ChangeKind.UNIT_RENAMED: "unit renamed",
    ChangeKind.UNIT_MERGED: "unit merged",
    ChangeKind.UNIT_ENDED: "unit ends",
    ChangeKind.UNIT_CHANGED: "unit",
    ChangeKind.ACTOR_ADDED: "actor added",
    ChangeKind.ACTOR_ENDED: "actor ends",
    ChangeKind.ACTOR_CHANGED: "actor",
    ChangeKind.SEAT_ADDED: "seat added",
    ChangeKind.SEAT_RETITLED: "seat retitled",
    ChangeKind.SEAT_CLOSED: "seat closed",
    ChangeKind.DUTY_ADDED: "duty added",
    ChangeKind.DUTY_REMOVED: "duty removed",
    ChangeKind.DUTY_CHANGED: "duty",
}


def register(subs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`profile` and what follows it, on the program's command line."""
    root = subs.add_parser("profile", help="the conferences as data: list, show, check, diff, load")
    verbs = root.add_subparsers(dest="verb", required=True, metavar="WHAT")

    verbs.add_parser("list", help="those that come with the program").set_defaults(do=list_profiles)

    show = verbs.add_parser("show", help="one conference: rules, units, seats, duties, gaps")
    show.add_argument("profile", metavar="SLUG_OR_FILE")
    show.add_argument("--duties", action="store_true", help="every duty with its source, too")
    show.set_defaults(do=show_profile)

    check = verbs.add_parser("check", help="everything that is wrong with a file, by line")
    check.add_argument("profile", metavar="SLUG_OR_FILE")
    check.set_defaults(do=check_profile)

    compare = verbs.add_parser("diff", help="in what two profiles differ")
    compare.add_argument("old", metavar="OLD")
    compare.add_argument("new", metavar="NEW")
    compare.set_defaults(do=diff_profiles)

    load = verbs.add_parser("load", help="bring a profile into the database, after a look at what will change")
    load.add_argument("profile", metavar="SLUG_OR_FILE")
    load.add_argument("--yes", action="store_true", help="do not ask")
    load.add_argument("--parent", metavar="SLUG", help="the conference above it (default: the one the profile names)")
    load.set_defaults(do=load_into_database)

    verbs.add_parser("keys", help="every key a profile can have, as in docs/profiles.md").set_defaults(do=print_keys)


def list_profiles(arguments: argparse.Namespace) -> int:
    table = _table("slug", "of", "level", "parent", "units", "seats", "duties", "agenda gate")
    for slug in profiles.available():
        profile = profiles.load(slug)
        figures = (str(len(things)) for things in (profile.units, profile.seats, profile.duties))
        table.add_row(slug, profile.region_zh, profile.level, profile.parent or "-", *figures, profile.gate.text if profile.gate else "-")
    _console().print(table)
    return 0


def show_profile(arguments: argparse.Namespace) -> int:
    profile, _ = _read(arguments.profile)
    console = _console()
    console.print(f"[bold]{escape(profile.name_zh)}[/bold]\n{escape(profile.name_en)}\n")
    for title, rows in _tables(profile):
        console.print(f"[bold]{title}[/bold]")
        console.print(_two_columns(rows), "")
    console.print(_units_table(profile), "")
    if profile.seats:
        seats = _table("unit", "role", "post", title="Seats")
        for seat in profile.seats:
            seats.add_row(seat.unit, seat.role, seat.title)
        console.print(seats, "")
    if arguments.duties:
        console.print(_duties_table(profile), "")
    _print_gaps(console, profile)
    return 0


def check_profile(arguments: argparse.Namespace) -> int:
    """0: good, and its gaps are told. 1: problems, each with its line."""
    raw, name = _raw(arguments.profile)
    profile, problems = profiles.examine(raw, name)
    if profile is None:
        for problem in problems:
            print(problem)
        print(f"{name}: {len(problems)} problem{'s' if len(problems) > 1 else ''}.")
        return 1
    figures = f"{len(profile.units)} units, {len(profile.seats)} seats, {len(profile.duties)} duties"
    print(f"{name}: good. {profile.name_zh}: {figures}.")
    _print_gaps(_console(), profile)
    return 0


def diff_profiles(arguments: argparse.Namespace) -> int:
    """0: the same. 1: they differ."""
    (old, _), (new, _) = _read(arguments.old), _read(arguments.new)
    changes = diff(old, new)
    if not changes:
        print("No difference.")
        return 0
    _print_changes(_console(), changes)
    print(_counted(changes))
    return 1


def load_into_database(arguments: argparse.Namespace) -> int:
    """0: loaded, or there already. 1: not loaded, because the answer was no."""
    from conference.services.profiles import load_profile, plan_profile

    profile, source = _read(arguments.profile)

    def ask(plan: Plan) -> int | None:
        if plan.same and not plan.moved:
            print(f"{profile.slug}: version {plan.version} is this very file; nothing to do.")
            return 0
        _print_plan(profile, plan)
        if not (arguments.yes or agreed(f"Load {profile.slug} as version {plan.version}?")):
            print("Not loaded; nothing was changed.")
            return 1
        return None

    def apply(unit: Unit, plan: Plan) -> int:
        load_profile(unit, profile, source, parent=arguments.parent, at=unit.at)
        return plan.version

    return bring_in(
        lambda: at_the_desk(read_settings(), profile.slug, loading=True),
        lambda unit: plan_profile(unit, profile, source, parent=arguments.parent),
        ask,
        apply,
        lambda version: print(f"{profile.slug}: version {version} is loaded."),
    )


def _print_plan(profile: Profile, plan: Plan) -> None:
    console = _console()
    if plan.same:
        print(f"{profile.slug} stays at version {plan.version} and comes under {plan.parent or 'nobody'}.")
        print("A running desk sees that when it starts next.")
    elif plan.known:
        _print_changes(console, plan.changes)
        print(_counted(plan.changes))
    else:
        print(f"{profile.slug} is new here: {profile.name_zh}")
        print(f"It brings {len(profile.units)} units, {len(profile.seats)} seats and {len(profile.duties)} duties.")
    _print_posts(console, plan.posts, new=not plan.known)
    for unit, title in plan.left:
        print(f"stays open, though the document names {unit} no more: {title}")
    _print_gaps(console, profile)
    print("People in their posts and running clocks stay as they are.")


def print_keys(arguments: argparse.Namespace) -> int:
    from conference.profiles.reference import reference

    print(reference())
    return 0


# -- reading -----------------------------------------------------------------------------------------------------------


def _raw(wanted: str) -> tuple[bytes, str]:
    """A file's bytes, or those of a profile that comes with the program. Raises Misconfigured if there is neither."""
    path = Path(wanted)
    if not wanted.endswith(".toml") and not path.is_file():
        if wanted not in profiles.available():
            known = ", ".join(profiles.available())
            raise Misconfigured(f"no profile is named {wanted!r}, and no file; there are: {known}; or write a file's name")
        return profiles.source(wanted).encode(), f"{wanted}.toml"
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        raise Misconfigured(f"{wanted}: {error.strerror or error}; write the name of a profile, or of a file that can be read") from None


def _read(wanted: str) -> tuple[Profile, str]:
    raw, name = _raw(wanted)
    profile = profiles.parse(raw, name)
    return profile, raw.decode("utf-8")


# -- showing -----------------------------------------------------------------------------------------------------------


def _console() -> Console:
    return Console(width=WIDTH, highlight=False, soft_wrap=False)


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):  # the first names the thing: whole, on one line
        figure = column in ("units", "seats", "duties")
        table.add_column(column, overflow="fold", justify="right" if figure else "left", no_wrap=place == 0)
    return table


def _two_columns(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(width=30, overflow="fold")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, escape(value))
    return table


def _tables(profile: Profile) -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    rules, silent = profile.rules, "(the text is silent)"
    yield (
        "Conference",
        [
            ("slug, level", f"{profile.slug}, {profile.level}"),
            ("parent", profile.parent or "-"),
            ("region", f"{profile.region_zh} {profile.region_code}".strip()),
            ("document", f"{profile.issuer} {profile.year} {profile.doc_no}".strip()),
            ("people covered", ", ".join(profile.people_covered)),
            ("age limit of a child", str(profile.age_limit) if profile.age_limit else silent),
            ("lead unit, office", f"{profile.lead_unit}, {profile.office_host or silent}"),
            ("chief convener", profile.chief_convener_post or silent),
            ("conveners", said(profile.convener_posts) or silent),
            ("office director", profile.office_director_post or silent),
            ("liaisons", profile.liaison_rank or silent),
            ("the document lacks", ", ".join(sorted(profile.lacks)) or "nothing"),
        ],
    )
    yield (
        "Rules",
        [
            ("plenary", f"{said(rules.plenary_cadence) or silent}{', in principle' if rules.plenary_in_principle else ''}"),
            ("extra meetings", rules.extra_meeting or silent),
            (
                "called, delegated, chaired",
                " / ".join(part or "-" for part in (rules.convened_by, rules.may_delegate_to, rules.presided_by)),
            ),
            ("liaison meeting", rules.liaison_meeting or silent),
            ("who proposes", rules.agenda_proposers or silent),
            ("agenda gate", _with_source(said(rules.agenda_gate), rules.agenda_gate_source) or silent),
            ("its other reading", said(rules.agenda_gate_alt) or "-"),
            ("minutes", f"to {said(rules.minutes_to)}, copy to {said(rules.minutes_copy_to)}" if rules.minutes_required else silent),
            ("major matters", rules.major_matters or silent),
            ("succession", f"{rules.succession} ({_with_source(rules.succession_mode, rules.succession_source) or 'the text is silent'})"),
            ("guests", _with_source(rules.invitation_mode, rules.invitation_source) or silent),
            ("circulation", _with_source(rules.progress_circulation, rules.progress_source) or silent),
            ("supervision", _with_source(rules.supervision_by, rules.supervision_source) or silent),
            ("lead and co-responsible units", "yes" if rules.lead_and_co_units else silent),
            ("the police tell", said(profile.notices_to) or silent),
            ("must report", said(profile.mandatory_reporter_kinds) or silent),
            ("situations in the text", said(profile.situations) or silent),
        ],
    )
    yield "Targets of the operator, in minutes (never law)", [(name, str(minutes)) for name, minutes in profile.targets.items()]
    yield "Settings of the operator", [(name, said(getattr(profile.settings, name))) for name in profile.settings.__slots__]


def _with_source(value: str, source: str) -> str:
    return f"{value} ({source})" if value and source else value


def _units_table(profile: Profile) -> Table:
    table = _table("unit", "name", "seat", "entry", "own duties", "chased", title="Units")
    owned = Counter(duty.unit for duty in profile.duties)
    for unit in profile.units.values():
        seat = "lead" if unit.role == "lead" else "yes" if unit.seat else "-"
        table.add_row(
            unit.slug, unit.name_zh, seat, unit.duty_entry or "-", str(owned[unit.slug]), "yes" if unit.supervised else "informed"
        )
    others = {owner: number for owner, number in owned.items() if owner not in profile.units}
    for owner, number in sorted(others.items()):
        body = profile.actors.get(owner)
        table.add_row(owner, body.name_zh if body else "", "-", "-", str(number), "")
    return table


def _duties_table(profile: Profile) -> Table:
    table = _table("duty", "kind", "when", "what", "source", title="Duties")
    for duty in profile.duties:
        table.add_row(duty.id, duty.kind, said(duty.cadence) or duty.clock, duty.zh, duty.source)
    return table


def _print_gaps(console: Console, profile: Profile) -> None:
    """What the document itself leaves open; one line a kind where many units share it."""
    found = gaps(profile)
    if not found:
        console.print("The document's roster and duties fit together.")
        return
    console.print("[bold]Gaps in the document itself, kept as they are[/bold]")
    for kind in dict.fromkeys(gap.kind for gap in found):
        console.print(f"  {GAPS[kind]}{_of_units(found, kind)}", soft_wrap=False)


def _of_units(found: Sequence[Gap], kind: GapKind) -> str:
    units = [gap.unit for gap in found if gap.kind is kind and gap.unit]
    return f": {', '.join(units)}" if units else ""


def _print_changes(console: Console, changes: Sequence[Change]) -> None:
    table = _table("what", "of", "until now", "from now on")
    for change in changes:
        after = f"→ {change.after}" if change.kind is ChangeKind.UNIT_MERGED else change.after
        table.add_row(CHANGES[change.kind], escape(change.subject), escape(change.before) or "-", escape(after) or "-")
    console.print(table)


def _counted(changes: Sequence[Change]) -> str:
    return f"{len(changes)} difference{'s' if len(changes) != 1 else ''}."


def _print_posts(console: Console, posts: Sequence[PostChange], *, new: bool) -> None:
    if new:
        counted = Counter(change.role for change in posts if change.move is PostMove.OPENED)
        console.print("Posts that open: " + ", ".join(f"{number} {role}" for role, number in counted.items()))
        return
    if posts:
        table = _table("post", "unit", "role", "until now", "from now on")
        for change in posts:
            until_now = change.before if change.move is PostMove.RETITLED else change.title if change.move is PostMove.CLOSED else "-"
            table.add_row(change.move, change.unit, change.role, until_now, "-" if change.move is PostMove.CLOSED else change.title)
        console.print(table)
