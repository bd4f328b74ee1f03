"""What should have reached whom, and when: computed from the document's ladders and the calendar of the year, beside the desk.

It knows neither the database nor the desk's own arithmetic: it reads the journal (what people and office did), counts days by itself,
and compares with the digests that arrived in the chats. Source: domain §2.5, §4, §5 A20.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from conference.model.duties import STANDING
from conference.model.people import ONE_A_PLACE
from conference.model.profile import Cadence, Duty, DutyKind, Profile

from .clocks import alarms, told
from .days import MORNING, ZONE, step_day
from .journal import Journal, Line, Seated, Thing, Told, Turn

JUDGED = ("meeting", "assignment", "notice", "duty")
# To whom a step goes, from the first who stands for a unit upward: the next one hears it where a post is empty.
WITHIN = ("liaison", "deputy", "member", "holder")
ABOVE = {
    "office": ("office", "office_director"),
    "office_director": ("office_director",),
    "convener": ("convener",),
    "chief_convener": ("chief_convener",),
}
ESCALATED = frozenset({"member", *ABOVE})


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
    alarms: Counter[str] = field(default_factory=Counter)  # due, by kind
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
    _compare_alarms(found, journal, profile, until)
    return found


def steps(journal: Journal, profile: Profile, until: datetime) -> Iterator[Step]:
    """Every step of every ladder whose moment lies within the rehearsal.

    What fell due while the desk was down comes when it is back.
    """
    for thing in (*journal.past, *journal.things.values(), *duties(journal, profile, until)):
        for place, turn in enumerate(thing.turns):
            following = thing.turns[place + 1].since if place + 1 < len(thing.turns) else until
            for reminder in profile.reminders[thing.ladder]:
                at = datetime.combine(step_day(turn.due, reminder.days), MORNING, ZONE)
                if turn.since < at < min(following, until):
                    moment = next((back for down, back in journal.outages if down <= at < back), at)
                    yield from (Step(moment, thing, unit, reminder.whom) for unit in thing.units)


def duties(journal: Journal, profile: Profile, until: datetime) -> Iterator[Thing]:
    """Duties that have a day: those of windows from the moment they begin, those before a plenary from its convocation on."""
    assert journal.opened is not None
    meets = profile.has_conference and profile.rules.plenary_cadence is not None
    for duty in profile.duties:
        for first, last in _windows(profile, duty.cadence, journal.opened, until):
            since = max(journal.opened, datetime.combine(first, MORNING, ZONE))
            yield from (_owed(journal, profile, duty, owner, since, first, last) for owner in _owners(journal, profile, duty, since))
    if not meets:  # nobody meets: the standing duties are attested once a year
        for first, last in _windows(profile, Cadence.YEARLY, journal.opened, until):
            since = max(journal.opened, datetime.combine(first, MORNING, ZONE))
            yield from (_owed(journal, profile, None, owner, since, first, last) for owner in _standing(journal, profile, since))
    before = [duty for duty in profile.duties if duty.cadence is Cadence.BEFORE_PLENARY]
    for convened, plenary in ((moved[0].since, each) for moved in journal.plenaries.values() for each in moved):
        eve: list[tuple[Duty | None, str]] = [(None, owner) for owner in _standing(journal, profile, convened)]
        eve += [(duty, owner) for duty in before for owner in _owners(journal, profile, duty, convened)]
        for asked, owner in eve:
            thing = _owed(journal, profile, asked, owner, plenary.since, date.min, step_day(plenary.day, -1))
            if plenary.before is not None:  # reported before it was moved
                earlier = journal.reported.get((_number(asked, step_day(plenary.before, -1)), owner))
                thing.done |= {owner: earlier} if earlier is not None else {}
            if plenary.until is not None:
                thing.end(plenary.until)
            yield thing


def _standing(journal: Journal, profile: Profile, at: datetime) -> list[str]:
    standing = (duty for duty in profile.duties if duty.kind is DutyKind.STANDING)
    return list(dict.fromkeys(owner for duty in standing for owner in _owners(journal, profile, duty, at)))


def _owners(journal: Journal, profile: Profile, duty: Duty, at: datetime) -> list[str]:
    """A place by the title of its post, as it is called in a digest."""
    if duty.unit in ONE_A_PLACE:
        return [seat.title for seat in journal.seats if seat.role == duty.unit and seat.holds(at)] or [duty.unit]
    return list(profile.units) if duty.unit == "all_members" else [duty.unit]


def _is_chased(journal: Journal, profile: Profile, owner: str) -> bool:
    if any(seat.title == owner and seat.role in ONE_A_PLACE for seat in journal.seats):
        return True
    unit = profile.units.get(owner)
    return owner in ("office", "conference") if unit is None else unit.supervised


def _owed(journal: Journal, profile: Profile, duty: Duty | None, owner: str, since: datetime, first: date, due: date) -> Thing:
    """One time that it is owed, ended by a report or by what shows that it was done. Courts and congresses are never chased."""
    number = _number(duty, due)
    shown = [
        each.at
        for each in journal.happened
        if duty is not None and duty.ends == each.name and each.owner in (None, owner) and each.at > since and first <= each.day <= due
    ]
    done = min([*shown, *([journal.reported[number, owner]] if (number, owner) in journal.reported else [])], default=None)
    thing = Thing(
        "duty", number, "duty" if duty else "attestation", [owner] if _is_chased(journal, profile, owner) else [], [Turn(since, due)]
    )
    if done is not None:
        thing.done[owner] = done
    return thing


def _number(duty: Duty | None, due: date) -> str:
    return f"{duty.id if duty else STANDING} {due:%m-%d}"


def _windows(profile: Profile, cadence: Cadence | None, opened: datetime, until: datetime) -> Iterator[tuple[date, date]]:
    """First and last days of the windows that begin before the end and end after the beginning."""
    since, last = opened.astimezone(ZONE).date(), until.astimezone(ZONE).date()
    for year in range(since.year, last.year + 1):
        for begins, ends in _of_year(profile, cadence, year):
            if begins < last and ends >= since:
                yield begins, ends


def _of_year(profile: Profile, cadence: Cadence | None, year: int) -> Iterator[tuple[date, date]]:
    if cadence == Cadence.HOLIDAY:
        for stretch in profile.settings.holidays:
            begins, ends = (tuple(map(int, day.split("-"))) for day in stretch.split("/"))
            yield date(year, begins[0], begins[1]), date(year, ends[0], ends[1])
    months = {Cadence.YEARLY: 12, Cadence.HALF_YEARLY: 6, Cadence.QUARTERLY: 3}.get(cadence) if cadence else None
    if months:
        for month in range(1, 13, months):
            after = date(year + (month + months) // 13, (month + months - 1) % 12 + 1, 1)
            yield date(year, month, 1), after - timedelta(days=1)


def settled(step: Step) -> str | None:
    """Why nothing is said any more: the unit did its part, or the thing was over."""
    if (done := step.thing.done.get(step.unit)) is not None and done <= step.at:
        return "done by then"
    turn = next(turn for turn in reversed(step.thing.turns) if turn.since < step.at)
    if turn.ended is not None and turn.ended <= step.at:
        return "over by then"
    if step.thing.noun == "meeting" and step.at.astimezone(ZONE).date() > turn.due:  # the desk was down on the last day
        return "too late to answer"
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
    own = [seat for seat in there if seat.unit == unit or (seat.role in ONE_A_PLACE and seat.title == unit)]
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
        if not others and digest.says != wanted.total():
            found.findings.append(f"{digest.at.astimezone(ZONE):%Y-%m-%d %H:%M} {digest.person}: {digest.says} lines, due {wanted.total()}")
        found.counts["digests"] += 1
        found.counts["lines"] += digest.says
        found.counts["lines of other nouns"] += others
        found.findings += [f"{_said(line)}: came and was not due" for line in (judged - wanted).elements()]
        missing = list((wanted - judged).elements())
        if len(missing) > unread:
            found.findings += [f"{_said(line)}: was due and did not come" for line in missing]
    found.findings += [f"{_said(line)}: was due and did not come" for left in by_message.values() for line in left.elements()]
    found.counts["merged"] = found.counts["lines"] - found.counts["digests"]


def _compare_alarms(found: Judgement, journal: Journal, profile: Profile, until: datetime) -> None:
    """What is no digest: each to each of its people, once, at its moment."""
    due: Counter[Told] = Counter()
    for alarm in alarms(journal, profile, until):
        if alarm.withheld:
            found.withheld[alarm.withheld] += 1
            continue
        found.alarms[alarm.what.rstrip(" 0123456789")] += 1
        due.update(told(alarm, journal))
        found.withheld["the bot is blocked"] += len(alarm.people) - len(told(alarm, journal))
    came = Counter(replace(each, at=each.at.astimezone(ZONE)) for each in journal.told if each.at < until)
    due = Counter({replace(each, at=each.at.astimezone(ZONE)): times for each, times in due.items()})
    for each in (came - due).elements():
        found.findings.append(f"{each.at:%Y-%m-%d %H:%M} {each.person}: {each.what} {each.about}: came and was not due")
    for each in (due - came).elements():
        found.findings.append(f"{each.at:%Y-%m-%d %H:%M} {each.person}: {each.what} {each.about}: was due and did not come")


def _said(line: Line) -> str:
    return f"{line.at.astimezone(ZONE):%Y-%m-%d %H:%M} {line.person}: {line.noun} {line.number} for {line.unit}"
