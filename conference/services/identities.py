"""Opening who reported: a custodian asks and says why, another person approves, and it is shown once, for ten minutes.

Every head of the conference learns that it was opened, and nobody but the custodian what it said. Source: security T3, T10.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from conference.model.approvals import Approval
from conference.model.errors import NotFound
from conference.model.people import Actor, Role
from conference.model.permissions import Action, Concern, authorize
from conference.model.reports import Report
from conference.model.told import IdentityClosed, IdentityOpened, IdentityShown, Lane, Told
from conference.ports import UnitOfWork

from . import approvals

SHOWN = timedelta(minutes=10)
LOOK_AGAIN = timedelta(hours=1)  # what was under way when it should have gone is taken back then
TOLD_OF_IT = frozenset({Role.CHIEF_CONVENER, Role.CONVENER, Role.OFFICE_DIRECTOR, Role.OPERATOR})


def identity_to_ask(uow: UnitOfWork, actor: Actor, number: str, *, at: datetime) -> tuple[Report, Approval | None]:
    """The report of this number in the custodian's conference, and what they have asked about it already.

    Raises NotAllowed for anybody else before anything is looked up: nothing tells whether there is such a report.
    """
    post = authorize(actor, Action.ASK_IDENTITY, Concern(conference=actor.conference))
    report = uow.reports.numbered(post.conference if post else "", number)
    if report is None or report.id is None or actor.person_id is None:
        raise NotFound("report", number)
    return report, uow.approvals.open_of(actor.person_id, Action.ASK_IDENTITY, f"report:{report.id}", at)


def ask_identity(uow: UnitOfWork, actor: Actor, report_id: int, reason: str, *, at: datetime) -> tuple[Report, Approval]:
    """Ask a second person to let this custodian see who reported."""
    authorize(actor, Action.ASK_IDENTITY)
    report = _report(uow, report_id)
    if report.conference != actor.conference:
        raise NotFound("report", report_id)
    concern = Concern(conference=report.conference)
    return report, approvals.ask_approval(uow, actor, Action.ASK_IDENTITY, f"report:{report_id}", concern, reason, at=at)


def open_identity(uow: UnitOfWork, actor: Actor, approval_id: int, *, at: datetime) -> IdentityShown:
    """Once, by the custodian who asked. The heads are told that it was opened; in ten minutes it is gone from the chat."""
    authorize(actor, Action.ASK_IDENTITY)
    approval, post = approvals.use_approval(uow, actor, approval_id, Action.ASK_IDENTITY, at=at)
    report = _report(uow, int(approval.subject.partition(":")[2]))
    uow.note(actor, "identity.opened", f"report:{report.id}", post=post, approval=approval_id)
    approver = uow.people.get_post(approval.decided_post) if approval.decided_post is not None else None
    opened = IdentityOpened(report.number, post.title, approver.title if approver else "", at.isoformat())
    roster = uow.people.roster(approval.conference, at)
    for account in dict.fromkeys(holder.account_id for holder in roster if holder.role in TOLD_OF_IT):
        uow.tell(account, opened, lane=Lane.NOTICE, key=f"identity:{approval_id}:opened:{account}")
    for turn, after in enumerate((SHOWN, LOOK_AGAIN)):
        data = {"account": actor.account_id, "turn": turn}
        uow.schedule.add(f"identity:{approval_id}:blank:{turn}", "identity_blank", str(approval_id), at + after, data)
    return IdentityShown(approval_id, report.id or 0, report.number, (at + SHOWN).isoformat())


def with_identity(uow: UnitOfWork, account_id: int, shown: IdentityShown, *, at: datetime) -> Told:
    """What is known of the reporter, for the message that is about to be sent: not too late, and not to a former custodian."""
    report = _report(uow, shown.report_id)
    roster = uow.people.roster(report.conference, at)
    custodian = any(holder.account_id == account_id and holder.role is Role.CUSTODIAN for holder in roster)
    identity = uow.reporters.identity_of(shown.report_id) if custodian and at < datetime.fromisoformat(shown.closes_at) else None
    if identity is None:
        return IdentityClosed(shown.number)
    return replace(shown, address=identity.address, particulars=identity.particulars)


def blank_identity(uow: UnitOfWork, approval_id: int, account_id: int, turn: int) -> None:
    """Take what was shown out of the custodian's chat."""
    approval = uow.approvals.get(approval_id)
    if approval is None:
        return
    report = _report(uow, int(approval.subject.partition(":")[2]))
    key = f"identity:{approval_id}:shown"
    uow.tell(account_id, IdentityClosed(report.number), lane=Lane.REPLY, replaces=key, key=f"identity:{approval_id}:closed:{turn}")
    if turn == 0:
        uow.note(None, "identity.closed", f"report:{report.id}", approval=approval_id)


def _report(uow: UnitOfWork, report_id: int) -> Report:
    report = uow.reports.get(report_id)
    if report is None:
        raise NotFound("report", report_id)
    return report
