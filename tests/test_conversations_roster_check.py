"""Vacant posts and the quarterly roster check: who is asked, reminded and shown what, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference import profiles
from conference.model.calendar import WorkCalendar
from conference.model.days import CHINA, months_of, next_opening, term_of, working_days_after
from conference.model.outsiders import OUTSIDERS
from conference.model.people import Post, Reach, Role
from conference.services import invitations
from conference.services.profiles import load_profile
from handlers.telegram.texts.everybody import REASONS
from storage.tables import due, posts, roster_checks
from storage.unit_of_work import Unit
from tests.engine import all_of, reach_becomes
from tests.profile_files import edited
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, holds_for_all
from tests.town import Town, actor_of

VACANT = "🪑 <b>A post is vacant.</b>"
NAME_SOMEBODY = "Please name somebody for it: choose the post under /handover, or tell the office."
ASKED = "Are these still your people?"
QUARTER = "{year}, quarter {number}"


@pytest.fixture(params=list(CLIENTS))
async def unit(request: pytest.FixtureRequest, town: Town) -> Speaker:
    """The member of education, in each language; its liaison, justice's member and a convener read simplified Chinese."""
    member = await town.appoint("member", Role.MEMBER, "education", "县教育局局长", language=CLIENTS[request.param])
    await town.appoint("liaison", Role.LIAISON, "education", "县教育局联络员")
    await town.appoint("justice", Role.MEMBER, "justice", "县司法局局长")
    await town.appoint("convener", Role.CONVENER, "government_office", "县政府办公室副主任")
    return Speaker(member, request.param)


async def leaves(town: Town, name: str) -> int:
    """The office ends the tenure of this person's first post."""

    def verb(uow: Unit) -> int:
        leaver = actor_of(uow, town, name)
        assert leaver.person_id is not None
        invitations.end_tenure(uow, actor_of(uow, town, "office"), leaver.posts[0].post_id, leaver.person_id, "left", at=uow.at)
        return leaver.posts[0].post_id

    post: int = await town.application.desk.act(verb)
    await town.settled()
    return post


def vacancies(town: Town, title: str = "县教育局联络员") -> dict[str, int]:
    """How often each was told of this vacancy alone."""
    found = {}
    for name, one in town.people.items():
        speaker = Speaker(one, next(ours for ours, theirs in CLIENTS.items() if theirs == one.person.language))
        found[name] = sum(speaker.words(VACANT) in text and title in text for text in one.history)
    return {name: number for name, number in found.items() if number}


# -- vacancies


async def test_a_lasting_vacancy_is_reminded_to_the_unit_then_shown_to_conveners_and_office(town: Town, unit: Speaker) -> None:
    await town.passes(hours=1)  # what nobody ever held is another matter
    await leaves(town, "liaison")
    await town.passes(days=13, hours=23)
    assert vacancies(town) == {}
    await town.passes(hours=1)  # ten working days
    assert vacancies(town) == {"member": 1}
    unit.sees(VACANT, NAME_SOMEBODY)
    unit.reads("县教育局联络员")
    await town.passes(days=14)  # twenty
    assert vacancies(town) == {"member": 1, "convener": 1, "office": 1}
    as_seen_by("convener", town).sees("The unit has been reminded and nobody has been named yet.")
    await town.passes(days=60)
    assert vacancies(town) == {"member": 1, "convener": 1, "office": 1}
    await holds_for_all(town)


async def test_a_post_that_is_filled_in_time_is_not_spoken_of(town: Town) -> None:
    await town.appoint("member", Role.MEMBER, "education", "县教育局局长")
    await town.appoint("liaison", Role.LIAISON, "education", "县教育局联络员")
    post = await leaves(town, "liaison")
    await town.passes(days=13)
    await town.appoint("successor", Role.LIAISON, "education", "县教育局联络员")
    await town.passes(days=40)
    assert vacancies(town) == {}
    (row,) = await town.look(all_of(posts, id=post))
    assert row.vacant_since is None


async def test_a_unit_with_nobody_left_is_shown_to_the_office_at_once(town: Town, unit: Speaker) -> None:
    await leaves(town, "justice")
    assert vacancies(town, "县司法局局长") == {"office": 1}
    as_seen_by("office", town).sees("The unit has nobody else who could be reminded. Please ask the unit and invite somebody.")


async def test_posts_that_nobody_ever_held_are_told_of_in_one_message(town: Town) -> None:
    """Everything of Badong is vacant since it was brought in; a unit hears of its own, the office of those where nobody is."""
    member = Speaker(await town.appoint("member", Role.MEMBER, "public_security", "县公安局局长"))
    office, desk = as_seen_by("office", town), as_seen_by("desk", town)
    await town.passes(days=13, hours=23)
    assert [told for told in office.history if "🪑" in told] == []
    await town.passes(hours=1)  # ten working days
    assert vacancies(town, "县公安局联络员") == {"member": 1, "desk": 1, "colleague": 1, "second desk": 1}
    member.sees(VACANT, NAME_SOMEBODY)
    elsewhere, own = [told for told in office.history if "🪑" in told]
    assert "县司法局局长" in elsewhere
    assert "县公安局" not in elsewhere, "that unit has people who are reminded"
    assert "县民政局局长" in own
    await town.passes(days=60)
    *_, last = [told for told in office.history if "🪑" in told]
    assert "县公安局联络员" in last
    assert "县司法局局长" not in last
    assert ["🪑" in told for told in office.history].count(True) == 3
    assert ["🪑" in told for told in desk.history].count(True) == 1


async def test_two_vacancies_of_one_post_are_two(town: Town) -> None:
    await town.appoint("member", Role.MEMBER, "education", "县教育局局长")
    for name in ("liaison", "successor"):
        await town.appoint(name, Role.LIAISON, "education", "县教育局联络员")
        await leaves(town, name)
        await town.passes(days=14)
    assert vacancies(town) == {"member": 2}


# -- the roster check


async def opens(town: Town) -> None:
    """Let the year end: the check opens on Friday 1 January 2027 between nine and ten."""
    await town.passes(seconds=(datetime(2027, 1, 1, 2, tzinfo=UTC) - town.clock.now()).total_seconds())


async def test_each_unit_is_asked_reminded_once_and_the_office_gets_the_result(town: Town, unit: Speaker) -> None:
    liaison, justice, office = (as_seen_by(name, town) for name in ("liaison", "justice", "office"))
    await town.passes(days=30)
    assert unit.words(ASKED) not in "".join(unit.history)
    await opens(town)
    for each in (liaison, justice):
        each.sees(ASKED)
        each.reads(each.words(QUARTER, year=2027, number=1), "1月15日（周五）")
    liaison.reads("县教育局局长", "县教育局联络员")
    unit.has_seen(ASKED, 0)  # the liaison speaks for the unit
    await liaison.taps("No changes")
    liaison.sees("✔️ Your answer: no changes.")
    about = "".join(text for text in office.history if office.words(ASKED) in text)
    await town.passes(days=7)
    liaison.has_seen(ASKED, 1)
    justice.has_seen(ASKED, 2)
    justice.sees("⏰ <b>A reminder.</b>")
    assert "".join(text for text in office.history if office.words(ASKED) in text) == about, "the office is not chased for others"
    await town.passes(days=7)
    justice.has_seen(ASKED, 2)
    office.sees("📋 <b>Roster check {quarter} is closed.</b>", quarter=office.words(QUARTER, year=2027, number=1))
    office.sees("No changes ({number}): {units}", number=1, units="县教育局")
    office.reads("县司法局")
    assert [row.answer for row in await town.look(all_of(roster_checks, unit="education"))] == ["unchanged"]
    (following,) = [row for row in await town.look(all_of(due, kind="roster_check_opens")) if row.state == 0]
    assert following.subject == "2027Q2"
    assert following.due_at.astimezone(CHINA).date() == date(2027, 4, 1)
    await holds_for_all(town)


async def test_after_a_change_of_the_cadence_nobody_is_asked_twice(town: Town) -> None:
    liaison = Speaker(await town.appoint("liaison", Role.LIAISON, "education", "县教育局联络员"))
    source = edited("badong", ('roster_check_every = "quarterly"', 'roster_check_every = "half_yearly"'))
    await town.application.desk.act(lambda uow: load_profile(uow, profiles.parse(source, "badong.toml"), source, at=uow.at))
    await opens(town)
    liaison.has_seen(ASKED, 1)
    assert {row.quarter for row in await town.look(all_of(roster_checks))} == {"2027H1"}
    await town.passes(days=200)
    assert {row.quarter for row in await town.look(all_of(roster_checks))} == {"2027H1", "2027H2"}


async def test_a_guest_is_not_among_the_posts_that_nobody_reads(town: Town) -> None:
    def invited(uow: Unit) -> int:
        guest = Post(conference="badong", unit=OUTSIDERS, role=Role.GUEST, title="县气象局", vacant_since=uow.at)
        uow.people.add_post(guest)
        return len([post for post, _ in uow.roster_checks.unread("badong", uow.at) if post.role is Role.GUEST])

    assert await town.application.desk.act(invited) == 0


async def test_the_answer_can_be_changed_until_the_check_closes(town: Town, unit: Speaker) -> None:
    await leaves(town, "liaison")
    await opens(town)
    unit.sees(ASKED)  # without a liaison the member is asked
    unit.reads(unit.words("vacant"))
    await unit.taps("There are changes")
    unit.sees("✔️ Your answer: there are changes.",
              "Under /handover you hand a post over to a successor; anything else please tell the office.")  # fmt: skip
    office = as_seen_by("office", town)
    office.sees("📋 Roster check {quarter}: <b>{unit}</b> says that its people have changed. Please ask.",
                quarter=office.words(QUARTER, year=2027, number=1), unit="县教育局")  # fmt: skip
    await unit.taps("No changes")
    unit.sees("✔️ Your answer: no changes.")
    late = unit.remembers("There are changes")
    await town.passes(days=14)
    await unit.taps_remembered(late)
    unit.sees(REASONS["check_closed"])
    assert [row.answer for row in await town.look(all_of(roster_checks, unit="education"))] == ["unchanged"]
    assert len(await audited(town, "roster_check.answered")) == 2


async def test_who_left_answers_no_more_and_who_came_finds_it(town: Town, unit: Speaker) -> None:
    liaison = as_seen_by("liaison", town)
    await opens(town)
    button = liaison.remembers("No changes")
    await leaves(town, "liaison")
    await liaison.taps_remembered(button)
    liaison.sees(REASONS["not_allowed"])
    newcomer = Speaker(await town.appoint("newcomer", Role.LIAISON, "education", "县教育局联络员"))
    await newcomer.sends("/check")
    newcomer.sees(ASKED)
    await newcomer.taps("No changes")
    await newcomer.sends("/check")
    newcomer.sees("No roster check of your unit waits for an answer. The next one comes at the beginning of a quarter.")


async def test_posts_that_nobody_reads_are_named_with_why(town: Town, unit: Speaker) -> None:
    await leaves(town, "liaison")
    await reach_becomes(town, town.people["justice"], Reach.BLOCKED)
    await town.passes(days=31)
    await opens(town)
    await town.passes(days=14)
    office = as_seen_by("office", town)
    line = "· {unit} · {post}: {why}"
    office.sees(line, unit="县教育局", post="县教育局联络员", why=office.words("nobody holds it"))
    office.sees(line, unit="县司法局", post="县司法局局长", why=office.words("messages no longer reach the holder"))
    quiet = office.words("nothing done for {days} days", days=90)
    assert quiet not in office.screen
    await town.passes(days=90)
    closed = [text for text in office.history if office.words(QUARTER, year=2027, number=2) in text]
    assert any(quiet in text for text in closed)


# -- days

tables = st.dictionaries(st.integers(0, 4 * 365).map(lambda n: date(2026, 1, 1) + timedelta(days=n)), st.booleans(), max_size=40)
calendars = tables.map(WorkCalendar.of)
moments = st.integers(0, 4 * 365 * 1440).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(moments, st.sampled_from([3, 6, 12]), calendars)
def test_a_check_opens_on_the_first_working_day_of_the_next_term(moment: datetime, months: int, calendar: WorkCalendar) -> None:
    opening = next_opening(moment, months, calendar)
    assert opening > moment
    assert opening.hour == 9
    assert [day for day in range(1, opening.day + 1) if calendar.is_workday(opening.date().replace(day=day))] == [opening.day]
    assert (opening.month - 1) % months == 0
    assert (opening - moment).days <= 31 * months + 31
    assert next_opening(opening, months, calendar) > opening
    assert months_of(term_of(opening.date(), months)) == months
    assert term_of(opening.date(), months) != term_of(next_opening(opening, months, calendar).date(), months)


@given(moments, st.integers(0, 30), calendars)
def test_working_days_are_those_of_the_calendar(moment: datetime, days: int, calendar: WorkCalendar) -> None:
    found = working_days_after(moment, days, calendar)
    passed = [date.fromordinal(n) for n in range(moment.astimezone(CHINA).date().toordinal() + 1, found.date().toordinal() + 1)]
    assert sum(calendar.is_workday(day) for day in passed) == days
