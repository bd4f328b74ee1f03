"""The duty calendar: what each row of the document asks of whom, and when; reported, accepted, returned, waived.

Recurring duties fall due by windows, the others by what happens (duty_events.py) or because the office says so, the standing ones
are attested together before each plenary. Courts, procuratorates and congresses are informed, never chased.
Source: domain §2.3, §2.6, §2.7, §2.11, §3, §5 A20, A28.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from conference.model.calendar import WorkCalendar
from conference.model.duties import OWED, STANDING, Chased, Occurrence, OccurrenceState
from conference.model.errors import NotAllowed, NotFound, NotPossibleNow
from conference.model.history import By, Turn
from conference.model.ladders import light
from conference.model.outsiders import has_joined
from conference.model.people import OFFICE, Actor, HeldPost, Holder, Post, Role
from conference.model.permissions import Action, Concern, authorize
from conference.model.profile import Cadence, Duty, DutyKind, Profile
from conference.model.rhythms import EVERY, Months, Rhythm, Seasons, next_look, stretch, windows_between
from conference.model.told import DutiesOpened, DutiesToReview, Lane, OccurrenceReturned, OccurrenceWaived
from conference.ports import UnitOfWork

from .inventories import contributes
from .owing import Owing, owes
from .reminders import Plan, Standing, plans, remind, reminds, stop_reminding, told_of, when_told

NOUN = "duty"
ITEM = "assignment"  # what opened it, as a cause names it
NEWS = "duty_news"  # the due row of what is told by day only
ALL = "all_members"
RUN_BY_OFFICE = ("office", "conference", "chief_convener")  # what they owe the office reports, and nobody has to accept it
MONTHS = {Cadence.YEARLY: 12, Cadence.HALF_YEARLY: 6, Cadence.QUARTERLY: 3}
OF_A_PLACE = frozenset({Role.TOWNSHIP, Role.VILLAGE})
OF_A_UNIT = frozenset({Role.LIAISON, Role.MEMBER})
MOST = 500  # that one report answers together


# -- whose it is -------------------------------------------------------------------------------------------------------


def owners_of(uow: UnitOfWork, profile: Profile, duty: Duty, *, at: datetime) -> list[str]:
    """Who owes a duty: the unit, each unit for a duty of all, each place that has a post for one of townships or villages.

    A body that nobody here speaks for (schools, regions) stands under its own name: the office records what it learns.
    """
    if duty.unit == ALL:
        joined = (unit.slug for unit in uow.profiles.units(profile.slug) if has_joined(unit.slug) and not unit.ended)
        return [*profile.units, *joined]
    if duty.unit in {str(role) for role in OF_A_PLACE}:
        places = {h.place for h in uow.people.roster(profile.slug, at) if h.role == duty.unit and h.place}
        return [f"{duty.unit}/{place}" for place in sorted(places)] or [duty.unit]
    return [duty.unit]


def is_chased(profile: Profile, owner: str) -> bool:
    """The plenary's own watch warns of the chief convener's; a body without a post here cannot be reached."""
    if owner in profile.units:
        return profile.chases(owner)
    return owner in ("office", "conference") or has_joined(owner) or "/" in owner


def speaks_for(post: HeldPost | Holder) -> list[str]:
    """The owners for which the holder of a post reports."""
    if post.role in OF_A_PLACE:
        return [f"{post.role}/{post.place}"] if post.place else []
    return [post.unit] if post.role in OF_A_UNIT else []


def _as_owner(actor: Actor, profile: Profile, owner: str) -> HeldPost | None:
    """The post under which the actor reports for this owner."""
    for post in actor.posts:
        if owner in speaks_for(post):
            return post
        if post.role in OFFICE and is_run_by_office(profile, owner):
            return post
    return None


def is_run_by_office(profile: Profile, owner: str) -> bool:
    return owner in RUN_BY_OFFICE or owner in profile.actors


def _spoken_for(actor: Actor, profile: Profile) -> list[str]:
    """All owners for which the actor reports, those of the first post first."""
    found: list[str] = []
    for post in actor.posts:
        found += speaks_for(post)
        if post.role in OFFICE:
            found += [*RUN_BY_OFFICE, *profile.actors]
    return list(dict.fromkeys(found))


def owner_title(uow: UnitOfWork, owner: str, *, at: datetime) -> str:
    """What an owner that is a place is called: the post there says it. "" for units, which are called as the profile says."""
    if "/" not in owner:
        return ""
    held = (holder.title for holder in uow.people.roster(uow.conference, at) if owner in speaks_for(holder))
    if (title := next(held, None)) is not None:
        return title
    return next((post.title for post in uow.people.open_posts(uow.conference) if f"{post.role}/{post.place}" == owner), owner)


# -- windows -----------------------------------------------------------------------------------------------------------


def rhythm_of(profile: Profile, duty: Duty, intervals: Mapping[str, int]) -> Rhythm | None:
    """How a recurring duty recurs. None: it waits for a meeting, or for the office to say how often "regularly" is."""
    if duty.cadence in MONTHS:
        return Months(MONTHS[duty.cadence])
    if duty.cadence is Cadence.HOLIDAY:
        return Seasons([stretch(each) for each in profile.settings.holidays])
    if duty.cadence is Cadence.REGULAR and (months := intervals.get(duty.id)):
        return Months(months)
    return None


def regular_of(profile: Profile) -> list[Duty]:
    """Duties of which the text says "regularly"."""
    return [duty for duty in profile.duties if duty.cadence is Cadence.REGULAR]


def owners_of_id(uow: UnitOfWork, profile: Profile, duty_id: str, *, at: datetime) -> list[str]:
    return next((owners_of(uow, profile, duty, at=at) for duty in profile.duties if duty.id == duty_id), [])


def unsaid(uow: UnitOfWork, profile: Profile) -> list[Duty]:
    """Duties of which the text says "regularly", and nobody yet how often that is."""
    said = uow.duties.intervals(profile.slug)
    return [duty for duty in regular_of(profile) if duty.id not in said]


def watch_duties(uow: UnitOfWork, since: date, *, at: datetime) -> None:
    """Open what falls due from this day on until today, each window once; look again when the next one begins."""
    profile = uow.conferences.profile(uow.conference)
    today, intervals = _today(uow, at), uow.duties.intervals(profile.slug)
    _go_by_the_document(uow, profile, intervals, at=at)
    rhythms, rows = [], []
    for duty in profile.duties:
        if (rhythm := rhythm_of(profile, duty, intervals)) is not None:
            rhythms.append(rhythm)
            rows += _rows_of(uow, profile, duty, rhythm, since, today, at=at)
    if profile.rules.plenary_cadence is None or not profile.has_conference:  # nobody meets: once a year instead
        rhythms.append(Months(12))
        rows += [
            row(profile, STANDING, owner, window.name, window.first, window.last)
            for window in windows_between(Months(12), since, today)
            for owner in standing_owners(uow, profile, at=at)
        ]
    open_occurrences(uow, profile, rows, at=at)
    _ask_how_often(uow, profile, at=at)
    look = uow.hours.digest_of(next_look(rhythms, today))
    uow.schedule.add(f"duty_windows:{profile.slug}:{look:%Y%m%d}", "duty_windows", profile.slug, look, {"since": today.isoformat()})


def _rows_of(
    uow: UnitOfWork, profile: Profile, duty: Duty, rhythm: Rhythm, since: date, until: date, *, at: datetime
) -> list[dict[str, Any]]:
    owners = owners_of(uow, profile, duty, at=at)
    windows = windows_between(rhythm, since, until)
    return [row(profile, duty.id, owner, window.name, window.first, window.last) for window in windows for owner in owners]


def row(profile: Profile, duty: str, owner: str, cause: str, opens: date, due: date | None) -> dict[str, Any]:
    chased = is_chased(profile, owner)
    return {"conference": profile.slug, "duty": duty, "unit": owner, "cause": cause, "opens": opens, "due": due, "chased": chased}


def open_occurrences(uow: UnitOfWork, profile: Profile, rows: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """Keep them, remind of those that are chased, and say that they are there."""
    made = uow.duties.open(rows)
    for each in made:
        if each.chased and each.due is not None:
            remind(uow, _plan(profile, each), at=at)
    if made:
        uow.note(None, "duty.opened", f"conference:{profile.slug}", occurrences=len(made))
    announce(uow, profile, made, at=at)


def announce(uow: UnitOfWork, profile: Profile, fresh: Iterable[Occurrence], *, at: datetime) -> None:
    """Tell each person once what came, in one list; what opens on a later day on the morning of that day."""
    today = _today(uow, at)
    accounts: dict[int, list[Occurrence]] = {}
    later: dict[date, list[int]] = {}
    for each in fresh:
        if not each.is_owed or is_run_by_office(profile, each.unit):
            continue
        if each.opens > today:
            later.setdefault(each.opens, []).append(each.id or 0)
            continue
        for account in told_of(uow, each.unit, "liaison", at=at):
            accounts.setdefault(account, []).append(each)
    for account, found in accounts.items():
        _tell_opened(uow, profile, account, found, at=at)
    for day, keys in later.items():
        morning = uow.hours.digest_of(uow.calendar.workday_from(day))
        data = {"day": day.isoformat(), "opened": keys}
        uow.schedule.add(f"{NEWS}:{profile.slug}:opens:{day}:{min(keys)}", NEWS, "opens", morning, data)


def _tell_opened(uow: UnitOfWork, profile: Profile, account: int, found: Sequence[Occurrence], *, at: datetime) -> None:
    """At once by day, else with the next digest: what opens is never urgent."""
    today = _today(uow, at)
    if (moment := when_told(uow, at)) > at:
        key = f"{NEWS}:{profile.slug}:{account}:{at.timestamp():.6f}"
        uow.schedule.add(key, NEWS, str(account), moment, {"opened": [each.id for each in found]})
    elif found:
        lines = [_line(uow, profile, each, today) for each in found]
        titles = {each.unit: owner_title(uow, each.unit, at=at) for each in found if "/" in each.unit}
        uow.tell(account, DutiesOpened(lines, titles), lane=Lane.DIGEST)


def tell_news(uow: UnitOfWork, subject: str, data: Mapping[str, Any], *, at: datetime) -> None:
    """What was held back for the night or a day off, as far as it still holds and this account still reports for it."""
    profile = uow.conferences.profile(uow.conference)
    if subject == "often":
        _ask_how_often(uow, profile, at=at)
    elif subject == "review":
        _tell_waiting(uow, at=at)
    elif subject == "opens":  # not what was put on another day meanwhile
        announce(uow, profile, [each for each in uow.duties.many(data["opened"]) if each.opens.isoformat() == data["day"]], at=at)
    else:
        owed_still = [each for each in uow.duties.many(data["opened"]) if each.is_owed]
        found = [each for each in owed_still if int(subject) in told_of(uow, each.unit, "liaison", at=at)]
        _tell_opened(uow, profile, int(subject), found, at=at)


def _wait_for_day(uow: UnitOfWork, what: str, *, at: datetime) -> bool:
    """Whether the office hears of this only with the next digest; then it is put there, once."""
    moment = when_told(uow, at)
    if moment > at:
        uow.schedule.add(f"{NEWS}:{uow.conference}:{what}:{moment.timestamp():.6f}", NEWS, what, moment)
    return moment > at


def _plan(profile: Profile, each: Occurrence) -> Plan:
    assert each.due is not None
    ladder = profile.reminders["attestation" if each.duty == STANDING else "duty"]
    return Plan(NOUN, each.id or 0, [each.unit], ladder, each.due, each.mark)


def _go_by_the_document(uow: UnitOfWork, profile: Profile, intervals: Mapping[str, int], *, at: datetime) -> None:
    """A newer version of the document, or the office's word on "regularly", touches only what it says otherwise: a row that is gone,
    another owner, another rhythm."""
    duties = {duty.id: duty for duty in profile.duties}
    for each in uow.duties.owed(profile.slug):
        duty = duties.get(each.duty)
        owner = _owner_now(uow, profile, duty, each.unit)
        if not owner or (duty is None and each.duty != STANDING):
            lapse(uow, each, "profile", at=at)
            continue
        if owner != each.unit and not _pass_on(uow, profile, each, owner, at=at):
            continue
        if ":" not in each.cause:  # a window, not something that happened
            rhythm = rhythm_of(profile, duty, intervals) if duty else Months(12)
            window = next((w for w in rhythm.of_year(each.opens.year) if w.name == each.cause), None) if rhythm else None
            if window is None:
                lapse(uow, each, "interval" if duty and duty.cadence is Cadence.REGULAR else "profile", at=at)
            elif (window.first, window.last) != (each.opens, each.due):
                put_off(uow, profile, each, window.last, window.first, at=at)


def _owner_now(uow: UnitOfWork, profile: Profile, duty: Duty | None, owner: str) -> str:
    """Who owes it by the document as it stands: the same, the unit that took it in, or whom the row names now. "": nobody."""
    kind = owner.partition("/")[0]
    if duty is not None and duty.unit != ALL:
        return owner if duty.unit == kind else duty.unit
    if has_joined(kind) or kind in RUN_BY_OFFICE or kind in profile.units or kind in profile.actors or "/" in owner:
        return owner
    heir = profile.unit_called(kind)
    return heir.slug if heir else ""


def _pass_on(uow: UnitOfWork, profile: Profile, each: Occurrence, owner: str, *, at: datetime) -> bool:
    """With all that was said of it, and its reminders; False if the new owner has one of its own already."""
    if any(other.cause == each.cause for other in uow.duties.of(profile.slug, [each.duty], owner=owner)):
        lapse(uow, each, "profile", at=at)
        return False
    stop_reminding(uow, NOUN, each.id or 0)
    uow.note(None, "duty.passed_on", f"duty:{each.id}", before=each.unit, after=owner)
    each.pass_on(owner, chased=is_chased(profile, owner))
    if each.chased and each.due is not None:
        remind(uow, _plan(profile, each), at=at)
    return True


def _ask_how_often(uow: UnitOfWork, profile: Profile, *, at: datetime) -> None:
    if (missing := unsaid(uow, profile)) and not _wait_for_day(uow, "often", at=at):
        month = f"{_today(uow, at):%Y-%m}"
        for account in _office(uow, at):
            uow.tell(
                account,
                DutiesToReview(unsaid=[duty.id for duty in missing]),
                lane=Lane.DIGEST,
                key=f"how_often:{profile.slug}:{month}:{account}",
            )


def say_how_often(uow: UnitOfWork, actor: Actor, duty_id: str, months: int, *, at: datetime) -> None:
    """The office says how often "regularly" is. What was open under another interval is owed no more, the window of today is.

    Raises NotFound for a duty that is not such a one, NotPossibleNow for months that do not divide a year.
    """
    post = authorize(actor, Action.RUN_DUTIES, Concern(uow.conference))
    profile = uow.conferences.profile(uow.conference)
    if duty_id not in {duty.id for duty in regular_of(profile)}:
        raise NotFound("duty", duty_id)
    if months not in EVERY:
        raise NotPossibleNow("duty", duty_id, "regular", str(months))
    if uow.duties.intervals(profile.slug).get(duty_id) == months:
        return
    uow.duties.say_interval(profile.slug, duty_id, months, actor.person_id, at=at)
    uow.note(actor, "duty.interval_said", f"conference:{profile.slug}", post=post, duty=duty_id, months=months)
    watch_duties(uow, _today(uow, at), at=at)


# -- standing duties ---------------------------------------------------------------------------------------------------


def standing_of(profile: Profile, owner: str) -> list[Duty]:
    """The standing duties of an owner, those of all members among them."""
    whose = {owner, owner.partition("/")[0], *((ALL,) if owner in profile.units or has_joined(owner) else ())}
    return [duty for duty in profile.duties if duty.kind is DutyKind.STANDING and duty.unit in whose]


def standing_owners(uow: UnitOfWork, profile: Profile, *, at: datetime) -> list[str]:
    standing = (duty for duty in profile.duties if duty.kind is DutyKind.STANDING)
    return list(dict.fromkeys(owner for duty in standing for owner in owners_of(uow, profile, duty, at=at)))


def attestation_days(calendar: WorkCalendar, profile: Profile, plenary: date) -> tuple[date, date]:
    """From when to when standing duties are attested: so many working days before the plenary, to the last one before it."""
    opens = calendar.shift(plenary, -profile.settings.attestation_days) if profile.settings.attestation_days else plenary
    return opens, calendar.shift(plenary, -1)


def _meeting_days(uow: UnitOfWork, at: datetime) -> Mapping[str, date]:
    """The days of the meetings to come, by the cause under which something is owed before them."""
    return {f"meeting:{each.id}": each.starts_at.astimezone(uow.hours.zone).date() for each in uow.meetings.upcoming(uow.conference, at)}


def count_anew(uow: UnitOfWork, calendar: WorkCalendar, *, at: datetime) -> None:
    """Other days are working days now: what is owed before a plenary may be due on another one."""
    profile, today = uow.conferences.profile(uow.conference), _today(uow, at)
    for cause, day in _meeting_days(uow, at).items():
        opens, due = attestation_days(calendar, profile, day)
        counted = [each for each in uow.duties.because_of(profile.slug, cause) if each.due is not None]
        unsaid = [each for each in counted if each.opens > today]
        for each in counted:
            each.opens, each.due = opens, due
        announce(uow, profile, unsaid, at=at)


# -- who sees what -----------------------------------------------------------------------------------------------------


def _today(uow: UnitOfWork, at: datetime) -> date:
    return at.astimezone(uow.hours.zone).date()


def access_duty(uow: UnitOfWork, actor: Actor, key: int) -> Occurrence:
    """The occurrence, if the actor may know of it: its owner's people, the office, the conveners. Raises NotFound."""
    found = uow.duties.get(key)
    if found is None:
        raise NotFound("duty", key)
    for post in actor.posts:
        if found.conference == post.conference and found.unit in speaks_for(post):
            return found
    try:
        authorize(actor, Action.SEE_DUTIES, Concern(found.conference))
    except NotAllowed:
        raise NotFound("duty", key) from None
    return found


@dataclass(frozen=True, slots=True)
class Board:
    """What somebody sees of the calendar. `lines` as in `_line`; `counts` by view."""

    view: str
    lines: list[list[Any]] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


VIEWS = ("own", "waiting", "overdue", "all", "unsaid", "done")
SEEN_BY_CHAIR = ("waiting", "overdue", "all")


def duties_board(uow: UnitOfWork, actor: Actor, view: str, *, at: datetime) -> Board:
    """One list: what the actor's owners owe; for office and conveners also what waits, what is overdue and all that is open."""
    authorize(actor, Action.SEE_DUTIES)
    profile = uow.conferences.profile(actor.conference)
    owners, today = _spoken_for(actor, profile), _today(uow, at)
    chair = _sees_all(actor)
    counts: dict[str, int] = {}
    own = [each for each in uow.duties.owed(profile.slug, owners) if each.opens <= today] if owners else []
    if owners:
        counts["own"] = len(own)
    if chair:
        counts["waiting"] = uow.duties.count(profile.slug, {OccurrenceState.REPORTED})
        counts["overdue"] = len(uow.duties.overdue(profile.slug, today))
        counts["all"] = uow.duties.count(profile.slug, OWED)
    if any(post.role in OFFICE for post in actor.posts):
        counts["unsaid"] = len(unsaid(uow, profile))
    if view not in {*counts, "done"}:
        view = "waiting" if counts.get("waiting") else next(iter(counts), "own")
    found: Sequence[Occurrence] = own
    if view == "waiting":
        found = uow.duties.reported(profile.slug)
    elif view == "overdue":
        found = uow.duties.overdue(profile.slug, today)
    elif view == "all":
        found = uow.duties.owed(profile.slug)
    elif view == "done":
        found = uow.duties.done(profile.slug, owners, 50)
    elif view == "unsaid":
        return Board(view, [[duty.id, duty.unit] for duty in unsaid(uow, profile)], counts)
    titles = {each.unit: owner_title(uow, each.unit, at=at) for each in found if "/" in each.unit}
    return Board(view, _gathered(uow, profile, found, today), counts, titles)


def _sees_all(actor: Actor) -> bool:
    return any(post.role in OFFICE or post.role in (Role.CHIEF_CONVENER, Role.CONVENER) for post in actor.posts)


def _gathered(uow: UnitOfWork, profile: Profile, found: Iterable[Occurrence], today: date) -> list[list[Any]]:
    """One line each; those without a day that differ only in what opened them are one line, with their number."""
    lines: dict[Any, list[Any]] = {}
    for each in found:
        key = (each.duty, each.unit, str(each.state)) if each.due is None else each.id
        if (line := lines.get(key)) is not None:
            line[-1] += 1
        else:
            lines[key] = _line(uow, profile, each, today)
    return list(lines.values())


def _line(uow: UnitOfWork, profile: Profile, each: Occurrence, today: date) -> list[Any]:
    """Id, owner, duty, cause, due (ISO or ""), state, colour of the light ("" without one), how many."""
    return [
        each.id,
        each.unit,
        each.duty,
        each.cause,
        each.due.isoformat() if each.due else "",
        str(each.state),
        _colour(uow, profile, each, today),
        1,
    ]


def _colour(uow: UnitOfWork, profile: Profile, each: Occurrence, today: date) -> str:
    if not each.chased or each.due is None or not each.is_owed:
        return ""
    return light(profile.settings, each.due, today, uow.calendar, is_late=each.is_overdue(today))


@dataclass(frozen=True, slots=True)
class Shown:
    """An occurrence as one person sees it. `also`: others that are reported together with it; `causes`: kind and number of each."""

    occurrence: Occurrence
    line: list[Any]
    history: Sequence[Turn]
    proofs: int
    causes: list[list[str]]
    also: int
    standing: list[str]
    can: list[str]
    title: str


def show_duty(uow: UnitOfWork, actor: Actor, key: int, *, at: datetime) -> Shown:
    found = access_duty(uow, actor, key)
    profile = uow.conferences.profile(found.conference)
    together = _together(uow, found)
    standing = [duty.id for duty in standing_of(profile, found.unit)] if found.duty == STANDING else []
    can = ["report"] if found.is_owed and _as_owner(actor, profile, found.unit) else []
    if any(post.role in OFFICE and post.conference == found.conference for post in actor.posts):
        can += ["accept", "return"] if found.state is OccurrenceState.REPORTED else []
        can += ["waive"] if found.is_open else []
    return Shown(
        found,
        _line(uow, profile, found, _today(uow, at)),
        uow.duties.history(key),
        uow.duties.count_papers(key),
        [_cause(uow, each) for each in together[:5]],
        len(together) - 1,
        standing,
        can,
        owner_title(uow, found.unit, at=at),
    )


def _cause(uow: UnitOfWork, each: Occurrence) -> list[str]:
    """What opened it, with the number that people know it by."""
    kind, _, key = each.cause.partition(":")
    if kind == "report" and (report := uow.reports.get(int(key))) is not None:
        return [kind, report.number]
    if kind == ITEM and (item := uow.assignments.get(int(key.partition(":")[0]))) is not None:
        return [kind, item.number]
    if kind == "meeting" and (meeting := uow.meetings.get(int(key))) is not None:
        return [kind, meeting.number]
    return [kind if key else "", "" if key else each.cause]


def proofs_of(uow: UnitOfWork, actor: Actor, key: int) -> tuple[Occurrence, list[dict[str, Any]]]:
    found = access_duty(uow, actor, key)
    return found, uow.duties.papers(key)


def rows_of(uow: UnitOfWork, actor: Actor, *, at: datetime) -> list[Duty]:
    """The rows of the document that are the actor's own; for office and conveners all of them."""
    authorize(actor, Action.SEE_DUTIES)
    profile = uow.conferences.profile(actor.conference)
    if _sees_all(actor):
        return list(profile.duties)
    owners = {owner.partition("/")[0] for owner in _spoken_for(actor, profile)}
    whose = owners | ({ALL} if any(o in profile.units or has_joined(o) for o in owners) else set())
    return [duty for duty in profile.duties if duty.unit in whose or owners & set(duty.co_units)]


# -- reporting ---------------------------------------------------------------------------------------------------------


def _together(uow: UnitOfWork, found: Occurrence) -> list[Occurrence]:
    """What one word answers: it alone, or, where no day is known, all of the same duty and owner that stand where it stands."""
    if found.due is not None or not found.is_open:
        return [found]
    others = uow.duties.of(found.conference, [found.duty], owner=found.unit)
    same = [each for each in others if each.due is None and each.state is found.state and each.id != found.id]
    return [found, *same[: MOST - 1]]


def report_duty(uow: UnitOfWork, actor: Actor, key: int, text: str, files: Sequence[Mapping[str, Any]] = (), *, at: datetime) -> Occurrence:
    """Say what was done, with proof. Raises NotPossibleNow where it is not owed any more."""
    uow.duties.locked(key)
    found = access_duty(uow, actor, key)
    profile = uow.conferences.profile(found.conference)
    post = _as_owner(actor, profile, found.unit)
    if post is None:
        raise NotAllowed(Action.REPORT_DUTY)
    authorize(actor, Action.REPORT_DUTY, Concern(found.conference, post.unit))
    together = _together(uow, found)
    for each in together:
        each.report(By.of(actor, post), text, at=at)
        if is_run_by_office(profile, each.unit):
            each.accept(By.of(actor, post), at=at)
        uow.duties.save(each)
        stop_reminding(uow, NOUN, each.id or 0)
    for file in files:
        uow.duties.add_paper(key, file, actor.person_id, at=at)
    uow.note(actor, "duty.reported", f"duty:{key}", post=post, together=len(together), proofs=len(files))
    if found.state is OccurrenceState.REPORTED:
        _tell_waiting(uow, at=at)
    return found


def _tell_waiting(uow: UnitOfWork, *, at: datetime) -> None:
    """To the office: one message a day, not one a report."""
    if _wait_for_day(uow, "review", at=at):
        return
    number = uow.duties.count(uow.conference, {OccurrenceState.REPORTED})
    for account in _office(uow, at):
        key = f"review:{uow.conference}:{_today(uow, at)}:{account}"
        uow.tell(account, DutiesToReview(waiting=number), lane=Lane.DIGEST, key=key, only_while="duties.waiting:")


# -- the office's word -------------------------------------------------------------------------------------------------


def _to_run(uow: UnitOfWork, actor: Actor, key: int) -> tuple[Occurrence, HeldPost | None]:
    uow.duties.locked(key)
    found = access_duty(uow, actor, key)
    return found, authorize(actor, Action.RUN_DUTIES, Concern(found.conference))


def accept_duty(uow: UnitOfWork, actor: Actor, key: int, *, at: datetime) -> Occurrence:
    found, post = _to_run(uow, actor, key)
    for each in _together(uow, found):
        each.accept(By.of(actor, post), at=at)
        uow.duties.save(each)
    uow.note(actor, "duty.accepted", f"duty:{key}", post=post)
    return found


def return_duty(uow: UnitOfWork, actor: Actor, key: int, lacks: str, *, at: datetime) -> Occurrence:
    """It is owed again; the owner hears what lacks, and is reminded by the steps still to come: after the due day they count from today."""
    found, post = _to_run(uow, actor, key)
    profile, today = uow.conferences.profile(found.conference), _today(uow, at)
    for each in _together(uow, found):
        each.give_back(By.of(actor, post), lacks, at=at)
        uow.duties.save(each)
        if each.chased and each.due is not None:
            remind(uow, replace(_plan(profile, each), due=max(each.due, today)), at=at)
    uow.note(actor, "duty.returned", f"duty:{key}", post=post)
    line = _line(uow, profile, found, today)
    for account in told_of(uow, found.unit, "liaison", at=at):
        uow.tell(account, OccurrenceReturned(line, lacks, owner_title(uow, found.unit, at=at)))
    return found


def waive_duty(uow: UnitOfWork, actor: Actor, key: int, reason: str, *, at: datetime) -> Occurrence:
    """It is not asked for this time; the owner hears why."""
    found, post = _to_run(uow, actor, key)
    profile = uow.conferences.profile(found.conference)
    line = _line(uow, profile, found, _today(uow, at))
    for each in _together(uow, found):
        each.waive(By.of(actor, post), reason, at=at)
        uow.duties.save(each)
        stop_reminding(uow, NOUN, each.id or 0)
    uow.note(actor, "duty.waived", f"duty:{key}", post=post)
    if not is_run_by_office(profile, found.unit):
        for account in told_of(uow, found.unit, "liaison", at=at):
            uow.tell(account, OccurrenceWaived(line, reason, owner_title(uow, found.unit, at=at)))
    return found


def lapse(uow: UnitOfWork, each: Occurrence, why: str, *, at: datetime) -> None:
    """Owed no more, for a reason of time itself."""
    each.lapse(why, at=at)
    uow.duties.save(each)
    stop_reminding(uow, NOUN, each.id or 0)


def put_off(uow: UnitOfWork, profile: Profile, each: Occurrence, due: date, opens: date, *, at: datetime) -> None:
    """Another day for it; its reminders move along."""
    stop_reminding(uow, NOUN, each.id or 0)
    each.put_off(due, opens)
    if each.chased and each.is_owed:
        remind(uow, _plan(profile, each), at=at)


def fulfil(uow: UnitOfWork, each: Occurrence, event: str, *, at: datetime) -> None:
    """What happened is the proof."""
    each.fulfil(event, at=at)
    uow.duties.save(each)
    stop_reminding(uow, NOUN, each.id or 0)


def duties_to_open(uow: UnitOfWork, actor: Actor, *, at: datetime) -> list[Duty]:
    """What the office can ask for by hand: duties on an event, whatever opens them otherwise."""
    authorize(actor, Action.RUN_DUTIES, Concern(uow.conference))
    return [duty for duty in uow.conferences.profile(uow.conference).duties if duty.kind is DutyKind.ON_EVENT]


def ask_for_duty(uow: UnitOfWork, actor: Actor, duty_id: str, owners: Sequence[str], due: date, *, at: datetime) -> int:
    """Something happened that this program does not hear of: the duty is owed until this day. Returns by how many.

    Raises NotFound for a duty that is not one on an event, or an owner that does not owe it; NotPossibleNow for a day that passed.
    """
    post = authorize(actor, Action.RUN_DUTIES, Concern(uow.conference))
    profile, today = uow.conferences.profile(uow.conference), _today(uow, at)
    duty = next((each for each in duties_to_open(uow, actor, at=at) if each.id == duty_id), None)
    if duty is None or not set(owners) <= set(owners_of(uow, profile, duty, at=at)) or not owners:
        raise NotFound("duty", duty_id)
    if due < today:
        raise NotPossibleNow("duty", duty_id, "passed", "open")
    cause = f"asked:{int(at.timestamp() * 1000)}"
    open_occurrences(uow, profile, [row(profile, duty_id, owner, cause, today, due) for owner in owners], at=at)
    uow.note(actor, "duty.asked_for", f"conference:{profile.slug}", post=post, duty=duty_id, owners=len(owners))
    return len(owners)


def _office(uow: UnitOfWork, at: datetime) -> list[int]:
    return list(dict.fromkeys(h.account_id for h in uow.people.roster(uow.conference, at) if h.role in OFFICE))


def is_anything_waiting(uow: UnitOfWork) -> bool:
    return uow.duties.count(uow.conference, {OccurrenceState.REPORTED}) > 0


# -- when a post changes hands ------------------------------------------------------------------------------------------


@contributes("duties")
def _duties(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> int:
    """How many its holder reports for that are owed now: they stay with the unit."""
    owners = speaks_for(HeldPost(post.id or 0, post.conference, post.unit, post.role, post.title, post.place))
    today = _today(uow, at)
    return sum(each.opens <= today for each in uow.duties.owed(post.conference, owners)) if owners else 0


# -- reminding ---------------------------------------------------------------------------------------------------------


@reminds(NOUN)
def owed(uow: UnitOfWork, keys: Collection[int], *, at: datetime) -> Mapping[int, Standing]:
    """The owner, as long as it has not reported; never one that is only informed."""
    standing = {}
    today = _today(uow, at)
    for each in uow.duties.chased(keys):
        standing[each.id] = Standing(frozenset({each.unit}), each.mark, _facts(uow, each, today, at=at))
    return standing


def _facts(uow: UnitOfWork, each: Occurrence | Chased, today: date, *, at: datetime) -> dict[str, Any]:
    facts: dict[str, Any] = {"duty": each.duty, "cause": each.cause, "due": each.due.isoformat() if each.due else ""}
    facts["late"] = each.due is not None and each.due < today
    if "/" in each.unit:
        facts["title"] = owner_title(uow, each.unit, at=at)
    return facts


@owes(NOUN)
def _owing(uow: UnitOfWork, actor: Actor, at: datetime) -> Iterable[Owing]:
    """What the actor reports for and is chased for; those without a day come last, and are one line if they differ only in
    what opened them. What an assigned item opened is in the line of the item."""
    profile, today = uow.conferences.profile(uow.conference), _today(uow, at)
    said: set[tuple[str, str]] = set()
    owners = _spoken_for(actor, profile)
    for each in uow.duties.owed(profile.slug, owners) if owners else ():
        if each.opens > today or not each.chased or each.cause.startswith(f"{ITEM}:"):
            continue
        if each.due is None and (each.duty, each.unit) in said:
            continue
        if each.due is None:
            said.add((each.duty, each.unit))
        yield Owing(NOUN, each.id or 0, each.unit, each.due or date.max, _facts(uow, each, today, at=at))


@plans(NOUN)
def reminded(uow: UnitOfWork, at: datetime) -> Iterable[Plan]:
    """All but what was put anew and is past its day: its steps may count from another one, and find a day off by themselves."""
    profile, today, meetings = uow.conferences.profile(uow.conference), _today(uow, at), _meeting_days(uow, at)
    for each in uow.duties.owed(uow.conference):
        if each.chased and each.due is not None and each.due >= today - timedelta(days=0 if each.mark else 60):
            plan, day = _plan(profile, each), meetings.get(each.cause)
            yield replace(plan, due_by=partial(_due_before, profile, day)) if day else plan


def _due_before(profile: Profile, meeting: date, calendar: WorkCalendar) -> date:
    return attestation_days(calendar, profile, meeting)[1]
