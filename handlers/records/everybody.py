"""What is said of what everybody is offered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Told, told

from .base import Screen, Step


@told
@dataclass(frozen=True, slots=True)
class StartScreen(Screen):
    """`note` is a key of the texts' notes. `several`: other areas can be chosen. `reporting`: asked for as the way to a report,
    also by those who hold a post; else these get their menu (`DeskMenu`, handlers/menus.py)."""

    note: str = ""
    several: bool = False
    reporting: bool = False


@told
@dataclass(frozen=True, slots=True)
class DeskMenu(Screen):
    """The first screen of those who hold a post: the one worn first, how many more, what they can do (names of commands), and
    which parts the document of the conference does not have. `on_duty`: a post obliges them to report."""

    note: str
    post: str
    more: int = 0
    offers: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    on_duty: bool = False


@told
@dataclass(frozen=True, slots=True)
class HelpGiven(Screen):
    """`offers`: names of the commands that are the reader's, `post`: the one they wear."""

    offers: list[str] = field(default_factory=list)
    post: str = ""


@told
@dataclass(frozen=True, slots=True)
class LanguageChooser(Screen):
    pass


@told
@dataclass(frozen=True, slots=True)
class LanguageChosen(Step):
    pass


@told
@dataclass(frozen=True, slots=True)
class PostsHeld(Screen):
    """Who somebody is here. `posts`, the one worn first in front: id, title, since when. `elsewhere`: conferences in which this
    person holds posts too. `titles`: in rows written before there were `posts`."""

    titles: list[str] = field(default_factory=list)
    name: str | None = None
    posts: list[list[Any]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    several: bool = False


@told
@dataclass(frozen=True, slots=True)
class ConferencesListed(Screen):
    """The areas that can be chosen, a page of them; `note` is a key of the texts' notes."""

    conferences: list[str]
    page: int = 0
    pages: int = 1
    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class Refused(Told):
    """A rule refused what was asked. `reason` is a key of the texts, `figure` the bound that was reached."""

    reason: str
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class ButtonStale(Told):
    """The button was not made for this account, or is too old to be read."""


@told
@dataclass(frozen=True, slots=True)
class StepPassed(Told):
    """Beside a button whose question has been answered meanwhile."""
