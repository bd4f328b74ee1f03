"""What each kind of due row does when its time comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from conference.model.errors import Misconfigured
from conference.model.mechanisms import MechanismStep
from conference.ports import UnitOfWork

from . import (
    approvals,
    bindings,
    calendar,
    drafts,
    duties,
    duty_events,
    handovers,
    identities,
    invitations,
    mechanisms,
    meetings,
    notice_boards,
    notices,
    reminders,
    reports,
    roster_checks,
    vacancies,
)

HEARING = (duty_events,)  # imported, they have registered what they hear of

TOGETHER: Mapping[str, Callable[..., None]] = {"nudge": reminders.fire}


def run_together(uow: UnitOfWork, kind: str, rows: Sequence[reminders.DueRow], *, whole: bool, at: datetime) -> None:
    """Do the work of many due rows of one conference and one of the kinds of TOGETHER; `whole`: no others of it are due now."""
    TOGETHER[kind](uow, rows, whole=whole, at=at)


def run(uow: UnitOfWork, kind: str, subject: str, data: Mapping[str, Any], *, at: datetime) -> None:
    """Do the work of one due row. Raises Misconfigured for a kind nobody knows."""
    profile = uow.conferences.profile(uow.conference)
    match kind:
        case "accept_overdue":
            reports.climb_ladder(uow, int(subject), data["step"], data.get("whom"), profile, at=at)
        case "digest":
            reminders.tell_digests(uow, subject, data["accounts"], at=at)
        case "draft_warning":
            drafts.warn_of_expiry(uow, int(subject), data["draft"], data["round"], profile, at=at)
        case "draft_end":
            warned = datetime.fromisoformat(data["warned"])
            drafts.erase_draft(uow, int(subject), data["draft"], data["round"], warned, profile, at=at)
        case "invitation_expired":
            invitations.expire_invitation(uow, int(subject), at=at)
        case "approval_expired":
            approvals.expire_approval(uow, int(subject), at=at)
        case "identity_blank":
            identities.blank_identity(uow, int(subject), data["account"], data["turn"])
        case "bindings_swept":
            bindings.sweep(uow, data["accounts"], at=at)
        case "post_vacant":
            vacancies.remind_of_vacancies(uow, datetime.fromisoformat(data["since"]), data["step"], at=at)
        case "handover_stale":
            handovers.remind_of_handover(uow, int(subject), data["step"], at=at)
        case roster_checks.OPENS:
            roster_checks.open_roster_check(uow, subject, at=at)
        case roster_checks.REMINDS:
            roster_checks.remind_of_roster_check(uow, subject, at=at)
        case roster_checks.CLOSES:
            roster_checks.close_roster_check(uow, subject, at=at)
        case "mechanism_due":
            mechanisms.remind_of_mechanism(uow, MechanismStep(subject), data["year"], at=at)
        case "calendar_ends":
            calendar.look_at_calendar(uow, at=at)
        case "duty_windows":
            duties.watch_duties(uow, date.fromisoformat(data["since"]), at=at)
        case "duty_news":
            duties.tell_news(uow, subject, data, at=at)
        case "plenary_watch":
            meetings.watch_window(uow, profile, at=at)
        case "plenary_window":
            meetings.look_at_window(uow, profile, data["window"], at=at)
        case "notice_board":
            notice_boards.show_board(uow, int(subject), at=at)
        case "notice_blank":
            notices.blank_again(uow, int(subject), at=at)
        case _:
            raise Misconfigured(f"no due work is named {kind!r}")
