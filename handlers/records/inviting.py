"""What is said of invitations and posts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from conference.model.told import Shape, Told, told

from .base import Screen, Step


@told
@dataclass(frozen=True, slots=True)
class InvitationShown(Step):
    """To the invited: what it leads to, and whether it is them."""

    invitation_id: int
    conference: str
    unit: str
    title: str
    expires_at: str
    rebind: bool = False


@told
@dataclass(frozen=True, slots=True)
class NameAsked(Step):
    """`note`: "unfit" after something that is no name."""

    title: str
    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class AnswerKept(Step):
    """The name is with the office; nothing to do but wait."""

    conference: str
    unit: str
    title: str
    name: str = ""


@told
@dataclass(frozen=True, slots=True)
class InvitationDeclined(Step):
    pass


@told
@dataclass(frozen=True, slots=True)
class InvitationUseless(Told):
    """A link or code that lets nobody in. `why` is a key of the texts."""

    why: str
    figure: int = 0


@told
@dataclass(frozen=True, slots=True)
class CodeAsked(Screen):
    """`note`: "unreadable" after something that is no code."""

    note: str = ""


@told
@dataclass(frozen=True, slots=True)
class InvitationIssued(Told):
    """To who issued it, once: the link and the code for paper."""

    invitation_id: int
    conference: str
    unit: str
    title: str
    token: str
    code: str
    expires_at: str
    rebind: bool = False


@told
@dataclass(frozen=True, slots=True)
class InvitationPicture(Told):
    """The same link as a QR picture."""

    invitation_id: int
    title: str
    token: str

    @property
    def shape(self) -> Shape:
        return Shape.FILE


@told
@dataclass(frozen=True, slots=True)
class InviteUnits(Screen):
    """Each: a post of the unit (which names it in a button), the unit's slug, number of posts."""

    units: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class BodiesShown(Screen):
    """Slugs of the bodies with which a new post can be made."""

    bodies: list[str] = field(default_factory=list)


@told
@dataclass(frozen=True, slots=True)
class BodyPlaces(Screen):
    """Where a new post of this body shall stand. `places` are `PlacesOffered`."""

    body: str
    places: dict[str, Any] = field(default_factory=dict)


@told
@dataclass(frozen=True, slots=True)
class OutsidersShown(Screen):
    """Bodies from outside. `mode`: how they take part, "" where the document is silent. Each: post, name, role, has somebody come.

    `taken_back`: the name of one that just was.
    """

    mode: str
    rows: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1
    taken_back: str = ""


@told
@dataclass(frozen=True, slots=True)
class OutsiderAsked(Step):
    """What is the unit called? `note` is a key of the texts. `body`: the kind of one that is not from outside."""

    note: str = ""
    body: str = ""


@told
@dataclass(frozen=True, slots=True)
class OutsiderDropped(Step):
    """No unit is invited."""


@told
@dataclass(frozen=True, slots=True)
class InvitePosts(Screen):
    """Each: post, title, holders."""

    unit: str
    posts: list[list[Any]] = field(default_factory=list)
    page: int = 0
    pages: int = 1


@told
@dataclass(frozen=True, slots=True)
class PostShown(Screen):
    """A post and who holds it. Each holder: person, name, number of accounts. `closed`: nobody is invited into it."""

    post_id: int
    unit: str
    title: str
    alone: bool
    vacant_since: str | None = None
    holders: list[list[Any]] = field(default_factory=list)
    closed: bool = False


@told
@dataclass(frozen=True, slots=True)
class InvitationsListed(Screen):
    """What waits. Each: id, unit, title, state, name, expires_at, whether the reader may confirm it."""

    waiting: list[list[Any]] = field(default_factory=list)
    more: int = 0


@told
@dataclass(frozen=True, slots=True)
class EndAsked(Screen):
    """Really? `what`: "tenure" or "bindings"."""

    what: str
    post_id: int
    person_id: int
    title: str
    name: str


@told
@dataclass(frozen=True, slots=True)
class TenureEnded(Told):
    in_place: ClassVar[bool] = True

    title: str
    name: str


@told
@dataclass(frozen=True, slots=True)
class BindingsEnded(Told):
    """So many accounts speak for nobody any more; of their messages so many are blanked, removed, or out of reach."""

    in_place: ClassVar[bool] = True

    post_id: int
    person_id: int
    name: str
    accounts: int
    blanked: int
    removed: int
    left: int
