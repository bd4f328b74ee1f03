"""The desk on Telegram: routers by role, built by functions, and what is said when a rule refuses."""

from __future__ import annotations

from aiogram import Router

from conference.model.errors import NotAllowed, NotFound, RuleBroken, TooMuch
from conference.model.told import Told
from handlers.records import Refused

from . import areas, citizens, common, index, officials, reporters, responders


def routers() -> list[Router]:
    """Commands before words; a receipt before any words; the catch-all last. Indexed, so that nobody walks past all of them."""
    by_role = [areas.router(), common.router(), officials.router(), responders.router(), reporters.router(), citizens.router()]
    return [index.index(by_role)]


def allowed_updates() -> list[str]:
    return ["message", "edited_message", "callback_query", "my_chat_member"]


def refusal(error: RuleBroken) -> Told:
    """What went wrong and the next step, for a rule that no handler caught."""
    if isinstance(error, TooMuch):
        return Refused("try_later" if error.bound == "reclaim" else "too_much", error.limit)
    if isinstance(error, NotAllowed):
        return Refused("not_allowed")
    return Refused("not_found" if isinstance(error, NotFound) else "not_now")
