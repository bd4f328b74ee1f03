"""What hangs on a post when it changes hands: each noun says what it has there. Numbers and labels, never facts of a case.

A contributor is registered under its noun; a word for the noun stands in the texts (handlers/telegram/texts/succession.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from conference.model.errors import Misconfigured
from conference.model.people import OF_A_UNIT, Post, Role
from conference.ports import UnitOfWork

from .approvals import about
from .reports import POLICE
from .roster_checks import open_checks_of

LABELS = 10  # as many are named; the number says how many there are
_FAR = timedelta(days=366)

Contributor = Callable[[UnitOfWork, Post, int | None, datetime], Sequence[str] | int]
_CONTRIBUTORS: dict[str, Contributor] = {}


def contributes(noun: str) -> Callable[[Contributor], Contributor]:
    """Decorator: this function counts (or names) what of the noun goes over with a post and its holder."""

    def register(contributor: Contributor) -> Contributor:
        if noun in _CONTRIBUTORS:
            raise Misconfigured(f"two functions count {noun!r}")
        _CONTRIBUTORS[noun] = contributor
        return contributor

    return register


def inventory_of(uow: UnitOfWork, post: Post, holder: int | None, *, at: datetime) -> dict[str, Any]:
    """noun -> [number, labels], without what there is none of."""
    found: dict[str, Any] = {}
    for noun, contributor in _CONTRIBUTORS.items():
        things = contributor(uow, post, holder, at)
        number, labels = (things, []) if isinstance(things, int) else (len(things), list(things[:LABELS]))
        if number:
            found[noun] = [number, labels]
    return found


@contributes("reports_accepted")
def _reports_accepted(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> Sequence[str]:
    assert post.id is not None
    return [report.number for report in uow.reports.accepted_by(post.id)]


@contributes("reports_waiting")
def _reports_waiting(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> Sequence[str]:
    return [report.number for report in uow.reports.waiting(post.conference)] if post.role is Role.DUTY_DESK and post.unit == POLICE else []


@contributes("drafts")
def _drafts(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> int:
    """How many the holder has begun and not sent; they are the holder's own and stay so."""
    accounts = uow.people.accounts_of(holder) if holder is not None else ()
    return sum(bool(uow.conversation(account).data.get("draft")) for account in accounts)


@contributes("messages")
def _messages(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> int:
    return uow.handovers.unsent(holder, post.conference) if holder is not None else 0


@contributes("invitations")
def _invitations(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> int:
    assert post.id is not None
    return uow.handovers.issued_under(post.id, at)


@contributes("approvals")
def _approvals(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> Sequence[str]:
    """Asked or granted, and not used: they end with the hand-over (`end_approvals`), and who comes may ask anew."""
    assert post.id is not None
    return [about(uow, each.subject) for each in uow.approvals.open_under(post.id, holder, at)] if holder is not None else []


@contributes("shifts")
def _shifts(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> int:
    assert post.id is not None
    return sum(shift.person_id == holder for shift in uow.shifts.between([post.id], at, at + _FAR))


@contributes("roster_checks")
def _roster_checks(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> int:
    return len(open_checks_of(uow, post.conference, post.unit, at)) if post.role in OF_A_UNIT else 0
