"""The same story in each of the five conferences: what their documents have works, and what they lack is said in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from conference.model.people import ALONE, Post, Role
from conference.model.seating import posts_of
from conference.profiles import available, load
from conference.services import invitations
from handlers.telegram.texts.officials import lacking
from handlers.telegram.texts.registry import plain
from locales import translator
from storage.people import Sender, recognise
from storage.tables import posts, tenures
from storage.unit_of_work import Unit
from tests.talking import ALONE as LIVES_ALONE
from tests.talking import Speaker, as_seen_by, holds_for_all, only_report
from tests.town import DOOR, Town, open_town

YES, CONFIRM = "Yes, this is my post", "Confirm"


async def the_office_of(town: Town) -> tuple[Speaker, Speaker]:
    """Two people of the office: one asks, the other confirms."""
    profile = load(town.conference)
    for name in ("issuer", "second"):
        await town.appoint(name, Role.OFFICE, profile.desk_of_the_office, "办公室")
    return as_seen_by("issuer", town), as_seen_by("second", town)


def asked_into(act: Unit, town: Town, issuer: int, at: datetime) -> list[tuple[str, int, str]]:
    """An invitation into every post that the profile opened and nobody holds: token, post and title."""
    actor = recognise(act.connection, act.sealer, DOOR, [Sender(issuer, "zh_Hans")], at)[issuer]
    held = set(act.connection.execute(select(tenures.c.post_id)).scalars())
    found: list[Post] = [post for post in act.people.open_posts(town.conference) if post.id not in held]
    return [(invitations.issue_invitation(act, actor, post.id or 0, at=at)[1].token, post.id or 0, post.title) for post in found]


@pytest.mark.parametrize("conference", available())
async def test_a_full_roster_is_invited_and_bound(conference: str, make_database: Callable[[str], str], key: str) -> None:
    """Every seat, liaison, desk and custodian: by a link, a name, and the word of a second person of the office."""
    async with open_town(make_database("sqlite"), key, profile=conference) as town:
        issuer, second = await the_office_of(town)
        number = issuer.someone.person.id
        tickets = await town.application.desk.act(lambda act: asked_into(act, town, number, act.at))
        wanted = len(posts_of(load(conference)))
        assert len(tickets) == wanted - 1, "all but the office's own, which is held"
        for place, (token, _, _) in enumerate(tickets):
            invited = as_seen_by(f"invited {place}", town)
            await invited.sends(f"/start i-{token}")
            await invited.taps(YES)
            await invited.sends(f"测试员{place}")
            await second.taps(CONFIRM)
        rows = await town.look(lambda c: c.execute(select(posts.c.id, posts.c.role, tenures.c.person_id).join(tenures)).all())
        holders: dict[int, set[int]] = {}
        for row in rows:
            holders.setdefault(row.id, set()).add(row.person_id)
        assert {post for _, post, _ in tickets} <= holders.keys(), "every post of the roster is held"
        alone = {row.id for row in rows if row.role in ALONE}
        assert all(len(holders[post]) == 1 for post in alone), "a seat has one holder"
        assert len({row.person_id for row in rows}) == len(tickets) + 2
        await holds_for_all(town)


@pytest.mark.parametrize("conference", available())
async def test_a_report_goes_in_and_is_accepted(conference: str, make_database: Callable[[str], str], key: str) -> None:
    async with open_town(make_database("sqlite"), key, profile=conference) as town:
        profile = load(conference)
        await the_office_of(town)
        desk = Speaker(await town.appoint("desk", Role.DUTY_DESK, "public_security", "值班台"), "zh_Hans")
        citizen = as_seen_by("citizen", town)
        await citizen.sends("/start")
        citizen.reads(profile.name_zh, "110")
        await citizen.taps("A child")
        await citizen.taps(LIVES_ALONE)
        await citizen.taps("Not right now")
        await citizen.sends("村口第三家")
        await citizen.taps("Today")
        await citizen.taps("✅ Send now")
        report = await only_report(town)
        assert citizen.acts == 7, "at most seven acts from the first screen to the number"
        await desk.taps("Accept")
        assert (await only_report(town)).state == "accepted"
        assert any("受理" in text and report.number in text for text in citizen.history)
        await holds_for_all(town)


@pytest.mark.parametrize("conference", available())
async def test_what_the_document_lacks_is_said_in_one_sentence(conference: str, make_database: Callable[[str], str], key: str) -> None:
    async with open_town(make_database("sqlite"), key, profile=conference) as town:
        issuer, _ = await the_office_of(town)
        await issuer.sends("/start")
        said = lacking(load(conference).lacks, translator("zh_Hans"))
        assert said is not None, "each of the five is silent about something"
        issuer.reads(plain(said))
        await holds_for_all(town)
