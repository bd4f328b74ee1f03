"""Which handler a button goes to: one look-up by the button's class instead of a walk past every filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.types import CallbackQuery

from conference.model.errors import Misconfigured
from handlers.buttons import Press
from handlers.filters import Pressed

Index = dict[type[Press], list[HandlerObject]]


def by_class(routers: Sequence[Router]) -> Router:
    """A router that holds the button handlers of these routers, which hold none any more. Their order is kept.

    Raises Misconfigured for a handler that does not say which buttons it is for.
    """
    index: Index = {}
    for router in routers:
        for handler in router.callback_query.handlers:
            for kind in _kinds(handler):
                index.setdefault(kind, []).append(handler)
        router.callback_query.handlers.clear()
    return _router(index)


def _kinds(handler: HandlerObject) -> tuple[type[Press], ...]:
    for candidate in handler.filters or ():
        if isinstance(candidate.callback, Pressed):
            return candidate.callback.kinds
    raise Misconfigured(f"{handler.callback.__name__} names no button: give it a Pressed filter")


def _router(index: Index) -> Router:
    router = Router(name="presses")

    @router.callback_query()
    async def pressed(callback: CallbackQuery, press: Press | None = None, **data: Any) -> Any:
        for handler in index.get(type(press), ()) if press is not None else ():
            fits, found = await handler.check(callback, press=press, **data)
            if fits:
                return await handler.call(callback, **{**data, "press": press, **found})
        return UNHANDLED

    return router
