"""The office: which bodies from outside take part, and inviting one more by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import AnswerUnfit, NotPossibleNow
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.ports import UnitOfWork
from conference.services import bodies, outsiders
from handlers import forms
from handlers.filters import Allowed, Has, InState, NoCommand, Pressed, Said
from handlers.presses.inviting import InviteOutsider, ShowOutsiders, TakeBackOutsider
from handlers.records.inviting import OutsiderAsked, OutsiderDropped, OutsidersShown
from handlers.replies import Answer, Reply
from handlers.talks import Talk

from .inviting import issued
from .material import KEPT


def router() -> Router:
    """Stands before the citizens' router: a body's name must never be taken for words of a report."""
    router = Router(name="outsiders")
    press, say, edit = router.callback_query.register, router.message.register, router.edited_message.register
    invite, anybody = {"action": Action.INVITE_OUTSIDER}, {"action": Action.ASK_FOR_HELP}

    say(outsiders_commanded, Said("outsiders", rest=r"(?s:.*)"), flags=invite)
    press(outsiders_wanted, Pressed(ShowOutsiders))
    press(name_wanted, Pressed(InviteOutsider))
    press(taken_back, Pressed(TakeBackOutsider))
    say(name_dropped, Said("cancel"), InState(Talk.naming_body), flags=anybody)
    say(body_named, InState(Talk.naming_body), Allowed(Action.INVITE_OUTSIDER), NoCommand(), Has(*KEPT), flags=invite)
    say(no_longer_asked, InState(Talk.naming_body), NoCommand(), Has(*KEPT), flags=anybody)
    edit(name_edited, InState(Talk.naming_body), Has(*KEPT), flags=anybody)
    return router


async def outsiders_commanded(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    return await _invite(rest, actor, uow, at, state) if rest else _shown(actor, uow, 0, at)


async def outsiders_wanted(callback: CallbackQuery, press: ShowOutsiders, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _shown(actor, uow, press.page, at)


async def name_wanted(callback: CallbackQuery, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    mode, _ = outsiders.outsiders(uow, actor, at=at)
    if mode is None:
        return _shown(actor, uow, 0, at)
    await _no_other(state)
    await state.set_state(Talk.naming_body)
    return Answer([OutsiderAsked()])


async def taken_back(callback: CallbackQuery, press: TakeBackOutsider, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    name = outsiders.take_back_outsider(uow, actor, press.post, at=at)
    return replace(_shown(actor, uow, 0, at), taken_back=name)


async def body_named(message: Message, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    slug, place = (await state.get_data()).get(forms.NAMED) or ("", "")
    return await _invite(message.text or "", actor, uow, at, state, slug, place)


async def _invite(name: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext, slug: str = "", place: str = "") -> Reply:
    """A name that does not do is asked for again; where the document is silent, that is said. `slug`: a body of the document."""
    try:
        if slug:
            invitation, ticket = bodies.invite_at(uow, actor, slug, place=place or None, name=name, at=at)
        else:
            await _no_other(state)
            _, invitation, ticket = outsiders.invite_outsider(uow, actor, name, at=at)
    except (AnswerUnfit, NotPossibleNow) as refused:
        if isinstance(refused, NotPossibleNow) and refused.state == "silent":
            return _shown(actor, uow, 0, at)
        await state.set_state(Talk.naming_body)
        return OutsiderAsked("unfit" if isinstance(refused, AnswerUnfit) else "there", slug)
    await _no_other(state)
    await forms.resume(state)
    return Answer(issued(uow, actor, invitation, ticket, at))


async def name_dropped(message: Message, state: FSMContext) -> Reply:
    await _no_other(state)
    await forms.resume(state)
    return OutsiderDropped()


async def no_longer_asked(message: Message, state: FSMContext) -> Reply:
    """The post that invites has ended: what is said now goes where anybody's words go."""
    await _no_other(state)
    await forms.resume(state)
    raise SkipHandler


async def name_edited(message: Message, state: FSMContext) -> Reply:
    return await forms.naming(state, "anew")


async def _no_other(state: FSMContext) -> None:
    """A name for a new post is awaited no more."""
    await state.set_data({key: value for key, value in (await state.get_data()).items() if key != forms.NAMED})


def _shown(actor: Actor, uow: UnitOfWork, page: int, at: datetime) -> OutsidersShown:
    mode, found = outsiders.outsiders(uow, actor, at=at)
    rows = [[outsider.post.id, outsider.name, str(outsider.post.role), outsider.here] for outsider in found]
    return OutsidersShown(mode or "", *cut(rows, page))
