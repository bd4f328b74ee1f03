"""Who holds which post: tenures begin and end here, by whatever way somebody came. The operator may appoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conference.model.errors import NotFound, NotPossibleNow, PostHeld
from conference.model.people import OF_A_UNIT, Person, Post, Role, Tenure
from conference.model.permissions import Concern
from conference.ports import UnitOfWork

from .duty import end_shifts_of
from .vacancies import watch_vacancy


def appoint(
    uow: UnitOfWork,
    account_id: int,
    *,
    conference: str,
    unit: str,
    role: Role,
    title: str,
    place: str | None = None,
    rank: int = 1,
    at: datetime,
) -> Tenure:
    """Put the person behind an account into a post, from this moment; post and person are made where they do not exist yet.

    Appointing somebody to a post he holds changes nothing. Raises PostHeld, NotPossibleNow for a closed post, NotFound for a place
    that is none.
    """
    person_id = uow.people.person_of_account(account_id)
    if person_id is None:
        person = Person(created_at=at)
        uow.people.add_person(person)
        assert person.id is not None
        person_id = person.id
        uow.people.bind_account(account_id, person_id)
    post = open_post(uow, conference=conference, unit=unit, role=role, title=title, place=place, rank=rank, at=at)
    tenure, began = begin_tenure(uow, post, person_id, at=at)
    if began:
        uow.note(None, "post.appointed", f"post:{post.id}", person=person_id)
    return tenure


POST_TAKEN = ("post.appointed", "invitation.confirmed", "handover.done")
"""The acts (`conference.model.events`) by which somebody comes into a post."""


def post_taken(uow: UnitOfWork, subject: str, facts: Mapping[str, Any]) -> Post | None:
    """The post that one of `POST_TAKEN` was about."""
    return uow.people.get_post(facts.get("of") or facts.get("into") or int(subject.partition(":")[2]))


def open_post(uow: UnitOfWork, *, conference: str, unit: str, role: Role, title: str, place: str | None, rank: int, at: datetime) -> Post:
    """The post of this unit, role, place and rank; made, and vacant since now, where there is none. NotFound: an unknown place."""
    if place is not None and uow.places.get(place) is None:
        raise NotFound("place", place)
    post = uow.people.post_of(conference, unit, role, place, rank)
    if post is None:
        post = Post(conference=conference, unit=unit, role=role, title=title, place=place, rank=rank, vacant_since=at)
        uow.people.add_post(post)
    return post


def begin_tenure(uow: UnitOfWork, post: Post, person_id: int, *, at: datetime) -> tuple[Tenure, bool]:
    """This person holds the post from now on; False if they did already.

    Raises PostHeld for a post with one holder at a time that has one, NotPossibleNow for a closed one.
    """
    if post.id is None:
        raise NotFound("post", post.title)
    held = uow.people.holders_of(post.id, at)
    for tenure in held:
        if tenure.person_id == person_id:
            return tenure, False
    if post.closed_at is not None:
        raise NotPossibleNow("post", post.id, "closed", "held")
    if post.alone and held:
        raise PostHeld(post.id)
    tenure = Tenure(post_id=post.id, person_id=person_id, alone=post.alone, begins_at=at)
    uow.people.add_tenure(tenure)
    post.vacant_since = None
    return tenure, True


def finish_tenure(uow: UnitOfWork, post: Post, tenure: Tenure, why: str, *, at: datetime) -> None:
    """The tenure ends at this moment; if nobody else holds the post, it is vacant since then. A closed one waits for nobody."""
    uow.people.end_tenure(tenure, why, at=at)
    if post.role is Role.DUTY_DESK:
        end_shifts_of(uow, tenure.post_id, tenure.person_id, at=at)
    if post.closed_at is None and not uow.people.holders_of(tenure.post_id, at):
        post.vacant_since = at
        watch_vacancy(uow, post, at=at)


def handover_concern(post: Post, person: int | None) -> Concern:
    """What a hand-over is about. Only the posts of its member and liaisons are the unit's own to fill, no desk's and no office's."""
    return Concern(conference=post.conference, unit=post.unit if post.role in OF_A_UNIT else None, person=person)
