"""`@obligation("EMG-01")`: the test shows this obligation of docs/obligations.toml at work.

`profile` names the conference whose profile it runs under; the town of the tests is Badong unless said otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

obligation = pytest.mark.obligation

FILE = Path(__file__).parents[1] / "docs" / "obligations.toml"
CONFERENCES = ("badong", "gansu", "jieyang", "neimenggu", "national")
TOWN = "badong"


@dataclass(frozen=True)
class Obligation:
    id: str
    systems: tuple[str, ...]
    owes: str
    trigger: str
    line: str
    verbs: tuple[str, ...] = ()
    done: bool = False


@dataclass(frozen=True)
class Shown:
    """One test that bears the mark, however many parameters it has."""

    id: str
    test: str
    profile: str = TOWN


def obligations(file: Path = FILE) -> dict[str, Obligation]:
    """The list, in its order."""
    entries: dict[str, dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: _obligation(name, **entry) for name, entry in entries.items()}


def _obligation(
    name: str, *, systems: Sequence[str], owes: str, trigger: str, line: str, verbs: Sequence[str] = (), done: bool = False
) -> Obligation:
    return Obligation(name, tuple(systems), owes, trigger, line, tuple(verbs), done)


def shown_by(items: Iterable[pytest.Item]) -> set[Shown]:
    """What the collected tests say that they show."""
    found: set[Shown] = set()
    for item in items:
        for mark in item.iter_markers("obligation"):
            test = item.nodeid.partition("[")[0]
            found.update(Shown(name, test, mark.kwargs.get("profile") or TOWN) for name in mark.args)
    return found


def problems(known: dict[str, Obligation], shown: Iterable[Shown]) -> list[str]:
    """What is wrong with the marks or with what is claimed as covered."""
    shown = sorted(shown, key=lambda one: (one.id, one.test))
    said = [f"{one.test}: no obligation is named {one.id}" for one in shown if one.id not in known]
    said += [f"{one.test}: no conference is named {one.profile}" for one in shown if one.profile not in CONFERENCES]
    covered = {one.id for one in shown}
    said += [f"{one.id} is claimed as done, and no test shows it" for one in known.values() if one.done and one.id not in covered]
    said += [f"{one.id} is shown by a test, and not claimed as done" for one in known.values() if one.id in covered and not one.done]
    return said
