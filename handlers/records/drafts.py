"""What is said of a report on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from conference.model.told import Told, told

from .base import Screen, Step


@dataclass(frozen=True, slots=True)
class PlacesOffered:
    """What can be chosen as a place: part of a question, as plain data. Places are codes with what people read.

    `level` is that of the list ("": there is none). `under` is the place whose parts it shows, `above` what leads out of it.
    `finer`: the answer given so far, and the level of what lies beneath it.
    """

    level: str = ""
    listed: list[list[str]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    under: list[str] = field(default_factory=list)
    above: str = ""
    familiar: list[list[str]] = field(default_factory=list)
    found: list[list[str]] = field(default_factory=list)
    more_found: bool = False
    finer: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class QuestionAsked(Step):
    """One question. `ready`: nothing required is missing. `answer` is what stands there already.

    `places` (PlacesOffered) belong to the question where it is. `finer` on the question after it: code, name and level of
    what could be added to the place just given.
    """

    draft: str
    version: int
    questionnaire: str
    question: str
    note: str = ""
    figure: int = 0
    urgent: bool = False
    ready: bool = False
    first: bool = False
    editing: bool = False
    words: int = 0
    files: int = 0
    answer: Any = None
    places: dict[str, Any] | None = None
    finer: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class ReviewShown(Step):
    """Everything that would be sent. `answers` as in the draft, but words and evidence only as excerpt and number."""

    draft: str
    version: int
    questionnaire: str
    answers: dict[str, Any]
    excerpt: str = ""
    words: int = 0
    files: int = 0
    note: str = ""
    figure: int = 0
    urgent: bool = False


@told
@dataclass(frozen=True, slots=True)
class DraftWaits(Screen):
    """A draft is open already: go on, or begin anew?"""

    draft: str
    version: int
    answered: int = 0


@told
@dataclass(frozen=True, slots=True)
class CancelAsked(Step):
    """Really? `addition`: it is not a report but an addition to one."""

    draft: str
    version: int
    addition: bool = False


@told
@dataclass(frozen=True, slots=True)
class DraftDropped(Step):
    addition: bool = False


@told
@dataclass(frozen=True, slots=True)
class NothingToCancel(Screen):
    pass


@told
@dataclass(frozen=True, slots=True)
class WordsHeld(Step):
    """Something came before anything was asked; it is kept. Is it a report, or does it belong to one of `reports` (id, number)?"""

    draft: str
    version: int
    reports: list[list[Any]] = field(default_factory=list)
    note: str = ""
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class Submitted(Told):
    """In place of the review; the number and the receipt follow by themselves. `again`: the button was pressed twice."""

    in_place: ClassVar[bool] = True

    number: str
    report_id: int
    again: bool = False
