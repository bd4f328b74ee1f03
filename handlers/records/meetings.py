"""What is said of meetings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Shape, Told, told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class ComingListed(Screen):
    """Who comes. Each: unit, answer, the representative's name and post, the reason of an excuse."""

    meeting_id: int
    number: str
    kind: str
    answers: list[list[str]]
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class MeetingsListed(Screen):
    """Those to come. Each: id, number, kind, starts_at, and what the reader's units answered ("" silent). `known`: whether the
    document founds a conference that meets; `may_call`: whether the reader may call one."""

    meetings: list[list[Any]] = field(default_factory=list)
    known: bool = True
    may_call: bool = False


@told
@dataclass(frozen=True, slots=True)
class MeetingSent(Told):
    """To whoever called, moved or cancelled it (`what`): done, and to how many."""

    what: str
    number: str
    meeting_id: int
    people: int = 0


@told
@dataclass(frozen=True, slots=True)
class AttendanceNoted(Told):
    """To whoever answered in writing: what stands now."""

    meeting_id: int
    number: str
    unit: str
    answer: str


@told
@dataclass(frozen=True, slots=True)
class MeetingPaper(Told):
    number: str
    part: int
    parts: int
    kind: str
    file_id: str

    @property
    def shape(self) -> Shape:
        return Shape.BARE if self.kind == "video_note" else Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class GuestInvited(Told):
    """To the office: the link of a guest, told once."""

    number: str
    name: str
    token: str


@told
@dataclass(frozen=True, slots=True)
class ConvenersListed(Screen):
    """To the chief convener: each convener's post, title, and whether calling is entrusted to it."""

    conveners: list[list[Any]] = field(default_factory=list)
