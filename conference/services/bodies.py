"""A new post at a place, or at an institution that the document names only by its kind: the office makes it and invites into it.

From there it is the ordinary way of an invitation. Posts of units and of the office are made by a profile, never here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from conference.model.errors import NotFound
from conference.model.invitations import Invitation, Ticket
from conference.model.outsiders import alike, body_named
from conference.model.people import ONE_A_PLACE, Actor, Post, Role
from conference.model.permissions import Action, Concern, authorize
from conference.model.profile import Body
from conference.model.territory import Level, Place
from conference.ports import UnitOfWork

from . import places
from .invitations import issue_invitation
from .roster_files import ROLES
from .vacancies import watch_new_posts

CONTACT = "联系人"  # what a post at a place is called, after the place


def kinds(uow: UnitOfWork, actor: Actor) -> Sequence[Body]:
    """The bodies of the document with which the office can make a post."""
    authorize(actor, Action.INVITE, Concern(conference=actor.conference))
    return [body for body in uow.conferences.profile(actor.conference).actors.values() if role_with(body) is not None]


def role_with(body: Body) -> Role | None:
    """What a post with such a body is for; None: none stands there (groups, governments that have a conference of their own)."""
    if body.kind == "institution":
        return Role.REPORTER if body.mandatory_reporter else None
    return Role(body.slug) if body.slug in ONE_A_PLACE else None


def body_of(uow: UnitOfWork, actor: Actor, slug: str) -> tuple[Body, Role]:
    """Raises NotFound for one with which no post can be made."""
    for body in kinds(uow, actor):
        if body.slug == slug and (role := role_with(body)) is not None:
            return body, role
    raise NotFound("body", slug)


def is_narrow(role: Role, place: Place) -> bool:
    """Whether the place is itself such a body: a township for a township's post, a village for a village's."""
    return role in ONE_A_PLACE and place.level is Level(str(role))


def invite_at(
    uow: UnitOfWork, actor: Actor, slug: str, *, place: str | None, name: str | None = None, at: datetime
) -> tuple[Invitation, Ticket]:
    """An invitation into the post with this body: at the place itself, or under the name of what has no place of its own. One that is
    there already is used. Raises AnswerUnfit for a name that is none, NotFound for a place elsewhere or one that has ended."""
    worn = authorize(actor, Action.INVITE, Concern(conference=actor.conference))
    body, role = body_of(uow, actor, slug)
    here = _inside(uow, place) if place else None
    if here is not None and is_narrow(role, here):
        called, name = places.label(uow, here), None
    else:
        called = name = body_named(name or "")
    title = f"{called}{ROLES[role] if role is Role.REPORTER else CONTACT}"
    found = [post for post in uow.people.open_posts(actor.conference) if (post.unit, post.role, post.place) == (body.slug, role, place)]
    post = next((post for post in found if name is None or alike(post.title) == alike(title)), None)
    if post is None:
        post = Post(conference=actor.conference, unit=body.slug, role=role, title=title, place=place, rank=1 + len(found), vacant_since=at)
        uow.people.add_post(post)
        uow.note(actor, "post.made", f"post:{post.id}", post=worn, unit=body.slug, place=place)
        watch_new_posts(uow, uow.conferences.profile(actor.conference), at=at)
    return issue_invitation(uow, actor, post.id or 0, at=at)


def _inside(uow: UnitOfWork, code: str) -> Place:
    region = places.region(uow)
    place = places.standing(uow, code)
    if region and all(around.code != region for around in uow.places.path(code)):
        raise NotFound("place", code)
    return place
