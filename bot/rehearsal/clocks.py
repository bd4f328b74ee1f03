"""What should have reached whom besides digests, computed beside the desk: report ladders, vacancies, roster checks, the plenary's window.

Like check.py it knows the journal and the document only. Source: domain §2.5, §4.6, §5 A5, EMG-01.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from conference.model.people import APART, CONVENERS, OF_A_UNIT, OFFICE, Role
from conference.model.profile import Cadence, Profile

from .days import MORNING, ZONE, step_day, works
from .journal import Journal, Plenary, Seated, Told

OPENS = time(9, 0)
SPREAD = timedelta(hours=1)  # each conference opens its roster check at a moment of its own within the first hour
MONTHS = {Cadence.YEARLY: 12, Cadence.HALF_YEARLY: 6, Cadence.QUARTERLY: 3}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is due to some people at a moment. `withheld`: why it is not said after all."""

    at: datetime
    what: str
    about: str
    people: frozenset[str]
    withheld: str = ""


def alarms(journal: Journal, profile: Profile, until: datetime) -> Iterator[Alarm]:
    """All whose moment lies within the rehearsal."""
    found = [
        *_reports(journal, profile),
        *_vacancies(journal, profile),
        *_roster_checks(journal, profile),
        *_window(journal, profile, until),
    ]
    return (each for each in found if each.at < until)


def told(alarm: Alarm, journal: Journal) -> list[Told]:
    """As it is read: not by those who have blocked the bot."""
    blocked = {person for person, since in journal.blocked.items() if since <= alarm.at}
    return [Told(alarm.at, person, alarm.what, alarm.about) for person in alarm.people - blocked]


def _up(journal: Journal, at: datetime) -> datetime:
    """What falls due while the desk is down comes when it is back."""
    return next((back for down, back in journal.outages if down <= at < back), at)


def _holding(journal: Journal, at: datetime, roles: Iterable[str], unit: str | None = None) -> list[Seated]:
    return [s for s in journal.seats if s.holds(at) and s.role in roles and unit in (None, s.unit)]


def _persons(seats: Iterable[Seated]) -> frozenset[str]:
    return frozenset(seat.person for seat in seats)


# -- reports


def _reports(journal: Journal, profile: Profile) -> Iterator[Alarm]:
    """The first desk at once, and the office for the record; then the ladder, until a desk accepts."""
    for number, report in journal.reports.items():
        yield Alarm(report.at, "report", number, _desks(journal, report.at, 1))
        yield Alarm(report.at, "report seen", number, _persons(_holding(journal, report.at, OFFICE)))
        for step, rung in enumerate(profile.ladders["police_accept"], start=1):
            at = _up(journal, report.at + timedelta(minutes=rung.after))
            kind, _, rank = rung.whom.partition(":")
            if kind == "office":
                what, people = "report unaccepted", _persons(_holding(journal, at, OFFICE))
            else:
                what, people = f"report again {step}", _desks(journal, at, int(rank))
            is_over = report.accepted is not None and report.accepted <= at
            yield Alarm(at, what, number, people, "accepted by then" if is_over else "")


def _desks(journal: Journal, at: datetime, rank: int) -> frozenset[str]:
    there = _holding(journal, at, [Role.DUTY_DESK], "public_security")
    return _persons([desk for desk in there if desk.rank == rank] or there)


# -- posts that nobody holds


def _vacancies(journal: Journal, profile: Profile) -> Iterator[Alarm]:
    """The unit after some working days, conveners and office later; a unit with nobody else is the office's at once."""
    for seat in journal.seats:
        if seat.until is None:
            continue
        since, post = seat.until, (seat.unit, seat.role, seat.rank)
        same = [other for other in journal.seats if (other.unit, other.role, other.rank) == post and other is not seat]
        if any(other.holds(since) for other in same):
            continue
        filled = min((other.since for other in same if other.since > since), default=None)
        about = f"{seat.unit} {seat.title}"
        if not _reminded(journal, seat, since):
            yield Alarm(since, "vacancy, alone", about, _persons(_holding(journal, since, OFFICE)))
            continue
        first, second = (_up(journal, _later(since, n)) for n in (profile.settings.fill_days, profile.settings.vacancy_convener_days))
        for at, what in ((first, "unit"), (second, "office")):
            withheld = "filled by then" if filled is not None and filled <= at else ""
            own = _reminded(journal, seat, at)
            if not own:
                yield Alarm(at, "vacancy, alone", about, _persons(_holding(journal, at, OFFICE)), withheld)
            else:
                above = _persons(_holding(journal, at, OFFICE | CONVENERS))
                yield Alarm(at, f"vacancy, {what}", about, own if what == "unit" else above, withheld)


def _later(since: datetime, working_days: int) -> datetime:
    local = since.astimezone(ZONE)
    return datetime.combine(step_day(local.date(), working_days), local.timetz().replace(tzinfo=None), ZONE)


def _reminded(journal: Journal, vacant: Seated, at: datetime) -> frozenset[str]:
    """Those of the unit; nobody of another village, school or guest is asked about one."""
    own = [seat for seat in journal.seats if seat.holds(at) and seat.unit == vacant.unit and seat.role != Role.OPERATOR]
    return _persons(seat for seat in own if seat.role in OF_A_UNIT or not {seat.role, vacant.role} & APART)


# -- the check of the roster


def term(day: date, profile: Profile) -> str:
    """Which term of roster checks the day lies in."""
    months = MONTHS.get(profile.settings.roster_check_every, 12)
    return f"{day.year}/{(day.month - 1) // months + 1}"


def _roster_checks(journal: Journal, profile: Profile) -> Iterator[Alarm]:
    """On the first working day of each term every unit is asked, once more half way those who are silent; then the office learns."""
    assert journal.opened is not None
    months = MONTHS.get(profile.settings.roster_check_every)
    if months is None:
        return
    asked = [each for each in journal.told if each.what == "roster check"]
    for year in (journal.opened.year, journal.opened.year + 1):
        for month in range(1, 13, months):
            first = date(year, month, 1)
            while not works(first):
                first += timedelta(days=1)
            opening = datetime.combine(first, OPENS, ZONE)
            if opening > journal.opened:
                came = (each.at for each in asked if _up(journal, opening) <= each.at < _up(journal, opening + SPREAD))
                yield from _roster_check(journal, profile, min(came, default=opening))


def _roster_check(journal: Journal, profile: Profile, at: datetime) -> Iterator[Alarm]:
    days, of_term = profile.settings.roster_check_days, term(at.astimezone(ZONE).date(), profile)
    again, closes = (_up(journal, _later(at, number)) for number in ((days + 1) // 2, days))
    units = dict.fromkeys(seat.unit for seat in journal.seats if seat.since <= at and seat.role not in {*APART, Role.OPERATOR})
    for unit in units:
        answered = journal.checked.get((of_term, unit))
        yield Alarm(at, "roster check", unit, _speaking(journal, at, unit))
        withheld = "answered by then" if answered is not None and answered <= again else ""
        yield Alarm(again, "roster check again", unit, _speaking(journal, again, unit), withheld)
    yield Alarm(closes, "roster check closed", "", _persons(_holding(journal, closes, OFFICE)))


def _speaking(journal: Journal, at: datetime, unit: str) -> frozenset[str]:
    return _persons(_holding(journal, at, [Role.LIAISON], unit) or _holding(journal, at, [Role.MEMBER], unit))


# -- the window of the plenary


def _window(journal: Journal, profile: Profile, until: datetime) -> Iterator[Alarm]:
    """So many days before a window ends without a plenary in it, office and chief convener are warned; and on the next working morning
    where that is known only later: the desk opens then, or the plenary that was to be is cancelled or put into another window."""
    assert journal.opened is not None
    months = MONTHS.get(profile.rules.plenary_cadence) if profile.rules.plenary_cadence and profile.has_conference else None
    if months is None:
        return
    last_day = until.astimezone(ZONE).date()
    for year in range(journal.opened.astimezone(ZONE).year, last_day.year + 1):
        for month in range(1, 13, months):
            first = date(year, month, 1)
            last = date(year + (month + months) // 13, (month + months - 1) % 12 + 1, 1) - timedelta(days=1)
            warns = datetime.combine(last - timedelta(days=profile.settings.plenary_warn_days), MORNING, ZONE)
            lost = [each.until for moved in journal.plenaries.values() for each in moved if each.until and first <= each.day <= last]
            looks = {
                _up(journal, _next_morning(at)) for at in (journal.opened, *lost) if at >= warns and first <= at.astimezone(ZONE).date()
            }
            if warns > journal.opened:
                looks.add(_up(journal, warns))
            for at in sorted(look for look in looks if look.astimezone(ZONE).date() <= last):
                people = _persons(_holding(journal, at, OFFICE | {Role.CHIEF_CONVENER}))
                held = any(_fills(each, first, last, at) for moved in journal.plenaries.values() for each in moved)
                yield Alarm(at, "plenary missing", "", people, "called by then" if held else "")


def _fills(plenary: Plenary, first: date, last: date, at: datetime) -> bool:
    return plenary.since <= at and (plenary.until is None or at < plenary.until) and first <= plenary.day <= last


def _next_morning(at: datetime) -> datetime:
    day = at.astimezone(ZONE).date()
    if datetime.combine(day, MORNING, ZONE) < at:
        day += timedelta(days=1)
    while not works(day):
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZONE)
