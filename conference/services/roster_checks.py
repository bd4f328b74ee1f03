"""Once a quarter each unit says whether its people are still those of the roster; the office learns who did not answer, and which
posts nobody seems to read. Source: domain §4.6."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from conference.model.calendar import WorkCalendar
from conference.model.days import local_day, months_of, next_opening, opening_of, term_of, working_days_after
from conference.model.errors import NotAllowed, NotFound
from conference.model.people import APART, OF_A_UNIT, OFFICE, Actor, Holder, Role
from conference.model.permissions import Action, Concern, authorize
from conference.model.profile import Cadence
from conference.model.roster_checks import RosterAnswer, RosterCheck
from conference.model.told import Lane, RosterChangeSaid, RosterCheckClosed, RosterCheckShown
from conference.ports import UnitOfWork
from conference.profiles import Profile

from .reminders import clocks

SPREAD = 3600  # seconds after nine: an installation with thousands of conferences must not ask them all in one commit
_UNASKED = APART | {Role.OPERATOR}  # posts for which alone no unit is asked: nobody could answer for all villages or schools
MONTHS = {Cadence.QUARTERLY: 3, Cadence.HALF_YEARLY: 6, Cadence.YEARLY: 12}
LONGEST_OPEN = timedelta(days=92)
OPENS, REMINDS, CLOSES = "roster_check_opens", "roster_check_reminds", "roster_check_closes"


def schedule_roster_check(uow: UnitOfWork, profile: Profile, *, at: datetime) -> None:
    """The next one opens on the first working day of the next term. Called when a conference is brought in, and by each check."""
    conference, months = profile.slug, MONTHS.get(profile.settings.roster_check_every)
    if months is None:
        return
    opens_at = next_opening(at, months, uow.calendar) + _spread(conference)
    quarter = term_of(local_day(opens_at), months)
    uow.schedule.add(f"roster:{conference}:{quarter}:open", OPENS, quarter, opens_at, {"conference": conference})


def _spread(conference: str) -> timedelta:
    return timedelta(seconds=zlib.crc32(conference.encode()) % SPREAD)


@clocks
def _counted(uow: UnitOfWork, calendar: WorkCalendar) -> Mapping[str, datetime]:
    conference, found = uow.conference, {}
    for key in uow.schedule.pending(f"roster:{conference}:"):
        _, _, quarter, step, *_ = key.split(":")
        if step == "open":
            found[key] = opening_of(quarter, calendar) + _spread(conference)
        elif checks := uow.roster_checks.of_quarter(conference, quarter):
            days = _days(uow, conference)
            found[key] = working_days_after(checks[0].asked_at, days if step == "close" else (days + 1) // 2, calendar)
    return found


def open_roster_check(uow: UnitOfWork, quarter: str, *, at: datetime) -> None:
    """Ask each unit's liaison (its member where there is none), with one message. A unit with neither is counted as silent."""
    conference = uow.conference
    if MONTHS.get(uow.conferences.profile(conference).settings.roster_check_every) != months_of(quarter):
        return  # a row from before the cadence changed: loading the profile has written down the next check
    asked = {check.unit for check in uow.roster_checks.of_quarter(conference, quarter)}
    units = dict.fromkeys(p.unit for p in uow.people.open_posts(conference) if p.role not in _UNASKED and p.unit not in asked)
    for unit in units:
        check = RosterCheck(conference=conference, quarter=quarter, unit=unit, asked_at=at)
        uow.roster_checks.add(check)
        _ask(uow, check, at, again=False)
    if units:
        uow.note(None, "roster_check.opened", f"roster:{quarter}", units=len(units))
        data, days = {"conference": conference}, _days(uow, conference)
        again, closes = (working_days_after(at, number, uow.calendar) for number in ((days + 1) // 2, days))
        uow.schedule.add(f"roster:{conference}:{quarter}:remind", REMINDS, quarter, again, data)
        uow.schedule.add(f"roster:{conference}:{quarter}:close", CLOSES, quarter, closes, data)
    schedule_roster_check(uow, uow.conferences.profile(conference), at=at)


def remind_of_roster_check(uow: UnitOfWork, quarter: str, *, at: datetime) -> None:
    """Once, those who have said nothing."""
    for check in uow.roster_checks.of_quarter(uow.conference, quarter):
        if check.answer is None:
            _ask(uow, check, at, again=True)


def answer_roster_check(uow: UnitOfWork, actor: Actor, check_id: int, answer: RosterAnswer, *, at: datetime) -> RosterCheck:
    """The unit's answer; another one replaces it until the check closes. That something changed the office hears at once."""
    check = uow.roster_checks.get(check_id)
    if check is None:
        raise NotFound("roster_check", check_id)
    try:
        worn = authorize(actor, Action.ANSWER_ROSTER_CHECK, Concern(conference=check.conference, unit=check.unit))
    except NotAllowed:
        raise NotFound("roster_check", check_id) from None
    assert actor.person_id is not None
    check.give(answer, by=actor.person_id, closes_at=closes_at(uow, check), at=at)
    uow.note(actor, "roster_check.answered", f"roster_check:{check.id}", post=worn, answer=str(answer))
    if answer is RosterAnswer.CHANGED:
        for account in _office(uow, check.conference, at):
            said = RosterChangeSaid(check.conference, check.quarter, check.unit)
            uow.tell(account, said, key=f"roster_check:{check.id}:changed:{account}")
    return check


def open_checks(uow: UnitOfWork, actor: Actor, *, at: datetime) -> list[RosterCheckShown]:
    """What the actor's units have still to answer."""
    authorize(actor, Action.ANSWER_ROSTER_CHECK)
    units = dict.fromkeys(post.unit for post in actor.posts if post.role in OF_A_UNIT)
    found = [check for unit in units for check in open_checks_of(uow, actor.conference, unit, at)]
    return [shown(uow, check, at) for check in found]


def open_checks_of(uow: UnitOfWork, conference: str, unit: str, at: datetime) -> list[RosterCheck]:
    """Of this unit, not answered and not closed."""
    return [check for check in uow.roster_checks.unanswered(conference, unit, at - LONGEST_OPEN) if at < closes_at(uow, check)]


def closes_at(uow: UnitOfWork, check: RosterCheck) -> datetime:
    return working_days_after(check.asked_at, _days(uow, check.conference), uow.calendar)


def close_roster_check(uow: UnitOfWork, quarter: str, *, at: datetime) -> None:
    """The result to the office; later, if the calendar has been changed and units still can answer."""
    conference = uow.conference
    checks = uow.roster_checks.of_quarter(conference, quarter)
    if at < (end := max((closes_at(uow, check) for check in checks), default=at)):
        uow.schedule.add(f"roster:{conference}:{quarter}:close:{end:%Y%m%d}", CLOSES, quarter, end, {"conference": conference})
        return
    by_answer: dict[RosterAnswer | None, list[str]] = {}
    for check in checks:
        by_answer.setdefault(check.answer, []).append(check.unit)
    result = RosterCheckClosed(
        conference,
        quarter,
        by_answer.get(RosterAnswer.UNCHANGED, []),
        by_answer.get(RosterAnswer.CHANGED, []),
        by_answer.get(None, []),
        [[post.unit, post.title, str(why)] for post, why in uow.roster_checks.unread(conference, at)],
    )
    for account in _office(uow, conference, at):
        uow.tell(account, result, lane=Lane.DIGEST, key=f"roster:{conference}:{quarter}:closed:{account}")
    uow.note(None, "roster_check.closed", f"roster:{quarter}", silent=len(result.silent), unread=len(result.unread))


def shown(uow: UnitOfWork, check: RosterCheck, at: datetime, *, again: bool = False) -> RosterCheckShown:
    """The check as its unit sees it: each post with the names of its holders now."""
    assert check.id is not None
    roster = uow.people.roster(check.conference, at)
    people = [
        [post.title, _names(uow, [holder for holder in roster if holder.post_id == post.id])]
        for post in uow.people.open_posts(check.conference)
        if post.unit == check.unit and post.role is not Role.OPERATOR
    ]
    answer = str(check.answer) if check.answer else None
    return RosterCheckShown(check.id, check.conference, check.quarter, check.unit, closes_at(uow, check).isoformat(), people, answer, again)


def _ask(uow: UnitOfWork, check: RosterCheck, at: datetime, *, again: bool) -> None:
    roster = [holder for holder in uow.people.roster(check.conference, at) if holder.unit == check.unit]
    asked = [h for h in roster if h.role is Role.LIAISON] or [h for h in roster if h.role is Role.MEMBER]
    for account in dict.fromkeys(holder.account_id for holder in asked):
        key = f"roster_check:{check.id}:{'again' if again else 'asked'}:{account}"
        record, condition = shown(uow, check, at, again=again), f"roster_check.open:{check.id}"
        uow.tell(account, record, lane=Lane.DIGEST, key=key, only_while=condition)


def _days(uow: UnitOfWork, conference: str) -> int:
    return uow.conferences.profile(conference).settings.roster_check_days


def _names(uow: UnitOfWork, holders: Sequence[Holder]) -> list[str]:
    """A holder who never gave a name (appointed by the operator) is an empty one."""
    return [uow.people.name_of(person) or "" for person in dict.fromkeys(holder.person_id for holder in holders)]


def _office(uow: UnitOfWork, conference: str, at: datetime) -> list[int]:
    return list(dict.fromkeys(h.account_id for h in uow.people.roster(conference, at) if h.role in OFFICE))
