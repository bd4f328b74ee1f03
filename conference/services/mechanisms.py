"""The mechanism that regions set up by a day of the document: the office is reminded, and records the document that did it.

The text names no year, so nobody is reminded before the operator has said it. Source: 003 六(一).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conference.model.calendar import WorkCalendar
from conference.model.errors import AnswerUnfit, NotPossibleNow, TooMuch
from conference.model.mechanisms import MechanismState, MechanismStep, SetUp
from conference.model.people import CONVENERS, OFFICE, Actor
from conference.model.permissions import Action, Concern, authorize
from conference.model.told import Lane, MechanismDue
from conference.ports import UnitOfWork
from conference.profiles import Profile

from .reminders import clocks

SHORTEST, LONGEST = 2, 60  # characters of an act's number


def schedule_mechanism(uow: UnitOfWork, profile: Profile, *, at: datetime) -> None:
    """The reminders that lie ahead; where all are past, the last of them at once. Called when the profile is loaded."""
    last_day, conference, year = profile.mechanism_day, profile.slug, profile.settings.mechanism_year
    if last_day is None or uow.mechanisms.set_up(conference) is not None:
        return
    for step in MechanismStep:
        due_at = step.due_at(last_day, uow.calendar)
        if due_at > at or step is MechanismStep.OVERDUE:
            data = {"conference": conference, "year": year}
            uow.schedule.add(f"{_rows(conference)}{year}:{step}", "mechanism_due", str(step), max(due_at, at), data)


def remind_of_mechanism(uow: UnitOfWork, step: MechanismStep, year: int, *, at: datetime) -> None:
    """The office is told, after the day the conveners too. Nothing once it is recorded, or when the year has become another."""
    conference = uow.conference
    profile = uow.conferences.profile(conference)
    if profile.mechanism_day is None or profile.settings.mechanism_year != year or uow.mechanisms.set_up(conference) is not None:
        return
    told = OFFICE | CONVENERS if step is MechanismStep.OVERDUE else OFFICE
    seeing = {
        h.account_id: h.role in OFFICE for h in sorted(uow.people.roster(conference, at), key=lambda h: h.role in OFFICE) if h.role in told
    }
    for account, of_office in seeing.items():
        record = MechanismDue(conference, profile.mechanism_day.isoformat(), str(step), step.days, of_office)
        key = f"{_rows(conference)}{year}:{step}:{account}"
        uow.tell(account, record, lane=Lane.DIGEST, key=key, only_while=f"mechanism.open:{conference}")
    uow.note(None, "mechanism.reminded", f"conference:{conference}", step=str(step), told=len(seeing))


def record_mechanism(uow: UnitOfWork, actor: Actor, act_number: str, *, at: datetime) -> MechanismState:
    """It is set up, by the document of this number; a later number corrects it. Raises AnswerUnfit, TooMuch, and NotPossibleNow
    where the document names no day."""
    conference = uow.conference
    worn = authorize(actor, Action.RECORD_MECHANISM, Concern(conference=conference))
    if not uow.conferences.profile(conference).mechanism_term:
        raise NotPossibleNow("mechanism", conference, "not asked for", "set up")
    number = " ".join(act_number.split())
    if len(number) < SHORTEST:
        raise AnswerUnfit("act_number", "act_number")
    if len(number) > LONGEST:
        raise TooMuch("act_number", LONGEST)
    uow.mechanisms.keep(conference, SetUp(number, at))
    uow.schedule.withdraw(_rows(conference))
    uow.note(actor, "mechanism.recorded", f"conference:{conference}", post=worn, act_number=number)
    return mechanism_of(uow, actor)


def mechanism_of(uow: UnitOfWork, actor: Actor) -> MechanismState:
    """Until when it is to be set up, and whether it is."""
    conference = uow.conference
    authorize(actor, Action.RECORD_MECHANISM, Concern(conference=conference))
    profile = uow.conferences.profile(conference)
    return MechanismState(conference, profile.mechanism_term, profile.mechanism_day, uow.mechanisms.set_up(conference))


@clocks
def _counted(uow: UnitOfWork, calendar: WorkCalendar) -> Mapping[str, datetime]:
    profile, begins = uow.conferences.profile(uow.conference), _rows(uow.conference)
    last_day, year = profile.mechanism_day, profile.settings.mechanism_year
    return {f"{begins}{year}:{step}": step.due_at(last_day, calendar) for step in MechanismStep} if last_day is not None else {}


def _rows(conference: str) -> str:
    return f"mechanism:{conference}:"
