"""The same story in each of the five conferences: what their documents have works, and what they lack is said in one sentence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from conference.model.people import ALONE, Post, Role
from conference.model.seating import posts_of
from conference.profiles import available, load
from conference.services import invitations
from handlers.telegram.texts.succession import ITEMS
from storage.tables import due, handovers, posts, tenures
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.talking import ALONE as LIVES_ALONE
from tests.talking import Speaker, as_seen_by, holds_for_all, kept_reports, only_report
from tests.test_conversations_duty import names
from tests.test_conversations_succession import NEW, OLD, OWN, link_of
from tests.town import MakeDatabase, Town, actor_of, open_town

YES, CONFIRM = "Yes, this is my post", "Confirm"
DESK = "值班台"


async def the_office_of(town: Town) -> tuple[Speaker, Speaker]:
    """Two people of the office: one asks, the other confirms."""
    profile = load(town.conference)
    for name in ("issuer", "second"):
        await town.appoint(name, Role.OFFICE, profile.desk_of_the_office, "办公室")
    return as_seen_by("issuer", town), as_seen_by("second", town)


def asked_into(act: Unit, town: Town, at: datetime) -> list[tuple[str, int, str]]:
    """An invitation into every post that the profile opened and nobody holds: token, post and title."""
    actor = actor_of(act, town, "issuer")
    held = set(act.connection.execute(select(tenures.c.post_id)).scalars())
    found: list[Post] = [post for post in act.people.open_posts(town.conference) if post.id not in held]
    return [(invitations.issue_invitation(act, actor, post.id or 0, at=at)[1].token, post.id or 0, post.title) for post in found]


@pytest.mark.parametrize("conference", available())
async def test_a_full_roster_is_invited_and_bound(conference: str, make_database: MakeDatabase, key: str) -> None:
    """Every seat, liaison, desk and custodian: by a link, a name, and the word of a second person of the office."""
    async with open_town(make_database("sqlite", conference), key, profile=conference) as town:
        _, second = await the_office_of(town)
        tickets = await town.application.desk.act(lambda act: asked_into(act, town, act.at))
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


async def reports_to(town: Town, name: str) -> Speaker:
    citizen = as_seen_by(name, town)
    await citizen.sends("/start")
    citizen.reads(load(town.conference).name_zh, "110")
    await citizen.taps("A child")
    await citizen.taps(LIVES_ALONE)
    await citizen.taps("Not right now")
    await citizen.sends("村口第三家")
    await citizen.taps("Today")
    await citizen.taps("✅ Send now")
    return citizen


@pytest.mark.parametrize("conference", available())
async def test_a_report_goes_in_and_is_accepted(conference: str, make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", conference), key, profile=conference) as town:
        await the_office_of(town)
        desk = Speaker(await town.appoint("desk", Role.DUTY_DESK, "public_security", DESK), "zh_Hans")
        citizen = await reports_to(town, "citizen")
        report = await only_report(town)
        assert citizen.acts == 7, "at most seven acts from the first screen to the number"
        await desk.taps("Accept")
        assert (await only_report(town)).state == "accepted"
        assert any("受理" in text and report.number in text for text in citizen.history)
        await holds_for_all(town)


# How a post passes on (000 二(末段), 001 一(末段); the other three say nothing), and what the document does not say (domain §1).
# Badong's members pass on by themselves; a desk is none of them.
SUCCESSION = {"badong": "confirm", "gansu": "confirm", "jieyang": "manual", "national": "manual", "neimenggu": "manual"}
SILENT = {
    "badong": "会议纪要、重大事项的办理规定、年度工作计划、建立工作机制的期限",
    "gansu": "会议纪要、重大事项的办理规定、牵头单位和责任单位、建立工作机制的期限",
    "jieyang": "议题的提出程序、人员变动的接替规定、邀请列席、牵头单位和责任单位、年度工作计划、建立工作机制的期限",
    "national": (
        "联席会议办公室的承办单位、议题的审定程序、议题的提出程序、会议纪要、重大事项的办理规定、人员变动的接替规定、牵头单位和责任单位、"
        "建立工作机制的期限"
    ),
    "neimenggu": (
        "联席会议、成员单位和席位名单、联席会议办公室、联席会议办公室的承办单位、定期召开的全体会议、联络员会议、议题的审定程序、"
        "议题的提出程序、会议纪要、重大事项的办理规定、人员变动的接替规定、邀请列席、工作进展通报、牵头单位和责任单位、年度工作计划"
    ),
}


@pytest.mark.parametrize("conference", available())
async def test_a_desk_passes_on_with_what_it_has_in_hand(conference: str, make_database: MakeDatabase, key: str) -> None:
    """A report accepted, one that waits, a shift: they go over when this document's mode is through, and not before."""
    mode = SUCCESSION[conference]
    async with open_town(make_database("sqlite", conference), key, profile=conference) as town:
        issuer, second = await the_office_of(town)
        desk = Speaker(await town.appoint("desk", Role.DUTY_DESK, "public_security", DESK))
        await names(town, desk=OLD)
        await reports_to(town, "citizen")
        await desk.taps("Accept")
        await desk.sends("/duty")
        await desk.taps("{hours} h", hours=24)
        await reports_to(town, "neighbour")
        accepted, waiting = [report.number for report in await kept_reports(town)]
        clocks = await clocks_of(town)

        starter = issuer if mode == "manual" else desk
        await starter.sends("/handover")
        if mode == "manual":
            await starter.taps("Hand over a post of any unit")
            await starter.turns_to(load(conference).units["public_security"].name_zh, "Next page ▶")
        else:
            await starter.taps(OWN)
        await starter.taps("{post} · {holders}", post=DESK, holders=OLD)
        starter.reads(accepted, waiting)
        await starter.taps("Begin")
        newcomer = as_seen_by("newcomer", town)
        await newcomer.sends(f"/start {link_of(starter)}")
        await newcomer.taps(YES)
        await newcomer.sends(NEW)
        await desk.taps("I hand it over")
        await newcomer.taps("I take it over")
        assert await holders_of(town, Role.DUTY_DESK) == [OLD], "both sides have confirmed; the office has not"
        await second.taps("The office confirms")
        assert await holders_of(town, Role.DUTY_DESK) == [NEW]

        newcomer.reads(accepted, waiting)
        for noun in ("reports_accepted", "reports_waiting", "shifts"):
            newcomer.sees(ITEMS[noun], number=1)
        assert await clocks_of(town) == clocks, "no clock of a report moves"
        await newcomer.sends("/reports")
        await newcomer.taps_written(waiting)
        await newcomer.taps("Accept")
        assert [report.state for report in await kept_reports(town)] == ["accepted", "accepted"]
        (row,) = await town.look(all_of(handovers))
        assert (row.state, row.mode, row.office_by is not None) == ("done", mode, True)
        await holds_for_all(town)


async def holders_of(town: Town, role: Role) -> list[str]:
    query = select(tenures.c.person_id).join(posts).where(posts.c.role == role, tenures.c.ends_at.is_(None))

    def verb(uow: Unit) -> list[str]:
        return [uow.people.name_of(person) or "" for person in uow.connection.execute(query).scalars().all()]

    found: list[str] = await town.application.desk.act(verb)
    return found


async def clocks_of(town: Town) -> list[Any]:
    """What is due for the reports."""
    return [(row.key, row.due_at, row.data, row.state) for row in await town.look(all_of(due)) if row.kind == "accept_overdue"]


@pytest.mark.parametrize("conference", available())
async def test_what_the_document_lacks_is_said_in_one_sentence(conference: str, make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", conference), key, profile=conference) as town:
        issuer, _ = await the_office_of(town)
        await issuer.sends("/start")
        issuer.reads(f"本联席会议的文件未规定：{SILENT[conference]}，相应功能在此不予提供。")
        await holds_for_all(town)
