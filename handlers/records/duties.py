"""What is said of the duty calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Shape, Told, told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class DutiesListed(Screen):
    """One list of the duty calendar. `lines` as in told.DutiesOpened, of `view` unsaid: duty, owner. `counts` by view; `titles` of
    owners that are places; `owners`: those for which the reader reports; `may_run`: whether the reader is of the office."""

    view: str = "own"
    lines: list[list[Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    page: int = 0
    pages: int = 1
    may_run: bool = False


@told
@dataclass(frozen=True, slots=True)
class DutyRowsListed(Screen):
    """Ids of rows of the document, a page of them."""

    duties: list[str] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class OccurrenceShown(Screen):
    """`history`: before, after, at, words of each turn; `standing`: what is attested; `can`: report, accept, return, waive."""

    line: list[Any] = field(default_factory=list)
    history: list[list[Any]] = field(default_factory=list)
    proofs: int = 0
    causes: list[list[str]] = field(default_factory=list)
    also: int = 0
    standing: list[str] = field(default_factory=list)
    can: list[str] = field(default_factory=list)
    title: str = ""


@told
@dataclass(frozen=True, slots=True)
class OccurrenceNoted(Told):
    """What was done with an occurrence in writing: reported, recorded, returned, waived; or asked for (`figure` owners), said."""

    what: str
    duty: str
    occurrence: int = 0
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class OccurrenceProof(Told):
    duty: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE
