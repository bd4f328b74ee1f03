"""Looked at again at the moment a message is about to be sent: whether it still makes sense, and what only then is put into it."""

from __future__ import annotations

from datetime import datetime

from conference.model.approvals import ApprovalState
from conference.model.errors import Misconfigured
from conference.model.notices import NoticeState
from conference.model.told import ApprovalAsked, Digest, IdentityShown, RosterFile, Told
from conference.ports import UnitOfWork

from . import approvals, assignments, duties, identities, meetings, reminders, roster_exports


def holds(uow: UnitOfWork, condition: str, *, at: datetime) -> bool:
    """Whether a message with this condition ("report.waiting:12") still makes sense."""
    name, _, key = condition.partition(":")
    if name == "report.waiting":
        report = uow.reports.get(int(key))
        return report is not None and report.is_waiting
    if name == "approval.asked":
        approval = uow.approvals.get(int(key))
        return approval is not None and approval.state is ApprovalState.ASKED
    if name == "post.vacant":
        post = uow.people.get_post(int(key))
        return post is not None and post.vacant_since is not None and post.closed_at is None
    if name == "handover.open":
        handover = uow.handovers.get(int(key))
        return handover is not None and handover.done_at is None
    if name == "roster_check.open":
        check = uow.roster_checks.get(int(key))
        return check is not None and check.answer is None
    if name == "mechanism.open":
        return uow.mechanisms.set_up(key) is None
    if name == "meeting.open":
        meeting_id, _, sequence = key.partition(":")
        meeting = uow.meetings.get(int(meeting_id))
        return meeting is not None and meeting.open_for(int(sequence))
    if name == "assignment.asks":
        assignment_id, _, round_ = key.partition(":")
        return assignments.asks(uow, int(assignment_id), int(round_))
    if name in ("notice.standing", "notice.awaiting"):
        notice = uow.notices.get(int(key))
        wanted = NoticeState.SENT if name == "notice.standing" else NoticeState.AWAITING
        return notice is not None and notice.state is wanted
    if name == "plenary.missing":
        return meetings.is_window_missing(uow, key, at=at)
    if name == "duties.waiting":
        return duties.is_anything_waiting(uow)
    if name == "calendar.ends":
        return key == str(uow.calendar.known_until or "")
    raise Misconfigured(f"no condition is named {name!r}")


def completed(uow: UnitOfWork, account_id: int, record: Told, *, at: datetime) -> Told | None:
    """The record with what its row must not keep, or as it is true at this moment; None if nothing of it is left."""
    match record:
        case ApprovalAsked():
            return approvals.with_reason(uow, record)
        case RosterFile():
            return roster_exports.with_roster(uow, account_id, record, at=at)
        case IdentityShown():
            return identities.with_identity(uow, account_id, record, at=at)
        case Digest():
            return reminders.refreshed(uow, account_id, record, at=at)
    return record
