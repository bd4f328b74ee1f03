"""The duty rota in chat: who is on duty, take over, end, put a colleague on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.days import clock_time
from conference.model.errors import NotPossibleNow
from conference.model.people import Actor, Shift
from conference.model.permissions import Action, may
from conference.ports import UnitOfWork
from conference.services import duty
from handlers.filters import Pressed, Said
from handlers.presses import EndShift, PlanDay, PlanDuty, PlanHours, PlanShift, ShowDuty, TakeDuty
from handlers.records import DutyPlanning, DutyShown
from handlers.replies import Answer, Reply

HOURS = {"day": (8, 20), "night": (20, 32), "all": (8, 32)}
DAYS = 7


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
    return DutyPlanning(press.post, _title(actor, press.post), [[person, _name(uow, person)] for person in people])


async def day_wanted(callback: CallbackQuery, press: PlanDay, actor: Actor, uow: UnitOfWork, at: datetime, zone: tzinfo) -> Reply:
    duty.colleagues_of(uow, actor, press.post, at=at)
    today = at.astimezone(zone).date()
    days = [(today + timedelta(days=ahead)).isoformat() for ahead in range(DAYS)]
    return DutyPlanning(press.post, _title(actor, press.post), person=press.person, name=_name(uow, press.person), days=days)


async def hours_wanted(callback: CallbackQuery, press: PlanHours, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    duty.colleagues_of(uow, actor, press.post, at=at)
    name, day = _name(uow, press.person), _day(press.day).isoformat()
    return DutyPlanning(press.post, _title(actor, press.post), person=press.person, name=name, day=day)


async def shift_planned(callback: CallbackQuery, press: PlanShift, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    begins, ends = (clock_time(_day(press.day), hour) for hour in HOURS[press.hours])
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
            "now": _shifts(uow, actor, rota.running),
            "coming": _shifts(uow, actor, rota.coming),
        }
        for rota in duty.rotas(uow, actor, at=at)
    ]
    waiting = len(uow.reports.waiting(actor.conference)) if may(actor, Action.ACCEPT_REPORT) else 0
    return Answer([DutyShown(desks, waiting, note)])


def _shifts(uow: UnitOfWork, actor: Actor, shifts: Iterable[Shift]) -> list[list[Any]]:
    return [[s.id, _name(uow, s.person_id), s.begins_at.isoformat(), s.ends_at.isoformat(), s.person_id == actor.person_id] for s in shifts]


def _name(uow: UnitOfWork, person: int) -> str:
    return uow.people.name_of(person) or ""


def _title(actor: Actor, post: int) -> str:
    return next((held.title for held in actor.posts if held.post_id == post), "")


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
