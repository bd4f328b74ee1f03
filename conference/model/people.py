"""Persons, the accounts they speak from, the posts they hold and for how long.

A person comes and goes; the post, its clocks and its obligations stay (design §3). Rights come from a tenure that runs
at the moment of the act, never from the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .errors import NotPossibleNow


class Role(StrEnum):
    """What a post is for. Citizens hold none: whoever speaks to the desk may report."""

    CHIEF_CONVENER = "chief_convener"
    CONVENER = "convener"  # and deputy conveners, where the document calls them so
    MEMBER = "member"  # the seat of a unit
    LIAISON = "liaison"
    OFFICE_DIRECTOR = "office_director"
    OFFICE = "office"  # a clerk of the office
    DUTY_DESK = "duty_desk"  # public security: several people behind one post
    TOWNSHIP = "township"
    VILLAGE = "village"
    REPORTER = "reporter"  # contact of a school, hospital, village committee: a mandatory reporter
    CUSTODIAN = "custodian"  # opens a reporter's identity, with a reason and never alone
    GUEST = "guest"  # somebody of a body from outside, asked to attend
    OPERATOR = "operator"  # runs the machine; sees incidents, never reports


# Posts that one person holds at a time; behind the others several may stand.
ALONE = frozenset({Role.CHIEF_CONVENER, Role.CONVENER, Role.MEMBER, Role.LIAISON, Role.OFFICE_DIRECTOR, Role.GUEST})

# Posts of the office: they run the conference's daily work.
OFFICE = frozenset({Role.OFFICE, Role.OFFICE_DIRECTOR})
CONVENERS = frozenset({Role.CHIEF_CONVENER, Role.CONVENER})
SEATS = CONVENERS | {Role.MEMBER, Role.OFFICE_DIRECTOR}  # those who sit at the table
OF_A_UNIT = frozenset({Role.MEMBER, Role.LIAISON})  # those who speak for a unit that sits

# Posts of bodies that only bear the name of their kind as their unit: each village, school or guest is a body of its own.
ONE_A_PLACE = frozenset({Role.TOWNSHIP, Role.VILLAGE})
OF_A_PLACE = ONE_A_PLACE | {Role.REPORTER}
APART = OF_A_PLACE | {Role.GUEST}
OBLIGED = frozenset({Role.VILLAGE, Role.REPORTER})  # to report what they see, by the work they do; a township is told, and acts


class Reach(StrEnum):
    """Whether the channel still takes our messages to an account."""

    OPEN = "open"
    BLOCKED = "blocked"
    GONE = "gone"


@dataclass(eq=False, kw_only=True)
class Person:
    """Somebody who holds or held a post. A citizen needs no such row. The name is sealed (storage/people.py)."""

    id: int | None = None
    created_at: datetime


@dataclass(eq=False, kw_only=True)
class Post:
    """A seat, desk or counter that somebody holds: it outlives its holders.

    `unit` is a slug of the profile (a unit or an actor), `place` a code of the territory (townships, villages), `rank` the
    order in which a ladder climbs through the desks of one role (1 is rung first). `vacant_since`: nobody holds it.
    """

    id: int | None = None
    conference: str
    unit: str
    role: Role
    title: str
    place: str | None = None
    rank: int = 1
    closed_at: datetime | None = None
    vacant_since: datetime | None = None

    @property
    def alone(self) -> bool:
        """One holder at a time."""
        return self.role in ALONE


@dataclass(eq=False, kw_only=True)
class Tenure:
    """A person holds a post from one moment (included) to another (excluded, or open). `alone` as the post says."""

    id: int | None = None
    post_id: int
    person_id: int
    alone: bool = False
    begins_at: datetime
    ends_at: datetime | None = None
    why_ended: str | None = None

    def holds(self, at: datetime) -> bool:
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)

    def end(self, why: str, *, at: datetime) -> None:
        """The rights end at this moment; what hangs on the post stays with it."""
        if self.ends_at is not None:
            raise NotPossibleNow("tenure", self.id, "ended", "ended")
        self.ends_at, self.why_ended = at, why


@dataclass(eq=False, kw_only=True)
class Shift:
    """Somebody of a post is on duty from one moment (included) to another (excluded)."""

    id: int | None = None
    post_id: int
    person_id: int
    begins_at: datetime
    ends_at: datetime
    set_by: int | None = None

    def runs(self, at: datetime) -> bool:
        return self.begins_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post as its holder wears it in one act."""

    post_id: int
    conference: str
    unit: str
    role: Role
    title: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """One line of the roster: an account that is reached for a post now."""

    account_id: int
    post_id: int
    unit: str
    role: Role
    title: str
    rank: int
    person_id: int = 0
    place: str | None = None
    reach: Reach = Reach.OPEN

    def is_of(self, post: Post) -> bool:
        """Whether who holds the post is this holder's own people's business: colleagues of one unit, or of one and the same village."""
        if self.unit != post.unit:
            return False
        if self.role in OF_A_UNIT or not {self.role, post.role} & APART:
            return True
        neighbours = post.place is not None and self.place == post.place and {self.role, post.role} <= ONE_A_PLACE
        return self.post_id == post.id or neighbours


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the person behind it if known, and the posts held at this moment.

    A person acts inside one conference at a time: `posts` are those of `conference`, the one worn first in front;
    `elsewhere` names the other conferences in which posts are held, and gives no right to anything there. `commands` is the
    digest of the commands that the channel shows there; none: those it shows to everybody.
    """

    account_id: int
    person_id: int | None = None
    posts: tuple[HeldPost, ...] = ()
    language: str = "zh_Hans"
    conference: str = ""
    elsewhere: tuple[str, ...] = ()
    commands: str | None = None

    def post_as(self, *roles: Role) -> HeldPost | None:
        return next((post for post in self.posts if post.role in roles), None)

    @property
    def is_official(self) -> bool:
        return bool(self.posts)
