"""Those who have reported: their reports, what they add, and the way back with a receipt."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import NotFound
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.model.questionnaire import Draft
from conference.model.reports import Report
from conference.ports import Receipts, UnitOfWork
from conference.profiles import Profile
from conference.services import drafts, reports
from handlers import forms
from handlers import receipts as receipt_words
from handlers.filters import AtStep, Has, InState, InTalk, Pressed, Said, SaidReceipt
from handlers.presses.base import SHORT
from handlers.presses.reporters import Adding, AddMore, Reclaim, ShowOwnReport, ShowOwnReports
from handlers.records.drafts import CancelAsked, DraftDropped
from handlers.records.everybody import StepPassed
from handlers.records.reporters import AdditionSent, OwnReport, OwnReports, ReceiptAsked, ReportReclaimed
from handlers.replies import Answer, Reply
from handlers.talks import Talk

from .material import KEPT, take_in, words_of

IN = "additions"


def router() -> Router:
    """Stands before the citizens' router: a receipt must never be taken for words of a report."""
    router = Router(name="reporters")
    press, say, edit = router.callback_query.register, router.message.register, router.edited_message.register
    follow, reclaim = {"action": Action.FOLLOW_OWN_REPORT}, {"action": Action.RECLAIM_REPORT}

    press(own_reports_wanted, Pressed(ShowOwnReports))
    press(own_report_wanted, Pressed(ShowOwnReport))
    press(more_to_add, Pressed(AddMore))
    press(adding_pressed, AtStep(Adding))
    press(adding_passed, Pressed(Adding))
    press(reclaim_wanted, Pressed(Reclaim))

    say(reclaim_commanded, Said("reclaim", rest=r"(?s:.*)"), flags=reclaim)
    say(receipt_said, SaidReceipt(), flags=reclaim)
    say(own_reports_commanded, Said("my"), flags=follow)
    say(no_receipt_said, InState(Talk.reclaiming), Has(*KEPT), flags=reclaim)
    say(added, InTalk(Talk.adding, IN), Has(*KEPT), flags=follow)
    edit(receipt_said, SaidReceipt(), flags=reclaim)
    edit(no_receipt_said, InState(Talk.reclaiming), Has(*KEPT), flags=reclaim)
    edit(added_by_edit, InTalk(Talk.adding, IN), Has(*KEPT), flags=follow)
    return router


# -- one's own reports


async def own_reports_wanted(callback: CallbackQuery, press: ShowOwnReports, actor: Actor, uow: UnitOfWork) -> Reply:
    return Answer([_own_reports(uow, actor)], below=bool(press.below))


async def own_reports_commanded(message: Message, actor: Actor, uow: UnitOfWork) -> Reply:
    return _own_reports(uow, actor)


def _own_reports(uow: UnitOfWork, actor: Actor) -> OwnReports:
    return OwnReports([[report.id, report.number, str(report.state)] for report in reports.own_reports(uow, actor)])


async def own_report_wanted(callback: CallbackQuery, press: ShowOwnReport, actor: Actor, uow: UnitOfWork) -> Reply:
    return OwnReport(**_status(reports.own_report(uow, actor, press.report)))


# -- adding to one


async def more_to_add(
    callback: CallbackQuery, press: AddMore, actor: Actor, uow: UnitOfWork, at: datetime, profile: Profile, state: FSMContext
) -> Reply:
    report = reports.own_report(uow, actor, press.report)
    data = await state.get_data()
    if "additions" in data and (data["adding_to"][0] == report.id or not Draft.from_data(data["additions"]).is_empty):
        await state.set_state(Talk.adding)
        note = "" if data["adding_to"][0] == report.id else "finish_first"
        return Answer([await forms.standing(state, uow, note)], below=bool(press.below))
    additions = Draft.begin(uuid.uuid4().hex)
    drafts.keep_draft(uow, actor.account_id, additions.id, profile, at=at)
    await forms.keep(state, additions, Talk.adding, IN, adding_to=[report.id, report.number])
    return Answer([forms.collected(additions, report.number)], below=bool(press.below))


async def added(message: Message, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    album = message.media_group_id
    repeated = album is not None and (await state.get_data()).get("album") == album
    note, figure = take_in(draft, message)
    await forms.keep(state, draft, None, IN, album=album)
    return None if repeated and not note.startswith("too_much") else await forms.standing(state, uow, note, figure)


async def added_by_edit(message: Message, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    if message.location is None and words_of(message) in draft.answers.get("words", []):
        return None
    note, figure = take_in(draft, message, edited=message.location is None)
    await forms.keep(state, draft, None, IN)
    return None if message.location is not None else await forms.standing(state, uow, note, figure)


async def adding_pressed(
    callback: CallbackQuery, press: Adding, draft: Draft, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext
) -> Reply:
    report_id, number = (await state.get_data())["adding_to"]
    if press.way == "cancel" and not draft.is_empty:
        return CancelAsked(draft.id[:SHORT], draft.version, addition=True)
    if press.way == "on" or (press.way == "send" and draft.is_empty):
        await state.set_state(Talk.adding)
        return forms.collected(draft, number, "nothing_yet" if draft.is_empty else "")
    if press.way == "send":
        reports.add_to_report(uow, actor, report_id, draft, at=at)
    waiting = await forms.drop(state, uow, draft, IN)
    said = AdditionSent(number, report_id) if press.way == "send" else DraftDropped(addition=True)
    return [said, *([await forms.standing(state, uow)] if waiting else [])]


async def adding_passed(callback: CallbackQuery, uow: UnitOfWork, state: FSMContext) -> Reply:
    return Answer([await forms.standing(state, uow)], toast=StepPassed())


# -- the way back


async def reclaim_wanted(callback: CallbackQuery, state: FSMContext) -> Reply:
    await state.set_state(Talk.reclaiming)
    return ReceiptAsked()


async def reclaim_commanded(
    message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime, receipts: Receipts, state: FSMContext
) -> Reply:
    numbers = receipt_words.parse(rest)
    if numbers is not None:
        return await receipt_said(message, numbers, actor, uow, at, receipts, state)
    await state.set_state(Talk.reclaiming)
    return ReceiptAsked(note="unreadable" if rest else "")


async def receipt_said(
    message: Message, numbers: list[int], actor: Actor, uow: UnitOfWork, at: datetime, receipts: Receipts, state: FSMContext
) -> Reply:
    if not numbers:
        await state.set_state(Talk.reclaiming)
        return ReceiptAsked(note="unreadable")
    try:
        report = reports.reclaim_report(uow, actor, receipts, numbers, at=at)
    except NotFound:  # said here, not by the refusal: the try that was counted has to stay
        await state.set_state(Talk.reclaiming)
        return ReceiptAsked(note="unknown")
    await forms.resume(state)
    return ReportReclaimed(**_status(report))


async def no_receipt_said(message: Message, state: FSMContext) -> Reply:
    """A receipt that was mistyped is asked for again; anything else is what somebody has to say, and goes its way."""
    if receipt_words.resembles(message.text or ""):
        return ReceiptAsked(note="unreadable")
    await forms.resume(state)
    raise SkipHandler


def _status(report: Report) -> dict[str, Any]:
    return {
        "report_id": report.id or 0,
        "number": report.number,
        "state": str(report.state),
        "filed_at": report.filed_at.isoformat(),
        "accepted_at": report.accepted_at.isoformat() if report.accepted_at else None,
    }
