"""Which post a person wears first, and in which conference somebody acts: one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.model.errors import NotFound
from conference.model.people import Actor, HeldPost
from conference.model.permissions import Action, Concern, authorize
from conference.ports import Conferences, UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is here: the name (None: not known), and each post with the moment since when it is held."""

    name: str | None
    posts: Sequence[tuple[HeldPost, datetime]]


def posts_held(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Standing:
    """The posts held in the conference in which the actor acts, the one worn first in front."""
    authorize(actor, Action.ASK_FOR_HELP)
    if actor.person_id is None or not actor.posts:
        return Standing(None, ())
    since = uow.people.held_since(actor.person_id, at)
    name = uow.roster.names([actor.person_id]).get(actor.person_id)
    return Standing(name, [(post, since[post.post_id]) for post in actor.posts if post.post_id in since])


def choose_hat(uow: UnitOfWork, actor: Actor, post_id: int) -> None:
    """From now on acts are done under this post where it has the right to them."""
    authorize(actor, Action.CHOOSE_HAT, Concern(person=actor.person_id))
    worn = next((post for post in actor.posts if post.post_id == post_id), None)
    if worn is None:
        raise NotFound("post", post_id)
    uow.people.wear(actor.account_id, post_id)
    uow.note(actor, "hat.chosen", f"post:{post_id}", post=worn)


def access_conferences(actor: Actor, conferences: Conferences) -> Sequence[str]:
    """The conferences in which this actor can act: those the desk serves, and those in which posts are held."""
    return tuple(dict.fromkeys((*conferences.served, *((actor.conference,) if actor.posts else ()), *actor.elsewhere)))


def choose_conference(uow: UnitOfWork, actor: Actor, slug: str) -> None:
    """From now on the actor acts there: a citizen's reports go there, and only posts held there count."""
    post = authorize(actor, Action.CHOOSE_CONFERENCE)
    if slug not in access_conferences(actor, uow.conferences):
        raise NotFound("conference", slug)
    uow.people.act_in(actor.account_id, slug)
    if actor.person_id is not None:  # of a citizen nothing is noted: which area they turn to is theirs
        uow.note(actor, "conference.chosen", f"conference:{slug}", post=post)
