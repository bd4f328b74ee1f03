"""Forms that are filled one step at a time, whoever asks: the buttons and messages that they share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.people import Actor
from conference.model.permissions import Action, authorize, may
from conference.ports import UnitOfWork
from conference.profiles import Profile
from handlers import wizard as wizards
from handlers.filters import AtWizard, Has, InWizard, Pressed, Said
from handlers.presses.wizards import WizardChange, WizardChoose, WizardPage, WizardSend, WizardStep
from handlers.records.everybody import StepPassed
from handlers.records.wizards import WizardCancelAsked, WizardDropped
from handlers.replies import Answer, Reply
from handlers.wizard import Desk, Heard, Now, Wizard

from . import texts
from .material import KEPT, SPOKEN, file_of, words_of

WAYS: dict[str, Callable[[Wizard, Desk], Heard | None]] = {
    "next": lambda wizard, desk: wizards.skip(wizard),
    "back": lambda wizard, desk: wizard.back(),
    "clear": lambda wizard, desk: wizards.clear(wizard),
    "yes": lambda wizard, desk: wizards.confirm(wizard),
    "all": lambda wizard, desk: wizards.choose_all(wizard, desk, every=True),
    "none": lambda wizard, desk: wizards.choose_all(wizard, desk, every=False),
}


def router() -> Router:
    """Stands behind all commands and before the citizens' words: while a form is open, what is said belongs to it."""
    router = Router(name="wizards")
    press, say, edit = router.callback_query.register, router.message.register, router.edited_message.register
    fill = {"action": Action.ASK_FOR_HELP}  # not FILL_FORM: whoever lost the post meanwhile must still be heard, see `said`

    press(chosen, AtWizard(WizardChoose))
    press(stepped, AtWizard(WizardStep))
    press(page_turned, AtWizard(WizardPage))
    press(change_wanted, AtWizard(WizardChange))
    press(sent, AtWizard(WizardSend))
    press(step_passed, Pressed(WizardChoose, WizardStep, WizardPage, WizardChange, WizardSend))

    say(cancelled, InWizard(), Said("cancel"), flags=fill)
    say(command_beside, InWizard(), Said(), flags=fill)
    say(said, InWizard(), Has(*KEPT, *SPOKEN), flags=fill)
    edit(edited, InWizard(), Has(*KEPT), flags=fill)
    return router


def desk_of(uow: UnitOfWork, actor: Actor, profile: Profile, zone: tzinfo, at: datetime, **facts: object) -> Desk:
    return Desk(uow, actor, profile, Now(at, zone, uow.calendar), facts)


async def said(
    message: Message, wizard: Wizard, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    """Words or a file. The pieces of an album come as messages of their own: the first is answered, the others if they do not fit.

    Whoever lost the right to the form while it was open is heard like everybody: what they write may be a report.
    """
    if wizard.is_elsewhere(actor.conference):
        await state.set_state(None)  # it is kept; what is said next is said here
        return wizards.waits(wizard, actor.conference)
    if not may(actor, wizard.is_of.action):
        await wizards.drop(state)
        raise SkipHandler
    desk, text, file = desk_of(uow, actor, profile, zone, at), words_of(message), file_of(message)
    if file is not None:
        heard = wizards.attach(wizard, desk, file)
    elif text:
        heard = wizards.hear(wizard, desk, text, texts.wizards.labels(wizard.form, wizard.at))
    else:
        heard = Heard(f"expects_{wizard.step.kind}" if wizard.step else "choose_button")
    repeated = message.media_group_id is not None and wizard.album == message.media_group_id
    wizard.album = message.media_group_id
    shown = wizards.show(wizard, desk, heard.note, **heard.facts)
    await wizards.keep(state, wizard)
    return None if repeated and heard.taken else shown


async def edited(
    message: Message, wizard: Wizard, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    """A message that was changed afterwards: nobody can say which answer it was, so it is said how to change one."""
    if wizard.is_elsewhere(actor.conference):
        return wizards.waits(wizard, actor.conference)
    return wizards.show(wizard, desk_of(uow, actor, profile, zone, at), "edited")


async def chosen(
    callback: CallbackQuery,
    press: WizardChoose,
    wizard: Wizard,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    authorize(actor, wizard.is_of.action)
    desk = desk_of(uow, actor, profile, zone, at)
    code = wizard.offered[press.option][0] if 0 <= press.option < len(wizard.offered) else None
    return await _shown(wizard, desk, wizards.choose(wizard, desk, code), state)


async def stepped(
    callback: CallbackQuery,
    press: WizardStep,
    wizard: Wizard,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    if press.way == "cancel":
        return WizardCancelAsked(wizard.form, wizard.id, wizard.version)
    if press.way == "drop":
        await wizards.drop(state)
        return WizardDropped(wizard.form)
    authorize(actor, wizard.is_of.action)
    desk = desk_of(uow, actor, profile, zone, at)
    return await _shown(wizard, desk, WAYS[press.way](wizard, desk) if press.way in WAYS else None, state)


async def page_turned(
    callback: CallbackQuery,
    press: WizardPage,
    wizard: Wizard,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    wizard.page = max(0, press.page)
    return await _shown(wizard, desk_of(uow, actor, profile, zone, at), None, state)


async def change_wanted(
    callback: CallbackQuery,
    press: WizardChange,
    wizard: Wizard,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    steps = wizard.is_of.steps
    if 0 <= press.step < len(steps) and steps[press.step].is_asked(wizard.given):
        wizard.go(steps[press.step].code, editing=True)
    return await _shown(wizard, desk_of(uow, actor, profile, zone, at), None, state)


async def sent(
    callback: CallbackQuery,
    press: WizardSend,
    wizard: Wizard,
    actor: Actor,
    uow: UnitOfWork,
    profile: Profile,
    zone: tzinfo,
    at: datetime,
    state: FSMContext,
) -> Reply:
    """The verb. What was a day to come when it was given may have passed since: then it is asked again, and nothing is sent."""
    made = wizard.is_of
    authorize(actor, made.action)
    desk = desk_of(uow, actor, profile, zone, at, **wizard.facts)
    if (doubt := wizards.last_look(wizard, desk)) is not None:
        return await _shown(wizard, desk, doubt, state)
    done = made.finish(desk, dict(wizard.given))
    await wizards.drop(state)
    return done


async def _shown(wizard: Wizard, desk: Desk, heard: Heard | None, state: FSMContext) -> Reply:
    shown = wizards.show(wizard, desk, heard.note if heard else "", **(heard.facts if heard else {}))
    await wizards.keep(state, wizard)
    return shown


async def step_passed(
    callback: CallbackQuery, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime, state: FSMContext
) -> Reply:
    """A button of a step that is over, or of a form that was sent: nothing changes, and what holds now is shown."""
    wizard = await wizards.load(state)
    if wizard is None:
        return Answer(toast=StepPassed())
    if wizard.is_elsewhere(actor.conference):
        return Answer([wizards.waits(wizard, actor.conference)], below=True)
    return Answer([wizards.show(wizard, desk_of(uow, actor, profile, zone, at))], toast=StepPassed(), below=True)


async def cancelled(message: Message, wizard: Wizard) -> Reply:
    return WizardCancelAsked(wizard.form, wizard.id, wizard.version)


async def command_beside(
    message: Message, wizard: Wizard, actor: Actor, uow: UnitOfWork, profile: Profile, zone: tzinfo, at: datetime
) -> Reply:
    """A command that nobody has, while a form is open: the form is shown again."""
    if wizard.is_elsewhere(actor.conference):
        return wizards.waits(wizard, actor.conference)
    return wizards.show(wizard, desk_of(uow, actor, profile, zone, at), "command")
