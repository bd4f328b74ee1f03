"""Which handler something goes to: a glance instead of a walk.

aiogram asks the filters of every handler of every router in turn, each time through its call machinery: three quarters of
an answer's time. Here the handlers of all routers stand in one list for each kind of event, in the order in which they were
written; a filter is asked in earnest only if a glance (`Glance.ever`, `Glance.could`) does not rule it out. The right that a handler names
is checked before it runs; one that names none is not run. What takes a post, or may end in one, is done in one's own words
only: a message that was forwarded or sent through another bot does not do it, and an edited one reaches no such handler.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import Misconfigured
from conference.model.people import Actor
from conference.model.permissions import Action, authorize, in_any_form
from conference.ports import UnitOfWork
from handlers.buttons import Press
from handlers.filters import Glance, Pressed, kind_of
from handlers.records.everybody import Refused

Entry = tuple[tuple[Glance, ...], HandlerObject]


@dataclass(frozen=True, slots=True)
class Index:
    """The handlers of all routers, in their order."""

    messages: Sequence[Entry]
    edits: Sequence[Entry]
    presses: Mapping[type[Press], Sequence[Entry]]


def index(routers: Sequence[Router]) -> Index:
    """All that these hold. Raises Misconfigured for a handler without a filter that can be glanced at."""
    messages = [_entry(handler) for router in routers for handler in router.message.handlers]
    edits = [_entry(handler) for router in routers for handler in router.edited_message.handlers]
    presses: dict[type[Press], list[Entry]] = {}
    for router in routers:
        for handler in router.callback_query.handlers:
            glances, _ = entry = _entry(handler)
            for kind in next((each.kinds for each in glances if isinstance(each, Pressed)), ()):
                presses.setdefault(kind, []).append(entry)
    if barred := [handler.callback.__name__ for _, handler in edits if not in_any_form(handler.flags["action"])]:
        raise Misconfigured(f"{', '.join(barred)}: an edited message does only what may be done in any form")
    return Index(messages, edits, presses)


def register_on(router: Router, found: Index) -> None:
    """One handler for each kind of event, on the dispatcher itself: a router beneath it would be one more walk for every update."""
    router.message.register(_say(found.messages))
    router.edited_message.register(_say(found.edits))
    router.callback_query.register(_press(found.presses))


def _entry(handler: HandlerObject) -> Entry:
    glances = [each.callback for each in handler.filters or ()]
    if not glances or not all(isinstance(each, Glance) for each in glances):
        raise Misconfigured(f"{handler.callback.__name__}: give it filters of handlers/filters.py, and only such")
    return tuple(each for each in glances if isinstance(each, Glance)), handler


def _say(entries: Sequence[Entry]) -> Callable[..., Awaitable[Any]]:
    remembered: dict[tuple[str, str | None], list[tuple[int, Entry]]] = {}

    def those(kind: str, talk: str | None) -> list[tuple[int, Entry]]:
        """The handlers that can be for such a message while the conversation stands there, with their places in the order."""
        if (found := remembered.get((kind, talk))) is None:
            found = [(place, entry) for place, entry in enumerate(entries) if all(each.ever(kind, talk) for each in entry[0])]
            remembered[kind, talk] = found
        return found

    async def said(message: Message, actor: Actor, state: FSMContext, raw_state: str | None = None, **data: Any) -> Any:
        kind, asked = kind_of(message), -1
        waiting = iter(those(kind, raw_state))
        while (following := next(waiting, None)) is not None:
            place, (glances, handler) = following
            if place > asked and all(each.could(message) for each in glances):
                asked = place
                fits, found = await handler.check(message, actor=actor, state=state, raw_state=raw_state, **_asked(handler, data))
                if fits:
                    action = handler.flags["action"]
                    authorize(actor, action)
                    if not in_any_form(action) and (form := _borrowed(message)):
                        return refused(data["uow"], actor, action, form)
                    try:
                        return await handler.call(message, **found)
                    except SkipHandler:
                        raw_state = await state.get_state()  # it may have moved: the handlers below see where it stands now
                        waiting = iter(those(kind, raw_state))
        return UNHANDLED

    return said


def _borrowed(message: Message) -> str:
    """In which form these are not the speaker's own words; "" if they are."""
    return "forwarded" if message.forward_origin is not None else "through_bot" if message.via_bot is not None else ""


def refused(uow: UnitOfWork, actor: Actor, action: Action, form: str) -> Refused:
    """Nothing is done, and that it was tried is on record."""
    uow.note(actor, "form.refused", f"act:{action}", form=form, account=actor.account_id)
    return Refused("forwarded")


def _asked(handler: HandlerObject, data: dict[str, Any]) -> dict[str, Any]:
    """The profile of the conference at hand for a handler that names it: most do not, and reading one costs a query."""
    if "profile" not in handler.params:
        return data
    uow: UnitOfWork = data["uow"]
    return data | {"profile": uow.conferences.profile(uow.conference)}


def _press(entries: Mapping[type[Press], Sequence[Entry]]) -> Callable[..., Awaitable[Any]]:
    async def pressed(callback: CallbackQuery, press: Press | None = None, **data: Any) -> Any:
        for _, handler in entries.get(type(press), ()) if press is not None else ():
            fits, found = await handler.check(callback, press=press, **_asked(handler, data))
            if fits:
                return await handler.call(callback, **found)
        return UNHANDLED

    return pressed
