"""What is said of the roster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class RosterShown(Screen):
    """A page of the units with posts. Each: slug, a post of it (0: it has none), number of posts, number of vacant ones."""

    units: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    gaps: bool = False


@told
@dataclass(frozen=True, slots=True)
class UnitShown(Screen):
    """A page of a unit's posts. Each: title, role, place, holders, vacant since. A holder: name if the reader may see it, since
    when, whether reachable."""

    post: int
    unit: str
    posts: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    back: int = 0


@told
@dataclass(frozen=True, slots=True)
class ExportAsked(Screen):
    """How the roster can be taken out: with a reason. `note`: too_short, too_long."""

    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class GapsShown(Screen):
    """A page of what is missing in the roster. Each: kind (vacant, unreachable, no_post, closed), unit, title, since when."""

    gaps: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    total: int = 0
