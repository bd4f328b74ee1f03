"""For everybody: the beginning, help, and the language."""

from __future__ import annotations

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.people import Actor
from conference.model.permissions import Action
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.services import languages
from handlers import forms
from handlers import wizard as wizards
from handlers.filters import Pressed, Said
from handlers.presses.everybody import SetLanguage, ShowHelp, ShowStart
from handlers.records.everybody import HelpGiven, LanguageChooser, LanguageChosen, StartScreen
from handlers.replies import Reply
from handlers.talks import Talk

from .citizens import waits


def router() -> Router:
    router = Router(name="common")
    press, say = router.callback_query.register, router.message.register
    ask = {"action": Action.ASK_FOR_HELP}

    say(started, Said("start", rest=r"[\w-]*"), flags=ask)
    say(help_wanted, Said("help"), flags=ask)
    say(language_wanted, Said("language"), flags=ask)
    press(start_pressed, Pressed(ShowStart))
    press(help_pressed, Pressed(ShowHelp))
    press(language_set, Pressed(SetLanguage))
    return router


async def started(message: Message, uow: UnitOfWork, state: FSMContext) -> Reply:
    return await beginning(state, uow)


async def start_pressed(callback: CallbackQuery, uow: UnitOfWork, state: FSMContext) -> Reply:
    return await beginning(state, uow)


async def beginning(state: FSMContext, uow: UnitOfWork) -> Told:
    """The first screen; with something unfinished, first what becomes of that: nothing is lost silently."""
    return await unfinished(state, uow) or await first_screen(state, uow.conference)


async def unfinished(state: FSMContext, uow: UnitOfWork) -> Told | None:
    """A report or an addition that is not sent yet."""
    draft, additions = await forms.load(state), await forms.load(state, "additions")
    if additions is not None and not additions.is_empty:
        await state.set_state(Talk.adding)
        return await forms.standing(state, uow, "finish_first")
    if draft is not None and not draft.is_empty:
        return waits(draft)
    return None


async def first_screen(state: FSMContext, conference: str) -> Told:
    """What this conference offers; an open form of it comes first, lest the next words pass for a report."""
    if (form := await wizards.resume(state, conference)) is not None:
        return form
    await state.set_state(None)
    return StartScreen()


async def help_wanted(message: Message) -> Reply:
    return HelpGiven()


async def help_pressed(callback: CallbackQuery) -> Reply:
    return HelpGiven()


async def language_wanted(message: Message) -> Reply:
    return LanguageChooser()


async def language_set(callback: CallbackQuery, press: SetLanguage, actor: Actor, uow: UnitOfWork, state: FSMContext) -> Reply:
    languages.choose_language(uow, actor, press.language)
    if press.then == "start":
        return StartScreen()
    waiting = await forms.standing(state, uow)
    return [LanguageChosen()] if isinstance(waiting, StartScreen) else [LanguageChosen(), waiting]
