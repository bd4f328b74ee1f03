"""Every web route names its right, like handlers and buttons do: one that names none is not served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from conference.model.errors import Misconfigured
from conference.model.permissions import Action

H = TypeVar("H", bound=Callable[..., Any])


def serves(action: Action) -> Callable[[H], H]:
    """Decorator of a web handler: the right behind its door."""

    def name(handler: H) -> H:
        handler.action = action  # type: ignore[attr-defined]  # functions take what is hung on them
        return handler

    return name


def action_of(handler: Any) -> Action | None:
    found = getattr(handler, "action", None)
    return found if isinstance(found, Action) else None


def check_doors(application: web.Application) -> None:
    """Raises Misconfigured for a route that names no right. What answers "nothing here" to everything else needs none."""
    unnamed = [route for route in application.router.routes() if action_of(route.handler) is None and not is_wall(route.handler)]
    if unnamed:
        raise Misconfigured(*(f"{route.method} {route.resource}: name its right with @serves(Action...)" for route in unnamed))


def wall(handler: H) -> H:
    """Decorator of what stands where there is no door."""
    handler.wall = True  # type: ignore[attr-defined]  # as above
    return handler


def is_wall(handler: Any) -> bool:
    return bool(getattr(handler, "wall", False))
