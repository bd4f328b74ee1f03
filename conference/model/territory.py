"""The territory: places from the nation down to the village, and which of them somebody's words mean. Pure.

Names and codes are the official ones of the administrative divisions; a conference has one of the places as its region.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .pages import cut

MAX_CODE = 12  # digits: a village's code has twelve
WIDTHS = (2, 4, 6, 9, MAX_CODE)  # digits of a province's, city's, county's, township's, village's code
MAX_NAME = 40  # characters


class Level(StrEnum):
    """From the widest to the narrowest."""

    NATION = "nation"
    PROVINCE = "province"  # or autonomous region, municipality
    CITY = "city"  # or prefecture, league
    COUNTY = "county"  # or district, banner
    TOWNSHIP = "township"  # or street, sumu
    VILLAGE = "village"  # or community, gacha

    @property
    def depth(self) -> int:
        return LEVELS.index(self)


LEVELS = tuple(Level)

# What a place may stand under. Some municipalities and provinces have counties without a city between, some cities have
# townships without a county between.
UNDER: dict[Level, frozenset[Level]] = {
    Level.NATION: frozenset(),
    Level.PROVINCE: frozenset({Level.NATION}),
    Level.CITY: frozenset({Level.PROVINCE}),
    Level.COUNTY: frozenset({Level.PROVINCE, Level.CITY}),
    Level.TOWNSHIP: frozenset({Level.CITY, Level.COUNTY}),
    Level.VILLAGE: frozenset({Level.TOWNSHIP}),
}

_KINDS = ("街道", "苏木", "社区", "嘎查", "镇", "乡", "村", "县", "市", "区", "旗", "省", "盟")
_SIMPLER = str.maketrans("鎮鄉縣區蘇", "镇乡县区苏")  # the kinds of places as traditional writing has them


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `parent` is "" for what stands under nothing here, `initials` are those of its pinyin.

    What a list needs beside it, where the repository looked: `within`, the parent's name; `finer`, the level of the places
    beneath it ("" if there are none).
    """

    code: str
    name: str
    level: Level
    parent: str = ""
    initials: str = ""
    ended: bool = False
    within: str = ""
    finer: str = ""

    @property
    def sorting(self) -> str:
        """Code by which reports are sorted and counted: a village's is its township's, for a village says too much in clear."""
        return self.parent if self.level is Level.VILLAGE else self.code

    def label(self, region: str = "") -> str:
        """As people read it: with the place around it, unless that is the region itself."""
        return f"{self.within} {self.name}" if self.within and self.parent != region else self.name


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. `number` counts from 0."""

    places: tuple[Place, ...]
    number: int
    pages: int


def page(places: Sequence[Place], number: int, size: int) -> Page:
    """The page of this number; the last one if there are not so many, the first for a number below it."""
    shown, number, pages = cut(places, number, size)
    return Page(tuple(shown), number, pages)


def canonical(code: str) -> str:
    """A division code without the zeros that fill it up: 620000 and 620000000000 are the province 62."""
    widths = (width for width in WIDTHS if width < len(code) and not code[width:].strip("0"))
    return code[: next(widths, len(code))]


def folded(text: str) -> str:
    """Words as they are compared: in one writing, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_SIMPLER)


def are_initials(words: str) -> bool:
    """Folded words that can only be the first letters of a name's pinyin."""
    return 2 <= len(words) <= MAX_NAME and words.isascii() and words.isalpha()


def say_nothing(words: str) -> bool:
    """Folded words that would fit anything: nothing at all, one character, or only the kind of a place."""
    return len(words) < 2 or words in _KINDS


def bare(name: str) -> str:
    """A name without the kind of place at its end."""
    kind = next((kind for kind in _KINDS if name.endswith(kind) and len(name) > len(kind) + 1), "")
    return name.removesuffix(kind)


def meant(found: Iterable[Place], words: str) -> list[Place]:
    """Which of the places found the folded words mean: none, exactly one, or several to choose from.

    Who names a place whole means it. Words with names inside ("绿葱坡镇北界村3组") mean the narrowest of those that lie within
    one another. Otherwise everything fits of which the words are a part.
    """
    found = list(found)
    if are_initials(words):
        return [p for p in found if p.initials == words.lower()] or found
    if whole := [p for p in found if words in (p.name, bare(p.name))]:
        return whole
    inside = [p for p in found if p.name in words]
    inside = [p for p in inside if not any(p.name != other.name and p.name in other.name for other in inside)]
    if not inside:
        return found
    widest = min(p.level.depth for p in inside)
    named = [p for p in inside if p.level.depth == widest]
    while finer := [p for p in inside if p.parent in {each.code for each in named}]:
        named = finer
    return named
