"""What is said of a report of one's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from conference.model.told import Told, told

from .base import Screen, Step


@told
@dataclass(frozen=True, slots=True)
class AdditionCollected(Step):
    """So many texts and files are waiting to be sent after a filed report."""

    draft: str
    version: int
    number: str
    words: int = 0
    files: int = 0
    places: int = 0
    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class AdditionSent(Told):
    in_place: ClassVar[bool] = True

    number: str
    report_id: int


@told
@dataclass(frozen=True, slots=True)
class OwnReports(Screen):
    """Each: id, number, state."""

    reports: list[list[Any]] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class OwnReport(Screen):
    report_id: int
    number: str
    state: str
    filed_at: str
    accepted_at: str | None = None


@told
@dataclass(frozen=True, slots=True)
class ReceiptAsked(Screen):
    """`note`: "unknown" (fits no report) or "unreadable" (not eight words)."""

    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class ReportReclaimed(Told):
    report_id: int
    number: str
    state: str
    filed_at: str
    accepted_at: str | None = None
