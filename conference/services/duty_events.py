"""Which acts open duties of the document, and which show that one was done. This is the whole list; verbs know nothing of it.

What a row of the profile names (`event`, `ends`) is told here from the audit name of the act. Source: domain §2, §3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conference.model.assignments import AssignmentState
from conference.model.duties import STANDING, Occurrence
from conference.model.events import on
from conference.model.meetings import Answer, Meeting, MeetingKind
from conference.model.people import Post, Role
from conference.model.profile import Cadence, Duty, Profile
from conference.ports import UnitOfWork

from . import duties

WATCHED = frozenset({Role.MEMBER, Role.CONVENER, Role.LIAISON})


@dataclass(frozen=True, slots=True)
class Happened:
    """`name`: one of conference.model.profile.EVENTS. `about` is what it happened to, `again` tells two times of the same apart.

    `owner`: the only one it concerns. `day`: on which it happened, if not today.
    """

    name: str
    about: str
    owner: str | None = None
    day: date | None = None
    again: str = ""

    @property
    def cause(self) -> str:
        return f"{self.about}:{self.again}" if self.again else self.about


def tell(uow: UnitOfWork, *events: Happened, at: datetime) -> None:
    """Open what these events open, then end what they show to be done."""
    profile = uow.conferences.profile(uow.conference)
    for event in events:
        rows = [row for duty in profile.duties if duty.event == event.name for row in _rows(uow, profile, duty, event, at=at)]
        if rows:
            uow.duties.put(rows)  # no day is known, so nobody is reminded; who it is for sees it in the list
        ended = {duty.id: duty for duty in profile.duties if duty.ends == event.name}
        if ended:
            for each in uow.duties.of(profile.slug, list(ended), owner=event.owner):
                if each.is_owed and _is_shown(each, ended[each.duty], event, event.day or _day(uow, at)):
                    duties.fulfil(uow, each, event.name, at=at)


def _day(uow: UnitOfWork, at: datetime) -> date:
    return at.astimezone(uow.hours.zone).date()


def _is_shown(each: Occurrence, duty: Duty, event: Happened, day: date) -> bool:
    """What happened to the same thing, or on a day of the same window; what has to come before a plenary, until the day it is due."""
    if duty.event:
        return _is_about(each, event.about)
    begun = each.opens <= day or duty.cadence is Cadence.BEFORE_PLENARY
    return begun and (each.due is None or day <= each.due)


def _is_about(each: Occurrence, subject: str) -> bool:
    return each.cause == subject or each.cause.startswith(f"{subject}:")


def _rows(uow: UnitOfWork, profile: Profile, duty: Duty, event: Happened, *, at: datetime) -> Iterator[dict[str, Any]]:
    today = _day(uow, at)
    for owner in duties.owners_of(uow, profile, duty, at=at):
        if event.owner in (None, owner):
            yield duties.row(profile, duty.id, owner, event.cause, today, None)


# -- reports


@on("report.filed")
def heard_of_a_report(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    tell(uow, Happened("report_filed", subject), at=at)


@on("report.accepted")
def heard_of_an_acceptance(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    tell(uow, Happened("report_accepted", subject), at=at)


# -- meetings


def _meeting(uow: UnitOfWork, subject: str) -> Meeting:
    meeting = uow.meetings.get(int(subject.partition(":")[2]))
    assert meeting is not None
    return meeting


def _waits_for_it(uow: UnitOfWork, profile: Profile, meeting: Meeting) -> bool:
    """Whether standing duties are attested before this meeting."""
    return meeting.kind is MeetingKind.PLENARY or (meeting.kind is MeetingKind.EXTRA and profile.settings.extra_meeting_counts)


@on("meeting.convened")
def heard_of_a_convocation(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """What is asked before a meeting, and the attestation of the standing duties before a plenary."""
    meeting, profile = _meeting(uow, subject), uow.conferences.profile(uow.conference)
    opens, due = duties.attestation_days(uow.calendar, profile, meeting.starts_at.astimezone(uow.hours.zone).date())
    tell(uow, Happened("meeting_convened", subject), Happened(f"{meeting.kind}_convened", subject), at=at)
    if not _waits_for_it(uow, profile, meeting):
        return
    rows = [duties.row(profile, STANDING, owner, subject, opens, due) for owner in duties.standing_owners(uow, profile, at=at)]
    for duty in profile.duties:
        if duty.cadence is Cadence.BEFORE_PLENARY:
            rows += [duties.row(profile, duty.id, owner, subject, opens, due) for owner in duties.owners_of(uow, profile, duty, at=at)]
    duties.open_occurrences(uow, profile, rows, at=at)


@on("meeting.changed")
def heard_of_a_move(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """What was owed before the old date is owed before the new one; what was reported for it, too, in case it is returned."""
    meeting, profile = _meeting(uow, subject), uow.conferences.profile(uow.conference)
    opens, due = duties.attestation_days(uow.calendar, profile, meeting.starts_at.astimezone(uow.hours.zone).date())
    owed = [each for each in uow.duties.because_of(uow.conference, subject) if each.is_open and each.due is not None]
    unsaid = [each for each in owed if each.opens > _day(uow, at)]
    for each in owed:
        duties.put_off(uow, profile, each, due, opens, at=at)
    duties.announce(uow, profile, unsaid, at=at)


@on("meeting.cancelled")
def heard_of_a_cancellation(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    for each in uow.duties.because_of(uow.conference, subject):
        if each.is_owed:
            duties.lapse(uow, each, "meeting_cancelled", at=at)


@on("meeting.held")
def heard_of_a_meeting(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """Who said that somebody comes has attended, as far as anybody here knows."""
    meeting = _meeting(uow, subject)
    came = [a.unit for a in uow.meetings.attendances([meeting.id or 0]) if a.answer in (Answer.ATTEND, Answer.SUBSTITUTE)]
    day = meeting.starts_at.astimezone(uow.hours.zone).date()
    tell(uow, Happened("meeting_held", subject, day=day), Happened(f"{meeting.kind}_held", subject, day=day), at=at)
    tell(uow, *(Happened("meeting_attended", subject, unit) for unit in came), at=at)


# -- assigned items


@on("assignment.assigned", "assignment.ruled", "assignment.reassigned", "assignment.withdrawn", "assignment.struck_off")
def heard_of_an_item(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """Who leads it or helps with it now owes what the document asks of them; who is out of it owes it no more."""
    profile, item = uow.conferences.profile(uow.conference), uow.assignments.get(int(subject.partition(":")[2]))
    assert item is not None
    if item.state is AssignmentState.STRUCK_OFF:
        tell(uow, Happened("item_struck_off", subject), at=at)
        return
    over = item.state is AssignmentState.WITHDRAWN
    now = {"item_assigned": [] if over else [item.lead], "help_asked": [] if over else [helper.unit for helper in item.helpers]}
    cause = Happened("", subject, again=f"{at.timestamp():.0f}").cause  # whoever gets it a second time owes it a second time
    for duty in profile.duties:
        if (wanted := now.get(duty.event)) is None:
            continue
        running = {each.unit: each for each in uow.duties.of(profile.slug, [duty.id]) if each.is_owed and _is_about(each, subject)}
        for unit, each in running.items():
            if unit not in wanted:
                duties.lapse(uow, each, "item", at=at)
        if rows := [duties.row(profile, duty.id, unit, cause, _day(uow, at), None) for unit in wanted if unit not in running]:
            uow.duties.put(rows)


# -- people


def _post(uow: UnitOfWork, key: int) -> Post | None:
    post = uow.people.get_post(key)
    return post if post is not None and post.role in WATCHED else None


@on("tenure.ended", "handover.started")
def heard_of_a_leaving(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    if (post := _post(uow, facts.get("of") or int(subject.partition(":")[2]))) is not None:
        tell(uow, Happened("post_vacated", f"post:{post.id}", post.unit, again=f"{_day(uow, at):%Y%m%d}"), at=at)


@on("invitation.confirmed", "handover.done")
def heard_of_a_successor(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    if (post := _post(uow, facts.get("of") or facts["into"])) is not None:
        tell(uow, Happened("post_filled", f"post:{post.id}", post.unit, again=f"{_day(uow, at):%Y%m%d}"), at=at)


# -- the mechanism


@on("mechanism.recorded")
def heard_of_a_mechanism(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    tell(uow, Happened("mechanism_recorded", subject), at=at)
