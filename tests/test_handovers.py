"""Hand-overs in any order, with everything that may come between: what must never be, and what must never move."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from conference.model.approvals import Approval, ApprovalState
from conference.model.days import working_days_after
from conference.model.errors import NotAllowed, NotFound, NotPossibleNow, RuleBroken, SecondNeeded
from conference.model.handovers import MOVES, Handover, HandoverState, Succession
from conference.model.invitations import LINK, InvitationState
from conference.model.people import Person, Role, Shift
from conference.model.permissions import Action
from conference.model.reports import Report, ReportState
from conference.profiles import load
from conference.services import bindings, handovers, invitations
from conference.services.inventories import LABELS
from conference.services.people import begin_tenure
from storage.tables import approvals, due, shifts, tenures
from storage.tables import handovers as rows
from storage.tables import invitations as invited
from storage.unit_of_work import Unit
from tests.bench import Bench
from tests.town import MORNING, MakeDatabase

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


def test_a_units_liaison_fills_the_posts_of_its_member_and_liaisons_and_no_other(make_database: MakeDatabase, key: str) -> None:
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
    """Persons 0 and 1 are the office, 2 the unit's liaison, 3 its member, 4 and 5 nobody. Posts 0 and 1 have one holder at a time,
    post 2 is the office's.

    `open`: the reports that each post has accepted and not finished. `begun`: tenures that a second person or a hand-over began.
    """

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.desk = bench
        self.links: list[tuple[int, str]] = []
        self.open: dict[int, list[str]] = {post: [] for post in bench.posts[:2]}
        self.shifts = 0

        def furnish(uow: Unit) -> None:
            """Two holders."""
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

        bench.run(furnish)
        self.begun = {row.id for row in bench.tenures()}
        self.clocks = self._clocks()
        for number in range(2):
            self.something_comes(number)

    people = st.sampled_from(range(6))
    posts = st.integers(0, 1)
    any_post = st.integers(0, 2)
    which = st.integers(0, 4)
    holder_or = st.none() | people

    def _try(self, who: int, verb: Any, *args: Any, **more: Any) -> Any:
        with contextlib.suppress(RuleBroken):
            return self.desk.act(who, verb, *args, **more)
        return None

    def _number_of(self, person: int | None) -> int:
        """Which of the six it is; the last one, if it is none of them."""
        return next((who for who, actor in enumerate(self.desk.actors()) if person is not None and actor.person_id == person), 5)

    def _handover(self, which: int) -> int:
        found = self.desk.look(select(rows.c.id).order_by(rows.c.id.desc()))
        return int(found[which % len(found)][0]) if found else 0

    def _holder(self, post: int) -> int | None:
        found = [row.person_id for row in self.desk.tenures() if row.post_id == post and row.ends_at is None]
        return found[0] if found else None

    def _clocks(self) -> list[Any]:
        return self.desk.look(select(due.c.key, due.c.due_at, due.c.state).where(due.c.key.like("clock:%")).order_by(due.c.id))

    @rule(post=posts)
    def something_comes(self, post: int) -> None:
        """The holder of the post accepts a report, on which a clock runs, and has a shift."""
        number, holder = self.desk.posts[post], self._holder(self.desk.posts[post])
        if holder is None:
            return
        name = f"2026-{number:03d}{len(self.open[number]):02d}"

        def come(uow: Unit) -> None:
            uow.reports.add(
                Report(number=name, draft=name, conference="badong", questionnaire="1", subject="child",
                       situation="alone", danger=None, place=None, reporter_kind="citizen", mandatory=False,
                       filed_at=uow.at, state=ReportState.ACCEPTED, accepted_at=uow.at, accepted_by=holder, accepted_post=number)
            )  # fmt: skip
            approval = Approval(conference="badong", action=Action.EXPORT_ROSTER, subject="conference:badong", asked_by=holder,
                                asked_post=number, asked_at=uow.at, expires_at=uow.at + timedelta(days=30))  # fmt: skip
            uow.approvals.add(approval, "理由")
            uow.shifts.add(Shift(post_id=number, person_id=holder, begins_at=uow.at, ends_at=uow.at + timedelta(days=300)))
            uow.schedule.add(f"clock:{name}", "accept_overdue", "0", uow.at + timedelta(days=3000), {"step": 1})

        self.desk.run(come)
        self.open[number].append(name)
        self.shifts += 1
        self.clocks = self._clocks()

    @rule(who=people, post=any_post, mode=st.sampled_from(list(MODES)))
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
        number, open_before = self._handover(which), self._approvals()
        if self._try(who, getattr(handovers, verb), number) is not None:
            (row,) = self.desk.look(select(rows).where(rows.c.id == number))
            if row.state is HandoverState.DONE:
                self._has_gone_over(row)
                asked = [held for held in open_before if held == (row.post_id, row.outgoing)]
                assert row.inventory["items"].get("approvals", [0])[0] == len(asked), "what ends with it is named"
                assert row.outgoing == row.incoming or not set(asked) & set(self._approvals())

    def _approvals(self) -> list[tuple[int, int]]:
        """What was asked and is open: under which post, by whom."""
        still = approvals.c.state.in_([ApprovalState.ASKED, ApprovalState.GRANTED]), approvals.c.expires_at > self.desk.at
        return [tuple(row) for row in self.desk.look(select(approvals.c.asked_post, approvals.c.asked_by).where(*still))]

    def _has_gone_over(self, row: Any) -> None:
        """At that very moment: the post is the successor's, all that was open at it stands in the inventory, and the shifts are theirs."""
        running = {term.person_id: term.id for term in self.desk.tenures() if term.post_id == row.post_id and term.ends_at is None}
        assert row.incoming in running
        assert row.outgoing == row.incoming or row.outgoing not in running
        self.begun.add(running[row.incoming])
        held, names = row.inventory["items"].get("reports_accepted", [0, []]), self.open.get(row.post_id, [])
        assert held == [len(names), names[:LABELS]] if names else held == [0, []]
        on_rota = {
            shift.person_id
            for shift in self.desk.look(select(shifts).where(shifts.c.post_id == row.post_id, shifts.c.ends_at > self.desk.at))
        }
        assert row.outgoing == row.incoming or row.outgoing not in on_rota

    @rule(who=people, which=which, verb=st.sampled_from(("revoke", "refuse")))
    def office_closes(self, who: int, which: int, verb: str) -> None:
        """Of a hand-over's invitations or plain ones, whoever tries; what that leaves open can be gone on with."""
        if self.links:
            self._try(who, getattr(invitations, f"{verb}_invitation"), self.links[-1 - which % len(self.links)][0])

    @rule(who=people, which=which)
    def decline(self, who: int, which: int) -> None:
        if self.links:
            invitation, token = self.links[-1 - which % len(self.links)]
            self._try(who, invitations.open_invitation, LINK + token)
            self._try(who, invitations.decline_invitation, invitation)

    @rule(who=people, which=which)
    def office_confirms(self, who: int, which: int) -> None:
        """A plain invitation; a hand-over's is never confirmed this way."""
        if self.links:
            invitation = self.links[-1 - which % len(self.links)][0]
            if (tenure := self._try(who, invitations.confirm_invitation, invitation)) is not None:
                assert who in self.desk.office()
                assert self.desk.look(select(invited.c.handover_id).where(invited.c.id == invitation)) == [(None,)]
                self.begun.add(tenure.id)

    @rule(
        post=any_post, mode=st.sampled_from(list(MODES)), starter=holder_or, newcomer=people, gone=st.booleans(), one=holder_or, last=people
    )
    def goes_over(self, post: int, mode: str, starter: int | None, newcomer: int, gone: bool, one: int | None, last: int) -> None:
        """The whole way, by whoever: the holder may go in between, and then somebody confirms instead."""
        holder = self._number_of(self._holder(self.desk.posts[post]))
        self.start(holder if starter is None else starter, post, mode)
        self.answer(newcomer, 0)
        self.confirm(newcomer, 0, "confirm_incoming")
        if gone:
            self.end(post, holder)
        self.confirm(holder if one is None else one, 0, "confirm_outgoing")
        self.confirm(last, 0, "confirm_by_office")

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
            self.links.append((made[0].id, made[1].token))
            self.answer(whom, 0)
            self.office_confirms(1, 0)

    @rule(post=posts, whom=people)
    def somebody_else_is_asked(self, post: int, whom: int) -> None:
        """The same, and the office has still to say what it thinks of the name."""
        if (made := self._try(0, invitations.issue_invitation, self.desk.posts[post])) is not None:
            self.links.append((made[0].id, made[1].token))
            self.answer(whom, 0)

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
        assert {row.id for row in kept} == self.begun, "a tenure begins by a confirmed invitation or a finished hand-over"

    @invariant()
    def never_a_link_that_leads_into_what_is_over(self) -> None:
        """And one at most leads into what is under way."""
        waiting = self.desk.look(select(rows.c.id).where(rows.c.state == HandoverState.STARTED))
        usable = (InvitationState.ISSUED, InvitationState.ANSWERED)
        found = self.desk.look(select(invited.c.handover_id).where(invited.c.handover_id.is_not(None), invited.c.state.in_(usable)))
        assert len(set(found)) == len(found)
        assert set(found) <= set(waiting)

    @invariant()
    def each_hand_over_was_confirmed_by_whom_it_takes(self) -> None:
        for row in self.desk.look(select(rows)):
            if row.state is not HandoverState.DONE:
                assert row.office_at is None
                continue
            assert row.outgoing_at is not None
            assert row.incoming_at is not None
            assert row.inventory.get("instead_by") != row.incoming
            assert row.mode is not Succession.AUTOMATIC or row.post_id in self.open, "the office's own posts are no member's"
            if row.mode is not Succession.AUTOMATIC or "instead" in row.inventory:
                sides = {row.incoming, row.outgoing, row.inventory.get("instead_by")}
                assert row.office_by is not None
                assert row.office_by not in sides | ({row.started_by} if row.mode is not Succession.CONFIRM else set())

    @invariant()
    def nothing_open_is_lost_and_no_clock_moves(self) -> None:
        assert self._clocks() == self.clocks

        def counted(uow: Unit) -> dict[int, Any]:
            return {number: [report.number for report in uow.reports.accepted_by(number)] for number in self.open}

        assert self.desk.run(counted) == self.open
        assert len(self.desk.look(select(shifts))) == self.shifts
        holders = {(row.post_id, row.person_id) for row in self.desk.look(select(tenures))}
        for shift in self.desk.look(select(shifts)):
            assert (shift.post_id, shift.person_id) in holders

    @invariant()
    def an_open_one_is_watched(self) -> None:
        for row in self.desk.look(select(rows).where(rows.c.done_at.is_(None))):
            watched = [self.desk.is_due(f"handover:{row.id}:{step}") for step in ("sides", "office")]
            shown_at = working_days_after(row.started_at, 2 * PATIENCE, self.desk.database.conferences.calendar)
            assert sum(watched) == (self.desk.at < shown_at), "one step is ahead until the office has seen it, then none"

    def teardown(self) -> None:
        self.desk.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_in_any_order_one_holder_no_right_without_tenure_and_nothing_lost(kind: str, make_database: MakeDatabase, key: str) -> None:
    class On(Succeeding):
        def __init__(self) -> None:
            super().__init__(Bench(make_database(kind), key))

    examples = 15 if kind == "sqlite" else 4
    run_state_machine_as_test(
        On,
        settings=settings(max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)),
    )


@pytest.mark.parametrize("mode", list(MODES))
def test_the_machine_gets_a_post_handed_over_in_each_mode(mode: str, make_database: MakeDatabase, key: str) -> None:
    """Otherwise it would prove nothing."""
    machine = Succeeding(Bench(make_database("sqlite"), key))
    machine.all_but_the_last_step(1, mode, 4)
    machine.restart()
    assert machine._approvals().count((machine.desk.posts[1], machine.desk.person(3) or 0)) == 1
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
    for check in Succeeding.__dict__.values():
        if hasattr(check, "hypothesis_stateful_invariant"):
            check(machine)
    machine.teardown()


def test_who_started_or_confirmed_instead_is_refused_the_last_word(make_database: MakeDatabase, key: str) -> None:
    """Of a vacant post, where both sides are enough otherwise."""
    machine = Succeeding(Bench(make_database("sqlite"), key))
    machine.end(0, 2)
    machine.start(0, 0, "automatic")
    machine.answer(4, 0)
    machine.confirm(4, 0, "confirm_incoming")
    (row,) = machine.desk.look(select(rows))
    with pytest.raises(SecondNeeded):
        machine.desk.act(1, handovers.confirm_outgoing, row.id)  # then nobody would be left to confirm
    machine.desk.act(3, handovers.confirm_outgoing, row.id)
    with pytest.raises(SecondNeeded):
        machine.desk.act(0, handovers.confirm_by_office, row.id)
    assert machine.desk.look(select(rows.c.state)) == [(HandoverState.AGREED,)]
    machine.confirm(1, 0, "confirm_by_office")
    assert machine.desk.look(select(rows.c.state)) == [(HandoverState.DONE,)]
    machine.teardown()


def test_the_office_is_asked_about_its_own_post_where_members_pass_on_by_themselves(make_database: MakeDatabase, key: str) -> None:
    """Or one human with two accounts would be two of the office."""
    machine = Succeeding(Bench(make_database("sqlite"), key))
    machine.all_but_the_last_step(2, "automatic", 4)
    machine.confirm(0, 0, "confirm_outgoing")
    (row,) = machine.desk.look(select(rows))
    assert (row.state, row.mode) == (HandoverState.AGREED, Succession.CONFIRM)
    for who in (0, 4):
        with pytest.raises((SecondNeeded, NotAllowed)):
            machine.desk.act(who, handovers.confirm_by_office, row.id)
    machine.confirm(1, 0, "confirm_by_office")
    assert machine.desk.office() == {1, 4}
    machine.teardown()


def test_nobody_renames_himself_by_the_link_to_another_post(make_database: MakeDatabase, key: str) -> None:
    """A known name stays, is shown beside the one that was given, and a newcomer's is entered with the last word."""
    machine = Succeeding(Bench(make_database("sqlite"), key))

    def name_of(who: int) -> str | None:
        found: str | None = machine.desk.run(lambda uow: uow.people.name_of(machine.desk.person(who) or 0))
        return found

    machine.desk.run(lambda uow: uow.people.set_name(machine.desk.person(3) or 0, "旧名"))
    begun, invitation, ticket = machine.desk.act(2, handovers.start_handover, machine.desk.posts[0], load("badong"))
    machine.desk.act(3, invitations.open_invitation, LINK + ticket.token)
    machine.desk.act(3, handovers.answer_invitation, invitation.id, "新名")
    shown = machine.desk.act(2, handovers.show_handover, begun.id)
    assert (shown.incoming, shown.was, name_of(3)) == ("新名", "旧名", "旧名")
    machine.desk.act(2, handovers.cancel_handover, begun.id)
    assert name_of(3) == "旧名"

    machine.all_but_the_last_step(0, "automatic", 4)
    shown = machine.desk.act(2, handovers.show_handover, machine._handover(0))
    assert (shown.incoming, shown.was, name_of(4)) == ("测试", "", None)
    machine.confirm(2, 0, "confirm_outgoing")
    assert name_of(4) == "测试"
    machine.teardown()
