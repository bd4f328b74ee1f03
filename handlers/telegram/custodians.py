"""Those who guard who reported, and those who decide with them: one asks and says why, another decides, and it is opened once."""

from __future__ import annotations

from datetime import datetime

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.approvals import Approval, ApprovalState
from conference.model.errors import AnswerUnfit, NotPossibleNow, SecondNeeded, TooMuch
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.model.told import ApprovalDecided
from conference.ports import UnitOfWork
from conference.services import approvals, identities
from handlers import forms
from handlers.filters import Allowed, Has, InState, NoCommand, Pressed, Said
from handlers.presses.approvals import DecideExport, DecideIdentity, OpenIdentity
from handlers.records.approvals import ApprovalWaits, ReasonAsked, ReasonDropped, ReportNumberAsked
from handlers.records.everybody import Refused
from handlers.replies import Answer, Reply
from handlers.talks import Talk

from .material import KEPT


def router() -> Router:
    """Stands before the citizens' router: a reason must never be taken for words of a report."""
    router = Router(name="custodians")
    press, say, edit = router.callback_query.register, router.message.register, router.edited_message.register
    ask, anybody = {"action": Action.ASK_IDENTITY}, {"action": Action.ASK_FOR_HELP}

    press(decided, Pressed(DecideIdentity, DecideExport))
    press(identity_opened, Pressed(OpenIdentity))

    say(identity_wanted, Said("identity", rest=r"[\w-]{0,20}"), flags=ask)
    say(reason_dropped, Said("cancel"), InState(Talk.giving_reason), flags=anybody)
    say(reason_given, InState(Talk.giving_reason), Allowed(Action.ASK_IDENTITY), NoCommand(), Has(*KEPT), flags=ask)
    say(no_longer_asked, InState(Talk.giving_reason), NoCommand(), Has(*KEPT), flags=anybody)
    edit(reason_edited, InState(Talk.giving_reason), Has(*KEPT), flags=anybody)
    return router


async def identity_wanted(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    if not rest:
        return ReportNumberAsked()
    report, asked = identities.identity_to_ask(uow, actor, rest, at=at)
    if asked is not None:
        return _standing(asked, report.number)
    await state.update_data({forms.ABOUT: [report.id, report.number]})
    await state.set_state(Talk.giving_reason)
    return ReasonAsked(report.number)


async def reason_given(message: Message, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    report_id, number = (await state.get_data())[forms.ABOUT]
    if message.text is None:
        return ReasonAsked(number, "words_only")
    try:
        _, asked = identities.ask_identity(uow, actor, report_id, message.text, at=at)
    except AnswerUnfit:
        return ReasonAsked(number, "too_short", approvals.SHORTEST)
    except TooMuch as full:
        return ReasonAsked(number, "too_long", full.limit)
    except SecondNeeded:
        await _leave(state)
        return Refused("nobody_else")
    await _leave(state)
    return _standing(asked, number)


async def reason_dropped(message: Message, state: FSMContext) -> Reply:
    _, number = (await state.get_data())[forms.ABOUT]
    await _leave(state)
    return ReasonDropped(number)


async def no_longer_asked(message: Message, state: FSMContext) -> Reply:
    """The post that asked has ended: what is said now goes where anybody's words go."""
    await _leave(state)
    raise SkipHandler


async def reason_edited(message: Message, state: FSMContext) -> Reply:
    _, number = (await state.get_data())[forms.ABOUT]
    return ReasonAsked(number, "anew")


async def decided(callback: CallbackQuery, press: DecideIdentity | DecideExport, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    toast = None
    try:
        approvals.decide_approval(uow, actor, press.approval, press.action, granted=bool(press.granted), at=at)
    except NotPossibleNow:
        toast = Refused("already_decided")
    return Answer([approvals.settled(uow, actor, press.approval, press.action, at=at)], toast=toast)


async def identity_opened(callback: CallbackQuery, press: OpenIdentity, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        return identities.open_identity(uow, actor, press.approval, at=at)
    except NotPossibleNow:
        return Answer(toast=Refused("already_opened"), alert=True)


async def _leave(state: FSMContext) -> None:
    await state.set_data({key: value for key, value in (await state.get_data()).items() if key != forms.ABOUT})
    await forms.resume(state)


def _standing(asked: Approval, number: str) -> ApprovalWaits | ApprovalDecided:
    until = asked.expires_at.isoformat()
    if asked.state is ApprovalState.GRANTED:
        return ApprovalDecided(asked.id or 0, asked.action, number, asked.state, "", until)
    return ApprovalWaits(asked.action, number, until)
