"""Hand-overs in chat, in each mode: who starts, who confirms, what goes over, and that nothing of the post moves but its holder."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from conference.model.people import Post, Reach, Role
from handlers.telegram.texts.everybody import REASONS
from handlers.telegram.texts.joining import WHY
from handlers.telegram.texts.succession import HANDOVER_STATES, ITEMS, WHY_NOT_START
from storage.tables import accounts, due, handovers, tenures
from storage.unit_of_work import Unit
from tests.engine import account_of, all_of, reach_becomes
from tests.obligations import obligation
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, draft_of, files, holds_for_all
from tests.test_conversations_duty import names, rung
from tests.town import MakeDatabase, Town, actor_of, open_town

YES = "Yes, this is my post"
OWN = "Hand over a post of mine or of my unit"
ROSTER = "📋 Roster: {unit} · {post} is held by {name} since {at}."
SEATS = {"badong": "县教育局局长", "gansu": "省教育厅总督学", "jieyang": "市教育局副局长"}  # as the profiles name the post
DESK = "县公安局值班台"
OLD, NEW = "赵甲", "钱乙"
INSTEAD = (
    "The holder cannot be asked. If you know the successor, please confirm instead of the holder; "
    "that is noted, and another person of the office has to confirm."
)
NOBODY = (
    "Nobody of the office can confirm this now: whoever started it or confirmed for a side may not. "
    "It waits until the office registers another person (/invite). You can also call it off."
)
HEAD = "🔁 <b>Hand-over</b>: {state}"


@dataclass
class Scene:
    """A town of one conference: a seat and its liaison in education, two in the office; `holder` and `newcomer` read `language`."""

    town: Town
    language: str
    post: int

    @property
    def seat(self) -> str:
        return SEATS[self.town.conference]

    def one(self, name: str) -> Speaker:
        return as_seen_by(name, self.town, self.language if name in ("holder", "newcomer", "liaison") else "zh_Hans")

    async def holders(self) -> list[str]:
        """Names of those who hold the seat now."""
        query = select(tenures.c.person_id).where(tenures.c.post_id == self.post, tenures.c.ends_at.is_(None))
        people = await self.town.look(lambda c: c.execute(query).scalars().all())
        return await self.town.application.desk.act(lambda uow: [uow.people.name_of(person) or "" for person in people])

    async def starts(self, starter: Speaker, title: str | None = None, name: str = OLD) -> str:
        """From /handover to the link for the successor."""
        await starter.sends("/handover")
        await starter.taps(OWN)
        await starter.taps("{post} · {holders}", post=title or self.seat, holders=name)
        await starter.taps("Begin")
        return link_of(starter)

    async def joins(self, link: str, name: str = NEW, who: str = "newcomer") -> Speaker:
        newcomer = self.one(who)
        await newcomer.sends(f"/start {link}")
        await newcomer.taps(YES)
        await newcomer.sends(name)
        return newcomer

    async def shows(self, speaker: Speaker) -> None:
        """The newest screen of the hand-over, opened anew."""
        await speaker.sends("/handover")
        await speaker.taps_written(next(label for label in speaker.buttons if self.seat in label))

    async def clocks(self) -> list[Any]:
        """Everything that is due, but for the hand-over's own."""
        own = ("handover_stale", "invitation_expired", "post_vacant")
        return [(row.key, row.due_at, row.data, row.state) for row in await self.town.look(all_of(due)) if row.kind not in own]


def link_of(speaker: Speaker) -> str:
    found = re.findall(r"start=(i-[\w-]{22})", "\n".join(speaker.history))
    assert found
    return str(found[-1])


async def a_scene(town: Town, language: str) -> Scene:
    for name, role, unit, title, tongue in [
        ("holder", Role.MEMBER, "education", SEATS[town.conference], language),
        ("liaison", Role.LIAISON, "education", "教育局联络员", language),
        ("office", Role.OFFICE, "civil_affairs", "联席会议办公室", "zh_Hans"),
        ("second", Role.OFFICE, "civil_affairs", "联席会议办公室", "zh_Hans"),
    ]:
        await town.appoint(name, role, unit, title, language=CLIENTS[tongue])
    await names(town, holder=OLD, liaison="孙丙", office="李丁", second="周戊")

    def verb(uow: Unit) -> int:
        return actor_of(uow, town, "holder").posts[0].post_id

    return Scene(town, language, await town.application.desk.act(verb))


async def scenes(make: MakeDatabase, backend: str, key: str, conference: str, language: str) -> AsyncIterator[Scene]:
    async with open_town(make(backend, conference), key, profile=conference) as town:
        yield await a_scene(town, language)
        await holds_for_all(town)


@pytest.fixture(params=list(CLIENTS))
async def badong(request: pytest.FixtureRequest, backend: str, make_database: MakeDatabase, key: str) -> AsyncIterator[Scene]:
    """Automatic, in each language."""
    async for scene in scenes(make_database, backend, key, "badong", request.param):
        yield scene


@pytest.fixture
async def plain(backend: str, make_database: MakeDatabase, key: str) -> AsyncIterator[Scene]:
    """Automatic, in simplified Chinese only."""
    async for scene in scenes(make_database, backend, key, "badong", "zh_Hans"):
        yield scene


@pytest.fixture(params=list(CLIENTS))
async def gansu(request: pytest.FixtureRequest, backend: str, make_database: MakeDatabase, key: str) -> AsyncIterator[Scene]:
    """Reported to the office, which confirms; in each language."""
    async for scene in scenes(make_database, backend, key, "gansu", request.param):
        yield scene


@pytest.fixture
async def jieyang(backend: str, make_database: MakeDatabase, key: str) -> AsyncIterator[Scene]:
    """The document says nothing: the office starts and another of it confirms."""
    async for scene in scenes(make_database, backend, key, "jieyang", "zh_Hans"):
        yield scene


# -- automatic


@obligation("ORG-01")
async def test_the_successor_takes_the_seat_when_both_sides_have_confirmed(badong: Scene) -> None:
    holder, town = badong.one("holder"), badong.town
    before = await badong.clocks()
    link = await badong.starts(holder)
    assert await badong.holders() == [OLD]
    newcomer = await badong.joins(link)
    for each in (holder, newcomer):
        each.sees(HEAD, state=each.words(HANDOVER_STATES["joined"]))
        each.reads(OLD, NEW)
    old_button = holder.remembers("I hand it over")
    await newcomer.sends("/whoami")
    newcomer.sees("No post is registered for this account. You can report here like everybody.")
    await newcomer.taps("I take it over")
    assert await badong.holders() == [OLD], "one side alone changes nothing"
    await holder.taps("I hand it over")
    assert await badong.holders() == [NEW]
    newcomer.sees("What came with it; deadlines go on as they were:")
    newcomer.reads(badong.seat)
    holder.has_seen("You can no longer act under it here.")
    for name in ("liaison", "office", "second"):
        one = badong.one(name)
        line = one.words(ROSTER, unit="|", post=badong.seat, name=NEW, at="|").partition("|")[0]
        assert sum(text.startswith(line) for text in one.history) == 1, f"{name} is told once, in one line"
    rows = await town.look(all_of(tenures, post_id=badong.post))
    assert rows[0].ends_at == rows[1].begins_at == town.clock.now()
    assert (rows[0].why_ended, rows[1].ends_at) == ("handover", None)
    assert await badong.clocks() == before
    await holder.taps_remembered(old_button)
    holder.sees(REASONS["not_found"])
    await holder.sends("/whoami")
    holder.sees("No post is registered for this account. You can report here like everybody.")
    assert [row.post_id for row in await audited(town, "handover.done")] == [badong.post], "under the post that the last word came from"


async def test_a_desk_changes_hands_with_all_that_hangs_on_it(town: Town) -> None:
    """A report accepted, one waiting, a shift and a draft: none is lost, no clock moves, the old holder is refused at the next press."""
    await names(town, desk=OLD, colleague="值班员乙")
    desk, colleague = as_seen_by("desk", town), as_seen_by("colleague", town)
    accepted = await files(as_seen_by("citizen", town))
    await desk.taps("Accept")
    await desk.sends("/duty")
    await desk.taps("{hours} h", hours=24)
    waiting = await files(as_seen_by("neighbour", town))
    await desk.sends("/start")
    await desk.taps("A child")
    scene = Scene(town, "zh_Hans", (await town.look(all_of(tenures)))[0].post_id)
    clocks = await scene.clocks()
    accept, opened = desk.remembers("Accept"), desk.remembers("Open the report")
    await desk.sends("/handover")
    await desk.taps(OWN)
    await desk.taps("{post} · {holders}", post=DESK, holders=f"{OLD}、{desk.words('others: {number}', number=1)}")
    assert "值班员乙" not in "".join(desk.buttons), "a colleague's name is for the office and the unit's own people"
    for noun, number in (("reports_accepted", 1), ("reports_waiting", 1), ("shifts", 1), ("drafts", 1)):
        desk.sees(ITEMS[noun], number=number)
    desk.reads(accepted.number, waiting.number)
    await desk.taps("Begin")
    newcomer = await scene.joins(link_of(desk))
    newcomer.sees(ITEMS["reports_waiting"], number=1)
    assert waiting.number not in newcomer.screen, "numbers only, before there is a right"
    await desk.taps("I hand it over")
    await newcomer.taps("I take it over")
    await as_seen_by("office", town).taps("The office confirms")
    newcomer.reads(accepted.number, waiting.number)
    assert await scene.clocks() == clocks
    assert await draft_of(desk), "a draft is its writer's"
    for button in (accept, opened):
        await desk.taps_remembered(button)
        desk.sees(REASONS["not_allowed"])
    assert [row.person_id for row in await audited(town, "report.read")] == []
    third = await files(as_seen_by("third", town))
    assert rung(town, third.number) == {"newcomer"}, "the shift went over"
    await newcomer.sends("/reports")
    await newcomer.taps_written(waiting.number)
    await newcomer.taps("Accept")
    assert len(await audited(town, "report.accepted")) == 2
    await colleague.sends("/reports")
    colleague.reads(accepted.number)


# -- reported and confirmed


@obligation("ORG-02", profile="gansu")
async def test_the_change_is_reported_and_counts_once_the_office_confirms(gansu: Scene) -> None:
    liaison, holder, office = gansu.one("liaison"), gansu.one("holder"), gansu.one("office")
    newcomer = await gansu.joins(await gansu.starts(liaison))
    await holder.taps("I hand it over")
    before = len(office.history)
    await newcomer.taps("I take it over")
    newcomer.sees(HEAD, state=newcomer.words(HANDOVER_STATES["agreed"]))
    assert await gansu.holders() == [OLD]
    assert len(office.history) == before + 1
    office.sees(HEAD, state=office.words(HANDOVER_STATES["agreed"]))
    office.reads(OLD, NEW)
    late = gansu.one("second").remembers("The office confirms")
    await office.taps("The office confirms")
    assert await gansu.holders() == [NEW]
    newcomer.sees("What came with it; deadlines go on as they were:")
    await gansu.one("second").taps_remembered(late)
    assert gansu.one("second").toast == gansu.one("second").words(REASONS["handover_moved"])
    (row,) = await gansu.town.look(all_of(handovers))
    assert (row.state, row.mode, row.office_by is not None) == ("done", "confirm", True)
    assert len(await audited(gansu.town, "handover.done")) == 1


# -- by the office


async def test_where_the_document_is_silent_the_office_starts_and_another_of_it_confirms(jieyang: Scene) -> None:
    holder, office, second = jieyang.one("holder"), jieyang.one("office"), jieyang.one("second")
    await holder.sends("/handover")
    holder.sees("The office starts hand-overs in this conference. If you leave your post, please tell the office.")
    holder.is_not_offered(OWN)
    await office.sends("/handover")
    await office.taps("Hand over a post of any unit")
    await office.turns_to("市教育局", "Next page ▶")
    await office.taps("{post} · {holders}", post=jieyang.seat, holders=OLD)
    await office.taps("Begin")
    newcomer = await jieyang.joins(link_of(office))
    await newcomer.taps("I take it over")
    await holder.taps("I hand it over")
    assert await jieyang.holders() == [OLD]
    second.is_offered("The office confirms")
    await jieyang.shows(office)
    office.is_not_offered("The office confirms")
    await second.taps("The office confirms")
    assert await jieyang.holders() == [NEW]


# -- the holder is gone


async def test_the_unit_confirms_instead_of_a_holder_who_cannot_be_reached(badong: Scene) -> None:
    liaison, holder, town = badong.one("liaison"), badong.one("holder"), badong.town
    link = await badong.starts(liaison)
    await reach_becomes(town, holder.someone, Reach.GONE)
    newcomer = await badong.joins(link)
    liaison.sees(INSTEAD)
    instead = liaison.remembers("Confirm instead of the holder")
    await reach_becomes(town, holder.someone, Reach.OPEN)
    await liaison.taps_remembered(instead)
    assert liaison.toast == liaison.words(REASONS["holder_reachable"])
    await reach_becomes(town, holder.someone, Reach.GONE)
    await liaison.taps_remembered(instead)
    await newcomer.taps("I take it over")
    newcomer.sees(HEAD, state=newcomer.words(HANDOVER_STATES["agreed"]))
    assert await badong.holders() == [OLD], "what the holder did not confirm takes the office"
    await badong.one("office").taps("The office confirms")
    assert await badong.holders() == [NEW]
    badong.one("second").sees("Confirmed instead of the former holder, who could not be asked.")
    (row,) = await audited(town, "handover.outgoing_confirmed")
    assert row.facts["side"] == "unit"


async def begun_by_the_office_before_the_holder_was_gone(plain: Scene) -> Speaker:
    """The successor, who has joined."""
    office = plain.one("office")
    await office.sends("/handover")
    await office.taps("Hand over a post of any unit")
    await office.turns_to("县教育局", "Next page ▶")
    await office.taps("{post} · {holders}", post=plain.seat, holders=OLD)
    await office.taps("Begin")
    await reach_becomes(plain.town, plain.one("holder").someone, Reach.GONE)
    return await plain.joins(link_of(office))


async def test_whoever_of_the_office_starts_or_confirms_instead_leaves_the_last_word_to_another(plain: Scene) -> None:
    """Nobody brings somebody into a post alone, not even where both sides are enough."""
    town, office, second = plain.town, plain.one("office"), plain.one("second")
    await town.appoint("third", Role.OFFICE, "civil_affairs", "联席会议办公室")
    newcomer = await begun_by_the_office_before_the_holder_was_gone(plain)
    await newcomer.taps("I take it over")
    await plain.shows(second)
    await second.taps("Confirm instead of the holder")
    for each in (office, second):
        await plain.shows(each)
        each.sees(HEAD, state=each.words(HANDOVER_STATES["agreed"]))
        each.is_not_offered("The office confirms")
    assert await plain.holders() == [OLD]
    await plain.one("third").taps("The office confirms")
    assert await plain.holders() == [NEW]


async def test_a_hand_over_that_nobody_could_confirm_is_not_begun(town: Town) -> None:
    """The only one of the office cannot fill a vacant post; with a second person they can."""
    office = as_seen_by("office", town)

    async def begins() -> None:
        await office.sends("/handover")
        await office.taps("Hand over a post of any unit")
        await office.turns_to("县教育局", "Next page ▶")
        await office.turns_to("县教育局联络员", "Next page ▶")
        await office.taps("Begin")

    await begins()
    office.sees(REASONS["handover_nobody"])
    assert await town.look(all_of(handovers)) == []
    await town.appoint("second", Role.OFFICE, "civil_affairs", "联席会议办公室")
    await begins()
    assert link_of(office)
    await holds_for_all(town)


async def test_one_that_nobody_can_confirm_any_more_says_so(plain: Scene) -> None:
    """It began with a holder who could be asked, and then the holder was gone: the starter is the only one of the office."""
    town, office = plain.town, plain.one("office")
    second = await account_of(town, plain.one("second").someone)
    await town.application.desk.write(
        lambda t: t.connection.execute(update(accounts).where(accounts.c.id == second).values(person_id=None))
    )
    newcomer = await begun_by_the_office_before_the_holder_was_gone(plain)
    await plain.shows(office)
    office.sees(NOBODY)
    office.is_not_offered("Confirm instead of the holder")
    await newcomer.taps("I take it over")
    liaison = plain.one("liaison")
    await plain.shows(liaison)
    liaison.sees(NOBODY)
    liaison.is_not_offered("Confirm instead of the holder")
    await town.appoint("third", Role.OFFICE, "civil_affairs", "联席会议办公室")
    await plain.shows(liaison)
    await liaison.taps("Confirm instead of the holder")
    await plain.one("third").taps("The office confirms")
    assert await plain.holders() == [NEW]


# -- it does not come to it


@pytest.mark.parametrize("who", ["holder", "newcomer", "liaison", "office"])
async def test_it_can_be_called_off_by_all_whom_it_concerns(plain: Scene, who: str) -> None:
    holder = plain.one("holder")
    link = await plain.starts(holder)
    newcomer = await plain.joins(link)
    take = newcomer.remembers("I take it over")
    one = plain.one(who)
    if who in ("liaison", "office"):
        await plain.shows(one)
    await one.taps("Call it off")
    await one.taps("Yes, call it off")
    one.sees(HEAD, state=one.words(HANDOVER_STATES["cancelled"]))
    for each in {"holder", "newcomer"} - {who}:
        assert any(
            plain.one(each).words("The hand-over has been called off; the post stays as it is.") in t for t in plain.one(each).history
        )
    await newcomer.taps_remembered(take)
    assert newcomer.toast == newcomer.words(REASONS["handover_moved"])
    assert await plain.holders() == [OLD]
    again = await plain.starts(holder)
    assert again != link


async def test_a_stranger_sees_nothing_of_it(plain: Scene) -> None:
    holder, town = plain.one("holder"), plain.town
    await town.appoint("justice", Role.LIAISON, "justice", "县司法局联络员")
    await plain.starts(holder)
    justice = plain.one("justice")
    await justice.sends("/handover")
    justice.sees("None is under way.")
    citizen = plain.one("citizen")
    await citizen.sends("/handover")
    citizen.sees("None is under way.")
    citizen.sees(WHY_NOT_START["no_post"])
    citizen.is_not_offered(OWN)


async def test_a_guest_is_not_told_that_the_office_starts_hand_overs(jieyang: Scene) -> None:
    await jieyang.town.appoint("guest", Role.GUEST, "outsiders", "市税务局")
    guest = jieyang.one("guest")
    await guest.sends("/handover")
    guest.sees(WHY_NOT_START["no_post"])
    assert guest.words(WHY_NOT_START["office_starts"]) not in guest.screen


async def test_names_are_shown_to_the_unit_and_each_showing_is_noted(plain: Scene) -> None:
    liaison, holder = plain.one("liaison"), plain.one("holder")
    await plain.town.appoint("partner", Role.DUTY_DESK, "justice", "值班台")
    await plain.town.appoint("desk", Role.DUTY_DESK, "justice", "值班台")
    await names(plain.town, partner="吴己", desk="郑庚")
    desk = plain.one("desk")
    await desk.sends("/handover")
    await desk.taps(OWN)
    assert any("郑庚" in label for label in desk.buttons)
    assert not any("吴己" in label for label in desk.buttons)
    assert await audited(plain.town, "roster.names_shown") == []
    await liaison.sends("/handover")
    await liaison.taps(OWN)
    await liaison.taps("{post} · {holders}", post=plain.seat, holders=OLD)
    liaison.reads(OLD)
    rows = await audited(plain.town, "roster.names_shown")
    assert [row.subject for row in rows] == ["unit:education"] * 2
    assert holder


async def test_a_lost_link_is_made_anew_and_the_old_one_opens_nothing(plain: Scene) -> None:
    holder = plain.one("holder")
    link = await plain.starts(holder)
    await plain.town.passes(hours=73)
    late = plain.one("late")
    await late.sends(f"/start {link}")
    late.sees(WHY["expired"], hours=72)
    await plain.shows(holder)
    await holder.taps("Make a new link")
    replaced = link_of(holder)
    await plain.shows(holder)
    await holder.taps("Make a new link")
    newer = link_of(holder)
    assert len({link, replaced, newer}) == 3
    await late.sends(f"/start {replaced}")
    late.sees(WHY["revoked"])
    await plain.town.restart()
    newcomer = await plain.joins(newer)
    await newcomer.taps("I take it over")
    await plain.town.restart()
    await holder.taps("I hand it over")
    assert await plain.holders() == [NEW]


async def test_who_does_not_finish_is_reminded_then_the_office_sees_it(plain: Scene) -> None:
    holder, office = plain.one("holder"), plain.one("office")
    newcomer = await plain.joins(await plain.starts(holder))
    stale = "⏳ <b>This hand-over has been open for a while. Please bring it to an end.</b>"
    await plain.town.passes(days=6)
    assert holder.words(stale) not in "".join(holder.history)
    await plain.town.passes(days=1)  # five working days
    holder.has_seen(stale)
    newcomer.has_seen(stale)
    office.has_seen(stale, 0)
    await plain.town.passes(days=7)
    office.has_seen(stale)
    holder.has_seen(stale)
    await plain.town.passes(days=14)
    office.has_seen(stale)


async def test_somebody_with_several_posts_keeps_the_others(plain: Scene) -> None:
    town, holder = plain.town, plain.one("holder")
    await town.appoint("holder", Role.LIAISON, "justice", "县司法局联络员")
    newcomer = await plain.joins(await plain.starts(holder))
    await newcomer.taps("I take it over")
    await holder.taps("I hand it over")
    await holder.sends("/whoami")
    holder.reads("县司法局联络员")
    assert plain.seat not in holder.screen


# -- naming a liaison


async def names_a_liaison(scene: Scene) -> None:
    """The unit's member names somebody for the vacant post of its liaison; where the office has a say, it says it."""
    town, member, office = scene.town, scene.one("holder"), scene.one("office")

    def vacant(uow: Unit) -> int:
        post = Post(conference=town.conference, unit="education", role=Role.LIAISON, title="第二联络员", rank=2, vacant_since=uow.at)
        uow.people.add_post(post)
        return post.id or 0

    post = await town.application.desk.act(vacant)
    if town.conference == "jieyang":
        await office.sends("/handover")
        await office.taps("Hand over a post of any unit")
        await office.turns_to("市教育局", "Next page ▶")
        await office.taps("{post} · {holders}", post="第二联络员", holders=office.words("vacant"))
        await office.taps("Begin")
        link = link_of(office)
    else:
        link = await scene.starts(member, "第二联络员", member.words("vacant"))
    newcomer = await scene.joins(link)
    await newcomer.taps("I take it over")
    await member.taps("Confirm instead of the holder")
    await newcomer.sends("/whoami")
    newcomer.sees("No post is registered for this account. You can report here like everybody.")
    await scene.one("second").taps("The office confirms")
    await newcomer.sends("/whoami")
    newcomer.reads("第二联络员")
    (row,) = await town.look(all_of(tenures, post_id=post))
    assert row.ends_at is None


@obligation("ORG-03")
async def test_a_unit_of_badong_names_its_liaison(plain: Scene) -> None:
    await names_a_liaison(plain)


@obligation("ORG-03", profile="gansu")
async def test_a_unit_of_gansu_names_its_liaison(gansu: Scene) -> None:
    await names_a_liaison(gansu)


@obligation("ORG-03", profile="jieyang")
async def test_a_unit_of_jieyang_names_its_liaison(jieyang: Scene) -> None:
    await names_a_liaison(jieyang)
