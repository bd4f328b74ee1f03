"""What the handlers say: records beside those of `conference.model.told`. They hold data only, the words come later."""

from . import (
    approvals,
    assignments,
    drafts,
    duties,
    duty,
    everybody,
    inviting,
    mechanisms,
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
    "mechanisms",
    "meetings",
    "notices",
    "reporters",
    "responders",
    "roster",
    "succession",
    "wizards",
]
