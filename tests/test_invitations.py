"""Joining, as verbs: who may, in which order, and what is never there before a second person has confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from conference.model.errors import NotAllowed, SecondNeeded
from conference.model.invitations import LINK
from conference.model.people import Actor, Post, Role
from conference.services import invitations
from storage.people import Sender, recognise
from storage.tables import tenures
from storage.unit_of_work import Unit
from tests.town import DOOR, Town

LINK_TEXT = "https://t.me/lianxi_test_bot?start="


async def act(town: Town, verb: Any) -> Any:
    return await town.application.desk.act(verb)


def actor_of(uow: Unit, town: Town, name: str) -> Actor:
    number = town.someone(name).person.id
    return recognise(uow.connection, uow.sealer, DOOR, [Sender(number, "zh_Hans")], uow.at)[number]


async def as_(town: Town, name: str, verb: Any, *args: Any, **more: Any) -> Any:
    return await act(town, lambda uow: verb(uow, actor_of(uow, town, name), *args, at=uow.at, **more))


async def a_post(town: Town, role: Role, title: str) -> int:
    def make(uow: Unit) -> int:
        post = Post(conference="badong", unit="civil_affairs", role=role, title=title)
        uow.people.add_post(post)
        assert post.id is not None
        return post.id

    post_id: int = await act(town, make)
    return post_id


@pytest.fixture
async def offices(town: Town) -> Town:
    await town.appoint("second office", Role.OFFICE, "civil_affairs", "联席会议办公室")
    return town


async def test_nobody_holds_a_post_before_a_second_person_of_the_office_has_confirmed(offices: Town) -> None:
    town = offices
    post = await a_post(town, Role.LIAISON, "县民政局联络员")

    async def holders() -> int:
        return int(await town.look(lambda c: c.execute(select(func.count()).where(tenures.c.post_id == post)).scalar_one()))

    invitation, ticket = await as_(town, "office", invitations.issue_invitation, post)
    assert await holders() == 0
    opened, where = await as_(town, "citizen", invitations.open_invitation, LINK_TEXT + LINK + ticket.token)
    assert (opened.id, where.id, await holders()) == (invitation.id, post, 0)
    await as_(town, "citizen", invitations.answer_invitation, invitation.id, " 测 试 ")
    assert await holders() == 0
    for name, refused in (("office", SecondNeeded), ("citizen", NotAllowed), ("desk", NotAllowed)):
        with pytest.raises(refused):
            await as_(town, name, invitations.confirm_invitation, invitation.id)
    assert await holders() == 0
    tenure = await as_(town, "second office", invitations.confirm_invitation, invitation.id)
    assert await holders() == 1
    assert tenure.alone
    assert await act(town, lambda uow: uow.people.name_of(tenure.person_id)) == "测 试"
    actor = await act(town, lambda uow: actor_of(uow, town, "citizen"))
    assert [post.role for post in actor.posts] == [Role.LIAISON]
