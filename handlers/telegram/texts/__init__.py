"""Every sentence the desk says on Telegram, by record, in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from conference.model.told import Told
from handlers.messages import Message, Reader
from locales import translator

from . import (
    assignments,
    custodians,
    duties,
    duty,
    everybody,
    forms,
    inviting,
    joining,
    mechanisms,
    meetings,
    notices,
    officials,
    outsiders,
    reminding,
    reporters,
    responders,
    roster,
    succession,
    wizards,
)
from .registry import lines, plain, saying_of

__all__ = ["mark_repeat", "render", "toast"]

LONGEST_TOAST = 200  # characters, the Bot API's bound
SAYING = (  # imported, they have registered what they say
    assignments,
    custodians,
    duties,
    duty,
    everybody,
    forms,
    inviting,
    joining,
    mechanisms,
    meetings,
    notices,
    officials,
    outsiders,
    reminding,
    reporters,
    responders,
    roster,
    succession,
    wizards,
)


def render(record: Told, reader: Reader) -> Message:
    """The record in the reader's language. Raises Misconfigured for one that nobody says."""
    return saying_of(type(record))(record, reader, translator(reader.language))


def toast(record: Told, reader: Reader) -> str:
    """The record as the bare words that pop up beside a button."""
    return plain(render(record, reader).text)[:LONGEST_TOAST]


def mark_repeat(message: Message, reader: Reader) -> Message:
    """The message again, with a line that it may have come before."""
    t = translator(reader.language)
    return replace(message, text=lines(t("🔁 <i>This message may be a repeat.</i>"), message.text))
