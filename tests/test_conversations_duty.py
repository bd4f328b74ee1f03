"""The duty rota in chat: who is rung first, who takes over, and that nobody is ever left unrung."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from conference.model.days import clock_time, local_day
from conference.model.errors import NotFound, NotPossibleNow, TooMuch
from conference.model.people import Actor, HeldPost, Holder, Reach, Role, Shift
from conference.services import duty
from conference.services.people import finish_tenure
from handlers.telegram.texts.duty import DUTY_NOTES, SPANS
from handlers.telegram.texts.everybody import REASONS
from storage.tables import shifts
from storage.unit_of_work import Unit
from tests.engine import all_of, reach_becomes
from tests.talking import CLIENTS, Speaker, as_seen_by, audited, files, holds_for_all
from tests.town import MORNING, Town, actor_of, recognised

DESK = "县公安局值班台"
NOBODY = "Nobody is on duty by rota, so new reports ring with everybody behind this desk."
UNREACHED = "Nobody on duty can be reached, so new reports ring with everybody behind this desk."


async def names(town: Town, **people: str) -> None:
    """Names for those whom the operator appointed."""

    def verb(uow: Unit) -> None:
        for someone, name in people.items():
            actor = actor_of(uow, town, someone.replace("_", " "))
            assert actor.person_id is not None
            uow.people.set_name(actor.person_id, name)

    await town.application.desk.act(verb)


@pytest.fixture(params=list(CLIENTS))
async def guard(request: pytest.FixtureRequest, town: Town) -> Speaker:
    """A third person behind the desk, in each language."""
    someone = await town.appoint("guard", Role.DUTY_DESK, "public_security", DESK, language=CLIENTS[request.param])
    await names(town, guard="值班员丙", desk="值班员甲", colleague="值班员乙")
    return Speaker(someone, request.param)


def rung(town: Town, number: str) -> set[str]:
    """Who has an alert of this report in the chat."""
    return {name for name, one in town.people.items() if any(text.startswith("🔴") and number in text for text in one.history)}


async def test_those_on_duty_are_rung_first_and_everybody_later(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    guard.sees("<b>{desk}</b>", desk=DESK)
    guard.sees(NOBODY)
    await guard.taps("I take over duty, {hours} h", hours=12)
    guard.sees(DUTY_NOTES["taken"])
    guard.reads("值班员丙", "21:00")
    assert guard.screen.count(guard.words(NOBODY)) == 1, "the second desk's line only"
    kept = await files(as_seen_by("citizen", town))
    assert rung(town, kept.number) == {"guard"}
    await town.passes(minutes=10)
    assert rung(town, kept.number) == {"guard", "desk", "colleague"}
    await guard.taps("Accept")
    colleague = as_seen_by("colleague", town)
    assert rung(town, kept.number) == set()
    assert sum(kept.number in text for text in colleague.history) == 1, "one alert came, and it says by whom it was accepted"
    await holds_for_all(town)


async def test_who_was_not_rung_hears_nothing_of_the_acceptance(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    await guard.taps("{hours} h", hours=24)
    kept = await files(as_seen_by("citizen", town))
    await guard.taps("Accept")
    assert any(kept.number in text for text in guard.history)
    for name in ("desk", "colleague", "second desk"):
        assert not any(kept.number in text for text in town.people[name].history)


async def test_duty_ends_by_word_and_by_the_clock(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    await guard.taps("I take over duty, {hours} h", hours=12)
    await guard.taps("I end my duty")
    guard.sees(DUTY_NOTES["ended"])
    guard.sees(NOBODY)
    first = await files(as_seen_by("citizen", town))
    assert rung(town, first.number) == {"guard", "desk", "colleague"}
    await guard.sends("/duty")
    await guard.taps("I take over duty, {hours} h", hours=12)
    await town.passes(hours=12)
    second = await files(as_seen_by("neighbour", town))
    assert rung(town, second.number) == {"guard", "desk", "colleague"}


async def test_a_shift_whose_holder_cannot_be_reached_counts_as_none(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    await guard.taps("I take over duty, {hours} h", hours=12)
    await reach_becomes(town, guard.someone, Reach.BLOCKED)
    kept = await files(as_seen_by("citizen", town))
    assert {"desk", "colleague"} <= rung(town, kept.number)
    office = as_seen_by("office", town)
    await office.sends("/duty")
    office.sees(UNREACHED)


async def test_a_colleague_is_put_on_the_rota_told_and_rung_when_the_time_comes(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    await guard.taps("Plan a shift")
    await guard.taps_written("值班员乙")
    day = guard.buttons[1]
    await guard.taps_written(day)
    await guard.taps(SPANS["day"], begin=8, end=20)
    guard.sees(DUTY_NOTES["planned"])
    colleague = as_seen_by("colleague", town)
    colleague.reads(DESK, "11月27日（周五）08:00", "20:00")
    await guard.taps("Plan a shift")
    await guard.taps_written("值班员乙")
    await guard.taps_written(day)
    await guard.taps(SPANS["all"], begin=8, hours=24)
    guard.sees(DUTY_NOTES["overlaps"])
    await town.passes(days=1)
    kept = await files(as_seen_by("citizen", town))
    assert rung(town, kept.number) == {"colleague"}
    await colleague.sends("/duty")
    await colleague.taps("I end my duty")
    colleague.sees(NOBODY)


async def test_a_planned_shift_is_taken_off_again_and_its_person_is_told(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    await guard.taps("Plan a shift")
    await guard.taps_written("值班员乙")
    await guard.taps_written(guard.buttons[2])
    await guard.taps(SPANS["night"], begin=20, end=8)
    await guard.taps("✖️ {day}: {name}", day=guard.words("{month}/{day}", month=11, day=28), name="值班员乙")
    guard.sees(DUTY_NOTES["ended"])
    as_seen_by("colleague", town).sees("🗓 A colleague has ended your shift at <b>{desk}</b> (from {begin}) or taken it off the rota.",
                                       desk=DESK, begin="11月28日（周六）20:00")  # fmt: skip
    (row,) = await town.look(all_of(shifts))
    assert row.ends_at == row.begins_at, "it stays as history, and never runs"
    assert len(await audited(town, "duty.ended")) == 1


async def test_who_leaves_the_desk_is_on_duty_no_more_and_stands_on_no_rota(town: Town, guard: Speaker) -> None:
    def leaves(uow: Unit) -> tuple[int, int]:
        actor = recognised(uow, guard.someone)
        post, person = actor.posts[0].post_id, actor.person_id or 0
        duty.begin_shift(uow, actor, post, 12, at=uow.at)
        day = local_day(uow.at) + timedelta(days=2)
        duty.plan_shift(uow, actor, post, person, clock_time(day, 8), clock_time(day, 20), at=uow.at)
        tenure = next(held for held in uow.people.holders_of(post, uow.at) if held.person_id == person)
        kept = uow.people.get_post(post)
        assert kept is not None
        finish_tenure(uow, kept, tenure, "left", at=uow.at)
        return len(uow.shifts.between([post], uow.at, uow.at + timedelta(days=9))), len(uow.shifts.running("badong", uow.at))

    assert await town.application.desk.act(leaves) == (0, 0)


async def test_others_see_it_or_are_refused(town: Town, guard: Speaker) -> None:
    await guard.sends("/duty")
    await guard.taps("I take over duty, {hours} h", hours=12)
    office = as_seen_by("office", town)
    await office.sends("/duty")
    office.reads("值班员丙")
    assert office.buttons == []
    citizen = as_seen_by("citizen", town, guard.language)
    await citizen.sends("/duty")
    citizen.sees(REASONS["not_allowed"])
    second = as_seen_by("second desk", town)
    await second.sends("/duty")
    assert second.words("I take over duty, {hours} h", hours=12) in second.buttons
    second.reads("值班员丙")
    shown = await audited(town, "duty.names_shown")
    assert {row.facts["names"] for row in shown} == {1}
    assert len(shown) == 2, "noted for the two who read somebody else's name, not for the guard's own"


def test_days_and_hours_of_a_shift_are_those_of_china() -> None:
    late = datetime(2026, 11, 26, 17, tzinfo=UTC)  # after midnight in China
    assert [day.isoformat() for day in duty.days_to_plan(late)][::6] == ["2026-11-27", "2026-12-03"]
    begins, ends = duty.span_of(date(2026, 11, 27), "night")
    assert (begins.isoformat(), ends.isoformat()) == ("2026-11-27T20:00:00+08:00", "2026-11-28T08:00:00+08:00")
    assert set(duty.HOURS) == set(SPANS)


# -- the rules themselves


def someone(person: int, post: int = 1, reach: Reach = Reach.OPEN) -> Holder:
    return Holder(person * 10, post, "public_security", Role.DUTY_DESK, DESK, 1, person, reach=reach)


holders = st.lists(
    st.builds(someone, st.integers(1, 5), st.integers(1, 3), st.sampled_from(Reach)),
    max_size=8,
    unique_by=lambda h: (h.person_id, h.post_id),
)
rota = st.lists(
    st.builds(
        lambda person, post, begins, lasts: Shift(
            post_id=post,
            person_id=person,
            begins_at=clock_time(local_day(MORNING), begins),
            ends_at=clock_time(local_day(MORNING), begins + lasts),
        ),
        st.integers(1, 6),
        st.integers(1, 3),
        st.integers(0, 20),
        st.integers(0, 24),
    ),
    max_size=6,
)


@given(holders, rota)
def test_each_desk_is_always_rung(roster: list[Holder], planned: list[Shift]) -> None:
    found = duty.on_duty(roster, planned, MORNING)
    running = {(s.post_id, s.person_id) for s in planned if s.begins_at <= MORNING < s.ends_at}
    for post in {holder.post_id for holder in roster}:
        behind = [holder for holder in roster if holder.post_id == post]
        reached = [holder for holder in behind if holder.reach is Reach.OPEN and (post, holder.person_id) in running]
        assert [holder for holder in found if holder.post_id == post] == (reached or behind)


async def test_the_bounds_of_a_shift(town: Town, guard: Speaker) -> None:
    def verb(uow: Unit) -> None:
        actor = actor_of(uow, town, "guard")
        post, person, today = actor.posts[0].post_id, actor.person_id or 0, local_day(uow.at)
        first = duty.begin_shift(uow, actor, post, 12, at=uow.at)
        again = duty.begin_shift(uow, actor, post, 24, at=uow.at)
        assert first.id == again.id
        assert duty.begin_shift(uow, actor, post, 12, at=uow.at).ends_at == again.ends_at, "a shift is never made shorter by taking over"
        with pytest.raises(TooMuch):
            duty.begin_shift(uow, actor, post, 25, at=uow.at)
        with pytest.raises(NotFound):
            duty.plan_shift(uow, actor, post, person + 1000, clock_time(today, 20), clock_time(today, 24), at=uow.at)
        with pytest.raises(NotPossibleNow):
            duty.plan_shift(uow, actor, post, person, clock_time(today, 0), clock_time(today, 8), at=uow.at)
        with pytest.raises(NotFound):
            duty.begin_shift(uow, actor, post + 1000, 12, at=uow.at)
        stranger = Actor(1, 99, (HeldPost(post + 1000, "badong", "civil_affairs", Role.DUTY_DESK, ""),), conference="badong")
        with pytest.raises(NotFound):
            duty.end_shift(uow, stranger, first.id or 0, at=uow.at)
        neighbour = Actor(1, 99, (replace(actor.posts[0], post_id=post + 1000),), conference="badong")
        with pytest.raises(NotFound):  # of public security too, and behind another desk
            duty.end_shift(uow, neighbour, first.id or 0, at=uow.at)
        duty.end_shift(uow, actor, first.id or 0, at=uow.at)
        with pytest.raises(NotPossibleNow):
            duty.end_shift(uow, actor, first.id or 0, at=uow.at)

    await town.application.desk.act(verb)


async def test_a_filing_costs_one_small_query_more_a_commit(town: Town) -> None:
    """The rota is read once a transaction, however many reports it files."""
    asked: list[str] = []
    engine = town.application.database.writer

    def verb(uow: Unit) -> None:
        event.listen(engine, "before_cursor_execute", lambda *what: asked.append(what[2]), named=False)
        for _ in range(3):
            uow.shifts.running("badong", uow.at)

    await town.application.desk.act(verb)
    assert sum("FROM shifts" in each for each in asked) == 1
