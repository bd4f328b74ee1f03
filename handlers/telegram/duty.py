"""The duty rota in chat: who is on duty, take over, end, put a colleague on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.errors import NotPossibleNow
from conference.model.people import Actor, Shift
from conference.model.permissions import Action
from conference.ports import UnitOfWork
from conference.services import duty
from handlers.filters import Pressed, Said
from handlers.presses.duty import EndShift, PlanDay, PlanDuty, PlanHours, PlanShift, ShowDuty, TakeDuty
from handlers.records.duty import DutyPlanning, DutyShown
from handlers.replies import Answer, Reply


def router() -> Router:
    router = Router(name="duty")
    press, say = router.callback_query.register, router.message.register

    say(duty_wanted, Said("duty"), flags={"action": Action.SEE_DUTY})
    press(duty_pressed, Pressed(ShowDuty))
    press(duty_taken, Pressed(TakeDuty))
    press(shift_ended, Pressed(EndShift))
    press(colleague_wanted, Pressed(PlanDuty))
    press(day_wanted, Pressed(PlanDay))
    press(hours_wanted, Pressed(PlanHours))
    press(shift_planned, Pressed(PlanShift))
    return router


async def duty_wanted(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _shown(uow, actor, at)


async def duty_pressed(callback: CallbackQuery, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _shown(uow, actor, at)


async def duty_taken(callback: CallbackQuery, press: TakeDuty, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    duty.begin_shift(uow, actor, press.post, press.hours, at=at)
    return _shown(uow, actor, at, "taken")


async def shift_ended(callback: CallbackQuery, press: EndShift, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        duty.end_shift(uow, actor, press.shift, at=at)
    except NotPossibleNow:
        return _shown(uow, actor, at, "over")
    return _shown(uow, actor, at, "ended")


async def colleague_wanted(callback: CallbackQuery, press: PlanDuty, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    people = duty.colleagues_of(uow, actor, press.post, at=at)
    return DutyPlanning(press.post, _title(actor, press.post), [[person, name] for person, name in people.items()])


async def day_wanted(callback: CallbackQuery, press: PlanDay, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    name = duty.colleagues_of(uow, actor, press.post, at=at).get(press.person, "")
    days = [day.isoformat() for day in duty.days_to_plan(at)]
    return DutyPlanning(press.post, _title(actor, press.post), person=press.person, name=name, days=days)


async def hours_wanted(callback: CallbackQuery, press: PlanHours, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    name = duty.colleagues_of(uow, actor, press.post, at=at).get(press.person, "")
    return DutyPlanning(press.post, _title(actor, press.post), person=press.person, name=name, day=_day(press.day).isoformat())


async def shift_planned(callback: CallbackQuery, press: PlanShift, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    begins, ends = duty.span_of(_day(press.day), press.hours)
    try:
        duty.plan_shift(uow, actor, press.post, press.person, begins, ends, at=at)
    except NotPossibleNow as error:
        return _shown(uow, actor, at, "overlaps" if error.state == "on_duty" else "outside")
    return _shown(uow, actor, at, "planned")


def _shown(uow: UnitOfWork, actor: Actor, at: datetime, note: str = "") -> Answer:
    desks: list[dict[str, Any]] = [
        {
            "post": rota.post.id,
            "title": rota.post.title,
            "mine": any(held.post_id == rota.post.id for held in actor.posts),
            "everybody": rota.everybody,
            "now": _shifts(actor, rota.running, rota.names),
            "coming": _shifts(actor, rota.coming, rota.names),
        }
        for rota in duty.rotas(uow, actor, at=at)
    ]
    return Answer([DutyShown(desks, duty.waiting(uow, actor), note)])


def _shifts(actor: Actor, shifts: Iterable[Shift], names: Mapping[int, str]) -> list[list[Any]]:
    return [
        [s.id, names.get(s.person_id, ""), s.begins_at.isoformat(), s.ends_at.isoformat(), s.person_id == actor.person_id] for s in shifts
    ]


def _title(actor: Actor, post: int) -> str:
    return next((held.title for held in actor.posts if held.post_id == post), "")


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
