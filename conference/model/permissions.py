"""Who may do what: one table of role, action and relation to the object. Deny by default: what is not in it is nobody's.

`python -m bot permissions` prints it as docs/permissions.md; a test holds the page against this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .errors import NotAllowed
from .people import CONVENERS, OF_A_UNIT, OFFICE, Actor, HeldPost, Role


class Action(StrEnum):
    """Everything that can be done here; each handler, button and web route names one."""

    ASK_FOR_HELP = "ask_for_help"  # start, help, language, who am I
    REPORT = "report"
    FOLLOW_OWN_REPORT = "follow_own_report"
    RECLAIM_REPORT = "reclaim_report"
    ACCEPT_REPORT = "accept_report"
    READ_REPORT = "read_report"
    LIST_REPORTS = "list_reports"

    ANSWER_INVITATION = "answer_invitation"
    CHOOSE_HAT = "choose_hat"  # which post comes first
    CHOOSE_CONFERENCE = "choose_conference"  # in which one acts, and where one's reports go
    SEE_ROSTER = "see_roster"
    SEE_NAMES = "see_names"  # the persons behind the posts
    INVITE = "invite"
    INVITE_OUTSIDER = "invite_outsider"  # a body that the document does not name
    CONFIRM_INVITATION = "confirm_invitation"
    END_TENURE = "end_tenure"
    END_BINDINGS = "end_bindings"  # a phone was lost
    START_HANDOVER = "start_handover"
    ANSWER_HANDOVER = "answer_handover"
    CONFIRM_HANDOVER = "confirm_handover"
    ANSWER_ROSTER_CHECK = "answer_roster_check"
    SEE_ROSTER_GAPS = "see_roster_gaps"
    RECORD_MECHANISM = "record_mechanism"  # the regions' own, set up by a day of the document
    SEE_DUTY = "see_duty"  # who is on duty
    SET_DUTY = "set_duty"
    EXPORT_ROSTER = "export_roster"
    APPROVE_EXPORT = "approve_export"
    ASK_IDENTITY = "ask_identity"
    APPROVE_IDENTITY = "approve_identity"

    CONVENE_MEETING = "convene_meeting"  # call, move, cancel; the verb asks what the document says besides
    RECORD_MEETING = "record_meeting"  # it was held
    ENTRUST_CONVENER = "entrust_convener"
    SEE_MEETINGS = "see_meetings"
    SEE_TALLY = "see_tally"  # who comes, by unit
    ANSWER_CONVOCATION = "answer_convocation"
    INVITE_GUEST = "invite_guest"
    ANSWER_AS_GUEST = "answer_as_guest"

    ASSIGN = "assign"  # give out an item, rule on it, answer, return, strike off, take back
    REASSIGN = "reassign"  # other units; the verb asks what the document says besides
    SEE_ASSIGNMENTS = "see_assignments"
    WORK_ASSIGNMENT = "work_assignment"  # accept, dispute, report on it, ask for more time, submit, help
    SEE_OWED = "see_owed"  # what somebody owes, in one screen

    SEND_NOTICE = "send_notice"  # write, recall, correct
    APPROVE_NOTICE = "approve_notice"  # what goes to many
    SEE_NOTICES = "see_notices"  # those that are for a post one holds
    SIGN_NOTICE = "sign_notice"
    SEE_RECEIPTS = "see_receipts"  # who has got, opened and signed for it

    SEE_DUTIES = "see_duties"  # of the document; what a unit owes
    REPORT_DUTY = "report_duty"
    RUN_DUTIES = "run_duties"  # accept, return, waive, open, say how often

    FILL_FORM = "fill_form"  # several things asked in turn; each form names the right behind it

    HAND_OVER_UPDATES = "hand_over_updates"  # the channel, by its secret
    WATCH_MACHINE = "watch_machine"  # health, readiness, metrics: figures only


class Relation(StrEnum):
    """How the actor stands to what the act is about."""

    NONE = "none"  # it is about nothing that exists yet
    OWN = "own"  # a report of one's own, a post one holds, an invitation one received
    UNIT = "unit"  # it belongs to the unit of the post under which one acts
    CONFERENCE = "conference"  # it belongs to the conference in which one acts
    ELSEWHERE = "elsewhere"  # it belongs to another conference: nobody's business


@dataclass(frozen=True, slots=True)
class Concern:
    """What an act is about, as far as rights ask for it. `account` and `person` are those it is the own of."""

    conference: str | None = None
    unit: str | None = None
    account: int | None = None
    person: int | None = None


Rights = Mapping[Role | None, frozenset[Relation]]


def _to(*relations: Relation) -> frozenset[Relation]:
    return frozenset(relations)


def _all(roles: frozenset[Role | None] | frozenset[Role], *relations: Relation) -> dict[Role | None, frozenset[Relation]]:
    return dict.fromkeys(roles, frozenset(relations))


_NONE, _OWN, _UNIT, _CONFERENCE = Relation.NONE, Relation.OWN, Relation.UNIT, Relation.CONFERENCE
EVERYBODY: frozenset[Role | None] = frozenset({None, *Role})
OFFICIALS: frozenset[Role] = frozenset(Role)
_CARRIES_OUT = OF_A_UNIT | {Role.CONVENER}  # no township or village: all of them bear one name as their unit
_OF_A_PLACE = frozenset({Role.TOWNSHIP, Role.VILLAGE})

ALLOWED: dict[Action, Rights] = {
    Action.ASK_FOR_HELP: _all(EVERYBODY, _NONE, _OWN),
    Action.REPORT: _all(EVERYBODY, _NONE, _OWN),
    Action.FOLLOW_OWN_REPORT: _all(EVERYBODY, _OWN),
    Action.RECLAIM_REPORT: _all(EVERYBODY, _NONE),
    Action.ACCEPT_REPORT: {Role.DUTY_DESK: _to(_UNIT)},
    Action.READ_REPORT: {Role.DUTY_DESK: _to(_UNIT)},
    Action.LIST_REPORTS: _all(frozenset({Role.DUTY_DESK, *OFFICE}), _CONFERENCE),
    Action.ANSWER_INVITATION: _all(EVERYBODY, _NONE, _OWN),
    Action.CHOOSE_HAT: _all(OFFICIALS, _OWN),
    Action.CHOOSE_CONFERENCE: _all(EVERYBODY, _NONE, _OWN),
    Action.SEE_ROSTER: _all(OFFICIALS - {Role.OPERATOR, Role.GUEST}, _CONFERENCE),
    Action.SEE_NAMES: _all(OFFICE, _CONFERENCE) | _all(OF_A_UNIT, _UNIT),
    Action.INVITE: _all(OFFICE, _CONFERENCE),
    Action.INVITE_OUTSIDER: _all(OFFICE, _CONFERENCE),
    Action.CONFIRM_INVITATION: _all(OFFICE, _CONFERENCE),
    Action.END_TENURE: _all(OFFICE, _CONFERENCE),
    Action.END_BINDINGS: _all(OFFICE, _CONFERENCE),
    Action.START_HANDOVER: _all(OFFICIALS - {Role.GUEST}, _OWN) | _all(OF_A_UNIT, _OWN, _UNIT) | _all(OFFICE, _CONFERENCE),
    Action.ANSWER_HANDOVER: _all(EVERYBODY, _OWN) | _all(OF_A_UNIT, _OWN, _UNIT) | _all(OFFICE, _OWN, _CONFERENCE),
    Action.CONFIRM_HANDOVER: _all(OFFICE, _CONFERENCE),
    Action.ANSWER_ROSTER_CHECK: _all(OF_A_UNIT, _UNIT),
    Action.SEE_ROSTER_GAPS: _all(OFFICE | CONVENERS, _CONFERENCE),
    Action.RECORD_MECHANISM: _all(OFFICE, _CONFERENCE),
    Action.SEE_DUTY: _all(OFFICE | CONVENERS, _CONFERENCE) | {Role.DUTY_DESK: _to(_UNIT, _CONFERENCE)},
    Action.SET_DUTY: {Role.DUTY_DESK: _to(_OWN, _UNIT)},
    Action.EXPORT_ROSTER: _all(OFFICE, _CONFERENCE),
    Action.APPROVE_EXPORT: _all(OFFICE, _CONFERENCE),
    Action.ASK_IDENTITY: {Role.CUSTODIAN: _to(_CONFERENCE)},
    Action.APPROVE_IDENTITY: _all(frozenset({Role.CUSTODIAN, Role.OFFICE_DIRECTOR}), _CONFERENCE),
    Action.CONVENE_MEETING: _all(OFFICE | CONVENERS, _CONFERENCE),
    Action.RECORD_MEETING: _all(OFFICE, _CONFERENCE),
    Action.ENTRUST_CONVENER: {Role.CHIEF_CONVENER: _to(_CONFERENCE)},
    Action.SEE_MEETINGS: _all(OFFICE | CONVENERS | OF_A_UNIT, _CONFERENCE),
    Action.SEE_TALLY: _all(OFFICE | CONVENERS, _CONFERENCE),
    Action.ANSWER_CONVOCATION: _all(OF_A_UNIT | {Role.CONVENER}, _UNIT),
    Action.INVITE_GUEST: _all(OFFICE, _CONFERENCE),
    Action.ANSWER_AS_GUEST: _all(EVERYBODY, _NONE, _OWN),
    Action.ASSIGN: _all(OFFICE, _CONFERENCE),
    Action.REASSIGN: _all(OFFICE | {Role.CHIEF_CONVENER}, _CONFERENCE),
    Action.SEE_ASSIGNMENTS: _all(OFFICE | CONVENERS, _CONFERENCE) | _all(_CARRIES_OUT - CONVENERS, _UNIT),
    Action.WORK_ASSIGNMENT: _all(_CARRIES_OUT, _UNIT),
    Action.SEE_OWED: _all(OFFICIALS - {Role.GUEST, Role.OPERATOR}, _CONFERENCE),
    Action.SEND_NOTICE: _all(OFFICE, _CONFERENCE),
    Action.APPROVE_NOTICE: _all(OFFICE | CONVENERS, _CONFERENCE),
    Action.SEE_NOTICES: _all(OFFICIALS - {Role.OPERATOR, Role.GUEST}, _CONFERENCE),
    Action.SIGN_NOTICE: _all(OFFICIALS - {Role.OPERATOR, Role.GUEST}, _UNIT),
    Action.SEE_RECEIPTS: _all(OFFICE | CONVENERS, _CONFERENCE),
    Action.SEE_DUTIES: _all(OFFICE | CONVENERS, _CONFERENCE) | _all(OF_A_UNIT | _OF_A_PLACE, _UNIT),
    Action.REPORT_DUTY: _all(OF_A_UNIT | _OF_A_PLACE, _UNIT) | _all(OFFICE, _CONFERENCE),
    Action.RUN_DUTIES: _all(OFFICE, _CONFERENCE),
    Action.FILL_FORM: _all(OFFICIALS, _NONE, _OWN),
    Action.HAND_OVER_UPDATES: {},  # no person's: whoever knows the secret of the webhook
    Action.WATCH_MACHINE: {},  # no person's: whoever reaches the port
}

# Acts that nobody completes alone: the one who decides is another person than the one who asked.
TWO_PERSONS = frozenset(
    {Action.CONFIRM_INVITATION, Action.CONFIRM_HANDOVER, Action.APPROVE_EXPORT, Action.APPROVE_IDENTITY, Action.APPROVE_NOTICE}
)

# Also a citizen's, but they may end in a post or in a seat at the table: done like what takes one.
INTO_A_POST = frozenset({Action.ANSWER_INVITATION, Action.ANSWER_HANDOVER, Action.ANSWER_AS_GUEST})


def relations(actor: Actor, post: HeldPost | None, concern: Concern) -> frozenset[Relation]:
    """How somebody who wears this post (None: as a citizen) stands to what the act is about.

    A post is worn in its own conference only: what belongs to another one is ELSEWHERE under it, and nothing besides. One's
    own report there is followed as a citizen.
    """
    if post is not None and concern.conference not in (None, post.conference):
        return frozenset({Relation.ELSEWHERE})
    found = set()
    if concern.account == actor.account_id or (concern.person is not None and concern.person == actor.person_id):
        found.add(Relation.OWN)
    if concern == Concern():
        found.add(Relation.NONE)
    elif concern.conference is not None:
        inside = concern.conference == (post.conference if post else actor.conference)
        found.add(Relation.CONFERENCE if inside else Relation.ELSEWHERE)
        if inside and post is not None and concern.unit == post.unit:
            found.add(Relation.UNIT)
    return frozenset(found)


def authorize(actor: Actor, action: Action, concern: Concern | None = None) -> HeldPost | None:
    """The post under which the act is done (None: as a citizen). Raises NotAllowed.

    Without `concern` it only asks whether the act can be theirs at all; the verb asks again once it knows about what.
    """
    rights = ALLOWED.get(action, {})
    for post in (*actor.posts, None):
        allowed = rights.get(post.role if post else None, frozenset())
        if allowed and (concern is None or allowed & relations(actor, post, concern)):
            return post
    raise NotAllowed(action)


def in_any_form(action: Action) -> bool:
    """Whether a citizen may do it in whatever form. What takes a post or may end in one is done in one's own words, in a private chat."""
    return action not in INTO_A_POST and bool(ALLOWED.get(action, {}).get(None))


def may(actor: Actor, action: Action, concern: Concern | None = None) -> bool:
    """Whether a menu should offer the act. Never a substitute for `authorize`."""
    try:
        authorize(actor, action, concern)
    except NotAllowed:
        return False
    return True
