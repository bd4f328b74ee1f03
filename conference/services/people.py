"""Who holds which post. Invitations, succession and hand-over come with a later version; until then the operator appoints."""

from __future__ import annotations

from datetime import datetime

from conference.model.people import Person, Post, Role, Tenure
from conference.ports import UnitOfWork


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

    Appointing somebody to a post he holds changes nothing.
    """
    person_id = uow.people.person_of_account(account_id)
    if person_id is None:
        person = Person(created_at=at)
        uow.people.add_person(person)
        assert person.id is not None
        person_id = person.id
        uow.people.bind_account(account_id, person_id)
    post = uow.people.post_of(conference, unit, role, place, rank)
    if post is None:
        post = Post(conference=conference, unit=unit, role=role, title=title, place=place, rank=rank)
        uow.people.add_post(post)
    assert post.id is not None
    tenure = Tenure(post_id=post.id, person_id=person_id, alone=post.alone, begins_at=at)
    if all(held.id != post.id for held in uow.people.posts_of_person(person_id, at)):
        uow.people.add_tenure(tenure)
        uow.note(None, "post.appointed", f"post:{post.id}", person=person_id)
    return tenure
