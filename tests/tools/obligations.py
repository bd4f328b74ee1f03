"""`make obligations`: which obligation of the source documents is done by which verb and shown by which test, and what is still open.

Exits with 1 where a mark names what is not on the list, where something is claimed without a test, or names a verb that is not there.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.obligations import CONFERENCES, Obligation, Shown, obligations, problems, shown_by

TESTS = Path(__file__).parents[1]


class _Collected:
    def __init__(self) -> None:
        self.shown: set[Shown] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.shown = shown_by(session.items)


def collect(files: Sequence[Path]) -> set[Shown]:
    """The marks of these files, read by pytest itself without running a test. Raises SystemExit with its words if it cannot."""
    if not files:
        return set()
    collected, said = _Collected(), io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *map(str, files)], plugins=[collected])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(said.getvalue())
    return collected.shown


def bearing_files() -> list[Path]:
    return [file for file in sorted(TESTS.glob("test_*.py")) if "obligation(" in file.read_text(encoding="utf-8")]


def missing_verbs(known: Iterable[Obligation]) -> list[str]:
    said = []
    for one in known:
        for verb in one.verbs:
            module, _, name = verb.rpartition(".")
            if not callable(getattr(importlib.import_module(f"conference.services.{module}"), name, None)):
                said.append(f"{one.id}: conference.services has no verb {verb}")
    return said


def sign(one: Obligation, conference: str, shown: Sequence[Shown]) -> str:
    """✓ shown under the conference's own profile, (✓) under another's, · open, empty where nobody owes it."""
    if conference not in one.systems:
        return ""
    if any(test.profile == conference for test in shown):
        return "✓"
    return "(✓)" if shown else "·"


def table(known: dict[str, Obligation], by_id: dict[str, list[Shown]]) -> Table:
    drawn = Table(title="Obligations of the source documents", caption="✓ own profile   (✓) another's profile   · open", show_lines=False)
    for title in ("obligation", "what is owed", *CONFERENCES, "verbs", "tests"):
        drawn.add_column(title, justify="center" if title in CONFERENCES else "left", overflow="fold")
    for one in known.values():
        shown = by_id.get(one.id, [])
        names = sorted({test.test.rpartition("::")[2] for test in shown})
        signs = [sign(one, conference, shown) for conference in CONFERENCES]
        drawn.add_row(one.id, one.line, *signs, "\n".join(one.verbs), "\n".join(names), style=None if shown else "dim")
    return drawn


def totals(known: dict[str, Obligation], by_id: dict[str, list[Shown]]) -> Table:
    drawn = Table(title="By conference")
    for title in ("conference", "owed", "own profile", "another's", "shown", "open"):
        drawn.add_column(title, justify="left" if title == "conference" else "right")
    for conference in CONFERENCES:
        signs = [sign(one, conference, by_id.get(one.id, [])) for one in known.values() if conference in one.systems]
        own, other, still = signs.count("✓"), signs.count("(✓)"), signs.count("·")
        drawn.add_row(conference, *map(str, (len(signs), own, other, own + other, still)))
    covered = sum(name in by_id for name in known)
    drawn.add_row("all", str(len(known)), "", "", str(covered), str(len(known) - covered), style="bold")
    return drawn


def main() -> int:
    known, shown = obligations(), collect(bearing_files())
    by_id: dict[str, list[Shown]] = {}
    for one in sorted(shown, key=lambda one: (one.id, one.test)):
        by_id.setdefault(one.id, []).append(one)
    console = Console(width=None if sys.stdout.isatty() else 180)
    console.print(table(known, by_id))
    console.print(totals(known, by_id))
    still = [name for name in known if name not in by_id]
    console.print(f"{len(known) - len(still)} of {len(known)} shown. Open: {', '.join(still) or 'nothing'}.")
    wrong = problems(known, shown) + missing_verbs(known.values())
    for each in wrong:
        console.print(f"[red]✗[/red] {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
