"""Hand-overs in any order, with everything that may come between: what must never be, and what must never move."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from conference.model.days import working_days_after
from conference.model.errors import NotFound, NotPossibleNow, RuleBroken
from conference.model.handovers import MOVES, Handover, HandoverState, Succession
from conference.model.invitations import LINK
from conference.model.people import Person, Role, Shift
from conference.model.reports import Report, ReportState
from conference.profiles import load
from conference.services import bindings, handovers, invitations
from conference.services.inventories import inventory_of
from conference.services.people import begin_tenure
from storage.tables import due, shifts, tenures
from storage.tables import handovers as rows
from storage.unit_of_work import Unit
from tests.test_invitations import Bench
from tests.town import MORNING

PATIENCE = load("badong").settings.handover_days  # working days until both sides are reminded; as many again until the office sees it
MODES = {"automatic": Succession.AUTOMATIC, "report_then_replace": Succession.CONFIRM, "": Succession.MANUAL}


def test_every_state_can_be_left_or_is_an_end() -> None:
    assert set(MOVES) == set(HandoverState)
    for state, ways in MOVES.items():
        assert ways or state in (HandoverState.DONE, HandoverState.CANCELLED)


@pytest.mark.parametrize("state", list(HandoverState))
def test_no_step_is_left_out(state: HandoverState) -> None:
    for to in HandoverState:
        handover = Handover(conference="badong", post_id=1, mode=Succession.CONFIRM, state=state, outgoing=1, started_by=1,
                            started_post=1, started_at=MORNING)  # fmt: skip
        if to in MOVES[state]:
            handover.move(to, at=MORNING)
            assert (handover.done_at is not None) == (not MOVES[to])
        else:
            with pytest.raises(NotPossibleNow):
                handover.move(to, at=MORNING)


def test_a_units_liaison_fills_the_posts_of_its_member_and_liaisons_and_no_other(make_database: Callable[[str], str], key: str) -> None:
    """The office and a desk belong to some unit too: that makes their posts no business of its liaison."""
    machine = Succeeding(Bench(make_database("sqlite"), key))
    liaison, member, office = machine.desk.posts
    profile = machine.desk.database.conferences.profile("badong")
    offered = machine.desk.act(2, lambda uow, actor, at: handovers.posts_to_hand_over(uow, actor))
    assert {liaison, member} <= {post.id for post in offered}
    assert {post.role for post in offered} == {Role.LIAISON, Role.MEMBER}
    with pytest.raises(NotFound):
        machine.desk.act(2, handovers.start_handover, office, profile, outgoing=machine.desk.person(0))
    with pytest.raises(NotFound):
        machine.desk.act(2, handovers.start_handover, office, profile)
    begun, _, _ = machine.desk.act(0, handovers.start_handover, office, profile)
    for verb in (handovers.show_handover, handovers.cancel_handover, handovers.confirm_outgoing, handovers.invite_again):
        with pytest.raises(NotFound):
            machine.desk.act(2, verb, begun.id)
    machine.desk.act(2, handovers.start_handover, member, profile)
    machine.teardown()


class Succeeding(RuleBasedStateMachine):
    """Persons 0 and 1 are the office, 2 the unit's liaison, 3 its member, 4 and 5 nobody. Posts 0 and 1 have one holder at a time."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.desk = bench
        self.links: list[tuple[int, str]] = []
        self.confirmed = 0

        def furnish(uow: Unit) -> None:
            """Two holders, and on each post a report accepted, a shift and a clock."""
            for who, number in ((2, 0), (3, 1)):
                person = self.desk.person(who)
                if person is None:
                    made = Person(created_at=uow.at)
                    uow.people.add_person(made)
                    person = made.id or 0
                    uow.people.bind_account(bench._actor(uow, who).account_id, person)
                post = uow.people.get_post(bench.posts[number])
                assert post is not None
                begin_tenure(uow, post, person, at=uow.at)
                uow.reports.add(
                    Report(number=f"2026-{who:05d}", draft=f"d{who}", conference="badong", questionnaire="1", subject="child",
                           situation="alone", danger=None, place=None, reporter_kind="citizen", mandatory=False,
                           filed_at=uow.at, state=ReportState.ACCEPTED, accepted_at=uow.at, accepted_by=person, accepted_post=post.id)
                )  # fmt: skip
                far = uow.at + timedelta(days=300)
                uow.shifts.add(Shift(post_id=post.id or 0, person_id=person, begins_at=uow.at, ends_at=far))
                uow.schedule.add(f"clock:{post.id}", "accept_overdue", "0", uow.at + timedelta(days=3000), {"step": 1})

        bench.run(furnish)
        self.first = len(bench.tenures())
        self.clocks = self._clocks()

    people = st.sampled_from(range(6))
    posts = st.integers(0, 1)
    which = st.integers(0, 4)

    def _try(self, who: int, verb: Any, *args: Any, **more: Any) -> Any:
        with contextlib.suppress(RuleBroken):
            return self.desk.act(who, verb, *args, **more)
        return None

    def _handover(self, which: int) -> int:
        found = self.desk.look(select(rows.c.id).order_by(rows.c.id.desc()))
        return int(found[which % len(found)][0]) if found else 0

    def _clocks(self) -> list[Any]:
        return self.desk.look(select(due.c.key, due.c.due_at, due.c.state).where(due.c.key.like("clock:%")).order_by(due.c.id))

    @rule(who=people, post=posts, mode=st.sampled_from(list(MODES)))
    def start(self, who: int, post: int, mode: str) -> None:
        profile = self.desk.database.conferences.profile("badong")
        profile = replace(profile, rules=replace(profile.rules, succession_mode=mode))
        made = self._try(who, handovers.start_handover, self.desk.posts[post], profile)
        if made is not None:
            assert MODES[mode] != Succession.MANUAL or who in self.desk.office()
            self.links.append((made[1].id, made[2].token))

    @rule(who=people, which=which)
    def again(self, who: int, which: int) -> None:
        if (made := self._try(who, handovers.invite_again, self._handover(which))) is not None:
            self.links.append((made[1].id, made[2].token))

    @rule(who=people, which=which)
    def answer(self, who: int, which: int) -> None:
        if self.links:
            invitation, token = self.links[-1 - which % len(self.links)]
            self._try(who, invitations.open_invitation, LINK + token)
            self._try(who, handovers.answer_invitation, invitation, "测试")

    @rule(who=people, which=which, verb=st.sampled_from(("confirm_outgoing", "confirm_incoming", "confirm_by_office")))
    def confirm(self, who: int, which: int, verb: str) -> None:
        self._try(who, getattr(handovers, verb), self._handover(which))

    @rule(post=posts, mode=st.sampled_from(list(MODES)), newcomer=st.sampled_from((4, 5)))
    def all_but_the_last_step(self, post: int, mode: str, newcomer: int) -> None:
        """The common way, so that the ends are reached often."""
        self.start(0, post, mode)
        self.answer(newcomer, 0)
        self.confirm(newcomer, 0, "confirm_incoming")

    @rule(who=people, which=which)
    def cancel(self, who: int, which: int) -> None:
        self._try(who, handovers.cancel_handover, self._handover(which))

    @rule(post=posts, whom=people)
    def end(self, post: int, whom: int) -> None:
        self._try(0, invitations.end_tenure, self.desk.posts[post], self.desk.person(whom) or 0, "left")

    @rule(post=posts, whom=st.sampled_from((4, 5)))
    def somebody_else_comes(self, post: int, whom: int) -> None:
        """By a plain invitation, while a hand-over may be under way."""
        if (made := self._try(0, invitations.issue_invitation, self.desk.posts[post])) is not None:
            self._try(whom, invitations.open_invitation, LINK + made[1].token)
            self._try(whom, handovers.answer_invitation, made[0].id, "别人")
            self.confirmed += self._try(1, invitations.confirm_invitation, made[0].id) is not None

    @rule(whom=st.sampled_from((2, 3, 4, 5)))
    def lose(self, whom: int) -> None:
        self._try(0, bindings.end_bindings, self.desk.person(whom) or 0)

    @rule(hours=st.integers(1, 200))
    def pass_(self, hours: int) -> None:
        self.desk.passes(hours)

    @rule()
    def restart(self) -> None:
        self.desk.restart()

    @invariant()
    def never_two_holders_at_any_instant(self) -> None:
        for post in self.desk.posts[:2]:
            terms = sorted((row.begins_at, row.id, row.ends_at) for row in self.desk.tenures() if row.post_id == post)
            for (_, _, ended), (begun, _, _) in itertools.pairwise(terms):
                assert ended is not None
                assert ended <= begun

    @invariant()
    def never_a_right_without_a_tenure(self) -> None:
        kept = self.desk.tenures()
        for actor in self.desk.actors():
            held = {row.post_id for row in kept if row.ends_at is None and row.person_id == actor.person_id}
            assert {post.post_id for post in actor.posts} == (held if actor.person_id else set())
        done = [row for row in self.desk.look(select(rows)) if row.state is HandoverState.DONE]
        assert len(kept) == self.first + self.confirmed + len(done), "a tenure begins by a confirmed invitation or a finished hand-over"

    @invariant()
    def each_hand_over_was_confirmed_by_whom_it_takes(self) -> None:
        for row in self.desk.look(select(rows)):
            if row.state is not HandoverState.DONE:
                assert row.office_at is None
                continue
            assert row.outgoing_at is not None
            assert row.incoming_at is not None
            assert row.inventory.get("instead_by") != row.incoming
            if row.mode is not Succession.AUTOMATIC or "instead" in row.inventory:
                sides = {row.incoming, row.outgoing, row.inventory.get("instead_by")}
                assert row.office_by is not None
                assert row.office_by not in sides | ({row.started_by} if row.mode is not Succession.CONFIRM else set())

    @invariant()
    def nothing_open_is_lost_and_no_clock_moves(self) -> None:
        assert self._clocks() == self.clocks

        def counted(uow: Unit) -> list[Any]:
            found = []
            for number in self.desk.posts[:2]:
                post = uow.people.get_post(number)
                assert post is not None
                found.append(inventory_of(uow, post, None, at=uow.at)["reports_accepted"])
            return found

        assert self.desk.run(counted) == [[1, ["2026-00002"]], [1, ["2026-00003"]]]
        assert len(self.desk.look(select(shifts))) == 2
        holders = {(row.post_id, row.person_id) for row in self.desk.look(select(tenures))}
        for shift in self.desk.look(select(shifts)):
            assert (shift.post_id, shift.person_id) in holders

    @invariant()
    def an_open_one_is_watched(self) -> None:
        for row in self.desk.look(select(rows).where(rows.c.done_at.is_(None))):
            watched = [self.desk.is_due(f"handover:{row.id}:{step}") for step in ("sides", "office")]
            shown_at = working_days_after(row.started_at, 2 * PATIENCE)
            assert sum(watched) == (self.desk.at < shown_at), "one step is ahead until the office has seen it, then none"

    def teardown(self) -> None:
        self.desk.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_in_any_order_one_holder_no_right_without_tenure_and_nothing_lost(kind: str, make_database: Callable[[str], str], key: str) -> None:
    class On(Succeeding):
        def __init__(self) -> None:
            super().__init__(Bench(make_database(kind), key))

    examples = 15 if kind == "sqlite" else 4
    run_state_machine_as_test(
        On,
        settings=settings(max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)),
    )


@pytest.mark.parametrize("mode", list(MODES))
def test_the_machine_gets_a_post_handed_over_in_each_mode(mode: str, make_database: Callable[[str], str], key: str) -> None:
    """Otherwise it would prove nothing."""
    machine = Succeeding(Bench(make_database("sqlite"), key))
    machine.all_but_the_last_step(1, mode, 4)
    machine.restart()
    machine.confirm(3, 0, "confirm_outgoing")
    finished = [row.state for row in machine.desk.look(select(rows))]
    assert finished == [HandoverState.DONE if mode == "automatic" else HandoverState.AGREED]
    if mode != "automatic":
        machine.confirm(0 if mode == "" else 1, 0, "confirm_by_office")
        assert machine.desk.look(select(rows))[0].state is (HandoverState.AGREED if mode == "" else HandoverState.DONE)
        machine.confirm(1, 0, "confirm_by_office")
    machine.confirm(4, 0, "confirm_incoming")
    assert [post.post_id for post in machine.desk.actors()[4].posts] == [machine.desk.posts[1]]
    assert machine.desk.actors()[3].posts == ()
    for check in ("never_two_holders_at_any_instant", "never_a_right_without_a_tenure", "each_hand_over_was_confirmed_by_whom_it_takes",
                  "nothing_open_is_lost_and_no_clock_moves", "an_open_one_is_watched"):  # fmt: skip
        getattr(machine, check)()
    machine.teardown()
