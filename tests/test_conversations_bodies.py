"""Villages, townships, schools and guests: each a body of its own, though the profile has one name for all of a kind."""

from __future__ import annotations

from conference.model.outsiders import OUTSIDERS
from conference.model.people import Role
from conference.services import roster_checks
from conference.services.people import open_post
from conference.services.vacancies import watch_new_posts
from storage.tables import roster_checks as checks
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.talking import Speaker, as_seen_by
from tests.test_conversations_duty import names
from tests.test_conversations_roster_check import NAME_SOMEBODY, VACANT, leaves, vacancies
from tests.test_conversations_succession import OWN, YES, link_of
from tests.town import Town

ONE, OTHER = "422823100", "422823101"  # two townships of Badong
VILLAGES = "村（居）民委员会"


async def village_worker(town: Town, name: str, place: str) -> Speaker:
    return Speaker(await town.appoint(name, Role.VILLAGE, "village", f"{name}村儿童主任", place=place))


async def hands_over(town: Town, holder: Speaker, title: str) -> None:
    await holder.sends("/handover")
    await holder.taps(OWN)
    await holder.taps("{post} · {holders}", post=title, holders="赵甲")
    await holder.taps("Begin")
    newcomer = as_seen_by("newcomer", town)
    await newcomer.sends(f"/start {link_of(holder)}")
    await newcomer.taps(YES)
    await newcomer.sends("钱乙")
    await newcomer.taps("I take it over")
    await holder.taps("I hand it over")


async def test_another_village_does_not_hear_who_holds_a_village_now(town: Town) -> None:
    holder, other = await village_worker(town, "甲", ONE), await village_worker(town, "乙", OTHER)
    colleague = Speaker(await town.appoint("丙", Role.VILLAGE, "village", "甲村网格员", place=ONE, rank=2))
    guest = Speaker(await town.appoint("guest", Role.GUEST, OUTSIDERS, "县气象局"))
    await names(town, 甲="赵甲")
    before = len(other.history), len(guest.history)
    await hands_over(town, holder, "甲村儿童主任")
    assert (len(other.history), len(guest.history)) == before
    assert "钱乙" in colleague.screen
    assert "钱乙" in as_seen_by("office", town).screen


async def test_a_vacancy_of_a_village_is_the_offices_and_no_other_villages(town: Town) -> None:
    await town.passes(hours=1)
    await village_worker(town, "甲", ONE)
    other = await village_worker(town, "乙", OTHER)
    await leaves(town, "甲")
    assert vacancies(town, "甲村儿童主任") == {"office": 1}
    await town.passes(days=60)
    assert vacancies(town, "甲村儿童主任") == {"office": 1}
    other.has_seen(VACANT, 0)


async def test_new_posts_at_places_are_shown_to_the_office_and_asked_of_nobody(town: Town) -> None:
    other = await village_worker(town, "乙", OTHER)
    await town.passes(hours=1)

    def made(uow: Unit) -> None:
        open_post(uow, conference="badong", unit="village", role=Role.VILLAGE, title="甲村儿童主任", place=ONE, rank=1, at=uow.at)
        watch_new_posts(uow, uow.conferences.profile("badong"), at=uow.at)

    await town.application.desk.act(made)
    await town.passes(days=60)
    assert vacancies(town, "甲村儿童主任") == {"office": 1}
    other.has_seen(NAME_SOMEBODY, 0)


async def test_the_quarterly_check_does_not_ask_all_villages_as_one(town: Town) -> None:
    await village_worker(town, "甲", ONE)
    await town.appoint("一小", Role.REPORTER, "schools", "信陵镇一小联系人", place=ONE)
    await town.appoint("guest", Role.GUEST, OUTSIDERS, "县气象局")
    await town.appoint("contact", Role.REPORTER, "education", "县教育局联系人", place=ONE)

    def opened(uow: Unit) -> None:
        uow.conference = "badong"
        roster_checks.open_roster_check(uow, "2027Q1", at=uow.at)

    await town.application.desk.act(opened)
    asked = {row.unit for row in await town.look(all_of(checks))}
    assert not asked & {"village", "schools", OUTSIDERS}
    assert "education" in asked


async def test_a_body_of_the_text_is_called_by_its_name(town: Town) -> None:
    office = as_seen_by("office", town)
    await village_worker(town, "甲", ONE)
    await office.sends("/invite")
    await office.turns_to(VILLAGES, "Next page ▶")
    office.reads(VILLAGES)
