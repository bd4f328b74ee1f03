"""What people and office did in a rehearsal, and what arrived in their chats. Plain facts, by people's names; no database is asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class Seated:
    """Somebody holds a post: from `since` (included) to `until` (excluded, None: still)."""

    person: str
    unit: str
    role: str
    rank: int
    since: datetime
    until: datetime | None = None
    title: str = ""

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True)
class Turn:
    """For so long a thing was owed for this day. `ended`: by the office (cancelled, held, struck off) or because it was handed in."""

    since: datetime
    due: date
    ended: datetime | None = None


@dataclass(slots=True)
class Thing:
    """Something units are reminded of. `done`: when each did its part."""

    noun: str
    number: str
    ladder: str
    units: list[str]
    turns: list[Turn]
    done: dict[str, datetime] = field(default_factory=dict)

    def end(self, at: datetime) -> None:
        if self.turns[-1].ended is None:
            self.turns[-1].ended = at


@dataclass(slots=True)
class Plenary:
    """A plenary convened for a day, until it was moved to another. `before`: the day it had been convened for first."""

    since: datetime
    day: date
    until: datetime | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that shows a duty to be done: a name of conference.model.profile.EVENTS, on which day, and whom alone it concerns."""

    name: str
    at: datetime
    day: date
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a digest, as read in a chat: of what it reminds whom, for which unit, and when it came. A duty has no number: it is
    named by its row and its day."""

    at: datetime
    person: str
    noun: str
    number: str
    unit: str


@dataclass(frozen=True, slots=True)
class Read:
    """A digest in a chat: the lines that were read, and how many it says there are (a long one counts the rest)."""

    at: datetime
    person: str
    says: int
    lines: tuple[Line, ...]
    repeated: bool = False  # it says itself that it may be a repeat


@dataclass(frozen=True, slots=True)
class Told:
    """A message that is no digest, as read in a chat: of what kind, and what about."""

    at: datetime
    person: str
    what: str
    about: str


@dataclass(slots=True)
class Filed:
    """A report: when it was sent, and when a desk accepted it."""

    at: datetime
    accepted: datetime | None = None


@dataclass(slots=True)
class Journal:
    seats: list[Seated] = field(default_factory=list)
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    opened: datetime | None = None  # when the desk read the document
    past: list[Thing] = field(default_factory=list)  # as things stood before they were put anew
    plenaries: dict[str, list[Plenary]] = field(default_factory=dict)  # by number
    happened: list[Happened] = field(default_factory=list)
    reported: dict[tuple[str, str], datetime] = field(default_factory=dict)  # duties, by number and owner
    told: list[Told] = field(default_factory=list)
    reports: dict[str, Filed] = field(default_factory=dict)  # by number
    checked: dict[tuple[str, str], datetime] = field(default_factory=dict)  # roster checks, by term and unit
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)  # the desk was down from, until
    blocked: dict[str, datetime] = field(default_factory=dict)
    digests: list[Read] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stumbles: list[str] = field(default_factory=list)  # what somebody wanted to do and could not

    def thing(self, noun: str, number: str) -> Thing | None:
        return self.things.get((noun, number))

    def anew(self, noun: str, number: str, at: datetime, due: date, *, keeps: bool, units: list[str] | None = None) -> None:
        """It is owed once more, for this day. `keeps`: what units had done still stands; `units`: others owe it now."""
        before = self.things[noun, number]
        before.end(at)
        self.past.append(before)
        done = dict(before.done) if keeps else {}
        self.things[noun, number] = Thing(noun, number, before.ladder, before.units if units is None else units, [Turn(at, due)], done)

    def done(self, noun: str, number: str, unit: str, at: datetime) -> None:
        if (thing := self.thing(noun, number)) is not None:
            thing.done.setdefault(unit, at)
