"""The desk on Telegram: routers by role, built by functions, and what is said when a rule refuses."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from aiogram import Router

from conference.model.errors import InvitationUnfit, NotAllowed, NotFound, PostHeld, RuleBroken, SecondNeeded, TooMuch
from conference.model.told import Told
from handlers.records.everybody import Refused
from handlers.records.inviting import InvitationUseless

from . import (
    areas,
    assignments,
    bodies,
    citizens,
    common,
    custodians,
    duties,
    duty,
    index,
    inviting,
    joining,
    mechanisms,
    meetings,
    notices,
    officials,
    outsiders,
    reporters,
    responders,
    succession,
    wizards,
)

# Commands before words; an invitation and a receipt before any words; the catch-all last.
ROLES: tuple[ModuleType, ...] = (
    areas,
    joining,
    meetings,
    assignments,
    notices,
    duties,
    common,
    officials,
    responders,
    custodians,
    inviting,
    bodies,
    outsiders,
    duty,
    succession,
    mechanisms,
    reporters,
    wizards,
    citizens,
)


@cache
def handlers() -> index.Index:
    """Those of all roles, indexed so that nobody walks past the others."""
    return index.index([role.router() for role in ROLES])


def register_on(router: Router) -> None:
    """Let this router, the dispatcher, hear for all roles."""
    index.register_on(router, handlers())


def allowed_updates() -> list[str]:
    return ["message", "edited_message", "callback_query", "my_chat_member"]


def refusal(error: RuleBroken) -> Told:
    """What went wrong and the next step, for a rule that no handler caught."""
    if isinstance(error, TooMuch):
        return Refused("try_later" if error.bound in ("reclaim", "invitation") else "too_much", error.limit)
    if isinstance(error, NotAllowed):
        return Refused("not_allowed")
    if isinstance(error, InvitationUnfit):
        return InvitationUseless(error.why)
    if isinstance(error, PostHeld | SecondNeeded):
        return Refused("post_held" if isinstance(error, PostHeld) else "second_needed")
    return Refused("not_found" if isinstance(error, NotFound) else "not_now")
