"""Persons, the accounts they speak from, the posts they hold and for how long.

A person comes and goes; the post, its clocks and its obligations stay (design §3). Rights come from a tenure that runs
at the moment of the act, never from the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a post is for. Citizens hold none: whoever speaks to the desk may report."""

    DUTY_DESK = "duty_desk"  # public security: several people behind one post
    TOWNSHIP = "township"
    OFFICE = "office"
    OPERATOR = "operator"  # runs the machine; sees incidents, never reports
    REPORTER = "reporter"  # contact of a school, hospital, village committee: a mandatory reporter


class Reach(StrEnum):
    """Whether the channel still takes our messages to an account."""

    OPEN = "open"
    BLOCKED = "blocked"
    GONE = "gone"


@dataclass(eq=False, kw_only=True)
class Person:
    """Somebody who holds or held a post. A citizen needs no such row."""

    id: int | None = None
    created_at: datetime


@dataclass(eq=False, kw_only=True)
class Post:
    """A seat, desk or counter that somebody holds: it outlives its holders.

    `unit` is a slug of the profile, `place` a code of the territory (townships), `rank` the order in which a ladder
    climbs through the desks of one role (1 is rung first).
    """

    id: int | None = None
    conference: str
    unit: str
    role: Role
    title: str
    place: str | None = None
    rank: int = 1


@dataclass(eq=False, kw_only=True)
class Tenure:
    """A person holds a post from one moment (included) to another (excluded, or open)."""

    id: int | None = None
    post_id: int
    person_id: int
    begins_at: datetime
    ends_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the person behind it if known, and the posts held at this moment."""

    account_id: int
    person_id: int | None = None
    posts: tuple[HeldPost, ...] = ()
    language: str = "zh_Hans"

    def post_as(self, role: Role) -> HeldPost | None:
        return next((post for post in self.posts if post.role is role), None)

    @property
    def is_official(self) -> bool:
        return bool(self.posts)
