"""The duty calendar: one list for whoever owes something, the office's word on what was reported."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.duties import OccurrenceState
from conference.model.errors import NotPossibleNow
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action, may
from conference.model.rhythms import EVERY
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import duties
from handlers import wizard as wizards
from handlers.filters import Pressed, Said
from handlers.presses.duties import AskForDuty, ReportDuty, RunDuty, ShowDuties, ShowDutyRows, ShowOccurrence, ShowProofs
from handlers.records.duties import DutiesListed, DutyRowsListed, OccurrenceNoted, OccurrenceProof, OccurrenceShown
from handlers.records.everybody import Refused
from handlers.replies import Answer, Reply
from handlers.wizard import Desk, Given, Kind, Step, form

from .wizards import desk_of

PAGE = 10
ASKED = {"open": "ask_for_duty", "often": "duty_interval"}


def router() -> Router:
    router = Router(name="duties")
    press = router.callback_query.register

    router.message.register(list_commanded, Said("duties"), flags={"action": Action.SEE_DUTIES})
    press(list_pressed, Pressed(ShowDuties))
    press(rows_wanted, Pressed(ShowDutyRows))
    press(duty_wanted, Pressed(ShowOccurrence))
    press(proofs_wanted, Pressed(ShowProofs))
    press(report_pressed, Pressed(ReportDuty))
    press(run_pressed, Pressed(RunDuty))
    press(asked, Pressed(AskForDuty))
    return router


# -- looking


async def list_commanded(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _listed(actor, uow, "", 0, at)


async def list_pressed(callback: CallbackQuery, press: ShowDuties, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _listed(actor, uow, press.view, press.page, at)


def _listed(actor: Actor, uow: UnitOfWork, view: str, page: int, at: datetime) -> DutiesListed:
    board = duties.duties_board(uow, actor, view, at=at)
    lines, page, pages = cut(board.lines, page, PAGE)
    return DutiesListed(board.view, lines, dict(board.counts), dict(board.titles), page, pages, may(actor, Action.RUN_DUTIES))


async def rows_wanted(callback: CallbackQuery, press: ShowDutyRows, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return DutyRowsListed(*cut([duty.id for duty in duties.rows_of(uow, actor, at=at)], press.page, PAGE))


async def duty_wanted(callback: CallbackQuery, press: ShowOccurrence, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _shown(duties.show_duty(uow, actor, press.occurrence, at=at))


def _shown(found: duties.Shown) -> OccurrenceShown:
    history = [[turn.before or "", turn.after, turn.at.isoformat(), dict(turn.words)] for turn in found.history]
    return OccurrenceShown(found.line, history[-8:], found.proofs, found.causes, found.also, found.standing, found.can, found.title)


async def proofs_wanted(callback: CallbackQuery, press: ShowProofs, actor: Actor, uow: UnitOfWork) -> Reply:
    found, files = duties.proofs_of(uow, actor, press.occurrence)
    return [OccurrenceProof(found.duty, n, len(files), file["kind"], file["file_id"]) for n, file in enumerate(files, start=1)]


# -- reporting, and the office's word


async def report_pressed(
    callback: CallbackQuery,
    press: ReportDuty,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    found = duties.show_duty(uow, actor, press.occurrence, at=at)
    if "report" not in found.can:
        return Answer(toast=Refused("duty_over"), alert=True)
    return await _begin(desk_of(uow, actor, profile, zone, at, occurrence=press.occurrence), "duty_report", state)


async def _begin(desk: Desk, name: str, state: FSMContext) -> Reply:
    asked = await wizards.begin(state, desk, name)
    return Answer([asked] if isinstance(asked, Told) else [], below=True)


async def run_pressed(
    callback: CallbackQuery,
    press: RunDuty,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    found = duties.show_duty(uow, actor, press.occurrence, at=at)
    if press.way not in found.can:
        return Answer([_shown(found)], toast=Refused("duty_over"), alert=True)
    if press.way != "accept":
        return await _begin(desk_of(uow, actor, profile, zone, at, occurrence=press.occurrence), f"duty_{press.way}", state)
    duties.accept_duty(uow, actor, press.occurrence, at=at)
    return _shown(duties.show_duty(uow, actor, press.occurrence, at=at))


async def asked(
    callback: CallbackQuery,
    press: AskForDuty,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    if press.way == "often" and not duties.regular_of(profile):
        return Answer(toast=Refused("duty_over"), alert=True)
    return await _begin(desk_of(uow, actor, profile, zone, at), ASKED.get(press.way, "ask_for_duty"), state)


# -- the forms


def _about(desk: Desk, given: Given) -> dict[str, Any]:
    """Which one it is about."""
    found = duties.show_duty(desk.uow, desk.actor, desk.facts["occurrence"], at=desk.now.at)
    return {"line": found.line, "title": found.title}


def _report(desk: Desk, given: Given) -> Reply:
    key = desk.facts["occurrence"]
    try:
        done = duties.report_duty(desk.uow, desk.actor, key, given["text"], given.get("proofs", []), at=desk.now.at)
    except NotPossibleNow:
        return Refused("duty_over")
    return OccurrenceNoted("recorded" if done.state is OccurrenceState.ACCEPTED else "reported", done.duty, key)


def _return(desk: Desk, given: Given) -> Reply:
    try:
        done = duties.return_duty(desk.uow, desk.actor, desk.facts["occurrence"], given["lacks"], at=desk.now.at)
    except NotPossibleNow:
        return Refused("duty_over")
    return OccurrenceNoted("returned", done.duty, desk.facts["occurrence"])


def _waive(desk: Desk, given: Given) -> Reply:
    try:
        done = duties.waive_duty(desk.uow, desk.actor, desk.facts["occurrence"], given["reason"], at=desk.now.at)
    except NotPossibleNow:
        return Refused("duty_over")
    return OccurrenceNoted("waived", done.duty, desk.facts["occurrence"])


def _regular(desk: Desk, given: Given) -> list[tuple[str, str]]:
    return [(duty.id, _words(desk, duty.zh, duty.en)) for duty in duties.regular_of(desk.profile)]


def _often(desk: Desk, given: Given) -> Reply:
    months = int(given["months"])
    duties.say_how_often(desk.uow, desk.actor, given["duty"], months, at=desk.now.at)
    return OccurrenceNoted("said", given["duty"], figure=months)


def _words(desk: Desk, zh: str, en: str) -> str:
    return en if desk.actor.language == "en" else zh


def _owners(desk: Desk, given: Given) -> list[tuple[str, str]]:
    """Whoever has a duty on an event; the texts name units and reserved owners, the profile bodies."""
    found = dict.fromkeys(duty.unit for duty in duties.duties_to_open(desk.uow, desk.actor, at=desk.now.at))
    bodies = desk.profile.actors
    return [(owner, _words(desk, bodies[owner].name_zh, bodies[owner].name_en) if owner in bodies else "") for owner in found]


def _events(desk: Desk, given: Given) -> list[tuple[str, str]]:
    found = duties.duties_to_open(desk.uow, desk.actor, at=desk.now.at)
    return [(duty.id, _words(desk, duty.zh, duty.en)) for duty in found if duty.unit == given.get("owner")]


def _whose(desk: Desk, given: Given) -> list[tuple[str, str]]:
    """The owners of the duty, if there are several."""
    owners = duties.owners_of_id(desk.uow, desk.profile, given.get("duty", ""), at=desk.now.at)
    return [(owner, duties.owner_title(desk.uow, owner, at=desk.now.at)) for owner in owners]


def _ask(desk: Desk, given: Given) -> Reply:
    due = date.fromisoformat(given["due"])
    number = duties.ask_for_duty(desk.uow, desk.actor, given["duty"], given["whose"], due, at=desk.now.at)
    return OccurrenceNoted("asked", given["duty"], figure=number)


form(
    wizards.Form(
        name="duty_report",
        action=Action.REPORT_DUTY,
        steps=(Step("text", Kind.TEXT, limit=1000), Step("proofs", Kind.FILES, required=False, limit=5)),
        preview=_about,
        finish=_report,
    )
)
form(
    wizards.Form(
        name="duty_return",
        action=Action.RUN_DUTIES,
        steps=(Step("lacks", Kind.TEXT, limit=500),),
        preview=_about,
        finish=_return,
    )
)
form(
    wizards.Form(
        name="duty_waive",
        action=Action.RUN_DUTIES,
        steps=(Step("reason", Kind.TEXT, limit=500),),
        preview=_about,
        finish=_waive,
    )
)
form(
    wizards.Form(
        name="duty_interval",
        action=Action.RUN_DUTIES,
        steps=(Step("duty", Kind.CHOICE, options=_regular), Step("months", Kind.CHOICE, options=tuple(map(str, EVERY)))),
        finish=_often,
    )
)
form(
    wizards.Form(
        name="ask_for_duty",
        action=Action.RUN_DUTIES,
        steps=(
            Step("owner", Kind.CHOICE, options=_owners),
            Step("duty", Kind.CHOICE, options=_events),
            Step("whose", Kind.UNITS, options=_whose, limit=100),
            Step("due", Kind.DATE),
        ),
        finish=_ask,
    )
)
