"""The table of working days: a change moves running reminders, and whoever makes it sees which, before and after.

Source: domain §5 A28, §6.6. Beyond the end of the table weekdays count, and the offices are told in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from conference.model.people import OFFICE
from conference.model.told import CalendarEnds, Lane
from conference.ports import UnitOfWork

from . import duties
from .reminders import Shift, move_steps, shifts

WARNED = timedelta(days=60)  # before the table ends: the State Council announces a year in the November before it
Days = Mapping[date, tuple[bool, str]]


def plan_calendar(uow: UnitOfWork, days: Days, *, at: datetime) -> Sequence[Shift]:
    """Which deadlines and reminders of this conference these days (does one work, what is it called) would move. Nothing is written."""
    return shifts(uow, uow.calendar.changed({day: works for day, (works, _) in days.items()}), at=at)


def change_calendar(uow: UnitOfWork, days: Days, *, at: datetime) -> Sequence[Shift]:
    """Write the days, move the deadlines and reminders of this conference and count anew what is so many working days away. Returns
    what moved."""
    moved = plan_calendar(uow, days, at=at)
    uow.change_calendar(days)
    move_steps(uow, moved)
    duties.count_anew(uow, uow.calendar.changed({day: works for day, (works, _) in days.items()}), at=at)
    uow.note(None, "calendar.changed", f"conference:{uow.conference}", days=len(days), moved=len(moved))
    return moved


def watch_calendar(uow: UnitOfWork, *, at: datetime) -> None:
    """Have it looked on the first working day of next month whether the table ends. As often as one likes: it is looked once."""
    today = at.astimezone(uow.hours.zone).date()
    month = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    look = uow.hours.digest_of(uow.calendar.workday_from(month))
    uow.schedule.add(f"calendar_ends:{uow.conference}:{month:%Y-%m}", "calendar_ends", uow.conference, look)


def look_at_calendar(uow: UnitOfWork, *, at: datetime) -> None:
    """Tell the office if the table ends soon, or has ended; look again next month."""
    ends, today = uow.calendar.known_until, at.astimezone(uow.hours.zone).date()
    if ends is None or ends - today <= WARNED:
        record = CalendarEnds(ends.isoformat() if ends else "")
        for account in {holder.account_id for holder in uow.people.roster(uow.conference, at) if holder.role in OFFICE}:
            key = f"calendar_ends:{uow.conference}:{today:%Y-%m}:{account}"
            uow.tell(account, record, lane=Lane.DIGEST, key=key, only_while=f"calendar.ends:{ends or ''}")
    watch_calendar(uow, at=at)
