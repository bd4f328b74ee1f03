"""What do I owe? One screen for everybody: overdue, today, this week, later, and what waits for others.

Each noun says its part (`@owes`); its words are those of its line among the reminders (texts/reminding.py `line_for`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from conference.model.errors import Misconfigured
from conference.model.people import Actor
from conference.model.permissions import Action, Concern, authorize
from conference.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Owing:
    """One line. `due` None: at once, no day is set. `waits`: it is somebody else's turn. `facts` as a `Standing` has them."""

    noun: str
    key: int
    unit: str
    due: date | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False


Says = Callable[[UnitOfWork, Actor, datetime], Iterable[Owing]]
_NOUNS: dict[str, Says] = {}


def owes(noun: str) -> Callable[[Says], Says]:
    """Decorator: this function lists what an actor owes of a noun, and what of it waits for others."""

    def register(says: Says) -> Says:
        if noun in _NOUNS:
            raise Misconfigured(f"two functions say what is owed of {noun!r}")
        _NOUNS[noun] = says
        return says

    return register


@dataclass(frozen=True, slots=True)
class Owed:
    """In the order of their days. `week`: until Sunday."""

    overdue: list[Owing] = field(default_factory=list)
    today: list[Owing] = field(default_factory=list)
    week: list[Owing] = field(default_factory=list)
    later: list[Owing] = field(default_factory=list)
    waiting: list[Owing] = field(default_factory=list)


def what_is_owed(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Owed:
    """All that the actor owes in this conference, by his units and posts."""
    authorize(actor, Action.SEE_OWED, Concern(uow.conference))
    today, owed = at.astimezone(uow.hours.zone).date(), Owed()
    lines = [line for says in _NOUNS.values() for line in says(uow, actor, at)]
    for line in sorted(lines, key=lambda line: (line.due or today, line.noun, line.key)):
        _group(owed, line, today).append(line)
    return owed


def _group(owed: Owed, line: Owing, today: date) -> list[Owing]:
    if line.waits:
        return owed.waiting
    if line.due is None or line.due == today:
        return owed.today
    if line.due < today:
        return owed.overdue
    sunday = today + timedelta(days=6 - today.weekday())
    return owed.week if line.due <= sunday else owed.later
