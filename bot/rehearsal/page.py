"""What a rehearsal comes to: a table for people, JSON for programs, and a bar while it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from storage.engine import plain_engine
from storage.figures import figures

from .check import JUDGED, Judgement
from .journal import Journal

MOST = 40  # findings that are printed
WIDTH = 100
GROUPS = {  # what people did, by its first word
    "reports": ("reports",),
    "meetings": ("meetings", "extra", "convocations"),
    "notices": ("notices", "receipts"),
    "assignments": ("items", "disputes", "extensions"),
    "duties": ("duties",),
}
OTHERS = "people and desk"
INCIDENT = "incidents "
EXPLAINED = {INCIDENT + kind for kind in ("person_unreachable", "notice_unreached")}  # by those who block the bot and by empty posts


@dataclass(frozen=True, slots=True)
class Outcome:
    """`counted`: what the desk's database says of itself at the end; `seconds` are of a clock on the wall, `megabytes` the
    peaks of both processes together, so that what they share counts twice."""

    profile: str
    days: int
    seed: int
    journal: Journal
    judged: Judgement
    counted: dict[str, int]
    seconds: float
    megabytes: int

    @property
    def findings(self) -> list[str]:
        stumbles = [f"somebody could not do what was wanted: {each}" for each in self.journal.stumbles]
        incidents = [f"{what}: {count}" for what, count in self.counted.items() if what.startswith(INCIDENT) and what not in EXPLAINED]
        return [*self.judged.findings, *stumbles, *incidents]


def counted(url: str) -> dict[str, int]:
    """Figures of the desk that no chat shows, read when it has stopped; the check never does."""
    with plain_engine(url) as engine, engine.connect() as connection:
        found = figures(connection)
    states = {f"duties {state}": count for state, count in found.duties.items()}
    opened = {f"{INCIDENT}{kind}": count for kind, count in found.incidents.items()}
    return {**states, "messages": found.messages, "audit entries": found.entries, **opened}


@contextmanager
def progress(days: int, *, quiet: bool) -> Iterator[Callable[[datetime], None]]:
    """A bar on standard error, a step a day."""
    if quiet:
        yield lambda moment: None
        return
    bar = Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
                   console=Console(stderr=True), transient=True)  # fmt: skip
    with bar:
        task, seen = bar.add_task("day", total=days), set()

        def shown(moment: datetime) -> None:
            seen.add(moment.date())
            bar.update(task, completed=min(days, len(seen)), description=f"{moment:%Y-%m-%d}")

        yield shown


def rows(outcome: Outcome) -> list[tuple[str, str, int]]:
    """Group, what, how many: what people did by noun, what was due to them, why the rest was not said, what came of it."""
    judged = outcome.judged
    done = sorted((_group(what), what, count) for what, count in outcome.journal.counts.items())
    found = [row for group in (*GROUPS, OTHERS) for row in done if row[0] == group]
    found += [("reminders due", f"{noun} steps", judged.steps[noun]) for noun in JUDGED]
    found += [("reminders due", what, count) for what, count in sorted(judged.alarms.items())]
    found += [("reminders due", "steps that escalate", judged.counts["escalations"])]
    found += [("withheld", why, count) for why, count in sorted(judged.withheld.items())]
    found += [("digests sent", what, judged.counts[what]) for what in ("digests", "lines", "merged", "lines of other nouns")]
    found += [("desk", what, count) for what, count in sorted(outcome.counted.items())]
    return found


def _group(what: str) -> str:
    return next((group for group, words in GROUPS.items() if what.partition(" ")[0] in words), OTHERS)


def table(outcome: Outcome) -> str:
    paper = StringIO()
    page = Console(file=paper, width=WIDTH)
    shown = Table(title=f"{outcome.profile}: {outcome.days} days, seed {outcome.seed}")
    for column in ("", "what"):
        shown.add_column(column)
    shown.add_column("how many", justify="right")
    before = ""
    for group, what, count in rows(outcome):
        if group != before:
            shown.add_section()
        shown.add_row("" if group == before else group, what, str(count))
        before = group
    page.print(shown)
    page.print(f"{outcome.seconds} s, {outcome.megabytes} MB at most")
    for finding in outcome.findings[:MOST]:
        page.print(f"✗ {finding}", soft_wrap=True, highlight=False, markup=False)
    if (more := len(outcome.findings) - MOST) > 0:
        page.print(f"… and {more} more")
    page.print("✓ every step came once, to whom it was for, on its day" if not outcome.findings else f"{len(outcome.findings)} findings")
    return paper.getvalue()


def as_json(outcome: Outcome) -> str:
    groups: dict[str, dict[str, int]] = {}
    for group, what, count in rows(outcome):
        groups.setdefault(group, {})[what] = count
    said = {"profile": outcome.profile, "days": outcome.days, "seed": outcome.seed, "seconds": outcome.seconds}
    return json.dumps({**said, "megabytes": outcome.megabytes, **groups, "findings": outcome.findings}, ensure_ascii=False, indent=2) + "\n"
