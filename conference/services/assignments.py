"""Assigned items: given out, accepted or disputed, worked on, submitted, returned or struck off (销号). Every step is history.

The office gives them out and alone strikes them off; one unit leads, others help where the document knows that.
Source: domain §2.8 (SUP-01 … 04), §4.4, §5 A20, A23, §5.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from conference.model.assignments import WITH_LEAD, Assignment, AssignmentState, Helper, HelperState, Task
from conference.model.errors import AnswerUnfit, NotAllowed, NotFound, NotPossibleNow
from conference.model.events import on
from conference.model.history import By, Turn
from conference.model.ladders import light
from conference.model.notices import NoticeState
from conference.model.outsiders import has_joined
from conference.model.people import OFFICE, Actor, HeldPost, Holder, Post, Role
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.profile import Profile
from conference.model.told import AssignmentTold
from conference.ports import UnitOfWork

from .inventories import contributes
from .notices import access_notice
from .owing import Owing, owes
from .people import POST_TAKEN, post_taken
from .reminders import Plan, Standing, plans, remind, reminds, stop_reminding

NOUN = "assignment"
ACTING = frozenset({Role.LIAISON, Role.MEMBER, Role.CONVENER})  # who acts for a unit
BEGINNING = 40  # characters of what is to be done, in lists
File = Mapping[str, Any]


# -- to whom -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """Who would hear of an item: accounts; units without a liaison, so that it goes to the seat; units for which nobody reads."""

    people: int
    to_seat: Sequence[str]
    unreached: Sequence[str]


def assignable(uow: UnitOfWork, profile: Profile) -> list[str]:
    """Units that can be given something: those with a seat, and those that joined; where the document has no seats, all units it names.

    Never a township or a village: all of them bear one name here, and each would act on what another one was given.
    """
    seats = [unit.slug for unit in profile.units.values() if unit.seat]
    joined = [unit.slug for unit in uow.profiles.units(profile.slug) if has_joined(unit.slug) and not unit.ended]
    return [*(seats or profile.units), *joined]


def reached(uow: UnitOfWork, units: Sequence[str], *, at: datetime) -> Reached:
    holders = _acting(uow, units, at=at)
    liaisons = {h.unit for h in holders if h.role is Role.LIAISON}
    there = {h.unit for h in holders}
    return Reached(
        len({h.account_id for h in holders}),
        [unit for unit in units if unit in there - liaisons],
        [unit for unit in units if unit not in there],
    )


def _acting(uow: UnitOfWork, units: Collection[str], *, at: datetime) -> list[Holder]:
    return [h for h in uow.people.roster(uow.conference, at) if h.unit in units and h.role in ACTING]


def takes_helpers(profile: Profile) -> bool:
    """Whether the document knows co-responsible units. Source: 000 五(五)."""
    return profile.rules.lead_and_co_units


def may_reassign(profile: Profile) -> bool:
    """Whether the document lets lead and helpers be changed. Source: 000 五(五)."""
    return profile.rules.reassign_lead_allowed


# -- given out by the office -------------------------------------------------------------------------------------------


def assign(
    uow: UnitOfWork,
    actor: Actor,
    lead: str,
    task: Task,
    due: date,
    *,
    helpers: Sequence[str] = (),
    papers: Sequence[File] = (),
    notice_id: int | None = None,
    at: datetime,
) -> Assignment:
    """Give an item to one lead unit, which is told at once and reminded until it is done. `notice_id`: the decision it comes from.

    Raises what check_source does; AnswerUnfit: question "due" for a day that has passed, "lead" and "helpers" for units that
    cannot be given it.
    """
    profile = uow.conferences.profile(uow.conference)
    post = authorize(actor, Action.ASSIGN, Concern(profile.slug))
    check_source(uow, actor, notice_id)
    _check_units(uow, profile, lead, helpers, at=at)
    if due < _today(uow, at):
        raise AnswerUnfit("due", "to_come")
    assignment = Assignment(
        conference=profile.slug,
        number=uow.assignments.next_number(profile.slug, _today(uow, at).year),
        lead=lead,
        helpers=[Helper(unit=unit) for unit in helpers],
        due=due,
        notice_id=notice_id,
        made_by=actor.person_id,
        made_post=post.post_id if post else None,
        made_at=at,
    )
    assignment.turns.append(Turn(None, AssignmentState.ASSIGNED, at, By.of(actor, post), {"lead": lead, "due": due.isoformat()}))
    key = uow.assignments.add(assignment, asdict(task))
    _keep_files(uow, actor, assignment, papers, "task", at=at)
    uow.note(actor, "assignment.assigned", f"assignment:{key}", post=post, lead=lead, helpers=len(helpers))
    remind(uow, _plan(uow, profile, assignment), at=at)
    _tell(uow, assignment, "assigned", units=assignment.units, at=at)
    return assignment


def check_source(uow: UnitOfWork, actor: Actor, notice_id: int | None) -> None:
    """Raises NotFound for a notice that this actor has none of, NotPossibleNow for one that does not stand."""
    authorize(actor, Action.ASSIGN, Concern(uow.conference))
    if notice_id is None:
        return
    notice = access_notice(uow, actor, notice_id)
    if notice.state is not NoticeState.SENT:
        raise NotPossibleNow("notice", notice.number, notice.state, "assign")


def _check_units(uow: UnitOfWork, profile: Profile, lead: str, helpers: Sequence[str], *, at: datetime) -> None:
    known = assignable(uow, profile)
    if lead not in known or reached(uow, [lead], at=at).unreached:
        raise AnswerUnfit("lead", "reachable")
    if helpers and (not takes_helpers(profile) or not set(helpers) <= set(known)):
        raise AnswerUnfit("helpers", "known")
    if lead in helpers:
        raise AnswerUnfit("helpers", "not_lead")
    if reached(uow, helpers, at=at).unreached:
        raise AnswerUnfit("helpers", "reachable")


def rule(uow: UnitOfWork, actor: Actor, assignment_id: int, lead: str, reason: str, *, at: datetime) -> Assignment:
    """The office's word on a dispute, once: it stays, or another unit leads."""
    assignment, post = _to_run(uow, actor, assignment_id)
    before = assignment.lead
    _check_units(uow, uow.conferences.profile(assignment.conference), lead, (), at=at)
    assignment.rule(By.of(actor, post), lead=lead, reason=reason, at=at)
    _put_anew(uow, actor, post, assignment, "ruled", at=at)
    _tell(uow, assignment, "ruled", reason, units=assignment.units, at=at)
    if lead != before:
        _tell(uow, assignment, "relieved", reason, units=[before], at=at)
    return assignment


def reassign(
    uow: UnitOfWork, actor: Actor, assignment_id: int, lead: str, helpers: Sequence[str], due: date, reason: str, *, at: datetime
) -> Assignment:
    """Other units take it over, where the document lets the conference change them; whoever is out of it is told."""
    assignment = access_assignment(uow, actor, assignment_id)
    post = authorize(actor, Action.REASSIGN, Concern(assignment.conference))
    assignment = uow.assignments.locked(assignment_id) or assignment
    profile = uow.conferences.profile(assignment.conference)
    if not may_reassign(profile):
        raise NotPossibleNow("assignment", assignment.number, "no_reassigning", "reassigned")
    _check_units(uow, profile, lead, helpers, at=at)
    if due < _today(uow, at):
        raise AnswerUnfit("due", "to_come")
    before = assignment.units
    assignment.reassign(By.of(actor, post), lead=lead, helpers=helpers, due=due, reason=reason, at=at)
    _put_anew(uow, actor, post, assignment, "reassigned", at=at)
    _tell(uow, assignment, "reassigned", reason, units=assignment.units, office=actor, by=post, at=at)
    _tell(uow, assignment, "relieved", reason, units=[unit for unit in before if unit not in assignment.units], at=at)
    return assignment


def answer_longer(uow: UnitOfWork, actor: Actor, assignment_id: int, *, granted: bool, reason: str = "", at: datetime) -> Assignment:
    """More time is given or not; reminders follow the new day. Raises AnswerUnfit with question "due" for a day that has passed."""
    assignment, post = _to_run(uow, actor, assignment_id)
    if granted and assignment.longer_until is not None and assignment.longer_until < _today(uow, at):
        raise AnswerUnfit("due", "to_come")
    assignment.answer_longer(By.of(actor, post), granted=granted, reason=reason, at=at)
    what = "longer_granted" if granted else "longer_refused"
    if granted:
        _put_anew(uow, actor, post, assignment, what, at=at)
    else:
        _save(uow, actor, post, assignment, what)
    _tell(uow, assignment, what, reason, units=assignment.units if granted else [assignment.lead], at=at)
    return assignment


def give_back(uow: UnitOfWork, actor: Actor, assignment_id: int, lacks: str, *, at: datetime) -> Assignment:
    """What was submitted does not do; the lead is told what lacks, and the day stays."""
    assignment, post = _to_run(uow, actor, assignment_id)
    assignment.give_back(By.of(actor, post), lacks, at=at)
    _put_anew(uow, actor, post, assignment, "returned", at=at)
    _tell(uow, assignment, "returned", lacks, units=[assignment.lead], at=at)
    return assignment


def strike_off(uow: UnitOfWork, actor: Actor, assignment_id: int, remark: str = "", *, at: datetime) -> Assignment:
    """It is done (销号): the office's word alone."""
    assignment, post = _to_run(uow, actor, assignment_id)
    assignment.strike_off(By.of(actor, post), remark, at=at)
    return _over(uow, actor, post, assignment, "struck_off", remark, at=at)


def withdraw(uow: UnitOfWork, actor: Actor, assignment_id: int, reason: str, *, at: datetime) -> Assignment:
    """The office takes it back: nobody owes it any more."""
    assignment, post = _to_run(uow, actor, assignment_id)
    assignment.withdraw(By.of(actor, post), reason, at=at)
    return _over(uow, actor, post, assignment, "withdrawn", reason, at=at)


def _over(
    uow: UnitOfWork, actor: Actor, post: HeldPost | None, assignment: Assignment, what: str, words: str, *, at: datetime
) -> Assignment:
    _save(uow, actor, post, assignment, what)
    stop_reminding(uow, NOUN, assignment.id or 0)
    _tell(uow, assignment, what, words, units=assignment.units, at=at)
    return assignment


def _put_anew(uow: UnitOfWork, actor: Actor, post: HeldPost | None, assignment: Assignment, what: str, *, at: datetime) -> None:
    """Another round: what was to remind of the one before is void. After the due day the steps count from today: else none would come."""
    _save(uow, actor, post, assignment, what)
    stop_reminding(uow, NOUN, assignment.id or 0)
    plan = _plan(uow, uow.conferences.profile(assignment.conference), assignment)
    remind(uow, replace(plan, due=max(plan.due, _today(uow, at))), at=at)


# -- carried out by the units ------------------------------------------------------------------------------------------


def accept(uow: UnitOfWork, actor: Actor, assignment_id: int, *, at: datetime) -> Assignment:
    assignment, post = _to_lead(uow, actor, assignment_id)
    assignment.accept(By.of(actor, post), at=at)
    _save(uow, actor, post, assignment, "accepted")
    helpers = [helper.unit for helper in assignment.helpers]
    _tell(uow, assignment, "accepted", units=helpers, office=actor, by=post, at=at)
    return assignment


def dispute(uow: UnitOfWork, actor: Actor, assignment_id: int, reason: str, *, at: datetime) -> Assignment:
    """ "Not ours", with the reason: once. Nobody is reminded while the office has not ruled."""
    assignment, post = _to_lead(uow, actor, assignment_id)
    assignment.dispute(By.of(actor, post), reason, at=at)
    _save(uow, actor, post, assignment, "disputed")
    _tell(uow, assignment, "disputed", reason, office=actor, by=post, at=at)
    return assignment


def report_progress(
    uow: UnitOfWork, actor: Actor, assignment_id: int, percent: int, note: str, files: Sequence[File] = (), *, at: datetime
) -> Assignment:
    assignment, post = _to_lead(uow, actor, assignment_id)
    assignment.progress(By.of(actor, post), percent, note, at=at)
    _keep_files(uow, actor, assignment, files, "progress", at=at)
    _save(uow, actor, post, assignment, "progress")
    _tell(uow, assignment, "progress", note, office=actor, by=post, at=at)
    return assignment


def ask_longer(uow: UnitOfWork, actor: Actor, assignment_id: int, until: date, reason: str, *, at: datetime) -> Assignment:
    """More time, asked before the day is over; the day stays until the office has answered."""
    assignment, post = _to_lead(uow, actor, assignment_id)
    assignment.ask_longer(By.of(actor, post), until, reason, today=_today(uow, at), at=at)
    _save(uow, actor, post, assignment, "longer_asked")
    _tell(uow, assignment, "longer_asked", reason, office=actor, by=post, at=at)
    return assignment


def submit(
    uow: UnitOfWork, actor: Actor, assignment_id: int, note: str, proof: Sequence[File] = (), where: str = "", *, at: datetime
) -> Assignment:
    """Done, with proof; now it is the office's turn. `where`: where the proof can be seen that is no file. Raises what the model does."""
    assignment, post = _to_lead(uow, actor, assignment_id)
    assignment.submit(By.of(actor, post), note, files=len(proof), where=where, at=at)
    _keep_files(uow, actor, assignment, proof, "proof", at=at)
    _save(uow, actor, post, assignment, "submitted")
    _tell(uow, assignment, "submitted", note, where=where, office=actor, by=post, at=at)
    return assignment


def help_with(uow: UnitOfWork, actor: Actor, assignment_id: int, *, confirmed: bool, reason: str = "", at: datetime) -> Assignment:
    """A co-responsible unit says that its part is done, or why it cannot help; the lead and the office are told."""
    assignment = access_assignment(uow, actor, assignment_id)
    assignment = uow.assignments.locked(assignment_id) or assignment
    mine, helping = _units_of(actor, assignment.conference), {helper.unit for helper in assignment.helpers}
    asked = {helper.unit for helper in assignment.helpers if helper.state is HelperState.ASKED}
    own = next((unit for unit in mine if unit in asked), "")  # of two that are the actor's, that of the post worn first
    if not helping & set(mine):
        raise NotAllowed(Action.WORK_ASSIGNMENT)
    post = authorize(actor, Action.WORK_ASSIGNMENT, Concern(assignment.conference, own)) if own else None
    assignment.help(own, By.of(actor, post), confirmed=confirmed, reason=reason, at=at)
    what = "help_confirmed" if confirmed else "help_declined"
    _save(uow, actor, post, assignment, what)
    stop_reminding(uow, NOUN, assignment.id or 0, own)
    _tell(uow, assignment, what, reason, units=[assignment.lead], office=actor, by=post, at=at)
    return assignment


# -- looking -----------------------------------------------------------------------------------------------------------


def access_assignment(uow: UnitOfWork, actor: Actor, assignment_id: int) -> Assignment:
    """The item, if the actor may know of it. Raises NotFound, the same for one that does not exist."""
    return _seen(actor, uow.assignments.get(assignment_id), assignment_id)


def assignment_numbered(uow: UnitOfWork, actor: Actor, number: str) -> Assignment:
    """The same, by its number in this conference."""
    return _seen(actor, uow.assignments.numbered(uow.conference, number), number)


def _seen(actor: Actor, assignment: Assignment | None, key: object) -> Assignment:
    authorize(actor, Action.SEE_ASSIGNMENTS)
    if assignment is not None:
        conference = assignment.conference
        concerns = [Concern(conference), *(Concern(conference, unit) for unit in assignment.units)]
        if any(may(actor, Action.SEE_ASSIGNMENTS, concern) for concern in concerns):
            return assignment
    raise NotFound("assignment", key)


def open_assignments(uow: UnitOfWork, actor: Actor) -> list[tuple[Assignment, str]]:
    """All that are open, or those of the actor's units, each with the beginning of what is to be done."""
    authorize(actor, Action.SEE_ASSIGNMENTS)
    found = _open_to(uow, actor)
    what = _beginnings(uow, found)
    return [(assignment, what.get(assignment.id or 0, "")) for assignment in found]


def _open_to(uow: UnitOfWork, actor: Actor) -> Sequence[Assignment]:
    if may(actor, Action.SEE_ASSIGNMENTS, Concern(uow.conference)):
        return uow.assignments.open_in(uow.conference)
    return uow.assignments.open_of(uow.conference, _units_of(actor, uow.conference))


def _beginnings(uow: UnitOfWork, found: Sequence[Assignment]) -> dict[int, str]:
    said = {key: str(words["what"]) for key, words in uow.assignments.words_of([each.id or 0 for each in found]).items()}
    return {key: what if len(what) <= BEGINNING else f"{what[:BEGINNING]}…" for key, what in said.items()}


def trace(uow: UnitOfWork, actor: Actor, assignment_id: int) -> tuple[Assignment, list[tuple[Turn, str]]]:
    """The item with every step it took, the first one first; each with the title of the post that took it."""
    assignment = access_assignment(uow, actor, assignment_id)
    turns = uow.assignments.history(assignment_id)
    posts = {key: uow.people.get_post(key) for key in {turn.by.post_id for turn in turns} if key is not None}
    titles = {key: post.title for key, post in posts.items() if post is not None}
    return assignment, [(turn, titles.get(turn.by.post_id or 0, "")) for turn in turns]


def files_of(uow: UnitOfWork, actor: Actor, assignment_id: int) -> tuple[Assignment, list[dict[str, Any]]]:
    """The files, each with what it came with (`step`: task, progress, proof)."""
    assignment = access_assignment(uow, actor, assignment_id)
    return assignment, uow.assignments.papers(assignment_id)


def card(uow: UnitOfWork, actor: Actor, assignment: Assignment, *, at: datetime) -> AssignmentTold:
    """The item as this actor sees it now."""
    authorize(actor, Action.SEE_ASSIGNMENTS)
    own = [unit for unit in assignment.units if unit in _units_of(actor, assignment.conference)]
    runs = may(actor, Action.ASSIGN, Concern(assignment.conference))
    changes = may(actor, Action.REASSIGN, Concern(assignment.conference))
    return _record(uow, assignment, "", "", own, runs=runs, changes=changes, at=at)


def colour(uow: UnitOfWork, assignment: Assignment, *, at: datetime) -> str:
    """Its light today; "" for one that is over."""
    if not assignment.is_open:
        return ""
    settings, today = uow.conferences.profile(assignment.conference).settings, _today(uow, at)
    return light(settings, assignment.due, today, uow.calendar, is_late=_is_late(uow, assignment, at=at))


def _units_of(actor: Actor, conference: str) -> list[str]:
    return list(dict.fromkeys(post.unit for post in actor.posts if post.role in ACTING and post.conference == conference))


# -- what all of them do -----------------------------------------------------------------------------------------------


def _to_run(uow: UnitOfWork, actor: Actor, assignment_id: int) -> tuple[Assignment, HeldPost | None]:
    assignment = access_assignment(uow, actor, assignment_id)
    post = authorize(actor, Action.ASSIGN, Concern(assignment.conference))
    return uow.assignments.locked(assignment_id) or assignment, post


def _to_lead(uow: UnitOfWork, actor: Actor, assignment_id: int) -> tuple[Assignment, HeldPost | None]:
    access_assignment(uow, actor, assignment_id)
    assignment = uow.assignments.locked(assignment_id)
    if assignment is None:
        raise NotFound("assignment", assignment_id)
    return assignment, authorize(actor, Action.WORK_ASSIGNMENT, Concern(assignment.conference, assignment.lead))


def _save(uow: UnitOfWork, actor: Actor, post: HeldPost | None, assignment: Assignment, what: str) -> None:
    uow.assignments.save(assignment)
    uow.note(actor, f"assignment.{what}", f"assignment:{assignment.id}", post=post)


def _keep_files(uow: UnitOfWork, actor: Actor, assignment: Assignment, files: Sequence[File], step: str, *, at: datetime) -> None:
    for file in files:
        uow.assignments.add_paper(assignment.id or 0, {**file, "step": step}, actor.person_id, at=at)


def _today(uow: UnitOfWork, at: datetime) -> date:
    return at.astimezone(uow.hours.zone).date()


def _tell(
    uow: UnitOfWork,
    assignment: Assignment,
    news: str,
    words: str = "",
    *,
    where: str = "",
    units: Collection[str] = (),
    office: Actor | None = None,
    by: HeldPost | None = None,
    at: datetime,
) -> None:
    """Say it to those who act for these units, and to the `office` (but not to the actor himself); whoever is both hears it once."""
    own: dict[int, list[str]] = {}
    for holder in _acting(uow, units, at=at):
        mine = own.setdefault(holder.account_id, [])
        if holder.unit not in mine:
            mine.append(holder.unit)
    running = {h.account_id for h in uow.people.roster(assignment.conference, at) if h.role in OFFICE}
    condition = f"assignment.asks:{assignment.id}:{assignment.round}" if news in ("assigned", "ruled", "reassigned", "returned") else None
    told = running - {office.account_id} if office else ()
    for account in dict.fromkeys([*own, *told]):
        is_of_office = account in running
        uow.tell(
            account,
            _record(
                uow,
                assignment,
                news,
                words,
                own.get(account, []),
                runs=is_of_office,
                changes=is_of_office,
                by="" if by is None else _acting_as(by),
                where=where,
                at=at,
            ),
            only_while=condition,
        )


def _acting_as(post: HeldPost) -> str:
    """Whose act it is: the unit's, or the office's or the chief convener's, who act for the conference."""
    return "office" if post.role in OFFICE else str(post.role) if post.role is Role.CHIEF_CONVENER else post.unit


def _record(
    uow: UnitOfWork,
    assignment: Assignment,
    news: str,
    words: str,
    own: Sequence[str],
    *,
    runs: bool,
    changes: bool,
    by: str = "",
    where: str = "",
    at: datetime,
) -> AssignmentTold:
    key = assignment.id or 0
    source = uow.notices.get(assignment.notice_id) if assignment.notice_id else None
    return AssignmentTold(
        assignment_id=key,
        number=assignment.number,
        state=str(assignment.state),
        news=news,
        words=words,
        by=by,
        lead=assignment.lead,
        helpers=[[helper.unit, str(helper.state)] for helper in assignment.helpers],
        due=assignment.due.isoformat(),
        percent=assignment.percent,
        said=uow.assignments.words(key),
        papers=uow.assignments.count_papers(key),
        longer_until=assignment.longer_until.isoformat() if assignment.longer_until else "",
        disputed=assignment.disputed,
        notice=source.number if source else "",
        light=colour(uow, assignment, at=at),
        own=list(own),
        runs=runs,
        where=where,
        may_reassign=changes and may_reassign(uow.conferences.profile(assignment.conference)),
    )


# -- reminded ----------------------------------------------------------------------------------------------------------


def _is_late(uow: UnitOfWork, assignment: Assignment, *, at: datetime) -> bool:
    profile = uow.conferences.profile(assignment.conference)
    return assignment.is_overdue(_today(uow, at)) and profile.chases(assignment.lead)


def _plan(uow: UnitOfWork, profile: Profile, assignment: Assignment) -> Plan:
    units = [unit for unit in assignment.units if profile.chases(unit)]
    return Plan(NOUN, assignment.id or 0, units, profile.reminders["assignment"], assignment.due, assignment.round)


@reminds(NOUN)
def owed(uow: UnitOfWork, keys: Collection[int], *, at: datetime) -> Mapping[int, Standing]:
    """The lead while it is its turn, and co-responsible units that have not said their word."""
    standing = {}
    for assignment in uow.assignments.many(keys):
        profile = uow.conferences.profile(assignment.conference)
        owing = [assignment.lead] if assignment.state in WITH_LEAD else []
        owing += assignment.waiting_helpers if assignment.state in WITH_LEAD else []
        chased = frozenset(unit for unit in owing if profile.chases(unit))
        standing[assignment.id or 0] = Standing(chased, assignment.round, _facts(assignment, at=at, uow=uow))
    return standing


@plans(NOUN)
def reminded(uow: UnitOfWork, at: datetime) -> Iterable[Plan]:
    """All but what was put anew and is past its day: its steps may count from another one, and find a day off by themselves."""
    profile = uow.conferences.profile(uow.conference)
    for assignment in uow.assignments.open_in(uow.conference):
        if assignment.state in WITH_LEAD and (not assignment.round or assignment.due >= _today(uow, at)):
            yield _plan(uow, profile, assignment)


def _facts(assignment: Assignment, *, uow: UnitOfWork, at: datetime) -> dict[str, Any]:
    return {
        "number": assignment.number,
        "due": assignment.due.isoformat(),
        "overdue": _is_late(uow, assignment, at=at),
        "lead": assignment.lead,
        "percent": assignment.percent,
        "state": str(assignment.state),
    }


def asks(uow: UnitOfWork, assignment_id: int, round_: int) -> bool:
    """Whether a message that asks a unit for something still says what holds."""
    assignment = uow.assignments.get(assignment_id)
    return assignment is not None and assignment.is_open and assignment.round == round_


# -- what somebody owes ------------------------------------------------------------------------------------------------


@owes(NOUN)
def _owing(uow: UnitOfWork, actor: Actor, at: datetime) -> Iterable[Owing]:
    """For a unit: what it carries or helps with. For the office: what waits for its word; all else waits for others."""
    runs = may(actor, Action.ASSIGN, Concern(uow.conference))
    own = _units_of(actor, uow.conference)
    found = _open_to(uow, actor)
    what = _beginnings(uow, found)
    for assignment in found:
        facts = _facts(assignment, uow=uow, at=at) | {"longer_until": str(assignment.longer_until or "")}
        facts["what"] = what.get(assignment.id or 0, "")
        waiting = [unit for unit in assignment.waiting_helpers if unit in own]
        if assignment.state in WITH_LEAD and (assignment.lead in own or waiting):
            unit = assignment.lead if assignment.lead in own else waiting[0]
            yield Owing(NOUN, assignment.id or 0, unit, assignment.due, facts | {"turn": "lead" if assignment.lead in own else "helper"})
        elif runs and (assignment.state not in WITH_LEAD or assignment.longer_until is not None):
            yield Owing(NOUN, assignment.id or 0, assignment.lead, None, facts | {"turn": "office"})
        else:
            turn = "lead" if assignment.state in WITH_LEAD else "office"
            yield Owing(NOUN, assignment.id or 0, assignment.lead, assignment.due, facts | {"turn": turn}, waits=True)


@on(*POST_TAKEN)
def heard_of_somebody_new(uow: UnitOfWork, subject: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """Somebody acts for a unit from now on: what it carries or helps with is told as it stands, once to each person."""
    post = post_taken(uow, subject, facts)
    if post is None or post.role not in ACTING:
        return
    holders = [h for h in uow.people.roster(post.conference, at) if h.unit == post.unit and h.role in ACTING]
    known = {h.account_id for h in holders if h.post_id != post.id}
    new = {h.account_id for h in holders if h.post_id == post.id} - known
    waiting = uow.assignments.open_of(post.conference, [post.unit]) if new else []
    for assignment in waiting:
        if assignment.state in WITH_LEAD and post.unit in (assignment.lead, *assignment.waiting_helpers):
            record = _record(uow, assignment, "", "", [post.unit], runs=False, changes=False, at=at)
            for account in new:
                uow.tell(account, record, only_while=f"assignment.asks:{assignment.id}:{assignment.round}")


@contributes("assignments")
def _handed_over(uow: UnitOfWork, post: Post, holder: int | None, at: datetime) -> Sequence[str]:
    if post.role not in ACTING:
        return []
    return [assignment.number for assignment in uow.assignments.open_of(post.conference, [post.unit])]
