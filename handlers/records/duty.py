"""What is said of the duty rota."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class DutyShown(Screen):
    """`desks`: each with post, title, mine (the reader stands behind it), everybody (nobody is on duty who can be rung), and
    `now` and `coming`: [shift, name, begins_at, ends_at, own]. `waiting`: reports that nobody has accepted. `note`: a key of the texts."""

    desks: list[dict[str, Any]] = field(default_factory=list)
    waiting: int = 0
    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class DutyPlanning(Screen):
    """The next choice: `people` ([person, name]), then `days` (ISO), then the hours of `day`."""

    post: int
    title: str
    people: list[list[Any]] = field(default_factory=list)
    person: int = 0
    name: str = ""
    days: list[str] = field(default_factory=list)
    day: str = ""
