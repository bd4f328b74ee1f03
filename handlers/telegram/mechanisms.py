"""The mechanism that the document wants set up by a day: where it stands, and its record."""

from __future__ import annotations

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.errors import AnswerUnfit, NotPossibleNow, TooMuch
from conference.model.mechanisms import MechanismState
from conference.model.people import Actor
from conference.model.permissions import Action
from conference.ports import UnitOfWork
from conference.services import mechanisms
from handlers.filters import Pressed, Said
from handlers.presses.duty import ShowMechanism
from handlers.records.mechanisms import MechanismShown
from handlers.replies import Reply


def router() -> Router:
    router = Router(name="mechanisms")
    router.message.register(mechanism_said, Said("mechanism", rest=r"(?s:.*)"), flags={"action": Action.RECORD_MECHANISM})
    router.callback_query.register(mechanism_pressed, Pressed(ShowMechanism))
    return router


async def mechanism_pressed(callback: CallbackQuery, actor: Actor, uow: UnitOfWork) -> Reply:
    return _shown(mechanisms.mechanism_of(uow, actor))


async def mechanism_said(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    if not rest:
        return _shown(mechanisms.mechanism_of(uow, actor))
    try:
        return _shown(mechanisms.record_mechanism(uow, actor, rest, at=at), "kept")
    except AnswerUnfit:
        return _shown(mechanisms.mechanism_of(uow, actor), "too_short", mechanisms.SHORTEST)
    except TooMuch as full:
        return _shown(mechanisms.mechanism_of(uow, actor), "too_long", full.limit)
    except NotPossibleNow:
        return MechanismShown()


def _shown(state: MechanismState, note: str = "", figure: int = 0) -> MechanismShown:
    last_day, done = state.last_day.isoformat() if state.last_day else None, state.set_up
    return MechanismShown(state.term, last_day, done.act_number if done else "", done.at.isoformat() if done else None, note, figure)
