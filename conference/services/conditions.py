"""Conditions that a message carries: checked again at the moment it is about to be sent."""

from __future__ import annotations

from conference.model.errors import Misconfigured
from conference.ports import UnitOfWork


def holds(uow: UnitOfWork, condition: str) -> bool:
    """Whether a message with this condition ("report.waiting:12") still makes sense."""
    name, _, key = condition.partition(":")
    if name == "report.waiting":
        report = uow.reports.get(int(key))
        return report is not None and report.is_waiting
    if name == "post.vacant":
        post = uow.people.get_post(int(key))
        return post is not None and post.vacant_since is not None and post.closed_at is None
    if name == "handover.open":
        handover = uow.handovers.get(int(key))
        return handover is not None and handover.done_at is None
    if name == "roster_check.open":
        check = uow.roster_checks.get(int(key))
        return check is not None and check.answer is None
    raise Misconfigured(f"no condition is named {name!r}")
