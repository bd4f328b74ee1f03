"""In which language somebody is spoken to: their own choice."""

from __future__ import annotations

from conference.model.people import Actor
from conference.model.permissions import Action, authorize
from conference.ports import UnitOfWork


def choose_language(uow: UnitOfWork, actor: Actor, language: str) -> None:
    """From now on everything is said to this account in that language."""
    authorize(actor, Action.ASK_FOR_HELP)
    uow.people.set_language(actor.account_id, language)
