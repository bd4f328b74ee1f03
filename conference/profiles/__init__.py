"""The conferences as checked data, and the reader that turns a file into a Profile."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources

from conference.model.errors import Misconfigured
from conference.model.profile import MOST_RUNGS, Profile, Rung

from .reader import ProfileProblem, examine

__all__ = ["MOST_RUNGS", "Profile", "ProfileProblem", "Rung", "available", "examine", "load", "parse", "source"]


def available() -> list[str]:
    return sorted(f.name.removesuffix(".toml") for f in resources.files(__package__).iterdir() if f.name.endswith(".toml"))


@cache
def load(slug: str) -> Profile:
    """The profile of a conference that comes with the program. Raises Misconfigured naming what is allowed."""
    return parse(source(slug), f"{slug}.toml")


def source(slug: str) -> str:
    """The file of a conference that comes with the program, as it stands. Raises Misconfigured for another name."""
    if slug not in available():
        raise Misconfigured(f"no profile is named {slug!r}; there are: {', '.join(available())}")
    return resources.files(__package__).joinpath(f"{slug}.toml").read_text("utf-8")


@lru_cache(maxsize=16)  # most desks serve what the program brings: the file and what the database keeps are one text
def parse(text: str | bytes, name: str) -> Profile:
    """A profile from its TOML; `name` is how a problem names the file. Raises Misconfigured with all that is wrong."""
    profile, problems = examine(text, name)
    if profile is None:
        raise Misconfigured(*map(str, problems))
    return profile
