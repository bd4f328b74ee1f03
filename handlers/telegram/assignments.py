"""Assigned items: the office that gives them out, the units that carry them out; and what everybody owes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.assignments import MOVES, WITH_LEAD, Assignment, AssignmentState, Task
from conference.model.errors import AnswerUnfit, NotPossibleNow
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action, may
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import assignments, owing
from handlers import wizard as wizards
from handlers.filters import Pressed, Said
from handlers.presses.assignments import (
    Assign,
    Reassign,
    RunAssignment,
    ShowAssignment,
    ShowAssignmentFiles,
    ShowAssignments,
    ShowOwed,
    TraceAssignment,
    WorkAssignment,
)
from handlers.records.assignments import AssignmentFile, AssignmentSent, AssignmentsListed, AssignmentTraced, OwedShown
from handlers.records.everybody import Refused
from handlers.replies import Answer, Reply
from handlers.wizard import Desk, Doubt, Form, Given, Kind, Step, form

from .wizards import desk_of

ON_A_PAGE = 8  # items of a list
TURNS = 5  # of a history, on a page: what was said to them may be long
OWED = 5  # lines of one group; the others are counted
REASONS = {
    "overdue": "assignment_late",
    "longer": "assignment_longer",
    "helpers": "assignment_helpers",
    "no_reassigning": "no_reassigning",
}


def router() -> Router:
    router = Router(name="assignments")
    press, say = router.callback_query.register, router.message.register

    say(owed_commanded, Said("owe"), flags={"action": Action.SEE_OWED})
    say(list_commanded, Said("assignments", "trace"), flags={"action": Action.SEE_ASSIGNMENTS})
    say(trace_commanded, Said("trace", rest=r"\S{1,30}"), flags={"action": Action.SEE_ASSIGNMENTS})
    say(assign_commanded, Said("assign"), flags={"action": Action.ASSIGN})
    press(owed_pressed, Pressed(ShowOwed))
    press(list_pressed, Pressed(ShowAssignments))
    press(assignment_wanted, Pressed(ShowAssignment))
    press(history_wanted, Pressed(TraceAssignment))
    press(files_wanted, Pressed(ShowAssignmentFiles))
    press(assign_pressed, Pressed(Assign))
    press(worked, Pressed(WorkAssignment))
    press(run, Pressed(RunAssignment))
    press(reassign_pressed, Pressed(Reassign))
    return router


# -- looking


async def owed_commanded(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _owed(actor, uow, at)


async def owed_pressed(callback: CallbackQuery, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return Answer([_owed(actor, uow, at)], below=True)


def _owed(actor: Actor, uow: UnitOfWork, at: datetime) -> OwedShown:
    owed = owing.what_is_owed(uow, actor, at=at)
    groups = {"overdue": owed.overdue, "today": owed.today, "week": owed.week, "later": owed.later, "waiting": owed.waiting}
    shown = {
        name: [[line.noun, line.key, line.unit, {**line.facts, "waits": line.waits}] for line in lines[:OWED]]
        for name, lines in groups.items()
        if lines
    }
    return OwedShown(shown, {name: len(lines) for name, lines in groups.items() if lines})


async def list_commanded(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _listed(actor, uow, 0, at)


async def list_pressed(callback: CallbackQuery, press: ShowAssignments, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _listed(actor, uow, press.page, at)


def _listed(actor: Actor, uow: UnitOfWork, page: int, at: datetime) -> AssignmentsListed:
    found = assignments.open_assignments(uow, actor)
    shown, page, pages = cut(found, page, ON_A_PAGE)
    rows = [
        [a.id, a.number, what, a.lead, a.due.isoformat(), str(a.state), a.percent, assignments.colour(uow, a, at=at)] for a, what in shown
    ]
    return AssignmentsListed(rows, page, pages, may(actor, Action.ASSIGN))


async def assignment_wanted(callback: CallbackQuery, press: ShowAssignment, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    found = assignments.access_assignment(uow, actor, press.assignment)
    return Answer([assignments.card(uow, actor, found, at=at)], below=bool(press.below))


async def trace_commanded(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    number = unicodedata.normalize("NFKC", rest).translate(dict.fromkeys(map(ord, "–—－−"), "-"))
    found = assignments.assignment_numbered(uow, actor, number)
    return [assignments.card(uow, actor, found, at=at), _traced(actor, uow, found.id or 0, 0)]


async def history_wanted(callback: CallbackQuery, press: TraceAssignment, actor: Actor, uow: UnitOfWork) -> Reply:
    return Answer([_traced(actor, uow, press.assignment, press.page)], below=press.page < 0)


def _traced(actor: Actor, uow: UnitOfWork, key: int, page: int) -> AssignmentTraced:
    found, turns = assignments.trace(uow, actor, key)
    pages = max(1, -(-len(turns) // TURNS))
    page = min(max(page, 0), pages - 1)
    shown = [
        [turn.at.isoformat(), turn.words.get("how") or turn.after, title, {**turn.words, "unit": turn.by.unit or ""}]
        for turn, title in turns[page * TURNS : (page + 1) * TURNS]
    ]
    return AssignmentTraced(found.id or 0, found.number, shown, page, pages)


async def files_wanted(callback: CallbackQuery, press: ShowAssignmentFiles, actor: Actor, uow: UnitOfWork) -> Reply:
    found, files = assignments.files_of(uow, actor, press.assignment)
    return [
        AssignmentFile(found.number, file.get("step", "task"), n, len(files), file["kind"], file["file_id"])
        for n, file in enumerate(files, start=1)
    ]


# -- giving out


async def assign_commanded(
    message: Message, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    return await wizards.begin(state, desk_of(uow, actor, profile, zone, at, notice=0), _form_of(profile))


async def assign_pressed(
    callback: CallbackQuery,
    press: Assign,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    assignments.check_source(uow, actor, press.notice or None)
    asked = await wizards.begin(state, desk_of(uow, actor, profile, zone, at, notice=press.notice), _form_of(profile))
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


def _form_of(profile: Profile) -> str:
    return "assign" if assignments.takes_helpers(profile) else "assign_lead"


def _units(desk: Desk, given: Given) -> list[tuple[str, str]]:
    return [(unit, "") for unit in assignments.assignable(desk.uow, desk.profile)]


def _check(desk: Desk, given: Given, code: str, value: Any) -> Doubt | None:
    """A lead that helps itself, a unit where nobody is; one without a liaison is asked back."""
    lead = value if code == "lead" else given.get("lead")
    helpers = value if code == "helpers" else given.get("helpers", [])
    if code in ("lead", "helpers") and lead in helpers:
        return Doubt("lead_helps")
    if code == "lead":
        there = assignments.reached(desk.uow, [value], at=desk.now.at)
        return Doubt("nobody_there") if there.unreached else Doubt("no_liaison", firm=False) if there.to_seat else None
    if code == "helpers":
        return Doubt("nobody_helps") if assignments.reached(desk.uow, value, at=desk.now.at).unreached else None
    return None


def _preview(desk: Desk, given: Given) -> dict[str, Any]:
    """The item as it will be read, and who reads it."""
    there = assignments.reached(desk.uow, [given["lead"], *given.get("helpers", [])], at=desk.now.at)
    card = {
        "assignment_id": 0,
        "number": desk.facts.get("number", "–"),
        "state": "assigned",
        "news": "assigned",
        "words": "",
        "by": "",
        "lead": given["lead"],
        "helpers": [[unit, "asked"] for unit in given.get("helpers", [])],
        "due": given["due"],
        "percent": 0,
        "said": {name: given[name] for name in ("what", "why", "proof")},
        "papers": len(given.get("papers", [])),
    }
    return {"card": card, "people": there.people, "to_seat": list(there.to_seat)}


def _assign(desk: Desk, given: Given) -> Reply:
    task = Task(given["what"], given["why"], given["proof"])
    try:
        made = assignments.assign(
            desk.uow,
            desk.actor,
            given["lead"],
            task,
            date.fromisoformat(given["due"]),
            helpers=given.get("helpers", []),
            papers=given.get("papers", []),
            notice_id=desk.facts.get("notice") or None,
            at=desk.now.at,
        )
    except AnswerUnfit:
        return Refused("assignment_unfit")
    return AssignmentSent("assigned", made.number, made.id or 0, assignments.reached(desk.uow, made.units, at=desk.now.at).people)


# -- by the units and by the office


async def worked(
    callback: CallbackQuery,
    press: WorkAssignment,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    """Accepting and confirming take one press; everything else has words."""
    found = assignments.access_assignment(uow, actor, press.assignment)
    try:
        if press.way == "accept":
            return assignments.card(uow, actor, assignments.accept(uow, actor, press.assignment, at=at), at=at)
        if press.way == "helped":
            return assignments.card(uow, actor, assignments.help_with(uow, actor, press.assignment, confirmed=True, at=at), at=at)
        _check_way(found, press.way, at.astimezone(zone).date())
    except NotPossibleNow as stale:
        return Answer(toast=Refused(_reason(stale)), alert=True)
    facts = {"assignment": found.id, "number": found.number, "due": found.due.isoformat()}
    name = press.way if press.way in WORK else "progress"
    asked = await wizards.begin(state, desk_of(uow, actor, profile, zone, at, **facts), name)
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


def _check_way(found: Assignment, way: str, today: date) -> None:
    """What the rules would refuse at the end is said before anything is asked."""
    wrong = {
        "dispute": found.state != "assigned",
        "progress": found.state != "accepted",
        "submit": found.state != "accepted",
        "longer": found.state not in WITH_LEAD,
        "no_help": not found.is_open,
    }
    if wrong.get(way):
        raise NotPossibleNow("assignment", found.number, found.state, way)
    if way == "dispute" and found.disputed:
        raise NotPossibleNow("assignment", found.number, found.state, "disputed")
    if way == "submit" and found.waiting_helpers:
        raise NotPossibleNow("assignment", found.number, "helpers", way)
    if way == "longer" and (found.longer_until is not None or today > found.due):
        raise NotPossibleNow("assignment", found.number, "longer" if found.longer_until else "overdue", way)


def _reason(stale: NotPossibleNow) -> str:
    if stale.wanted == "disputed" and stale.state == "assigned":
        return "assignment_disputed"
    return REASONS.get(stale.state, "assignment_moved")


async def run(
    callback: CallbackQuery,
    press: RunAssignment,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    found = assignments.access_assignment(uow, actor, press.assignment)
    possible = {
        "rule": found.state == "disputed",
        "grant": found.longer_until is not None,
        "refuse": found.longer_until is not None,
        "give_back": found.state == "submitted",
        "strike_off": found.state == "submitted",
        "withdraw": AssignmentState.WITHDRAWN in MOVES[found.state],
    }
    if not (found.is_open and possible.get(press.way)):
        return Answer(toast=Refused("assignment_moved"), alert=True)
    if press.way == "grant":
        try:
            return assignments.card(uow, actor, assignments.answer_longer(uow, actor, press.assignment, granted=True, at=at), at=at)
        except AnswerUnfit:
            return Answer(toast=Refused("longer_passed"), alert=True)
    facts = {"assignment": found.id, "number": found.number}
    asked = await wizards.begin(state, desk_of(uow, actor, profile, zone, at, **facts), RUN[press.way])
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


async def reassign_pressed(
    callback: CallbackQuery,
    press: Reassign,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    found = assignments.access_assignment(uow, actor, press.assignment)
    if not assignments.may_reassign(profile):
        return Answer(toast=Refused("no_reassigning"), alert=True)
    if found.state not in WITH_LEAD:
        return Answer(toast=Refused("assignment_moved"), alert=True)
    facts = {"assignment": found.id, "number": found.number}
    asked = await wizards.begin(state, desk_of(uow, actor, profile, zone, at, **facts), "reassign")
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


# -- the forms: each ends in one verb

Verb = Callable[[Desk, int, Given], Assignment]


def _ends(what: str, verb: Verb) -> Callable[[Desk, Given], Reply]:
    def finish(desk: Desk, given: Given) -> Reply:
        try:
            done = verb(desk, desk.facts["assignment"], given)
        except NotPossibleNow as stale:
            return Refused(_reason(stale))
        except AnswerUnfit:
            return Refused("assignment_unfit")
        return AssignmentSent(what, done.number, done.id or 0)

    return finish


def _later_day(desk: Desk, given: Given, code: str, value: Any) -> Doubt | None:
    return Doubt("not_later", facts={"value": desk.facts["due"]}) if code == "until" and value <= desk.facts["due"] else None


def _dispute(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.dispute(desk.uow, desk.actor, key, given["reason"], at=desk.now.at)


def _progress(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.report_progress(desk.uow, desk.actor, key, given["percent"], given["note"], given.get("files", []), at=desk.now.at)


def _ask_longer(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.ask_longer(desk.uow, desk.actor, key, date.fromisoformat(given["until"]), given["reason"], at=desk.now.at)


def _submit(desk: Desk, key: int, given: Given) -> Assignment:
    files, where = given.get("files", []), given.get("where", "")
    return assignments.submit(desk.uow, desk.actor, key, given["note"], files, where, at=desk.now.at)


def _no_help(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.help_with(desk.uow, desk.actor, key, confirmed=False, reason=given["reason"], at=desk.now.at)


def _rule(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.rule(desk.uow, desk.actor, key, given["lead"], given["reason"], at=desk.now.at)


def _refuse(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.answer_longer(desk.uow, desk.actor, key, granted=False, reason=given["reason"], at=desk.now.at)


def _give_back(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.give_back(desk.uow, desk.actor, key, given["lacks"], at=desk.now.at)


def _strike_off(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.strike_off(desk.uow, desk.actor, key, given.get("remark", ""), at=desk.now.at)


def _withdraw(desk: Desk, key: int, given: Given) -> Assignment:
    return assignments.withdraw(desk.uow, desk.actor, key, given["reason"], at=desk.now.at)


def _reassign(desk: Desk, key: int, given: Given) -> Assignment:
    helpers, due = given.get("helpers", []), date.fromisoformat(given["due"])
    return assignments.reassign(desk.uow, desk.actor, key, given["lead"], helpers, due, given["reason"], at=desk.now.at)


_LEAD = Step("lead", Kind.CHOICE, options=_units)
_HELPERS = Step("helpers", Kind.UNITS, required=False, limit=10, options=_units)
_REASON = Step("reason", Kind.TEXT, limit=500)
_NOTE, _FILES = Step("note", Kind.TEXT, limit=500), Step("files", Kind.FILES, required=False, limit=10)
_WHERE = Step("where", Kind.TEXT, limit=300, wanted=lambda given: not given.get("files"))
_WHAT = (Step("what", Kind.TEXT, limit=500), Step("why", Kind.TEXT, limit=500))
_HOW = (Step("proof", Kind.TEXT, limit=300), Step("due", Kind.DATE), Step("papers", Kind.FILES, required=False, limit=10))
WORK = ("dispute", "progress", "longer", "submit", "no_help")
RUN = {
    "rule": "rule",
    "refuse": "refuse_longer",
    "give_back": "give_back",
    "strike_off": "strike_off",
    "withdraw": "withdraw_assignment",
}

for _name, _steps in (("assign", (*_WHAT, _LEAD, _HELPERS, *_HOW)), ("assign_lead", (*_WHAT, _LEAD, *_HOW))):
    form(Form(name=_name, action=Action.ASSIGN, steps=_steps, check=_check, preview=_preview, finish=_assign))


def _form(name: str, action: Action, what: str, verb: Verb, steps: Sequence[Step], check: Any = None) -> None:
    more = {"check": check} if check else {}
    form(Form(name=name, action=action, steps=tuple(steps), finish=_ends(what, verb), **more))


_form("dispute", Action.WORK_ASSIGNMENT, "disputed", _dispute, [_REASON])
_form("progress", Action.WORK_ASSIGNMENT, "progress", _progress, [Step("percent", Kind.NUMBER, limit=100), _NOTE, _FILES])
_form("longer", Action.WORK_ASSIGNMENT, "longer_asked", _ask_longer, [Step("until", Kind.DATE), _REASON], _later_day)
_form("submit", Action.WORK_ASSIGNMENT, "submitted", _submit, [_NOTE, _FILES, _WHERE])
_form("no_help", Action.WORK_ASSIGNMENT, "no_help", _no_help, [_REASON])
_form("rule", Action.ASSIGN, "ruled", _rule, [_LEAD, _REASON], _check)
_form("refuse_longer", Action.ASSIGN, "longer_refused", _refuse, [_REASON])
_form("give_back", Action.ASSIGN, "returned", _give_back, [Step("lacks", Kind.TEXT, limit=500)])
_form("strike_off", Action.ASSIGN, "struck_off", _strike_off, [Step("remark", Kind.TEXT, required=False, limit=500)])
_form("withdraw_assignment", Action.ASSIGN, "withdrawn", _withdraw, [_REASON])
_form("reassign", Action.REASSIGN, "reassigned", _reassign, [_LEAD, _HELPERS, Step("due", Kind.DATE), _REASON], _check)
