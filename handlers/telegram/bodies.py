"""The office: a new post at a place or an institution, and the invitation into it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from conference.model.people import ONE_A_PLACE, Actor
from conference.ports import UnitOfWork
from conference.services import bodies, places
from handlers import forms
from handlers.filters import Pressed
from handlers.places import page_of
from handlers.presses.inviting import ChooseBody, ChooseBodyPlace, OpenBodyPlaces, ShowBodies
from handlers.records.inviting import BodiesShown, BodyPlaces, OutsiderAsked
from handlers.replies import Answer, Reply
from handlers.talks import Talk

from .inviting import issued


def router() -> Router:
    router = Router(name="bodies")
    press = router.callback_query.register

    press(bodies_wanted, Pressed(ShowBodies))
    press(body_chosen, Pressed(ChooseBody))
    press(places_wanted, Pressed(OpenBodyPlaces))
    press(place_chosen, Pressed(ChooseBodyPlace))
    return router


async def bodies_wanted(callback: CallbackQuery, actor: Actor, uow: UnitOfWork) -> Reply:
    return BodiesShown([body.slug for body in bodies.kinds(uow, actor)])


async def body_chosen(callback: CallbackQuery, press: ChooseBody, actor: Actor, uow: UnitOfWork, state: FSMContext) -> Reply:
    """An institution has a name; a township or a village is chosen, where the territory was imported."""
    body, role = bodies.body_of(uow, actor, press.body)
    if role not in ONE_A_PLACE or not places.offered(uow).places:
        return await _ask_name(state, body.slug, "")
    return BodyPlaces(body.slug, asdict(page_of(uow)))


async def places_wanted(callback: CallbackQuery, press: OpenBodyPlaces, actor: Actor, uow: UnitOfWork) -> Reply:
    body, _ = bodies.body_of(uow, actor, press.body)
    return BodyPlaces(body.slug, asdict(page_of(uow, press.under, press.page)))


async def place_chosen(
    callback: CallbackQuery, press: ChooseBodyPlace, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext
) -> Reply:
    """A wider place opens what lies beneath it; where nothing does, the village is named."""
    body, role = bodies.body_of(uow, actor, press.body)
    place = places.standing(uow, press.place)
    if bodies.is_narrow(role, place):
        return Answer(issued(uow, actor, *bodies.invite_at(uow, actor, body.slug, place=place.code, at=at), at), below=True)
    if place.finer:
        return BodyPlaces(body.slug, asdict(page_of(uow, place.code)))
    return await _ask_name(state, body.slug, place.code)


async def _ask_name(state: FSMContext, body: str, place: str) -> Reply:
    await state.update_data({forms.NAMED: [body, place]})
    await state.set_state(Talk.naming_body)
    return Answer([OutsiderAsked(body=body)])
