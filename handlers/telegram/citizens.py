"""Whoever reports: from the first word to the number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import NotFound, TooMuch
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.model.questionnaire import Draft
from conference.ports import Receipts, UnitOfWork
from conference.profiles import Profile
from conference.services import drafts, places, reports
from handlers import forms
from handlers import places as choosing
from handlers.filters import AtStep, Has, InTalk, Pressed, Said
from handlers.presses.base import SHORT, OfDraft
from handlers.presses.drafts import Begin, BeginOnDuty, Change, Choose, HeldBelongsTo, OpenPlaces, PickPlace, Step, Submit
from handlers.records.drafts import CancelAsked, DraftDropped, DraftWaits, NothingToCancel, Submitted
from handlers.records.everybody import StartScreen, StepPassed
from handlers.replies import Answer, Reply
from handlers.talks import Talk

from .material import FILES, KEPT, SPOKEN, take_in, words_of

WAYS: dict[str, Callable[[Draft], None]] = {"next": Draft.proceed, "back": Draft.back, "review": Draft.review}


def router() -> Router:
    """Reports on their way: the hot path first, what is left over last."""
    router = Router(name="citizens")
    press, say, edit = router.callback_query.register, router.message.register, router.edited_message.register
    report = {"action": Action.REPORT}

    press(chosen, AtStep(Choose))
    press(place_picked, AtStep(PickPlace))
    press(places_wanted, AtStep(OpenPlaces))
    press(stepped, AtStep(Step))
    press(submitted, AtStep(Submit))
    press(change_wanted, AtStep(Change))
    press(addition_meant, AtStep(HeldBelongsTo))
    press(begun, Pressed(Begin, BeginOnDuty))
    press(step_passed, Pressed(Choose, PickPlace, OpenPlaces, Step, Submit, Change, HeldBelongsTo))

    say(cancelled, Said("cancel"), flags=report)
    say(command_unknown, Said(), flags=report)
    say(said_in_draft, InTalk(Talk.reporting), Has(*KEPT), flags=report)
    say(said_while_held, InTalk(Talk.choosing), Has(*KEPT), flags=report)
    say(spoken, Has(*KEPT), flags=report)
    say(unexpected, Has(*SPOKEN), flags=report)

    edit(corrected, InTalk(Talk.reporting), Has(*KEPT), flags=report)
    edit(corrected, InTalk(Talk.choosing), Has(*KEPT), flags=report)
    edit(spoken, Has("text", *FILES), flags=report)
    return router


# -- beginning


async def begun(
    callback: CallbackQuery, press: Begin | BeginOnDuty, actor: Actor, uow: UnitOfWork, at: datetime, profile: Profile, state: FSMContext
) -> Reply:
    waiting = await forms.load(state)
    if waiting is not None and not waiting.is_empty:
        return waits(waiting)
    draft = await forms.begin(state, uow, actor.account_id, profile, at=at)
    if isinstance(press, Begin):
        draft.choose("subject", press.subject)
    elif (post := drafts.obliging_post(actor.posts)) is not None:
        drafts.say_on_duty(draft, post)
    else:
        draft.ask_first("reporter")
    await forms.keep(state, draft, Talk.reporting)
    return await forms.ask(state, uow, draft)


async def spoken(message: Message, actor: Actor, uow: UnitOfWork, at: datetime, profile: Profile, state: FSMContext) -> Reply:
    """Nothing was asked yet: what comes is kept, and is a report unless the person says that it is something else."""
    draft = await forms.begin(state, uow, actor.account_id, profile, at=at)
    note, figure = take_in(draft, message)
    recent = [[report.id, report.number] for report in reports.recent_reports(uow, actor, at=at)[:3]]
    unsure = bool(recent) or actor.is_official
    facts: dict[str, Any] = {"recent": recent} if unsure else {}
    await forms.keep(state, draft, Talk.choosing if unsure else Talk.reporting, album=message.media_group_id, **facts)
    note = note if note.startswith("too_much") else "begun"
    return forms.held(draft, recent, note, figure) if unsure else await forms.ask(state, uow, draft, note, figure)


async def said_while_held(message: Message, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    return await kept(message, draft, uow, state)


async def addition_meant(
    callback: CallbackQuery, press: HeldBelongsTo, draft: Draft, actor: Actor, uow: UnitOfWork, state: FSMContext
) -> Reply:
    report = reports.own_report(uow, actor, press.report)
    waiting = await forms.load(state, "additions")
    if waiting is not None and not waiting.is_empty:
        await state.set_state(Talk.adding)
        return await forms.standing(state, uow, "finish_first")
    if waiting is not None:
        drafts.forget_draft(uow, waiting.id)
    rest = {key: value for key, value in (await state.get_data()).items() if key not in ("draft", "recent")}
    await state.set_data(rest | {"additions": draft.as_data(), "adding_to": [report.id, report.number]})
    await state.set_state(Talk.adding)
    return forms.collected(draft, report.number)


# -- question by question


async def chosen(callback: CallbackQuery, press: Choose, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    question = draft.question
    if question is None or not 0 <= press.option < len(question.options):
        return Answer([await forms.ask(state, uow, draft)], toast=StepPassed())
    option = question.options[press.option]
    draft.choose(question.code, option)
    await forms.keep(state, draft, Talk.reporting)
    return await forms.ask(state, uow, draft, urgent=(question.code, option) == ("danger", "yes"))


async def place_picked(callback: CallbackQuery, press: PickPlace, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    """Words that several places fitted stay beside the one that is chosen."""
    if draft.at != "place":
        return Answer([await forms.ask(state, uow, draft)], toast=StepPassed())
    answer = draft.answers.get("place") or {}
    try:
        found = choosing.facts(uow, places.standing(uow, press.place))
    except NotFound:
        return await forms.ask(state, uow, draft, "place_gone")
    draft.place(code=press.place, text=answer["text"] if press.place in answer.get("among", ()) else None, facts=found)
    await forms.keep(state, draft, Talk.reporting)
    return await forms.ask(state, uow, draft)


async def places_wanted(callback: CallbackQuery, press: OpenPlaces, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    """Another page, or the villages of the township that was just given."""
    if draft.at != "place":
        draft.seek_finer()
        await forms.keep(state, draft, Talk.reporting)
    try:
        return await forms.ask(state, uow, draft, under=press.under, page=press.page)
    except NotFound:
        return await forms.ask(state, uow, draft, "place_gone")


async def stepped(callback: CallbackQuery, press: Step, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    if press.way == "cancel":
        return CancelAsked(draft.id[:SHORT], draft.version)
    if press.way in ("drop", "anew"):
        await forms.drop(state, uow, draft)
        return DraftDropped() if press.way == "drop" else StartScreen()
    if press.way == "on" and "recent" in await state.get_data():
        await forms.keep(state, draft, Talk.choosing)
        return await forms.standing(state, uow)
    if (move := WAYS.get(press.way)) is not None:
        move(draft)
    await forms.keep(state, draft, Talk.reporting)
    return await forms.ask(state, uow, draft, "begun" if press.way == "new" else "")


async def change_wanted(callback: CallbackQuery, press: Change, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    if not 0 <= press.question < len(draft.form.questions):
        return Answer([await forms.ask(state, uow, draft)], toast=StepPassed())
    draft.change(draft.form.questions[press.question].code)
    await forms.keep(state, draft, Talk.reporting)
    return await forms.ask(state, uow, draft)


async def said_in_draft(message: Message, draft: Draft, uow: UnitOfWork, at: datetime, zone: tzinfo, state: FSMContext) -> Reply:
    if message.text is None:
        return await kept(message, draft, uow, state)
    question = draft.question
    try:
        note, figure = forms.hear(draft, message.text, choosing.finder(uow), today=at.astimezone(zone).date())
    except TooMuch as full:
        note, figure = f"too_much_{full.bound}", full.limit
    await forms.keep(state, draft)
    urgent = question is not None and question.code == "danger" and draft.at != "danger" and draft.answers["danger"]["code"] == "yes"
    return await forms.ask(state, uow, draft, note, figure, urgent=urgent)


async def kept(message: Message, draft: Draft, uow: UnitOfWork, state: FSMContext, *, edited: bool = False) -> Reply:
    """A file, a position, a correction, a word beside the question: kept, and what was in front of the person shown again.

    The pieces of an album arrive as messages of their own: the first one is answered, the others only if they do not fit.
    """
    album = message.media_group_id
    repeated = album is not None and (await state.get_data()).get("album") == album
    note, figure = take_in(draft, message, edited=edited)
    await forms.keep(state, draft, album=album)
    if repeated and not note.startswith("too_much"):
        return None
    return await forms.standing(state, uow, note, figure)


async def corrected(message: Message, draft: Draft, uow: UnitOfWork, state: FSMContext) -> Reply:
    """An edited message: its words are added as a correction. A live position moves silently; an edit that changes nothing is none."""
    if message.location is not None:
        take_in(draft, message)
        await forms.keep(state, draft)
        return None
    if words_of(message) in draft.answers.get("words", []):
        return None
    return await kept(message, draft, uow, state, edited=True)


# -- the end


async def submitted(
    callback: CallbackQuery,
    draft: Draft,
    actor: Actor,
    uow: UnitOfWork,
    at: datetime,
    profile: Profile,
    receipts: Receipts,
    state: FSMContext,
) -> Reply:
    if draft.missing:
        draft.review()
        await forms.keep(state, draft, Talk.reporting)
        return await forms.ask(state, uow, draft, "missing")
    report = reports.file_report(uow, actor, draft, receipts.mint(), profile, at=at)
    data = await state.get_data()
    if chosen := choosing.remembered(data.get(choosing.KEPT_IN, []), draft, uow.conference):
        await state.set_data(data | {choosing.KEPT_IN: chosen})
    await forms.drop(state, uow, draft)
    return Submitted(number=report.number, report_id=report.id or 0)


async def step_passed(callback: CallbackQuery, press: OfDraft, actor: Actor, uow: UnitOfWork, state: FSMContext) -> Reply:
    """A button of a step that is over, or of a report that was filed: nothing changes, and what holds now is shown."""
    draft = await forms.load(state)
    if draft is None or not draft.id.startswith(press.draft):
        report = reports.report_of_draft(uow, actor, press.draft)
        if report is not None:
            return Submitted(number=report.number, report_id=report.id or 0, again=True)
    return Answer([await forms.standing(state, uow)], toast=StepPassed())


async def cancelled(message: Message, uow: UnitOfWork, state: FSMContext) -> Reply:
    talk = await state.get_state()
    kept_in = "additions" if talk == Talk.adding.state else "draft"
    draft = await forms.load(state, kept_in)
    if draft is None:
        await forms.resume(state)
        return NothingToCancel()
    if kept_in == "additions" and draft.is_empty:
        await forms.drop(state, uow, draft, kept_in)
        return DraftDropped(addition=True)
    return CancelAsked(draft.id[:SHORT], draft.version, addition=kept_in == "additions")


# -- what fits nowhere


async def command_unknown(message: Message, rest: str, uow: UnitOfWork, state: FSMContext) -> Reply:
    """A command we do not have. With words after it, it is what somebody has to say."""
    if rest:
        raise SkipHandler
    return await forms.standing(state, uow, "command")


async def unexpected(message: Message, uow: UnitOfWork, state: FSMContext) -> Reply:
    return await forms.standing(state, uow, "unexpected")


def waits(draft: Draft) -> DraftWaits:
    return DraftWaits(draft.id[:SHORT], draft.version, len(draft.answers))
