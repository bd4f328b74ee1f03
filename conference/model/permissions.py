"""Who may do what: one table, deny by default. An act that is not in it is nobody's."""

from __future__ import annotations

from enum import StrEnum

from .errors import NotAllowed
from .people import Actor, HeldPost, Role


class Action(StrEnum):
    """Everything a person can do here; each handler names one."""

    ASK_FOR_HELP = "ask_for_help"  # start, help, language, who am I
    REPORT = "report"
    FOLLOW_OWN_REPORT = "follow_own_report"
    RECLAIM_REPORT = "reclaim_report"
    ACCEPT_REPORT = "accept_report"
    READ_REPORT = "read_report"
    LIST_REPORTS = "list_reports"


EVERYBODY: frozenset[Role | None] = frozenset({None, *Role})

ALLOWED: dict[Action, frozenset[Role | None]] = {
    Action.ASK_FOR_HELP: EVERYBODY,
    Action.REPORT: EVERYBODY,
    Action.FOLLOW_OWN_REPORT: EVERYBODY,
    Action.RECLAIM_REPORT: EVERYBODY,
    Action.ACCEPT_REPORT: frozenset({Role.DUTY_DESK}),
    Action.READ_REPORT: frozenset({Role.DUTY_DESK}),
    Action.LIST_REPORTS: frozenset({Role.DUTY_DESK, Role.OFFICE}),
}


def authorize(actor: Actor, action: Action) -> HeldPost | None:
    """The post under which the act is done (None: as a citizen). Raises NotAllowed."""
    allowed = ALLOWED.get(action, frozenset())
    for post in actor.posts:
        if post.role in allowed:
            return post
    if None in allowed:
        return None
    raise NotAllowed(action)
