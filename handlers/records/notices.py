"""What is said of decision notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conference.model.told import Shape, Told, told

from .base import Screen


@told
@dataclass(frozen=True, slots=True)
class NoticesListed(Screen):
    """Those for the reader's posts, and for the office all: id, number, title, state, sign_by, mine ("": not for the reader,
    else open or signed). `may_send`: whether the reader may write one; `page`, `pages`."""

    notices: list[list[Any]] = field(default_factory=list)
    may_send: bool = False
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class NoticeMade(Told):
    """To whoever made or recalled it (`what`: sent, asked, recalled): to how many it went or will go."""

    what: str
    number: str
    people: int = 0
    notice_id: int = 0


@told
@dataclass(frozen=True, slots=True)
class NoticePaper(Told):
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
class NoticePreviewed(Told):
    """A notice that is not sent yet, as readers of one language will see it."""

    language: str
    shown: dict[str, Any]


@told
@dataclass(frozen=True, slots=True)
class ReceiptsListed(Screen):
    """Every copy: unit, title of the post, receipt, since when. `page`, `pages`."""

    notice_id: int
    number: str
    copies: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
