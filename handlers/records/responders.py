"""What is said of reports, to those who respond."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Shape, Told, told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class ReportsListed(Screen):
    """Each: id, number, state, filed_at, accepted_at. `readable`: the ids of those that the reader may open."""

    reports: list[list[Any]] = field(default_factory=list)
    readable: list[int] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class ReportSheet(Told):
    """The facts of a report, for those it is assigned to. Free words and evidence follow in records of their own."""

    report_id: int
    number: str
    questionnaire: str
    state: str
    filed_at: str
    accepted_at: str | None
    subject: str | None
    situation: str
    danger: bool | None
    place: str | None
    place_words: list[str]
    since: dict[str, Any] | None
    reporter: str
    mandatory: bool
    words: int
    files: int
    place_name: str = ""


@told
@dataclass(frozen=True, slots=True)
class AcceptanceNoted(Told):
    """Under an opened report, to the one who accepted it: by which post and when."""

    number: str
    at: str
    post: str


@told
@dataclass(frozen=True, slots=True)
class ReportWords(Told):
    """A part of what the reporter wrote, short enough for one message."""

    number: str
    part: int
    parts: int
    text: str
    added_at: str | None = None


@told
@dataclass(frozen=True, slots=True)
class ReportEvidence(Told):
    number: str
    part: int
    parts: int
    kind: str
    file_id: str
    added_at: str | None = None

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class ReportPosition(Told):
    number: str
    latitude: float
    longitude: float

    @property
    def shape(self) -> Shape:
        return Shape.BARE
