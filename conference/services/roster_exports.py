"""The roster leaves the desk as a file: one of the office asks, another decides, and it is sent once, in the chat.

Source: security T10, T19.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from conference.model.approvals import Approval
from conference.model.people import OFFICE, Actor
from conference.model.permissions import Action, Concern, authorize
from conference.model.sheets import as_csv
from conference.model.told import RosterFile, RosterWithheld, Told
from conference.ports import UnitOfWork

from .approvals import ask_approval, use_approval
from .roster_files import export_lines


def ask_export(uow: UnitOfWork, actor: Actor, reason: str, *, at: datetime) -> Approval:
    """Ask to take the roster out. Raises what `ask_approval` raises."""
    subject, concern = f"roster:{actor.conference}", Concern(conference=actor.conference)
    authorize(actor, Action.EXPORT_ROSTER, concern)
    return ask_approval(uow, actor, Action.EXPORT_ROSTER, subject, concern, reason, at=at)


def take_export(uow: UnitOfWork, actor: Actor, approval_id: int, *, at: datetime) -> RosterFile:
    """What was granted is used up, and the file goes out. Raises NotFound, or NotPossibleNow where it was used or is over."""
    authorize(actor, Action.EXPORT_ROSTER)
    approval, post = use_approval(uow, actor, approval_id, Action.EXPORT_ROSTER, at=at)
    uow.note(actor, "roster.exported", f"conference:{approval.conference}", post=post, approval=approval_id)
    return RosterFile(approval.conference, at.isoformat())


def with_roster(uow: UnitOfWork, account_id: int, record: RosterFile, *, at: datetime) -> Told:
    """The roster as it is when the file is sent, for somebody who still is of the office; no row keeps it."""
    roster = uow.people.roster(record.conference, at)
    if not any(holder.account_id == account_id and holder.role in OFFICE for holder in roster):
        return RosterWithheld()
    lines = export_lines(uow, record.conference, at=at)
    return replace(record, lines=len(lines) - 1, content=as_csv(lines).decode())
