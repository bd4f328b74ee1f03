"""Reading the roster: its units, a unit's posts with those who hold them, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from conference.model.errors import NotFound
from conference.model.outsiders import OUTSIDERS
from conference.model.people import Actor
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.rosters import RosterLine
from conference.ports import UnitOfWork

Names: TypeAlias = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class UnitLines:
    """A unit (or actor of the profile) and its posts."""

    slug: str
    posts: Sequence[RosterLine]

    @property
    def vacant(self) -> int:
        return sum(post.vacant for post in self.posts)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing in the roster. `kind`: vacant, unreachable, no_post (`title` is then empty), closed (held still)."""

    kind: str
    unit: str
    title: str = ""
    since: datetime | None = None
    post_id: int | None = None


def units(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Sequence[UnitLines]:
    """Every unit of the profile in its order, then the others that have posts: townships, villages, institutions."""
    authorize(actor, Action.SEE_ROSTER, Concern(conference=actor.conference))
    return _by_unit(uow, actor.conference, at)


def _by_unit(uow: UnitOfWork, conference: str, at: datetime) -> Sequence[UnitLines]:
    by_unit: defaultdict[str, list[RosterLine]] = defaultdict(list)
    for line in uow.roster.lines(conference, at):
        by_unit[line.unit].append(line)
    order = dict.fromkeys((*uow.conferences.profile(conference).units, *by_unit))
    return [UnitLines(slug, by_unit.get(slug, ())) for slug in order]


def unit_of(uow: UnitOfWork, actor: Actor, post_id: int, *, at: datetime) -> tuple[str, Sequence[RosterLine], Names]:
    """The unit of this post, its posts, and the names of their holders as far as the actor may see them.

    Raises NotFound for a post of another conference.
    """
    authorize(actor, Action.SEE_ROSTER, Concern(conference=actor.conference))
    post = uow.people.get_post(post_id)
    if post is None or post.conference != actor.conference:
        raise NotFound("post", post_id)
    lines = uow.roster.lines(post.conference, at, post.unit)
    about = Concern(conference=post.conference, unit=post.unit)
    if not may(actor, Action.SEE_NAMES, about):
        return post.unit, lines, {}
    names = uow.roster.names({holder.person_id for line in lines for holder in line.holders})
    uow.note(actor, "roster.names_shown", f"unit:{post.unit}", post=authorize(actor, Action.SEE_NAMES, about), names=len(names))
    return post.unit, lines, names


def gaps(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Sequence[Gap]:
    """Vacant posts, posts whose holders cannot be reached, units without any post, posts that the document has no more and that
    somebody holds still: with its rights, until the office ends the tenure. A guest who has not come is no gap."""
    authorize(actor, Action.SEE_ROSTER_GAPS, Concern(conference=actor.conference))
    found = []
    for unit in _by_unit(uow, actor.conference, at):
        if unit.slug == OUTSIDERS:
            continue
        found += [Gap("no_post", unit.slug)] if not unit.posts else []
        found += [Gap("vacant", unit.slug, line.title, line.vacant_since, line.post_id) for line in unit.posts if line.vacant]
        found += [Gap("unreachable", unit.slug, line.title, post_id=line.post_id) for line in unit.posts if line.unreachable]
    closed = uow.people.closed_but_held(actor.conference, at)
    return [*(Gap("closed", post.unit, post.title, post_id=post.id) for post in closed), *found]
