"""Several people behind one duty desk, on duty by rota. Nobody rung is never the outcome: without a running shift it is everybody.

Source: EMG-01: a report is seen at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from conference.model.days import clock_time, local_day
from conference.model.errors import NotFound, NotPossibleNow, TooMuch
from conference.model.people import Actor, HeldPost, Holder, Post, Reach, Role, Shift
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.told import DutyEnded, DutyPlanned
from conference.ports import UnitOfWork

LONGEST = timedelta(hours=24)
AHEAD = timedelta(days=8)  # the day of a planned shift lies within the next seven; a night ends on the day after
WEEK = timedelta(days=7)
HOURS = {"day": (8, 20), "night": (20, 32), "all": (8, 32)}  # by the clock of the day on which they begin


@dataclass(frozen=True, slots=True)
class Rota:
    """One desk's shifts: who runs now, and all from now on to the end of the week. `everybody`: nobody is on duty who can be rung.
    `names`: person -> name, of those with a shift whose name is known."""

    post: Post
    running: Sequence[Shift]
    coming: Sequence[Shift]
    everybody: bool
    names: Mapping[int, str]


def on_duty(roster: Iterable[Holder], shifts: Iterable[Shift], at: datetime) -> list[Holder]:
    """Of each desk those on duty who can be reached; where there are none, everybody behind it."""
    holders = list(roster)
    running = {(shift.post_id, shift.person_id) for shift in shifts if shift.runs(at)}
    rung = [h for h in holders if (h.post_id, h.person_id) in running and h.reach is Reach.OPEN]
    manned = {holder.post_id for holder in rung}
    return [holder for holder in holders if holder in rung or holder.post_id not in manned]


def begin_shift(uow: UnitOfWork, actor: Actor, post_id: int, hours: int, *, at: datetime) -> Shift:
    """Take over duty at one's own desk, from now. A shift that runs already is made longer, never shorter, and never a second one."""
    held, post = _own_desk(uow, actor, post_id)
    ends_at = at + timedelta(hours=hours)
    _bounded(at, ends_at, at)
    assert actor.person_id is not None
    own = [s for s in uow.shifts.between([post_id], at, ends_at) if s.person_id == actor.person_id]
    shift = next((s for s in own if s.runs(at)), None)
    if shift is None:
        shift = Shift(post_id=post_id, person_id=actor.person_id, begins_at=at, ends_at=ends_at, set_by=actor.person_id)
        uow.shifts.add(shift)
    elif shift.ends_at < ends_at:
        shift.ends_at = ends_at
        uow.shifts.change(shift)
    uow.note(actor, "duty.begun", f"post:{post.id}", post=held, until=shift.ends_at.isoformat())
    return shift


def plan_shift(
    uow: UnitOfWork, actor: Actor, post_id: int, person_id: int, begins_at: datetime, ends_at: datetime, *, at: datetime
) -> Shift:
    """Put a colleague (or oneself) of the same desk on the rota; the colleague is told.

    Raises NotFound for somebody who does not stand behind the desk, NotPossibleNow where they are on duty then already.
    """
    held, post = _own_desk(uow, actor, post_id)
    colleagues = [h for h in uow.people.roster(post.conference, at) if h.post_id == post_id and h.person_id == person_id]
    if not colleagues:
        raise NotFound("colleague", person_id)
    begins_at = max(begins_at, at)
    _bounded(begins_at, ends_at, at)
    if any(s.person_id == person_id for s in uow.shifts.between([post_id], begins_at, ends_at)):
        raise NotPossibleNow("shift", person_id, "on_duty", "planned")
    shift = Shift(post_id=post_id, person_id=person_id, begins_at=begins_at, ends_at=ends_at, set_by=actor.person_id)
    uow.shifts.add(shift)
    uow.note(actor, "duty.planned", f"post:{post.id}", post=held, person=person_id, begins=begins_at.isoformat(), ends=ends_at.isoformat())
    if person_id != actor.person_id:
        planned = DutyPlanned(post.title, begins_at.isoformat(), ends_at.isoformat())
        for holder in colleagues:
            uow.tell(holder.account_id, planned, key=f"duty:{shift.id}:planned:{holder.account_id}")
    return shift


def end_shift(uow: UnitOfWork, actor: Actor, shift_id: int, *, at: datetime) -> Shift:
    """End a shift that runs, or take a planned one off the rota: one's own, or a colleague's, who is told."""
    shift = uow.shifts.get(shift_id)
    if shift is None or all(held.post_id != shift.post_id for held in actor.posts):
        raise NotFound("shift", shift_id)
    held, post = _own_desk(uow, actor, shift.post_id)
    if at >= shift.ends_at:
        raise NotPossibleNow("shift", shift_id, "over", "ended")
    shift.ends_at = max(at, shift.begins_at)
    uow.shifts.change(shift)
    uow.note(actor, "duty.ended", f"post:{post.id}", post=held, person=shift.person_id)
    if shift.person_id != actor.person_id:
        for holder in uow.people.roster(post.conference, at):
            if holder.post_id == post.id and holder.person_id == shift.person_id:
                ended = DutyEnded(post.title, shift.begins_at.isoformat())
                uow.tell(holder.account_id, ended, key=f"duty:{shift.id}:ended:{holder.account_id}")
    return shift


def end_shifts_of(uow: UnitOfWork, post_id: int, person_id: int, *, at: datetime) -> None:
    """Somebody stands behind the desk no more: neither on duty now nor later."""
    for shift in uow.shifts.between([post_id], at, at + AHEAD + LONGEST):
        if shift.person_id == person_id:
            shift.ends_at = max(at, shift.begins_at)
            uow.shifts.change(shift)


def rotas(uow: UnitOfWork, actor: Actor, *, at: datetime) -> list[Rota]:
    """The desks whose rota the actor may see: those of the own unit, or for the office and the conveners all of the conference."""
    authorize(actor, Action.SEE_DUTY)
    desks = [p for p in uow.people.open_posts(actor.conference) if p.role is Role.DUTY_DESK and may(actor, Action.SEE_DUTY, _concern(p))]
    roster = uow.people.roster(actor.conference, at)
    coming = uow.shifts.between([post.id for post in desks if post.id is not None], at, at + WEEK)
    worn = authorize(actor, Action.SEE_DUTY, _concern(desks[0])) if desks else None
    names = _names(uow, actor, worn, f"conference:{actor.conference}", {shift.person_id for shift in coming})
    return [_rota(post, roster, [shift for shift in coming if shift.post_id == post.id], names, at) for post in desks]


def colleagues_of(uow: UnitOfWork, actor: Actor, post_id: int, *, at: datetime) -> dict[int, str]:
    """The persons behind one's own desk with their names, "" where none is known."""
    held, post = _own_desk(uow, actor, post_id)
    people = dict.fromkeys(h.person_id for h in uow.people.roster(post.conference, at) if h.post_id == post_id)
    names = _names(uow, actor, held, f"post:{post_id}", people)
    return {person: names.get(person, "") for person in people}


def waiting(uow: UnitOfWork, actor: Actor) -> int:
    """How many reports nobody has accepted, for who could accept them."""
    authorize(actor, Action.SEE_DUTY)
    return len(uow.reports.waiting(actor.conference)) if may(actor, Action.ACCEPT_REPORT) else 0


def days_to_plan(at: datetime) -> list[date]:
    """The days on which a planned shift can begin: today and the six after it."""
    return [local_day(at) + timedelta(days=ahead) for ahead in range(WEEK.days)]


def span_of(day: date, hours: str) -> tuple[datetime, datetime]:
    """Begin and end of these hours (a key of HOURS) on the day."""
    begins, ends = HOURS[hours]
    return clock_time(day, begins), clock_time(day, ends)


def _names(uow: UnitOfWork, actor: Actor, worn: HeldPost | None, about: str, people: Iterable[int]) -> Mapping[int, str]:
    """Names of those on a rota that the actor may see; showing those of others is noted."""
    wanted = set(people)
    names = uow.roster.names(wanted) if wanted else {}
    if others := names.keys() - {actor.person_id}:
        uow.note(actor, "duty.names_shown", about, post=worn, names=len(others))
    return names


def _rota(post: Post, roster: Sequence[Holder], coming: Sequence[Shift], names: Mapping[int, str], at: datetime) -> Rota:
    behind = [holder for holder in roster if holder.post_id == post.id]
    running = [shift for shift in coming if shift.runs(at)]
    reached = {holder.person_id for holder in behind if holder.reach is Reach.OPEN}
    everybody = not reached & {shift.person_id for shift in running}
    return Rota(post, running, [s for s in coming if not s.runs(at)], everybody, names)


def _own_desk(uow: UnitOfWork, actor: Actor, post_id: int) -> tuple[HeldPost | None, Post]:
    """A desk behind which the actor stands. Raises NotFound for any other: colleagues of the unit look after their own."""
    post = uow.people.get_post(post_id)
    if post is None or all(held.post_id != post_id for held in actor.posts):
        raise NotFound("desk", post_id)
    return authorize(actor, Action.SET_DUTY, _concern(post)), post


def _bounded(begins_at: datetime, ends_at: datetime, at: datetime) -> None:
    if ends_at - begins_at > LONGEST:
        raise TooMuch("shift", int(LONGEST.total_seconds() // 3600))
    if ends_at <= begins_at or begins_at > at + AHEAD:
        raise NotPossibleNow("shift", begins_at.isoformat(), "outside", "planned")


def _concern(post: Post) -> Concern:
    return Concern(conference=post.conference, unit=post.unit)
