"""Links that lead from elsewhere into the chat."""

from __future__ import annotations

from conference.model.invitations import LINK


def link_of(bot: str, token: str) -> str:
    """What opens the invitation in the channel; empty while the bot's name there is not known."""
    return f"https://t.me/{bot}?start={LINK}{token}" if bot else ""
