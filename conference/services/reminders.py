"""One way to remind, for meetings, notices, assignments and duties. Source: design §2.5, domain §4, §5 A20.

A step of a ladder is a due row, unique by what, whom and which step. When it falls due, whoever still owes gets one line more into
the next digest; a digest is one message, composed from lines that are looked at again when it is composed and once more when it
is about to be sent. Whoever has done what was asked hears nothing. What is urgent (a report nobody accepts) goes another way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, Protocol

from conference.model.calendar import WorkCalendar
from conference.model.ladders import Ladder, moments
from conference.model.people import OFFICE, Holder, Role
from conference.model.told import Digest
from conference.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """How a thing stands now: the units that still owe, the `mark` that reminders of today bear, and what a line says of it.

    `facts`: number, due (ISO), and what else the line shows; never the words of a person.
    """

    owing: Container[str]
    mark: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


class Owed(Protocol):
    """What each noun says of itself, many at a time."""

    def __call__(self, uow: UnitOfWork, keys: Collection[int], *, at: datetime) -> Mapping[int, Standing]: ...


NOUNS: dict[str, Owed] = {}
_EVER = datetime.min.replace(tzinfo=UTC)


def reminds(noun: str) -> Callable[[Owed], Owed]:
    """Decorator: this function says who still owes something of this noun."""

    def register(owed: Owed) -> Owed:
        NOUNS[noun] = owed
        return owed

    return register


class Opened(Protocol):
    """Posts that may owe it, with their units: the first so many behind this post, in order."""

    def __call__(self, uow: UnitOfWork, key: int, after: int, most: int) -> Sequence[tuple[int, str]]: ...


OPENS: dict[str, Opened] = {}
EACH = "*"  # as a unit: each post that owes it, found when the step falls due
AT_ONCE = 500  # such posts in one commit, so that people do not wait behind them


def opens(noun: str) -> Callable[[Opened], Opened]:
    """Decorator: this function lists the posts for which a step of this noun stands that is for each of very many."""

    def register(opened: Opened) -> Opened:
        OPENS[noun] = opened
        return opened

    return register


@dataclass(frozen=True, slots=True)
class Plan:
    """A thing that units are reminded of until it is done; `mark` rises when it is put anew (a moved meeting).

    `due_by`: how the day is found where it is itself so many working days from another.
    """

    noun: str
    key: int
    units: Sequence[str]
    ladder: Ladder
    due: date
    mark: int = 0
    due_by: Callable[[WorkCalendar], date] | None = None

    def step_key(self, unit: str, step: str) -> str:
        return f"{self.noun}:{self.key}:{unit}:{self.mark}:{step}"


Plans = Callable[[UnitOfWork, datetime], Iterable[Plan]]
PLANS: dict[str, Plans] = {}


def plans(noun: str) -> Callable[[Plans], Plans]:
    """Decorator: this function lists what of a noun is reminded of now, so that a changed calendar can move its steps."""

    def register(listed: Plans) -> Plans:
        PLANS[noun] = listed
        return listed

    return register


Clocks = Callable[[UnitOfWork, WorkCalendar], Mapping[str, datetime]]
CLOCKS: list[Clocks] = []


def clocks(counted: Clocks) -> Clocks:
    """Decorator: this function says when the rows of a kind that wait now fall due if days are counted by this calendar."""
    CLOCKS.append(counted)
    return counted


@dataclass(frozen=True, slots=True)
class Shift:
    """What a changed calendar moves: a step, or (its key ends with "due") the end of the day until which a thing is owed."""

    key: str
    before: datetime
    after: datetime


class DueRow(Protocol):
    """A due row, as storage keeps it."""

    @property
    def key(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


# -- when a thing is made, changed or done -----------------------------------------------------------------------------


def remind(uow: UnitOfWork, plan: Plan, *, at: datetime) -> None:
    """Compute the steps for each unit that owes it. A higher `mark` (a moved meeting) makes those of a lower one worthless."""
    steps = moments(plan.ladder, plan.due, since=at, hours=uow.hours, calendar=uow.calendar)
    for unit in plan.units:
        for step in steps:
            data = {"unit": unit, "mark": plan.mark, "step": step.code, "whom": step.reminder.whom}
            uow.schedule.add(plan.step_key(unit, step.code), "nudge", f"{plan.noun}:{plan.key}", step.at, data)


def stop_reminding(uow: UnitOfWork, noun: str, key: int, unit: str | None = None) -> None:
    """The thing is over, or this unit has done its part."""
    uow.schedule.withdraw(f"{noun}:{key}:{unit}:" if unit else f"{noun}:{key}:")


# -- when the calendar changes -----------------------------------------------------------------------------------------


def shifts(uow: UnitOfWork, calendar: WorkCalendar, *, at: datetime) -> list[Shift]:
    """Steps of this conference that are still to come and that this calendar puts elsewhere; into the past never: then they come
    with the next digest."""
    found = []
    for listed in PLANS.values():
        for plan in listed(uow, at):
            waiting = uow.schedule.pending(f"{plan.noun}:{plan.key}:")
            due = plan.due_by(calendar) if plan.due_by else plan.due
            if due != plan.due:
                days = uow.hours.end_of(plan.due), uow.hours.end_of(due)
                found += [Shift(plan.step_key(unit, "due"), *days) for unit in plan.units]
            for step in moments(plan.ladder, due, since=_EVER, hours=uow.hours, calendar=calendar):
                after = step.at if step.at > at else uow.hours.next_digest(at, calendar)
                for unit in plan.units:
                    before = waiting.get(key := plan.step_key(unit, step.code))
                    if before is not None and before != after:
                        found.append(Shift(key, before, after))
    return found + [shift for counted in CLOCKS for shift in _ticking(uow, counted, calendar, at=at)]


def _ticking(uow: UnitOfWork, counted: Clocks, calendar: WorkCalendar, *, at: datetime) -> Iterable[Shift]:
    """Clocks whose end this calendar puts elsewhere, by as much as that; one that was late for another reason stays so."""
    before, after = counted(uow, uow.calendar), counted(uow, calendar)
    for key, end in after.items():
        waiting = uow.schedule.pending(key).get(key)
        if waiting is not None and end != before[key]:
            moment = waiting + (end - before[key])
            yield Shift(key, waiting, moment if moment > at else uow.hours.next_digest(at, calendar))


def move_steps(uow: UnitOfWork, moved: Iterable[Shift]) -> None:
    for shift in moved:
        uow.schedule.move(shift.key, shift.after)


# -- when a step falls due ---------------------------------------------------------------------------------------------


def fire(uow: UnitOfWork, rows: Sequence[DueRow], *, whole: bool, at: datetime) -> None:
    """Steps that fell due, of one conference: whoever still owes gets a line into the next digest.

    That is written in the same commit if it may go now and these steps are the `whole` of what is due; else other lines for the same
    people may follow at this moment, and one message is to hold them all.
    """
    whole = whole and all(row.data["unit"] != EACH for row in rows)
    rows = [opened for row in rows for opened in (_open(uow, row, at=at) if row.data["unit"] == EACH else [row])]
    standing = _standing(uow, (row.subject for row in rows), at=at)
    roster = _by_unit(_concerned(uow, rows, at=at))
    told_at = when_told(uow, at)
    lines, told = [], dict[int, None]()
    for row in rows:
        unit, now = row.data["unit"], standing.get(row.subject)
        if not _still(now, unit=unit, mark=row.data["mark"]):
            continue
        noun, _, key = row.subject.partition(":")
        for account in recipients(roster, unit, row.data["whom"]):
            lines.append(
                {
                    "key": f"{row.key}:{account}",
                    "account_id": account,
                    "noun": noun,
                    "noun_id": int(key),
                    "step": row.data["step"],
                }
            )
            told[account] = None
    if not told:
        return
    name = blake2b("\n".join(row.key for row in rows).encode(), digest_size=8).hexdigest()
    if whole and told_at == at:
        uow.nudges.tell(Digest([], name), told, lines=lines, at=at)
    else:
        uow.nudges.add(lines, at=at)
        _expect_digests(uow, name, list(told), told_at)


def _expect_digests(uow: UnitOfWork, name: str, accounts: Sequence[int], moment: datetime) -> None:
    """One row for all of them: on the morning of a deadline they are thousands. `name` is that of the steps that fell due together."""
    uow.schedule.add(f"digest:{uow.conference}:{moment.timestamp():.6f}:{name}", "digest", name, moment, {"accounts": accounts})


def _concerned(uow: UnitOfWork, rows: Sequence[DueRow], *, at: datetime) -> Sequence[Holder]:
    """Everybody to whom these steps can lead: where posts owe each for itself, those who hold them and those above."""
    posts = [int(post) for row in rows if (post := row.data["unit"].partition(OF_POST)[2])]
    if len(posts) < len(rows):
        return uow.people.roster(uow.conference, at)
    above = frozenset(role for name, _, roles in ABOVE if name != "holder" for role in roles)
    there = {(holder.account_id, holder.post_id): holder for holder in uow.people.roster(uow.conference, at, above)}
    return list((there | {(holder.account_id, holder.post_id): holder for holder in uow.people.holding(posts, at)}).values())


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step is for one of the posts for which it stands."""

    key: str
    subject: str
    data: Mapping[str, Any]


def _open(uow: UnitOfWork, row: DueRow, *, at: datetime) -> Sequence[DueRow]:
    """A step that is for each of very many posts: some of them now, the others with a step that is due at once."""
    noun, _, key = row.subject.partition(":")
    after = row.data.get("after", 0)
    found = OPENS[noun](uow, int(key), after, AT_ONCE)
    whole = row.data.get("whole", row.key)
    if len(found) == AT_ONCE:
        last = found[-1][0]
        uow.schedule.add(f"{whole}:{last}", "nudge", row.subject, at, {**row.data, "after": last, "whole": whole})
    steps = []
    for post, unit in found:
        owing = f"{unit}{OF_POST}{post}"
        steps.append(_Step(whole.replace(f":{EACH}:", f":{owing}:"), row.subject, {**row.data, "unit": owing}))
    return steps


def when_told(uow: UnitOfWork, at: datetime) -> datetime:
    """When people may hear of what is not urgent: now by day on a working day, else with the next digest."""
    now = uow.calendar.is_workday(at.astimezone(uow.hours.zone).date()) and not uow.hours.is_quiet(at)
    return at if now else uow.hours.next_digest(at, uow.calendar)


OF_POST = "@"  # "education@12": owed by this post of the unit alone

# From the first that stands for a unit up to those who stand for all; the names are those of the profile's reminders.
ABOVE: tuple[tuple[str, bool, frozenset[Role]], ...] = (
    ("liaison", True, frozenset({Role.LIAISON})),
    ("deputy", True, frozenset({Role.LIAISON})),
    ("member", True, frozenset({Role.MEMBER})),
    ("holder", True, frozenset(Role)),
    ("office", False, OFFICE),
    ("office_director", False, frozenset({Role.OFFICE_DIRECTOR})),
    ("convener", False, frozenset({Role.CONVENER})),
    ("chief_convener", False, frozenset({Role.CHIEF_CONVENER})),
)

_UPWARD = {name: (*ABOVE[first:], next(each for each in ABOVE if each[0] == "office")) for first, (name, *_) in enumerate(ABOVE)}


def recipients(roster: Mapping[str, Sequence[Holder]], unit: str, whom: str) -> list[int]:
    """Accounts that a step is for; an empty post passes it on to the next above, in the end to the office: never to nobody."""
    unit, _, post = unit.partition(OF_POST)
    for name, of_the_unit, roles in _UPWARD[whom]:
        holders = roster.get(unit if of_the_unit else "", ())
        if post and of_the_unit and name != "member":
            found = [holder for holder in holders if holder.post_id == int(post)]
        else:
            found = _in_turn(name, [holder for holder in holders if holder.role in roles])
        if found:
            return list(dict.fromkeys(holder.account_id for holder in found))
    return []


def _in_turn(name: str, holders: list[Holder]) -> list[Holder]:
    """Of several liaisons of a unit the first stands for it and the others are deputies; without a deputy it is the liaison again."""
    first = min((holder.rank for holder in holders), default=0)
    if name == "liaison":
        return [holder for holder in holders if holder.rank == first]
    if name == "deputy":
        return [holder for holder in holders if holder.rank > first] or holders
    return holders


def _by_unit(roster: Sequence[Holder]) -> dict[str, list[Holder]]:
    """Holders by unit; under "" all of them, under township/422823100 those of a place."""
    found: dict[str, list[Holder]] = {"": list(roster)}
    for holder in roster:
        found.setdefault(holder.unit, []).append(holder)
        if holder.place is not None:
            found.setdefault(f"{holder.role}/{holder.place}", []).append(holder)
    return found


def told_of(uow: UnitOfWork, unit: str, whom: str, *, at: datetime) -> list[int]:
    """Accounts that hear of what concerns this unit, by the same rule as its reminders."""
    return recipients(_by_unit(uow.people.roster(uow.conference, at)), unit, whom)


# -- the digest --------------------------------------------------------------------------------------------------------


def tell_digests(uow: UnitOfWork, name: str, accounts: Sequence[int], *, at: datetime) -> None:
    """One message each to those who have lines waiting. `name` marks the lines as those of this digest.

    Late, after an outage, it may be night or a day off: then the lines wait for the next digest.
    """
    if (moment := when_told(uow, at)) > at:
        _expect_digests(uow, name, accounts, moment)
        return
    uow.nudges.tell(Digest([], name), accounts, at=at)


def refreshed(uow: UnitOfWork, account: int, digest: Digest, *, at: datetime) -> Digest | None:
    """The digest of this reader as it is true now, when it is about to be sent: lines whose thing is done meanwhile are withheld.

    None if nothing of it is left. One without a name waits since before schema 0004 and bears its lines itself.
    """
    if not digest.name:
        standing = _standing(uow, (f"{noun}:{key}" for noun, key, *_ in digest.lines), at=at)
        owed = [line for line in digest.lines if _still(standing.get(f"{line[0]}:{line[1]}"), unit=line[2], mark=line[3])]
        return Digest(owed) if owed else None
    lines = uow.nudges.of_digest(account, digest.name)
    standing = _standing(uow, (f"{line.noun}:{line.noun_id}" for line in lines), at=at)
    told, withheld = [], []
    for line in lines:
        shown = _shown(line.key, line.step, standing.get(f"{line.noun}:{line.noun_id}"))
        if shown is None:
            withheld.append((line.id, "done"))
        else:
            told.append(shown)
    uow.nudges.withheld(withheld, at=at)
    return Digest(told, digest.name) if told else None


def _still(now: Standing | None, *, unit: str, mark: int) -> bool:
    return now is not None and unit in now.owing and mark == now.mark


def _shown(key: str, step: str, now: Standing | None) -> list[Any] | None:
    """A line: noun, id, unit, mark, step, facts. None if it is no longer owed."""
    noun, thing, unit, mark, *_ = key.split(":")
    if now is None or not _still(now, unit=unit, mark=int(mark)):
        return None
    return [noun, int(thing), unit, int(mark), step, dict(now.facts)]


def _standing(uow: UnitOfWork, subjects: Iterable[str], *, at: datetime) -> dict[str, Standing]:
    keys: dict[str, set[int]] = {}
    for subject in subjects:
        noun, _, key = subject.partition(":")
        keys.setdefault(noun, set()).add(int(key))
    return {f"{noun}:{key}": how for noun, wanted in keys.items() for key, how in NOUNS[noun](uow, wanted, at=at).items()}
