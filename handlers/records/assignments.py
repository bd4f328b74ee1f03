"""What is said of assigned items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Shape, Told, told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class AssignmentsListed(Screen):
    """A page of those that are open. Each: id, number, lead, due, state, percent, light. `may_assign`: whether the reader may."""

    assignments: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    may_assign: bool = False


@told
@dataclass(frozen=True, slots=True)
class AssignmentTraced(Screen):
    """A page of its history. Each turn: at, what, title of the post (or unit), words by name."""

    assignment_id: int
    number: str
    turns: list[list[Any]]
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class AssignmentSent(Told):
    """To whoever did something with it (`what`): done, and to how many it went."""

    what: str
    number: str
    assignment_id: int
    people: int = 0


@told
@dataclass(frozen=True, slots=True)
class AssignmentFile(Told):
    """One of its files; `step`: what it came with."""

    number: str
    step: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class OwedShown(Screen):
    """What the reader owes. `groups`: name of a group -> lines (noun, id, unit, facts), the first of `counts`."""

    groups: dict[str, list[list[Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
