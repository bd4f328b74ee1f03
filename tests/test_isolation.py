"""Two conferences in one installation: nothing of one is visible or doable in the other, by whatever verb there is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conference import services
from conference.model.assignments import Task
from conference.model.errors import RuleBroken
from conference.model.handovers import Handover
from conference.model.meetings import Answer, Convocation, MeetingKind
from conference.model.notices import Audience, Wording
from conference.model.people import Actor, Post, Role
from conference.model.permissions import Action, Concern
from conference.model.questionnaire import Draft
from conference.model.roster_checks import RosterAnswer, RosterCheck
from conference.profiles import Profile, load
from conference.services import (
    approvals,
    assignments,
    bindings,
    bodies,
    duties,
    duty,
    handover_choices,
    handovers,
    hats,
    identities,
    invitations,
    mechanisms,
    meetings,
    notices,
    outsiders,
    owing,
    reports,
    roster_checks,
    roster_exports,
    rosters,
)
from storage.people import Sender, recognise
from storage.tables import invitations as invitations_table
from storage.tables import outbox
from storage.tables import posts as posts_table
from storage.tables import reports as reports_table
from storage.unit_of_work import Transaction, Unit
from tests.conferences import HERE, PEOPLE, THERE, files_there, of, two_conferences
from tests.engine import account_of, all_of, english, files_a_report
from tests.town import DOOR, Town, actor_of

CALLED = Convocation(subject="冬季关爱行动部署", place="三楼会议室")
SAID = Wording("通知", "请签收。")
REASON = "a reason that is long enough to be one"


@dataclass
class Things:
    """What there is in one conference, for those of the other to reach for."""

    profile: Profile
    report: int
    draft: str
    approval: int
    invitation: int
    post: int
    person: int
    handover: int
    shift: int
    check: int
    meeting: int
    guest: int
    assignment: int
    notice: int
    occurrence: int
    reported: int


Verb = Callable[[Unit, Actor, Things, datetime], Any]
INVITING = (Action.INVITE, Action.CONFIRM_INVITATION)
HANDLING = (Action.ACCEPT_REPORT, Action.READ_REPORT)


def an_addition() -> Draft:
    draft = Draft.begin("f" * 32)
    draft.add_words("more")
    return draft


def in_name_of(uow: Unit, there: Things) -> Unit:
    uow.conference = there.profile.slug
    return uow


def kept(uow: Unit, there: Things) -> Handover:
    handover = uow.handovers.get(there.handover)
    assert handover is not None
    return handover


def post_of(uow: Unit, handover: Handover) -> Post:
    post = uow.people.get_post(handover.post_id)
    assert post is not None
    return post


def of_posts(uow: Unit, found: Iterable[int | None]) -> set[str]:
    """The conferences of these posts."""
    posts = [uow.people.get_post(post) for post in found if post is not None]
    return {post.conference for post in posts if post is not None}


def each(verb: Callable[..., Any], *about: Any) -> Any:
    """Every one of these has to be refused."""
    went = []
    for one in about:
        try:
            went.append(verb(one))
        except RuleBroken:
            continue
    if went:
        return went
    raise RuleBroken


# What takes an object of a conference: in somebody else's hands it raises.
FOREIGN: dict[str, Verb] = {
    "approvals.ask_approval": lambda uow, a, o, at: each(
        lambda what: approvals.ask_approval(uow, a, what, f"report:{o.report}", Concern(conference=o.profile.slug), REASON, at=at),
        *approvals.DECIDED_BY,
    ),
    "approvals.decide_approval": lambda uow, a, o, at: approvals.decide_approval(
        uow, a, o.approval, Action.APPROVE_IDENTITY, granted=True, at=at
    ),
    "approvals.use_approval": lambda uow, a, o, at: approvals.use_approval(uow, a, o.approval, Action.ASK_IDENTITY, at=at),
    "approvals.settled": lambda uow, a, o, at: approvals.settled(uow, a, o.approval, Action.APPROVE_IDENTITY, at=at),
    "bodies.invite_at": lambda uow, a, o, at: bodies.invite_at(uow, a, "village", place=o.profile.region_code, name="甲", at=at),
    "hats.choose_hat": lambda uow, a, o, at: hats.choose_hat(uow, a, o.post),
    "roster_exports.take_export": lambda uow, a, o, at: roster_exports.take_export(uow, a, o.approval, at=at),
    "rosters.unit_of": lambda uow, a, o, at: rosters.unit_of(uow, a, o.post, at=at),
    "identities.ask_identity": lambda uow, a, o, at: identities.ask_identity(uow, a, o.report, REASON, at=at),
    "identities.open_identity": lambda uow, a, o, at: identities.open_identity(uow, a, o.approval, at=at),
    "invitations.issue_invitation": lambda uow, a, o, at: invitations.issue_invitation(uow, a, o.post, at=at),
    "invitations.access_invitation": lambda uow, a, o, at: each(
        lambda action: invitations.access_invitation(uow, a, o.invitation, action), *INVITING
    ),
    "invitations.confirm_invitation": lambda uow, a, o, at: invitations.confirm_invitation(uow, a, o.invitation, at=at),
    "invitations.refuse_invitation": lambda uow, a, o, at: invitations.refuse_invitation(uow, a, o.invitation, at=at),
    "invitations.revoke_invitation": lambda uow, a, o, at: invitations.revoke_invitation(uow, a, o.invitation, at=at),
    "invitations.own_invitation": lambda uow, a, o, at: invitations.own_invitation(uow, a, o.invitation, at=at),
    "invitations.name_said": lambda uow, a, o, at: invitations.name_said(uow, a, o.invitation, at=at),
    "invitations.answer_invitation": lambda uow, a, o, at: invitations.answer_invitation(uow, a, o.invitation, "Name", at=at),
    "invitations.decline_invitation": lambda uow, a, o, at: invitations.decline_invitation(uow, a, o.invitation, at=at),
    "invitations.end_tenure": lambda uow, a, o, at: invitations.end_tenure(uow, a, o.post, o.person, "ended", at=at),
    "invitations.how_decided": lambda uow, a, o, at: invitations.how_decided(uow, a, o.invitation, at=at),
    "invitations.post_and_holders": lambda uow, a, o, at: invitations.post_and_holders(uow, a, o.post, at=at),
    "invitations.close_of_handover": lambda uow, a, o, at: invitations.close_of_handover(
        uow, o.handover, post_of(uow, kept(uow, o)), a, at=at
    ),
    "bindings.end_bindings": lambda uow, a, o, at: bindings.end_bindings(uow, a, o.person, at=at),
    "mechanisms.record_mechanism": lambda uow, a, o, at: mechanisms.record_mechanism(in_name_of(uow, o), a, "2027-1", at=at),
    "mechanisms.mechanism_of": lambda uow, a, o, at: mechanisms.mechanism_of(in_name_of(uow, o), a),
    "duty.begin_shift": lambda uow, a, o, at: duty.begin_shift(uow, a, o.post, 8, at=at),
    "duty.plan_shift": lambda uow, a, o, at: duty.plan_shift(
        uow, a, o.post, o.person, at + timedelta(days=2), at + timedelta(days=2, hours=8), at=at
    ),
    "duty.end_shift": lambda uow, a, o, at: duty.end_shift(uow, a, o.shift, at=at),
    "duty.colleagues_of": lambda uow, a, o, at: duty.colleagues_of(uow, a, o.post, at=at),
    "handovers.start_handover": lambda uow, a, o, at: handovers.start_handover(uow, a, o.post, o.profile, at=at),
    "handovers.invite_again": lambda uow, a, o, at: handovers.invite_again(uow, a, o.handover, at=at),
    "handovers.answer_invitation": lambda uow, a, o, at: handovers.answer_invitation(uow, a, o.invitation, "Name", at=at),
    "handovers.confirm_outgoing": lambda uow, a, o, at: handovers.confirm_outgoing(uow, a, o.handover, at=at),
    "handovers.confirm_incoming": lambda uow, a, o, at: handovers.confirm_incoming(uow, a, o.handover, at=at),
    "handovers.confirm_by_office": lambda uow, a, o, at: handovers.confirm_by_office(uow, a, o.handover, at=at),
    "handovers.cancel_handover": lambda uow, a, o, at: handovers.cancel_handover(uow, a, o.handover, at=at),
    "handovers.access_post": lambda uow, a, o, at: each(lambda who: handovers.access_post(uow, a, o.post, who, at), None, o.person),
    "handovers.access_handover": lambda uow, a, o, at: handovers.access_handover(uow, a, o.handover, at=at),
    "handovers.show_handover": lambda uow, a, o, at: handovers.show_handover(uow, a, o.handover, at=at),
    "handovers.after": lambda uow, a, o, at: each(
        lambda side: handovers.after(uow, a, kept(uow, o), side, at=at), "", "outgoing", "office"
    ),
    "handover_choices.who_holds": lambda uow, a, o, at: handover_choices.who_holds(uow, a, [post_of(uow, kept(uow, o))], at=at),
    "handover_choices.before_start": lambda uow, a, o, at: each(
        lambda who: handover_choices.before_start(uow, a, o.post, who, at=at), None, o.person
    ),
    "roster_checks.answer_roster_check": lambda uow, a, o, at: roster_checks.answer_roster_check(
        uow, a, o.check, RosterAnswer.CHANGED, at=at
    ),
    "outsiders.take_back_outsider": lambda uow, a, o, at: outsiders.take_back_outsider(uow, a, o.post, at=at),
    "reports.accept_report": lambda uow, a, o, at: reports.accept_report(uow, a, o.report, at=at),
    "reports.who_accepted": lambda uow, a, o, at: reports.who_accepted(uow, a, o.report),
    "reports.read_report": lambda uow, a, o, at: reports.read_report(uow, a, o.report),
    "reports.access_report": lambda uow, a, o, at: each(lambda action: reports.access_report(uow, a, o.report, action), *HANDLING),
    "reports.list_reports": lambda uow, a, o, at: reports.list_reports(uow, a, o.profile),
    "reports.own_report": lambda uow, a, o, at: reports.own_report(uow, a, o.report),
    "reports.add_to_report": lambda uow, a, o, at: reports.add_to_report(uow, a, o.report, an_addition(), at=at),
}
TASK = Task("冬季走访", "全体会议决定", "走访记录")
FOREIGN |= {
    "assignments.assign": lambda uow, a, o, at: assignments.assign(in_name_of(uow, o), a, "education", TASK, at.date(), at=at),
    "assignments.check_source": lambda uow, a, o, at: assignments.check_source(uow, a, o.notice),
    "assignments.rule": lambda uow, a, o, at: assignments.rule(uow, a, o.assignment, "education", REASON, at=at),
    "assignments.reassign": lambda uow, a, o, at: assignments.reassign(uow, a, o.assignment, "education", [], at.date(), REASON, at=at),
    "assignments.answer_longer": lambda uow, a, o, at: assignments.answer_longer(uow, a, o.assignment, granted=True, at=at),
    "assignments.give_back": lambda uow, a, o, at: assignments.give_back(uow, a, o.assignment, REASON, at=at),
    "assignments.strike_off": lambda uow, a, o, at: assignments.strike_off(uow, a, o.assignment, at=at),
    "assignments.withdraw": lambda uow, a, o, at: assignments.withdraw(uow, a, o.assignment, REASON, at=at),
    "assignments.accept": lambda uow, a, o, at: assignments.accept(uow, a, o.assignment, at=at),
    "assignments.dispute": lambda uow, a, o, at: assignments.dispute(uow, a, o.assignment, REASON, at=at),
    "assignments.report_progress": lambda uow, a, o, at: assignments.report_progress(uow, a, o.assignment, 50, REASON, at=at),
    "assignments.ask_longer": lambda uow, a, o, at: assignments.ask_longer(
        uow, a, o.assignment, at.date() + timedelta(days=30), REASON, at=at
    ),
    "assignments.submit": lambda uow, a, o, at: assignments.submit(uow, a, o.assignment, REASON, at=at),
    "assignments.help_with": lambda uow, a, o, at: assignments.help_with(uow, a, o.assignment, confirmed=True, at=at),
    "assignments.access_assignment": lambda uow, a, o, at: assignments.access_assignment(uow, a, o.assignment),
    "assignments.trace": lambda uow, a, o, at: assignments.trace(uow, a, o.assignment),
    "assignments.files_of": lambda uow, a, o, at: assignments.files_of(uow, a, o.assignment),
}
FOREIGN |= {
    "notices.make_notice": lambda uow, a, o, at: notices.make_notice(
        in_name_of(uow, o), a, SAID, Audience("everyone"), at + timedelta(days=9), at=at
    ),
    "notices.decide_notice": lambda uow, a, o, at: notices.decide_notice(uow, a, o.notice, granted=True, at=at),
    "notices.check_undecided": lambda uow, a, o, at: notices.check_undecided(uow, a, o.notice),
    "notices.recall_notice": lambda uow, a, o, at: notices.recall_notice(uow, a, o.notice, REASON, at=at),
    "notices.access_notice": lambda uow, a, o, at: notices.access_notice(uow, a, o.notice),
    "notices.open_notice": lambda uow, a, o, at: notices.open_notice(uow, a, o.notice, at=at),
    "notices.sign_notice": lambda uow, a, o, at: notices.sign_notice(uow, a, o.notice, at=at),
    "notices.papers_of": lambda uow, a, o, at: notices.papers_of(uow, a, o.notice),
    "notices.receipts_of": lambda uow, a, o, at: notices.receipts_of(uow, a, o.notice, 0, 9),
    "notices.access_board": lambda uow, a, o, at: notices.access_board(uow, a, o.notice, at=at),
}
FOREIGN |= {
    "duties.access_duty": lambda uow, a, o, at: duties.access_duty(uow, a, o.occurrence),
    "duties.show_duty": lambda uow, a, o, at: duties.show_duty(uow, a, o.occurrence, at=at),
    "duties.proofs_of": lambda uow, a, o, at: duties.proofs_of(uow, a, o.occurrence),
    "duties.report_duty": lambda uow, a, o, at: duties.report_duty(uow, a, o.occurrence, REASON, at=at),
    "duties.accept_duty": lambda uow, a, o, at: duties.accept_duty(uow, a, o.reported, at=at),
    "duties.return_duty": lambda uow, a, o, at: duties.return_duty(uow, a, o.reported, REASON, at=at),
    "duties.waive_duty": lambda uow, a, o, at: duties.waive_duty(uow, a, o.occurrence, REASON, at=at),
    "duties.say_how_often": lambda uow, a, o, at: duties.say_how_often(in_name_of(uow, o), a, "national.office.01", 3, at=at),
    "duties.duties_to_open": lambda uow, a, o, at: duties.duties_to_open(in_name_of(uow, o), a, at=at),
    "duties.ask_for_duty": lambda uow, a, o, at: duties.ask_for_duty(
        in_name_of(uow, o), a, f"{o.profile.slug}.justice.04", ["justice"], at.date(), at=at
    ),
    "meetings.may_call": lambda uow, a, o, at: meetings.may_call(uow, a, o.profile),
    "meetings.entrust_convener": lambda uow, a, o, at: meetings.entrust_convener(in_name_of(uow, o), a, o.post, calling=True, at=at),
    "meetings.convene_meeting": lambda uow, a, o, at: meetings.convene_meeting(
        in_name_of(uow, o), a, MeetingKind.LIAISON, CALLED, at + timedelta(days=9), at + timedelta(days=5), at=at
    ),
    "meetings.change_meeting": lambda uow, a, o, at: meetings.change_meeting(
        uow, a, o.meeting, at + timedelta(days=9), at + timedelta(days=5), CALLED, at=at
    ),
    "meetings.cancel_meeting": lambda uow, a, o, at: meetings.cancel_meeting(uow, a, o.meeting, REASON, at=at),
    "meetings.record_held": lambda uow, a, o, at: meetings.record_held(uow, a, o.meeting, at=at),
    "meetings.who_comes": lambda uow, a, o, at: meetings.who_comes(uow, a, o.meeting),
    "meetings.access_meeting": lambda uow, a, o, at: meetings.access_meeting(uow, a, o.meeting),
    "meetings.papers_of": lambda uow, a, o, at: meetings.papers_of(uow, a, o.meeting),
    "meetings.answer_convocation": lambda uow, a, o, at: each(
        lambda post: meetings.answer_convocation(uow, a, o.meeting, 0, post, Answer.ATTEND, at=at),
        *(held.post_id for held in a.posts),
        o.post,
    ),
    "meetings.invite_guest": lambda uow, a, o, at: meetings.invite_guest(uow, a, o.meeting, "县税务局", at=at),
    "meetings.papers_for_guest": lambda uow, a, o, at: meetings.papers_for_guest(uow, a, o.guest),
    "meetings.answer_as_guest": lambda uow, a, o, at: meetings.answer_as_guest(uow, a, o.guest, 0, Answer.ATTEND, at=at),
}
# What looks around: it finds nothing of the other conference. Each gives the conferences of what was found.
AROUND: dict[str, Verb] = {
    "identities.identity_to_ask": lambda uow, a, o, at: {
        identities.identity_to_ask(uow, a, uow.reports.get(o.report).number, at=at)[0].conference  # type: ignore[union-attr]  # it is there
    },
    "hats.posts_held": lambda uow, a, o, at: {post.conference for post, _ in hats.posts_held(uow, a, at=at).posts},
    "roster_exports.ask_export": lambda uow, a, o, at: {roster_exports.ask_export(uow, a, REASON, at=at).conference},
    "rosters.units": lambda uow, a, o, at: of_posts(uow, (line.post_id for unit in rosters.units(uow, a, at=at) for line in unit.posts)),
    "rosters.gaps": lambda uow, a, o, at: of_posts(uow, (gap.post_id for gap in rosters.gaps(uow, a, at=at))),
    "invitations.list_invitations": lambda uow, a, o, at: {found.conference for found, *_ in invitations.list_invitations(uow, a, at=at)},
    "invitations.posts_to_fill": lambda uow, a, o, at: {post.conference for post in invitations.posts_to_fill(uow, a, at=at)},
    "outsiders.invite_outsider": lambda uow, a, o, at: {outsiders.invite_outsider(uow, a, "测试运输公司", at=at)[0].conference},
    "outsiders.outsiders": lambda uow, a, o, at: {found.post.conference for found in outsiders.outsiders(uow, a, at=at)[1]},
    "duty.rotas": lambda uow, a, o, at: {rota.post.conference for rota in duty.rotas(uow, a, at=at)},
    "handovers.handovers_of": lambda uow, a, o, at: {post.conference for _, post in handovers.handovers_of(uow, a, at=at)},
    "handovers.posts_to_hand_over": lambda uow, a, o, at: {
        post.conference for unit in (None, *o.profile.units) for post in handovers.posts_to_hand_over(uow, a, unit)
    },
    "handover_choices.units_to_choose": lambda uow, a, o, at: of_posts(uow, (post for post, _ in handover_choices.units_to_choose(uow, a))),
    "handover_choices.posts_to_choose": lambda uow, a, o, at: {
        post.conference for of_one in (0, o.post) for post in handover_choices.posts_to_choose(uow, a, of_one)
    },
    "roster_checks.open_checks": lambda uow, a, o, at: {shown.conference for shown in roster_checks.open_checks(uow, a, at=at)},
    "duties.duties_board": lambda uow, a, o, at: {
        found.conference
        for view in ("own", "waiting", "overdue", "all", "done")
        for line in duties.duties_board(uow, a, view, at=at).lines
        if (found := uow.duties.get(line[0])) is not None
    },
    "duties.rows_of": lambda uow, a, o, at: {row.id.partition(".")[0] for row in duties.rows_of(uow, a, at=at)},
    "meetings.upcoming_meetings": lambda uow, a, o, at: {found.conference for found, _ in meetings.upcoming_meetings(uow, a, at=at)},
    "assignments.open_assignments": lambda uow, a, o, at: {found.conference for found, _ in assignments.open_assignments(uow, a)},
    "assignments.assignment_numbered": lambda uow, a, o, at: {assignments.assignment_numbered(uow, a, "2026-1").conference},
    "owing.what_is_owed": lambda uow, a, o, at: {
        conference_of(uow, line.key) for line in owing.what_is_owed(uow, a, at=at).today if line.noun == "assignment"
    },
    "assignments.card": lambda uow, a, o, at: {
        conference_of(uow, assignments.card(uow, a, found, at=at).assignment_id) for found, _ in assignments.open_assignments(uow, a)
    },
    "notices.notices_for": lambda uow, a, o, at: {found.conference for found, _ in notices.notices_for(uow, a)},
    "reports.own_reports": lambda uow, a, o, at: {report.conference for report in reports.own_reports(uow, a)},
    "reports.recent_reports": lambda uow, a, o, at: {report.conference for report in reports.recent_reports(uow, a, at=at)},
    "reports.report_of_draft": lambda uow, a, o, at: {r.conference for r in [reports.report_of_draft(uow, a, o.draft[:6])] if r},
}
# What needs no conference: one's own language and report, or a secret that only its owner knows.
# Another conference can be turned to: who holds no post there is a citizen there.
# The last four give a word, a figure and what the document of the actor's own conference has.
OWN = {"languages.choose_language", "reports.file_report", "reports.reclaim_report", "invitations.open_invitation"} | {
    "meetings.open_guest_link",
    "hats.access_conferences",
    "hats.choose_conference",
    "handover_choices.why_not_start",
    "duty.waiting",
    "bodies.kinds",
    "bodies.body_of",
}


def conference_of(uow: Unit, assignment: int) -> str:
    found = uow.assignments.get(assignment)
    assert found is not None
    return found.conference


def verbs() -> set[str]:
    """Every public verb with an actor."""
    folder = Path(next(iter(services.__path__)))
    return {
        f"{file.stem}.{node.name}"
        for file in folder.glob("*.py")
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and any(a.arg == "actor" for a in node.args.args)
    }


def test_every_verb_says_how_it_keeps_conferences_apart() -> None:
    assert verbs() == FOREIGN.keys() | AROUND.keys() | OWN, "say for each new verb how it is kept inside its conference"


async def as_(town: Town, name: str, verb: Callable[[Unit, Actor], Any]) -> Any:
    return await town.application.desk.act(lambda uow: verb(uow, actor_of(uow, town, name)))


async def things_of(town: Town, conference: str, report: int) -> Things:
    """What waits in a conference, made by those whose it is: an approval, invitations, a hand-over that its successor has joined."""
    (row,) = await town.look(all_of(reports_table, id=report))

    def ask(uow: Unit, actor: Actor) -> int:
        return identities.ask_identity(uow, actor, report, REASON, at=uow.at)[1].id or 0

    def invite(uow: Unit, actor: Actor) -> tuple[int, int]:
        post = Post(conference=conference, unit="education", role=Role.MEMBER, title="委员")
        uow.people.add_post(post)
        assert post.id is not None
        invitation, _ = invitations.issue_invitation(uow, actor, post.id, at=uow.at)
        return invitation.id or 0, post.id

    def invite_outsider(uow: Unit, actor: Actor) -> None:
        outsiders.invite_outsider(uow, actor, "测试供电公司", at=uow.at)

    def hand_over(uow: Unit, actor: Actor) -> tuple[int, str]:
        (post,) = {held.post_id for held in actor.posts}
        handover, _, ticket = handovers.start_handover(uow, actor, post, load(conference), at=uow.at)
        return handover.id or 0, ticket.code

    def join(uow: Unit, actor: Actor, code: str) -> None:
        opened, _ = invitations.open_invitation(uow, actor, code, at=uow.at)
        handovers.answer_invitation(uow, actor, opened.id or 0, "测试员", at=uow.at)

    def be_on_duty(uow: Unit, actor: Actor) -> int:
        return duty.begin_shift(uow, actor, held.id, 4, at=uow.at).id or 0

    def ask_roster(uow: Unit, actor: Actor) -> int:
        check = RosterCheck(conference=conference, quarter="2026Q4", unit="education", asked_at=uow.at)
        uow.roster_checks.add(check)
        return check.id or 0

    def call(uow: Unit, actor: Actor) -> tuple[int, int]:
        uow.conference = conference
        starts_at, answer_by = uow.at + timedelta(days=9), uow.at + timedelta(days=5)
        meeting = meetings.convene_meeting(uow, actor, MeetingKind.PLENARY, CALLED, starts_at, answer_by, at=uow.at)
        return meeting.id or 0, uow.meetings.invite(meeting.id or 0, "县税务局")[0].id or 0

    def assign(uow: Unit, actor: Actor) -> int:
        uow.conference = conference
        helpers = ["civil_affairs"] if conference == HERE else []
        return assignments.assign(uow, actor, "education", TASK, uow.at.date(), helpers=helpers, at=uow.at).id or 0

    def notify(uow: Unit, actor: Actor) -> int:
        uow.conference = conference
        return notices.make_notice(uow, actor, SAID, Audience("everyone"), uow.at + timedelta(days=9), at=uow.at).id or 0

    def owe(uow: Unit, actor: Actor) -> tuple[int, int]:
        uow.conference = conference
        row = duties.row(load(conference), f"{conference}.education.01", "education", "2026", uow.at.date(), uow.at.date())
        first, second = uow.duties.open([row, row | {"cause": "2027"}])
        duties.report_duty(uow, actor, second.id or 0, REASON, at=uow.at)
        return first.id or 0, second.id or 0

    approval = await as_(town, of(conference, "custodian"), ask)
    invitation, _ = await as_(town, of(conference, "office"), invite)
    await as_(town, of(conference, "office"), invite_outsider)
    person = await as_(town, of(conference, "desk"), lambda uow, actor: actor.person_id)
    held = next(r for r in await town.look(all_of(posts_table, conference=conference)) if r.role is Role.DUTY_DESK)
    handover, code = await as_(town, of(conference, "liaison"), hand_over)
    await as_(town, "ann" if conference == HERE else "ben", lambda uow, actor: join(uow, actor, code))
    shift = await as_(town, of(conference, "desk"), be_on_duty)
    check = await as_(town, of(conference, "office"), ask_roster)
    meeting, guest = await as_(town, of(conference, "office"), call)
    item = await as_(town, of(conference, "office"), assign)
    notice = await as_(town, of(conference, "office"), notify)
    owed = await as_(town, of(conference, "liaison"), owe)
    ids = (held.id, person, handover, shift, check, meeting, guest, item, notice, *owed)
    return Things(load(conference), report, row.draft, approval, invitation, *ids)


async def tried(town: Town, name: str, calls: dict[str, Verb], things: Things) -> dict[str, Any]:
    """What each verb gives, or the RuleBroken it raises. Nothing of it stays."""

    def trials(transaction: Transaction) -> dict[str, Any]:
        found: dict[str, Any] = {}
        number = town.people[name].person.id
        actor = recognise(transaction.connection, transaction.sealer, DOOR, [Sender(number, "en")], transaction.at)[number]
        for verb, call in calls.items():
            unit = Unit(transaction, f"trial.{verb}")
            unit.conference = actor.conference
            try:
                found[verb] = call(unit, actor, things, unit.at)
            except RuleBroken as broken:
                found[verb] = broken
            finally:
                unit.fail()
        return found

    return await town.application.desk.write(trials)


async def test_no_verb_reaches_into_the_other_conference(database_url: str, key: str) -> None:
    async with two_conferences(database_url, key) as town:
        report = {HERE: await files_a_report(english(town, "ann")), THERE: await files_there(town, "ben")}
        things = {conference: await things_of(town, conference, report[conference]) for conference in (HERE, THERE)}
        possible: set[str] = set()
        seen: dict[str, set[str]] = {HERE: set(), THERE: set()}
        for mine, foreign in ((HERE, THERE), (THERE, HERE)):
            names = [of(mine, name) for name, *_ in PEOPLE] + ["ann" if mine == HERE else "ben"]
            for name in names:
                for verb, found in (await tried(town, name, FOREIGN, things[foreign])).items():
                    assert isinstance(found, RuleBroken), f"{name} did {verb} in {foreign}: {found!r}"
                for verb, found in (await tried(town, name, AROUND, things[foreign])).items():
                    assert isinstance(found, RuleBroken) or found <= {mine}, f"{name} saw {found} by {verb}"
                own = await tried(town, name, FOREIGN | AROUND, things[mine])
                possible |= {verb for verb in FOREIGN if not isinstance(own[verb], RuleBroken)}
                seen[mine] |= {verb for verb in AROUND if own[verb] == {mine}}
        # There is something to find on either side.
        assert seen == {HERE: AROUND.keys(), THERE: AROUND.keys()}, [AROUND.keys() - found for found in seen.values()]
        # The refusals mean something: in their own conference somebody may do nearly each of them.
        never = FOREIGN.keys() - possible
        assert never == {
            "approvals.use_approval",  # not granted yet
            "approvals.settled",  # not decided yet
            "identities.open_identity",
            "outsiders.take_back_outsider",  # nobody from outside was invited
            "invitations.confirm_invitation",  # nobody has answered it
            "invitations.refuse_invitation",
            "invitations.own_invitation",
            "invitations.name_said",
            "invitations.answer_invitation",
            "invitations.decline_invitation",
            "handovers.answer_invitation",
            "handovers.invite_again",  # the successor has come
            "handovers.confirm_by_office",  # the two sides have not confirmed yet
            "reports.who_accepted",  # nobody has
            "bodies.invite_at",  # no post stands at a whole county or province
            "meetings.entrust_convener",  # nobody here is the chief convener
            "meetings.record_held",  # it has not begun
            "meetings.papers_for_guest",  # nobody has opened the link
            "meetings.answer_as_guest",  # as above
            "assignments.rule",  # nobody disputes it
            "assignments.answer_longer",  # nobody asks for more time
            "assignments.report_progress",  # it has not been accepted yet
            "assignments.submit",
            "assignments.give_back",  # it has not been submitted yet
            "assignments.strike_off",
            "notices.decide_notice",  # it went to few, so nobody was asked
            "notices.check_undecided",
            "duties.say_how_often",  # neither document says "regularly"
            "mechanisms.record_mechanism",  # neither document names a day
            "roster_exports.take_export",  # this approval is about an identity
        }


async def test_nobody_is_told_of_the_other_conference(database_url: str, key: str) -> None:
    """Each message to an official is said in the name of the conference in which the post is held; lists hold its own only."""
    async with two_conferences(database_url, key) as town:
        await files_a_report(english(town, "ann"))
        there = [await files_there(town, "ben"), await files_there(town, "ben")]
        for conference in (HERE, THERE):
            for name, *_ in PEOPLE:
                someone = town.people[of(conference, name)]
                await someone.sends("/reports")
                account = await account_of(town, someone)
                rows = [row for row in await town.look(all_of(outbox, account_id=account)) if row.record != "StartScreen"]
                assert {row.conference for row in rows} == {conference}, name
        numbers = [row.number for row in await town.look(all_of(reports_table)) if row.id in there]
        assert numbers == ["2026-00001", "2026-00002"], "each conference counts its own"
        for name in ("desk", "office"):
            assert "2026-00002" not in "".join(town.people[name].history)
            assert "2026-00002" in "".join(town.people[of(THERE, name)].history)


@pytest.mark.parametrize("role", ["custodian", "director"])
async def test_an_identity_is_asked_for_by_number_and_found_in_ones_own_conference_only(database_url: str, key: str, role: str) -> None:
    async with two_conferences(database_url, key) as town:
        await files_there(town, "ben")
        someone = town.people[role]
        await someone.sends("/identity 2026-00001")
        assert "why does it have to be known" not in someone.screen
        await town.people[of(THERE, role)].sends("/identity 2026-00001")
        assert ("why does it have to be known" in town.people[of(THERE, role)].screen) == (role == "custodian")


async def test_a_lost_phone_closes_what_it_opened_in_the_acting_conference_only(database_url: str, key: str) -> None:
    async with two_conferences(database_url, key) as town:

        def invite(uow: Unit, actor: Actor) -> tuple[int, str]:
            post = Post(conference=actor.conference, unit="education", role=Role.MEMBER, title="委员")
            uow.people.add_post(post)
            invitation, ticket = invitations.issue_invitation(uow, actor, post.id or 0, at=uow.at)
            return invitation.id or 0, ticket.code

        issued = {conference: await as_(town, of(conference, "office"), invite) for conference in (HERE, THERE)}

        def open_both(uow: Unit, actor: Actor) -> None:
            for _, code in issued.values():
                invitations.open_invitation(uow, actor, code, at=uow.at)

        await as_(town, "desk", open_both)
        person = await as_(town, "desk", lambda uow, actor: actor.person_id)
        await as_(town, "office", lambda uow, actor: bindings.end_bindings(uow, actor, person, at=uow.at))
        found = await town.look(all_of(invitations_table))
        assert {row.conference: str(row.state) for row in found} == {HERE: "revoked", THERE: "issued"}
