"""The office invites other bodies: as guests who attend, or as members for good, as the document has it (MTG-18).

From there it is the ordinary way of an invitation: a link, a name, the word of a second person, a welcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conference.model.errors import NotFound, NotPossibleNow
from conference.model.invitations import Invitation, Ticket
from conference.model.outsiders import JOINED, OUTSIDERS, Inviting, alike, body_named, has_joined
from conference.model.people import Actor, Post, Role
from conference.model.permissions import Action, Concern, authorize
from conference.model.profile import Unit
from conference.ports import UnitOfWork

from .invitations import close_into, issue_invitation
from .roster_files import ROLES
from .vacancies import watch_new_posts


@dataclass(frozen=True, slots=True)
class Outsider:
    """A body that was invited: its post, its name, and whether somebody came for it."""

    post: Post
    name: str
    here: bool


def invite_outsider(uow: UnitOfWork, actor: Actor, name_zh: str, *, at: datetime) -> tuple[Post, Invitation, Ticket]:
    """A body that the conference does not have yet, and the invitation for whoever comes for it.

    Raises NotPossibleNow where the document does not say how others take part, or the body is there already; AnswerUnfit for a
    name that is none.
    """
    worn = authorize(actor, Action.INVITE_OUTSIDER, Concern(conference=actor.conference))
    mode, name = mode_of(uow, actor.conference), body_named(name_zh)
    if mode is None:
        raise NotPossibleNow("outsider", actor.conference, "silent", "invited")
    if alike(name) in _known(uow, actor.conference):
        raise NotPossibleNow("outsider", actor.conference, "there", "invited")
    post = _guest(uow, actor.conference, name, at) if mode is Inviting.AS_GUESTS else _member(uow, actor.conference, name, at)
    assert post.id is not None
    uow.note(actor, "outsider.invited", f"post:{post.id}", post=worn, unit=post.unit)
    return post, *issue_invitation(uow, actor, post.id, at=at)


def take_back_outsider(uow: UnitOfWork, actor: Actor, post_id: int, *, at: datetime) -> str:
    """A body that was invited by mistake, or takes part no more: its posts are closed, its links let nobody in. Returns its name.

    Raises NotPossibleNow while somebody holds one of its posts: that tenure is ended first.
    """
    worn = authorize(actor, Action.INVITE_OUTSIDER, Concern(conference=actor.conference))
    _, found = outsiders(uow, actor, at=at)
    body = next((each for each in found if each.post.id == post_id), None)
    if body is None:
        raise NotFound("outsider", post_id)
    member = has_joined(body.post.unit)
    closing = [p for p in uow.people.open_posts(actor.conference) if (p.unit == body.post.unit if member else p.id == post_id)]
    if any(uow.people.holders_of(post.id or 0, at) for post in closing):
        raise NotPossibleNow("outsider", post_id, "here", "taken back")
    for post in closing:
        close_into(uow, actor, worn, post, at=at)
        uow.people.close(post, at=at)
    if member:
        uow.profiles.end_unit(actor.conference, body.post.unit, merged_into=None, at=at)
    uow.note(actor, "outsider.taken_back", f"post:{post_id}", post=worn, unit=body.post.unit)
    return body.name


def outsiders(uow: UnitOfWork, actor: Actor, *, at: datetime) -> tuple[Inviting | None, Sequence[Outsider]]:
    """How others take part here (None: the document is silent), and who was invited so far."""
    authorize(actor, Action.INVITE_OUTSIDER, Concern(conference=actor.conference))
    names = {unit.slug: unit.name_zh for unit in uow.profiles.units(actor.conference)}
    held = {line.post_id for line in uow.roster.lines(actor.conference, at) if line.holders}
    found = [
        Outsider(post, names.get(post.unit, post.title), post.id in held)
        for post in uow.people.open_posts(actor.conference)
        if post.role is Role.GUEST or (post.role is Role.MEMBER and has_joined(post.unit))
    ]
    return mode_of(uow, actor.conference), found


def mode_of(uow: UnitOfWork, conference: str) -> Inviting | None:
    mode = uow.conferences.profile(conference).rules.invitation_mode
    return Inviting(mode) if mode in set(Inviting) else None


def _known(uow: UnitOfWork, conference: str) -> set[str]:
    """The names of the bodies that take part already."""
    units = {alike(unit.name_zh) for unit in uow.profiles.units(conference) if not unit.ended}
    return units | {alike(post.title) for post in uow.people.open_posts(conference) if post.role is Role.GUEST}


def _guest(uow: UnitOfWork, conference: str, name: str, at: datetime) -> Post:
    rank = 1 + sum(post.role is Role.GUEST for post in uow.people.posts_in(conference))
    post = Post(conference=conference, unit=OUTSIDERS, role=Role.GUEST, title=name, rank=rank, vacant_since=at)
    uow.people.add_post(post)
    return post


def _member(uow: UnitOfWork, conference: str, name: str, at: datetime) -> Post:
    """A unit of its own with its two posts."""
    slug = f"{JOINED}{1 + sum(has_joined(unit.slug) for unit in uow.profiles.units(conference))}"
    unit = Unit(slug=slug, name_zh=name, name_en=name)
    uow.profiles.add_units(conference, [unit], at=at)
    titles = uow.conferences.profile(conference).titles
    liaison = titles.of(titles.liaison_zh, unit)
    post = Post(conference=conference, unit=slug, role=Role.MEMBER, title=f"{name}{ROLES[Role.MEMBER]}", vacant_since=at)
    uow.people.add_post(post)
    uow.people.add_post(Post(conference=conference, unit=slug, role=Role.LIAISON, title=liaison, vacant_since=at))
    watch_new_posts(uow, uow.conferences.profile(conference), at=at)
    return post
