"""The conferences as checked data, and the reader that turns a file into a Profile."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from conference.model.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: so many minutes after the start, ring these."""

    after: int
    whom: str

    @property
    def rank(self) -> int | None:
        """Of the desk that is rung; None: the office."""
        kind, _, rank = self.whom.partition(":")
        return int(rank) if kind == "desk" else None


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the territory; `code` is its official division code."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One conference: what differs between conferences is data here."""

    slug: str
    level: str
    name_zh: str
    name_en: str
    targets: Mapping[str, int]
    ladders: Mapping[str, tuple[Rung, ...]]
    units: Mapping[str, str]
    office_host: str
    places: tuple[Place, ...]

    def place(self, code: str | None) -> Place | None:
        return next((place for place in self.places if place.code == code), None)

    @property
    def townships(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.level == "township")

    def place_named(self, text: str) -> Place | None:
        """The one township that the words name, if exactly one does."""
        words = "".join(text.split())
        named = [p for p in self.townships if p.name in words or words == p.name.rstrip("镇乡街道苏木")]
        return named[0] if len(named) == 1 else None


def available() -> list[str]:
    return sorted(f.name.removesuffix(".toml") for f in resources.files(__package__).iterdir() if f.name.endswith(".toml"))


@cache
def load(slug: str) -> Profile:
    """The profile of a conference. Raises Misconfigured naming what is allowed."""
    if slug not in available():
        raise Misconfigured(f"no profile is named {slug!r}; there are: {', '.join(available())}")
    return parse(source(slug), f"{slug}.toml")


def source(slug: str) -> str:
    """The file of a conference that comes with the program, as it stands."""
    return resources.files(__package__).joinpath(f"{slug}.toml").read_text("utf-8")


def parse(text: str, name: str) -> Profile:
    """A profile from its TOML; `name` is how a problem names the file."""
    data = tomllib.loads(text)
    slug = data["conference"]["slug"]
    return Profile(
        slug=slug,
        level=data["conference"]["level"],
        name_zh=data["conference"]["name_zh"],
        name_en=data["conference"]["name_en"],
        targets=data["targets"],
        ladders={name: tuple(_rung(slug, name, rung) for rung in rungs) for name, rungs in data["ladders"].items()},
        units={unit["slug"]: unit["name_zh"] for unit in data["units"]},
        office_host=data["conference"]["office_host"],
        places=_places(slug),
    )


def _rung(slug: str, ladder: str, raw: Mapping[str, Any]) -> Rung:
    if set(raw) != {"after", "whom"} or not isinstance(raw["after"], int) or raw["after"] < 0:
        raise Misconfigured(f"{slug}.toml, ladders.{ladder}: {dict(raw)}; a step is after = MINUTES (a whole number) and whom = WHO")
    rung = Rung(after=raw["after"], whom=str(raw["whom"]))
    kind, _, rank = rung.whom.partition(":")
    if not (rung.whom == "office" or (kind == "desk" and rank.isdecimal())):
        raise Misconfigured(f"{slug}.toml, ladders.{ladder}: whom = {rung.whom!r}; allowed: desk:N, office")
    return rung


def _places(slug: str) -> tuple[Place, ...]:
    file = resources.files("conference").joinpath(f"territory/{slug}.csv")
    if not file.is_file():
        return ()
    with file.open("r", encoding="utf-8") as lines:
        return tuple(Place(row["code"], row["name"], row["level"], row["parent"]) for row in csv.DictReader(lines))
