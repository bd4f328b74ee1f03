"""Buttons of the first screens."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("h", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class ShowHelp(Press):
    pass


@button("st", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class ShowStart(Press):
    pass


@button("l", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class SetLanguage(Press):
    """`then`: what stands in the place of the chooser afterwards ("start" or nothing)."""

    language: str
    then: str


@button("rp", Action.REPORT)
@dataclass(frozen=True, slots=True)
class ShowReporting(Press):
    """The way to a report, from the menu of those who hold a post."""


@button("wp", Action.ASK_FOR_HELP)
@dataclass(frozen=True, slots=True)
class ShowPosts(Press):
    pass


@button("wh", Action.CHOOSE_HAT)
@dataclass(frozen=True, slots=True)
class WearHat(Press):
    post: int


@button("cs", Action.CHOOSE_CONFERENCE)
@dataclass(frozen=True, slots=True)
class ShowConferences(Press):
    page: int


@button("cc", Action.CHOOSE_CONFERENCE)
@dataclass(frozen=True, slots=True)
class ChooseConference(Press):
    """`slug` has at most 48 letters: just what fits."""

    slug: str
