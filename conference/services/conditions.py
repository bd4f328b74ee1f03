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
    raise Misconfigured(f"no condition is named {name!r}")
