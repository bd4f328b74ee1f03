"""Which conference somebody turns to, where the desk stands for several: a citizen's reports go there."""

from __future__ import annotations

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import NotFound
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.ports import UnitOfWork
from conference.services import hats
from handlers.filters import Pressed, Said
from handlers.presses.everybody import ChooseConference, ShowConferences
from handlers.records.everybody import ConferencesListed, Refused
from handlers.replies import Reply

from .common import first_screen, unfinished

LINK = "c-"  # begins what the link of an area hands to the bot


def router() -> Router:
    """Stands before the common router: the link of an area is a /start too."""
    router = Router(name="areas")
    press, say = router.callback_query.register, router.message.register
    choose = {"action": Action.CHOOSE_CONFERENCE}

    say(area_linked, Said("start", rest=rf"{LINK}[a-z][a-z0-9_-]{{0,47}}"), flags=choose)
    say(areas_wanted, Said("area"), flags=choose)
    press(areas_pressed, Pressed(ShowConferences))
    press(area_chosen, Pressed(ChooseConference))
    return router


async def area_linked(message: Message, rest: str, actor: Actor, uow: UnitOfWork, state: FSMContext) -> Reply:
    return await _turn_to(rest.removeprefix(LINK), actor, uow, state)


async def area_chosen(callback: CallbackQuery, press: ChooseConference, actor: Actor, uow: UnitOfWork, state: FSMContext) -> Reply:
    return await _turn_to(press.slug, actor, uow, state)


async def _turn_to(slug: str, actor: Actor, uow: UnitOfWork, state: FSMContext) -> Reply:
    """An unfinished report belongs to the area for which it was begun: first it is ended, then another one is chosen.

    A form waits in its conference until one is back there.
    """
    waiting = await unfinished(state, uow)
    if waiting is not None:
        return waiting if slug == actor.conference else [Refused("finish_first"), waiting]
    try:
        hats.choose_conference(uow, actor, slug)
    except NotFound:
        await first_screen(state, uow.conference)
        return _listed(actor, uow, 0, "area_unknown")
    return await first_screen(state, slug)


async def areas_wanted(message: Message, actor: Actor, uow: UnitOfWork) -> Reply:
    return _listed(actor, uow, 0)


async def areas_pressed(callback: CallbackQuery, press: ShowConferences, actor: Actor, uow: UnitOfWork) -> Reply:
    return _listed(actor, uow, press.page)


def _listed(actor: Actor, uow: UnitOfWork, page: int, note: str = "") -> ConferencesListed:
    return ConferencesListed(*cut(hats.access_conferences(actor, uow.conferences), page), note)
