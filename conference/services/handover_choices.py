"""What is asked before a hand-over begins: whether one may start it, of which post, and who leaves. Names only for whom they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conference.model.handovers import Succession
from conference.model.people import Actor, Post
from conference.model.permissions import Action, Concern, authorize, may
from conference.ports import UnitOfWork

from .handovers import access_post, posts_to_hand_over
from .inventories import inventory_of


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a post, as far as the actor may see it. `names`: person -> name ("" where none is known); `others`: how many more."""

    names: Mapping[int, str]
    others: int = 0


@dataclass(frozen=True, slots=True)
class Beginning:
    """A post before it is handed over. `leaving` is None where it is vacant, or where `holding` names several to choose from."""

    post: Post
    leaving: int | None
    holding: Holding
    items: Mapping[str, Any]
    under_way: int | None = None


def why_not_start(uow: UnitOfWork, actor: Actor) -> str:
    """Why the actor starts no hand-over here: "" (they may), "office_starts", "no_post" (none that passes on in this way)."""
    authorize(actor, Action.ANSWER_HANDOVER)
    if not may(actor, Action.START_HANDOVER):
        return "no_post"
    manual = uow.conferences.profile(actor.conference).rules.succession is Succession.MANUAL
    office = may(actor, Action.START_HANDOVER, Concern(conference=actor.conference))
    return "office_starts" if manual and not office else ""


def units_to_choose(uow: UnitOfWork, actor: Actor) -> list[tuple[int, str]]:
    """A post of each unit, which names it, and the unit: for who may hand over a post of any."""
    authorize(actor, Action.START_HANDOVER, Concern(conference=actor.conference))
    first = {post.unit: post.id or 0 for post in reversed(uow.people.open_posts(actor.conference))}
    return [(post, unit) for unit, post in sorted(first.items())]


def posts_to_choose(uow: UnitOfWork, actor: Actor, of: int) -> list[Post]:
    """Posts that the actor may hand over: of the unit that the post `of` names, or (0) one's own and the own unit's."""
    authorize(actor, Action.START_HANDOVER)
    named = uow.people.get_post(of) if of else None
    return posts_to_hand_over(uow, actor, named.unit if named else None)


def who_holds(uow: UnitOfWork, actor: Actor, posts: Sequence[Post], *, at: datetime) -> dict[int, Holding]:
    """Who holds these posts. The names are for the office and the own unit; anybody else reads only their own. Each showing is noted."""
    for post in posts:
        own = actor.person_id if any(worn.post_id == post.id for worn in actor.posts) else None
        authorize(actor, Action.START_HANDOVER, Concern(conference=post.conference, unit=post.unit, person=own))
    held = {post.id or 0: [tenure.person_id for tenure in uow.people.holders_of(post.id or 0, at)] for post in posts}
    seen = {post.id or 0: may(actor, Action.SEE_NAMES, _concern(post)) for post in posts}
    shown = {post: [person for person in people if seen[post] or person == actor.person_id] for post, people in held.items()}
    names = uow.roster.names({person for people in shown.values() for person in people})
    for unit in sorted({post.unit for post in posts if seen[post.id or 0]}):
        of_unit = {person for post in posts if post.unit == unit for person in shown[post.id or 0]}
        concern = Concern(conference=actor.conference, unit=unit)
        uow.note(actor, "roster.names_shown", f"unit:{unit}", post=authorize(actor, Action.SEE_NAMES, concern), names=len(of_unit))
    return {
        post: Holding({person: names.get(person, "") for person in shown[post]}, len(people) - len(shown[post]))
        for post, people in held.items()
    }


def before_start(uow: UnitOfWork, actor: Actor, post_id: int, outgoing: int | None, *, at: datetime) -> Beginning:
    """What is looked at before a hand-over begins. `under_way`: the one that runs already. NotFound for a post of others."""
    post, _, leaving, _ = access_post(uow, actor, post_id, outgoing, at)
    under_way = uow.handovers.open_at(post_id)
    if under_way is not None:
        return Beginning(post, leaving, Holding({}), {}, under_way.id)
    holding = who_holds(uow, actor, [post], at=at)[post_id]
    return Beginning(post, leaving, holding, inventory_of(uow, post, leaving, at=at))


def _concern(post: Post) -> Concern:
    return Concern(conference=post.conference, unit=post.unit)
