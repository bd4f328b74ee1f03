"""Villages, townships, schools and guests: each a body of its own, though the profile has one name for all of a kind."""

from __future__ import annotations

import pytest

from conference.model.errors import NotAllowed, NotFound
from conference.model.outsiders import OUTSIDERS
from conference.model.people import APART, OBLIGED, HeldPost, Role
from conference.model.questionnaire import Draft
from conference.model.territory import Level, Place
from conference.profiles import available, load
from conference.services import bodies, drafts, roster_checks
from conference.services.people import open_post
from conference.services.vacancies import watch_new_posts
from handlers.telegram.texts.joining import CAN
from handlers.telegram.texts.outsiders import NAME_NOTES
from storage.tables import posts
from storage.tables import roster_checks as checks
from storage.unit_of_work import Unit
from tests.engine import all_of
from tests.talking import Speaker, as_seen_by, audited, holds_for_all, only_report
from tests.test_conversations_duty import names
from tests.test_conversations_roster_check import NAME_SOMEBODY, VACANT, leaves, vacancies
from tests.test_conversations_succession import OWN, YES, link_of
from tests.town import Town, actor_of

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
    await as_seen_by("office", town).taps("The office confirms")
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


# -- a new post


async def looks_for_a_post(office: Speaker, kind: str) -> None:
    await office.sends("/invite")
    await office.taps("➕ New post at a township, village or institution")
    await office.taps_written(kind)


async def made(town: Town, role: Role) -> list[tuple[str, str, str | None]]:
    found = await town.look(all_of(posts, role=role))
    return [(row.unit, row.title, row.place) for row in found]


async def test_the_office_invites_a_township_that_has_no_post_yet(town: Town) -> None:
    office = as_seen_by("office", town)
    await town.appoint("second", Role.OFFICE, "civil_affairs", "联席会议办公室")
    await looks_for_a_post(office, "乡镇人民政府")
    office.sees("Where? Choose the {level}.", level="乡镇")
    await office.taps_written("信陵镇")
    assert await made(town, Role.TOWNSHIP) == [("township", "信陵镇联系人", ONE)]
    newcomer = as_seen_by("newcomer", town)
    await newcomer.sends(f"/start {link_of(office)}")
    await newcomer.taps(YES)
    await newcomer.sends("钱乙")
    await as_seen_by("second", town).taps("Confirm")
    newcomer.sees(CAN["township"])
    newcomer.reads("乡镇人民政府", "信陵镇联系人")
    assert len(await audited(town, "post.made")) == 1

    await looks_for_a_post(office, "乡镇人民政府")
    await office.taps_written("信陵镇")
    assert len(await made(town, Role.TOWNSHIP)) == 1, "who is invited as well comes into the same post"
    await holds_for_all(town)


async def test_an_institution_is_named_and_a_village_that_no_list_has_too(town: Town) -> None:
    office = as_seen_by("office", town)
    await looks_for_a_post(office, "中小学校")
    await office.sends("一")
    office.sees(NAME_NOTES["unfit"], least=2, most=40)
    await office.sends("信陵镇一小")
    assert await made(town, Role.REPORTER) == [("schools", "信陵镇一小报告联系人", None)]
    await looks_for_a_post(office, VILLAGES)
    await office.taps_written("东瀼口镇")
    await office.sends("/cancel")
    await office.sends("/outsiders 县气象局")
    assert await made(town, Role.VILLAGE) == []
    await looks_for_a_post(office, VILLAGES)
    await office.taps_written("东瀼口镇")
    await office.sends("白土坡村")
    assert await made(town, Role.VILLAGE) == [("village", "白土坡村联系人", OTHER)]
    await looks_for_a_post(office, VILLAGES)
    await office.taps_written("信陵镇")
    await office.taps_written("晴溪村")
    assert (await made(town, Role.VILLAGE))[1] == ("village", "信陵镇 晴溪村联系人", "422823100901")
    await holds_for_all(town)


async def test_no_post_is_made_outside_the_region(town: Town) -> None:
    def verb(uow: Unit) -> None:
        uow.conference = "badong"
        uow.places.put([Place("430000", "湖南省", Level.PROVINCE)])
        office = actor_of(uow, town, "office")
        for body, place in (("township", "430000"), ("township", "999999"), ("public", None), ("civil_affairs", None)):
            with pytest.raises(NotFound):
                bodies.invite_at(uow, office, body, place=place, name="某地", at=uow.at)
        with pytest.raises(NotAllowed):
            bodies.invite_at(uow, actor_of(uow, town, "desk"), "township", place=ONE, at=uow.at)

    await town.application.desk.act(verb)
    assert await made(town, Role.TOWNSHIP) == []


# -- their own reports


async def test_a_contact_reports_under_its_own_unit_without_being_asked_for_it(town: Town) -> None:
    contact = Speaker(await town.appoint("一小", Role.REPORTER, "schools", "信陵镇一小报告联系人"))
    await contact.sends("/help")
    contact.reads("信陵镇一小报告联系人")
    await contact.sends("/start")
    contact.is_offered("Hand-overs", "My posts")
    await contact.taps("Report on duty, for my unit")
    contact.is_asked("subject")
    for label in ("A child", "Nobody looks after this person", "Not right now"):
        await contact.taps(label)
    await contact.taps_written("信陵镇")
    for label in ("Today", "Skip", "Skip", "Please do not contact me"):
        await contact.taps(label)
    contact.reads("信陵镇一小报告联系人")
    await contact.taps("✅ Send")
    kept = await only_report(town)
    assert (kept.reporter, kept.mandatory) == ("school", True)
    assert kept.particulars["unit"] == {"text": "信陵镇一小报告联系人"}
    await holds_for_all(town)


@pytest.mark.parametrize(
    ("role", "unit", "kind"),
    [(Role.VILLAGE, "village", "village"), (Role.REPORTER, "education", "other_duty"), (Role.TOWNSHIP, "township", None)],
)
def test_whose_work_obliges_them_to_report_by_their_post(role: Role, unit: str, kind: str | None) -> None:
    post = HeldPost(1, "badong", unit, role, "岗位")
    found = drafts.obliging_post((HeldPost(2, "badong", unit, Role.OFFICE, "办公室"), post))
    assert found == (post if kind else None)
    if found:
        draft = Draft.begin("x")
        drafts.say_on_duty(draft, found)
        assert (draft.at, draft.answers) == ("subject", {"reporter": {"code": kind}, "unit": {"text": "岗位"}})
        assert draft.form.is_mandatory(draft.answers)


@pytest.mark.parametrize("conference", available())
def test_the_documents_oblige_just_those_of_the_places_that_a_post_obliges(conference: str) -> None:
    """The menu looks at the post only and opens no profile: so it stays as long as the five texts say the same."""
    at_places = [body for body in load(conference).actors.values() if body.slug in set(map(str, APART))]
    assert all(body.mandatory_reporter == (body.slug in set(map(str, OBLIGED))) for body in at_places)
