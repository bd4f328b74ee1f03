"""Other bodies are invited: guests in Badong, members for good in Gansu; elsewhere the document is silent, which is said."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from conference.model.errors import Misconfigured
from conference.model.outsiders import OUTSIDERS
from conference.model.people import Role
from conference.profiles import load, parse, source
from conference.services import profiles, roster_checks, roster_files
from conference.services.roster_files import GUESTS_UNIT, ROLES
from handlers.telegram.texts.everybody import REASONS
from handlers.telegram.texts.joining import CAN, GUESTS, WHY
from handlers.telegram.texts.officials import LACKING
from handlers.telegram.texts.outsiders import HOW, NAME_NOTES, ROWS
from storage.tables import invitations, posts, tenures, units
from storage.tables import roster_checks as checks
from storage.unit_of_work import Unit
from tests.obligations import obligation
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, holds_for_all
from tests.test_conversations_joining import NAME, TOLD_OFFICE, WELCOME, YES, link_and_code, start
from tests.test_profile_loading import names_of
from tests.town import MakeDatabase, Town, open_town

BODY, LIST = "测试税务局", "<b>Units from outside</b> ({page}/{pages})"
ASKED = "Please write the full name of the unit ({least} to {most} characters). To stop, send /cancel."
JOINED = "📋 <b>{name}</b> takes part as a member unit from now on: the first of its people has come in."
LANGUAGES = pytest.mark.parametrize("language", list(CLIENTS))


async def office_of(town: Town, language: str) -> tuple[Speaker, Speaker]:
    desk = load(town.conference).desk_of_the_office
    people = [await town.appoint(name, Role.OFFICE, desk, "联席会议办公室", language=CLIENTS[language]) for name in ("issuer", "second")]
    return Speaker(people[0], language), Speaker(people[1], language)


async def asks_for_the_name(issuer: Speaker, mode: str) -> None:
    await issuer.sends("/start")
    await issuer.taps("Units from outside")
    issuer.sees(LIST, page=1, pages=1)
    issuer.sees(HOW[mode], "Nobody has been invited yet.")
    await issuer.taps("Invite a unit")
    issuer.sees(ASKED, least=2, most=40)


async def comes_in(town: Town, issuer: Speaker, second: Speaker) -> Speaker:
    """By the link, the name, and the word of the second person."""
    newcomer = as_seen_by("newcomer", town, issuer.language)
    await newcomer.sends(start(link_and_code(issuer)[0]))
    newcomer.reads(BODY)
    await newcomer.taps(YES)
    await newcomer.sends(NAME)
    second.sees(TOLD_OFFICE, name=NAME)
    await second.taps("Confirm")
    return newcomer


async def seated(town: Town, role: Role) -> list[Any]:
    """Posts of this role with somebody in them."""
    query = select(posts).join(tenures, tenures.c.post_id == posts.c.id).where(posts.c.role == role, tenures.c.ends_at.is_(None))
    return list(await town.look(lambda c: c.execute(query).all()))


async def rows_of(town: Town, query: Any) -> list[Any]:
    return list(await town.look(lambda c: c.execute(query).all()))


@obligation("MTG-18")
@LANGUAGES
async def test_badong_invites_a_guest(badong_url: str, key: str, language: str) -> None:
    async with open_town(badong_url, key) as town:
        issuer, second = await office_of(town, language)
        await asks_for_the_name(issuer, "invite_other_departments")
        await issuer.sends("税")
        issuer.sees(NAME_NOTES["unfit"], least=2, most=40)
        await issuer.sends(f"  {BODY} ")
        newcomer = await comes_in(town, issuer, second)
        newcomer.sees(WELCOME, GUESTS, CAN["guest"])
        (post,) = await seated(town, Role.GUEST)
        assert (post.unit, post.title) == (OUTSIDERS, BODY)
        assert [row.subject for row in await audited(town, "outsider.invited")] == [f"post:{post.id}"]

        await newcomer.sends("/roster")
        newcomer.sees(REASONS["not_allowed"])
        await newcomer.sends("/outsiders")
        newcomer.has_seen(REASONS["not_allowed"], 2)
        await issuer.sends("/outsiders")
        issuer.sees(ROWS["guest", True], name=BODY)
        await issuer.sends(f"/outsiders {BODY}")  # by words, and it is there already
        issuer.sees(NAME_NOTES["there"])
        await issuer.sends("/cancel")
        issuer.sees("Stopped. No unit has been invited.")
        assert len(await rows_of(town, select(invitations.c.id))) == 1
        await holds_for_all(town)


@obligation("MTG-18", profile="gansu")
@LANGUAGES
async def test_gansu_takes_in_a_member_for_good(backend: str, make_database: MakeDatabase, key: str, language: str) -> None:
    async with open_town(make_database(backend, "gansu"), key, profile="gansu") as town:
        issuer, second = await office_of(town, language)
        await asks_for_the_name(issuer, "add_as_member")
        await issuer.sends(load("gansu").units["education"].name_zh)
        issuer.sees(NAME_NOTES["there"])
        await issuer.sends(BODY)
        for one in (issuer, second):
            one.has_seen(JOINED, 0, name=BODY)
        newcomer = await comes_in(town, issuer, second)
        for one in (issuer, second):
            one.has_seen(JOINED, 1, name=BODY)
        newcomer.sees(WELCOME, CAN["member"])
        (post,) = await seated(town, Role.MEMBER)
        assert post.unit == "joined_1"

        await town.application.desk.act(reload)
        (unit,) = await rows_of(town, select(units).where(units.c.slug == "joined_1"))
        assert unit.ends_at is None
        open_ones = select(posts.c.role).where(posts.c.unit == "joined_1", posts.c.closed_at.is_(None)).order_by(posts.c.id)
        assert [row.role for row in await rows_of(town, open_ones)] == [Role.MEMBER, Role.LIAISON]
        assert await town.application.desk.act(names) == [(BODY, None)]

        await newcomer.sends("/start")
        newcomer.reads(f"{BODY}成员")
        await newcomer.sends("/roster")
        while not any(BODY in line for line in newcomer.screen.splitlines()):
            await newcomer.taps("Next page ▶")
        await newcomer.taps_written(BODY)
        newcomer.reads(f"{BODY}联络员", NAME)
        await issuer.sends("/outsiders")
        issuer.sees(ROWS["member", True], name=BODY)
        await town.application.desk.act(lambda uow: roster_checks.open_roster_check(uow, "2027Q1", at=uow.at))
        await town.settled()
        newcomer.reads(BODY, NAME)
        assert await rows_of(town, select(checks.c.id).where(checks.c.unit == "joined_1"))
        await holds_for_all(town)


@pytest.mark.parametrize("conference", ["badong", "gansu"])
async def test_a_body_invited_by_mistake_is_taken_back(conference: str, backend: str, make_database: MakeDatabase, key: str) -> None:
    """It stands in no list any more, its link lets nobody in, and it can be invited again."""
    async with open_town(make_database(backend, conference), key, profile=conference) as town:
        issuer, second = await office_of(town, "zh_Hans")
        await issuer.sends(f"/outsiders {BODY}")
        link = link_and_code(issuer)[0]
        await issuer.sends("/outsiders")
        await issuer.taps("Take back: {name}", name=BODY)
        issuer.sees("Taken back: {name}. It takes part no more, and its link lets nobody in.", name=BODY)
        issuer.sees("Nobody has been invited yet.")
        newcomer = as_seen_by("newcomer", town)
        await newcomer.sends(start(link))
        newcomer.sees(WHY["revoked"])
        assert await rows_of(town, select(posts.c.id).where(posts.c.title.startswith(BODY), posts.c.closed_at.is_(None))) == []
        assert all(row.ends_at for row in await rows_of(town, select(units).where(units.c.slug.startswith("joined_"))))
        assert len(await audited(town, "outsider.taken_back")) == 1

        await issuer.sends(f"/outsiders {BODY}")
        await issuer.sends("/outsiders")
        too_late = issuer.remembers("Take back: {name}", name=BODY)
        await comes_in(town, issuer, second)
        await issuer.sends("/outsiders")
        assert issuer.words("Take back: {name}", name=BODY) not in issuer.buttons
        await issuer.taps_remembered(too_late)
        assert len(await audited(town, "outsider.taken_back")) == 1
        await holds_for_all(town)


def reload(uow: Unit) -> None:
    """A changed profile, in which the unit is as little as in the one before."""
    text = source("gansu") + "\n# another edition\n"
    assert profiles.load_profile(uow, load("gansu"), text, at=uow.at)


def names(uow: Unit) -> list[tuple[str, Any]]:
    return [(name, ended) for name, _, ended in names_of(uow, "gansu", "joined_1")]


@pytest.mark.parametrize("slug", ["outsiders", "joined_2"])
def test_no_profile_takes_a_slug_that_is_kept_for_them(slug: str) -> None:
    with pytest.raises(Misconfigured, match="kept for bodies that the office invites"):
        parse(source("gansu").replace('slug = "education"', f'slug = "{slug}"', 1), "gansu.toml")


async def test_a_roster_file_knows_guests_and_the_quarterly_check_does_not_ask_them(badong_url: str, key: str) -> None:
    async with open_town(badong_url, key) as town:
        issuer, second = await office_of(town, "zh_Hans")
        await issuer.sends(f"/outsiders {BODY}")
        await comes_in(town, issuer, second)

        def around(uow: Unit) -> tuple[list[list[str]], list[roster_files.Problem]]:
            uow.conference = "badong"
            lines = [list(line) for line in roster_files.export_lines(uow, "badong", at=uow.at)]
            head, *_ = lines
            ours = [line for line in lines if line[0] == GUESTS_UNIT]
            rows, wrong = roster_files.read_lines(enumerate([head, *ours], start=1))
            roster_checks.open_roster_check(uow, "2027Q1", at=uow.at)
            return ours, [*wrong, *roster_files.plan_import(uow, rows, at=uow.at).problems]

        ours, problems = await town.application.desk.act(around)
        assert [line[:4] for line in ours] == [[GUESTS_UNIT, ROLES[Role.GUEST], BODY, NAME]]
        assert problems == []
        assert not await rows_of(town, select(checks.c.id).where(checks.c.unit == OUTSIDERS))


@pytest.mark.parametrize("conference", ["jieyang", "neimenggu", "national"])
async def test_where_the_document_is_silent_it_is_said_in_one_sentence(conference: str, make_database: MakeDatabase, key: str) -> None:
    async with open_town(make_database("sqlite", conference), key, profile=conference) as town:
        issuer, _ = await office_of(town, "zh_Hans")
        await issuer.sends("/outsiders")
        silent = issuer.words(
            "The document of this conference does not provide for: {parts}. It is therefore not offered here.",
            parts=issuer.words(LACKING["guests"]),
        )
        issuer.reads(silent)
        issuer.is_not_offered("Invite a unit")
        await issuer.sends(f"/outsiders {BODY}")
        issuer.someone.has_seen(silent, 2)
        assert await rows_of(town, select(invitations.c.id)) == []
        await holds_for_all(town)
