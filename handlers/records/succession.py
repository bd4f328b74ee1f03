"""What is said of hand-overs and the roster check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Told, told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class HandoversListed(Screen):
    """Open ones ([id, title, state]). `why_not`: a key of the texts, "" for who may start one; `any_unit`: of every unit."""

    open: list[list[Any]] = field(default_factory=list)
    why_not: str = ""
    any_unit: bool = False


@told
@dataclass(frozen=True, slots=True)
class UnitsToChoose(Screen):
    """Each: a post of the unit (which names it in a button) and the unit's slug; `page` of `pages`."""

    units: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class PostsToChoose(Screen):
    """Posts ([id, title, holders' names, how many more hold it]) of the unit named by the post `of`, 0 for one's own."""

    of: int
    posts: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class HolderToChoose(Screen):
    """Several hold the post: who leaves? ([person, name])."""

    post: int
    title: str
    people: list[list[Any]] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class HandoverAsked(Screen):
    """Really hand over? With what goes over. `name`: of who leaves, "" where the post is vacant."""

    post: int
    person: int
    title: str
    mode: str
    name: str = ""
    items: dict[str, Any] = field(default_factory=dict)


@told
@dataclass(frozen=True, slots=True)
class HandoverEndAsked(Screen):
    handover: int
    title: str


@told
@dataclass(frozen=True, slots=True)
class SuccessorInvited(Told):
    """To who started a hand-over, once: the successor's link and the code for paper."""

    handover_id: int
    title: str
    token: str
    code: str
    expires_at: str


@told
@dataclass(frozen=True, slots=True)
class NothingToCheck(Screen):
    """No roster check waits for an answer of one's unit."""
