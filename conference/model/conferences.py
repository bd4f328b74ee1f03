"""A conference as every message needs it: its names and level, and what its document does not have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """`lacks` names what the document is silent about (roster, office, gate, minutes …): said in one sentence, never an empty menu."""

    slug: str
    level: str
    parent: str | None
    name_zh: str
    name_en: str
    region_code: str | None = None
    lacks: frozenset[str] = frozenset()
    version: int = 1


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the database knows it: its name now, and whether it ended."""

    slug: str
    name_zh: str
    name_en: str
    ended: bool = False
