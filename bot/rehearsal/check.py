"""What should have reached whom, and when: computed from the document's ladders and the calendar of the year, beside the desk.

It knows neither the database nor the desk's own arithmetic: it reads the journal (what people and office did), counts days by itself,
and compares with the digests that arrived in the chats. Source: domain §2.5, §4, §5 A20.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from conference.model.calendar import WorkCalendar
from conference.model.profile import Profile

from .journal import Journal, Line, Seated, Thing

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = time(8, 30)
JUDGED = ("meeting", "assignment", "notice")
# To whom a step goes, from the first who stands for a unit upward: the next one hears it where a post is empty.
WITHIN = ("liaison", "deputy", "member", "holder")
ABOVE = {
    "office": ("office", "office_director"),
    "office_director": ("office_director",),
    "convener": ("convener",),
    "chief_convener": ("chief_convener",),
}
ESCALATED = frozenset({"member", *ABOVE})


@cache
def days() -> dict[date, bool]:
    """Days off and working weekends as announced; what is not named is by its weekday."""
    from chinese_calendar import constants

    return dict.fromkeys(constants.holidays, False) | dict.fromkeys(constants.workdays, True)


def calendar() -> WorkCalendar:
    return WorkCalendar.of(days())


def works(day: date) -> bool:
    return days().get(day, day.weekday() < 5)


def step_day(due: date, working_days: int) -> date:
    """So many working days before or after; a step before or on a day off comes on the working day before it."""
    day, left, way = due, abs(working_days), 1 if working_days > 0 else -1
    while left:
        day += timedelta(days=way)
        left -= works(day)
    while not works(day):
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a ladder: when, of what, for which unit, to whom."""

    at: datetime
    thing: Thing
    unit: str
    whom: str


@dataclass
class Judgement:
    """`findings` are sentences: what came too early, twice, to somebody else, or not at all."""

    findings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)  # due, by noun
    withheld: Counter[str] = field(default_factory=Counter)  # not sent, by reason


def judge(journal: Journal, profile: Profile, *, until: datetime) -> Judgement:
    found = Judgement()
    expected: Counter[Line] = Counter()
    for step in steps(journal, profile, until):
        if (reason := settled(step)) is not None:
            found.withheld[reason] += 1
            continue
        found.steps[step.thing.noun] += 1
        if step.whom in ESCALATED:
            found.counts["escalations"] += 1
        for person in reached(journal, step):
            if person in journal.blocked and journal.blocked[person] <= step.at:
                found.withheld["the bot is blocked"] += 1
            else:
                expected[Line(step.at, person, step.thing.noun, step.thing.number, step.unit)] += 1
    _compare(found, journal, expected)
    return found


def steps(journal: Journal, profile: Profile, until: datetime) -> Iterator[Step]:
    """Every step of every ladder whose moment lies within the rehearsal."""
    for thing in journal.things.values():
        for place, turn in enumerate(thing.turns):
            following = thing.turns[place + 1].since if place + 1 < len(thing.turns) else until
            for reminder in profile.reminders[thing.ladder]:
                at = datetime.combine(step_day(turn.due, reminder.days), MORNING, ZONE)
                if turn.since < at < min(following, until):
                    yield from (Step(at, thing, unit, reminder.whom) for unit in thing.units)


def settled(step: Step) -> str | None:
    """Why nothing is said any more: the unit did its part, or the thing was over."""
    if (done := step.thing.done.get(step.unit)) is not None and done <= step.at:
        return "done by then"
    turn = next(turn for turn in reversed(step.thing.turns) if turn.since < step.at)
    if turn.ended is not None and turn.ended <= step.at:
        return "over by then"
    return None


def reached(journal: Journal, step: Step) -> list[str]:
    """People the step is for; where nobody holds the post, those of the next one."""
    there = [seat for seat in journal.seats if seat.holds(step.at)]
    order = [*WITHIN, *ABOVE]
    for whom in [*order[order.index(step.whom) :], "office"]:
        if found := _holding(there, whom, step.unit):
            return list(dict.fromkeys(seat.person for seat in found))
    return []


def _holding(there: list[Seated], whom: str, unit: str) -> list[Seated]:
    if whom in ABOVE:
        return [seat for seat in there if seat.role in ABOVE[whom]]
    own = [seat for seat in there if seat.unit == unit]
    if whom == "holder":
        return own
    if whom == "member":
        return [seat for seat in own if seat.role == "member"]
    liaisons = [seat for seat in own if seat.role == "liaison"]
    first = min((seat.rank for seat in liaisons), default=0)
    deputies = [seat for seat in liaisons if seat.rank > first]
    return (deputies or liaisons) if whom == "deputy" else [seat for seat in liaisons if seat.rank == first]


def _compare(found: Judgement, journal: Journal, expected: Counter[Line]) -> None:
    """A digest shows some lines and counts the rest: what it shows must be due, and what is due must be shown or counted."""
    by_message: dict[tuple[datetime, str], Counter[Line]] = {}
    for line, times in expected.items():
        by_message.setdefault((line.at, line.person), Counter())[line] += times
    for digest in journal.digests:
        wanted = by_message.pop((digest.at.astimezone(ZONE), digest.person), Counter())
        judged = Counter(line for line in digest.lines if line.noun in JUDGED)
        others = sum(line.noun not in JUDGED for line in digest.lines)
        unread = digest.says - len(digest.lines)
        found.counts["digests"] += 1
        found.counts["lines"] += digest.says
        found.counts["lines of other nouns"] += others
        found.findings += [f"{_said(line)}: came and was not due" for line in (judged - wanted).elements()]
        missing = list((wanted - judged).elements())
        if len(missing) > unread:
            found.findings += [f"{_said(line)}: was due and did not come" for line in missing]
    found.findings += [f"{_said(line)}: was due and did not come" for left in by_message.values() for line in left.elements()]
    found.counts["merged"] = found.counts["lines"] - found.counts["digests"]


def _said(line: Line) -> str:
    return f"{line.at.astimezone(ZONE):%Y-%m-%d %H:%M} {line.person}: {line.noun} {line.number} for {line.unit}"
