"""Every button of the desk. A draft is named by the first letters of its id and the step the button was made for."""

from . import (
    approvals,
    assignments,
    drafts,
    duties,
    duty,
    everybody,
    inviting,
    meetings,
    notices,
    reporters,
    responders,
    roster,
    succession,
    wizards,
)

__all__ = [
    "approvals",
    "assignments",
    "drafts",
    "duties",
    "duty",
    "everybody",
    "inviting",
    "meetings",
    "notices",
    "reporters",
    "responders",
    "roster",
    "succession",
    "wizards",
]
