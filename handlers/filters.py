"""Filters: async classes only (aiogram runs anything else in a thread, at 37 times the cost), and few of them."""

from __future__ import annotations

import re
from typing import Any

from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message

from conference.model.invitations import CODE_LENGTH, LINK, code_in, token_in
from conference.model.people import Actor
from conference.model.permissions import Action, may

from . import forms, receipts, wizard
from .buttons import Press
from .presses.base import OfDraft
from .presses.wizards import OfWizard, WizardStep
from .talks import Talk

SHORTEST, LONGEST = CODE_LENGTH, 120  # characters of a code, of a link with the name of a bot


COMMAND, TEXT = "command", "text"


def kind_of(message: Message) -> str:
    """COMMAND for what begins with a slash, TEXT for other words, else its content type."""
    if message.text is None:
        return message.content_type
    return COMMAND if message.text.startswith("/") else TEXT


class Glance(Filter):
    """A filter that can rule itself out at a glance, before it is asked in earnest."""

    def ever(self, kind: str, talk: str | None) -> bool:
        """False only if no message of this kind can fit while the conversation stands in `talk`. Asked once, and remembered."""
        return True

    def could(self, event: Message) -> bool:
        """False only if this one cannot fit; asked for each one for which `ever` is true."""
        return True


class Pressed(Glance):
    """A button of one of these classes, already verified."""

    def __init__(self, *kinds: type[Press]) -> None:
        self.kinds = kinds

    async def __call__(self, event: CallbackQuery, press: Press | None = None) -> bool:
        return isinstance(press, self.kinds)


class AtStep(Pressed):
    """A button of the step at which the draft stands now; feeds the `draft`. Any other one is stale."""

    async def __call__(self, event: CallbackQuery, press: Press | None = None, state: FSMContext | None = None) -> Any:
        if state is None or not isinstance(press, self.kinds) or not isinstance(press, OfDraft):
            return False
        draft = await forms.load(state, press.kept_in)
        return {"draft": draft} if draft is not None and press.fits(draft) else False


class Said(Glance):
    """A command of one of these names (any, if none is given); feeds `rest`, the words after it.

    A named command with words after it that do not match `rest` is none: "/help he hits me" is a cry for help, and its
    words are kept like all others.
    """

    def __init__(self, *names: str, rest: str = "") -> None:
        self.names = frozenset(names)
        self.rest = re.compile(rest, re.ASCII)

    def ever(self, kind: str, talk: str | None) -> bool:
        return kind == COMMAND

    def could(self, event: Message) -> bool:
        return not self.names or _command(event.text or "")[0] in self.names

    async def __call__(self, message: Message) -> Any:
        if message.text is None or not message.text.startswith("/"):
            return False
        name, rest = _command(message.text)
        return {"rest": rest} if not self.names or (name in self.names and self.rest.fullmatch(rest)) else False


def _command(text: str) -> tuple[str, str]:
    """Its name, and the words after it."""
    command, _, rest = text[1:].replace("\n", " ", 1).partition(" ")
    return command.partition("@")[0].lower(), rest.strip()


class SaidReceipt(Glance):
    """Eight words of the receipt list; feeds their `numbers`. They must never end up among the words of a report.

    `numbers` is empty for a receipt that was mistyped: those words would give away nearly all of it.
    """

    def ever(self, kind: str, talk: str | None) -> bool:
        return kind in (TEXT, COMMAND)

    def could(self, event: Message) -> bool:
        return len(event.text or "") >= receipts.SHORTEST

    async def __call__(self, message: Message) -> Any:
        if message.text is None:
            return False
        if (numbers := receipts.parse(message.text)) is not None:
            return {"numbers": numbers}
        return {"numbers": []} if receipts.nearly(message.text) else False


class SaidInvitation(Glance):
    """The link of an invitation or a code from paper, alone in a message; feeds it as `secret`. It is nobody's words either."""

    def ever(self, kind: str, talk: str | None) -> bool:
        return kind in (TEXT, COMMAND)

    def could(self, event: Message) -> bool:
        return SHORTEST <= len(event.text or "") <= LONGEST

    async def __call__(self, message: Message) -> Any:
        text = message.text or ""
        return {"secret": text} if code_in(text) or (LINK in text and "start=" in text and token_in(text)) else False


class Has(Glance):
    """A message of one of these content types."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = frozenset(kinds)

    def ever(self, kind: str, talk: str | None) -> bool:
        return (TEXT if kind == COMMAND else kind) in self.kinds

    async def __call__(self, message: Message) -> bool:
        return message.content_type in self.kinds


class NoCommand(Glance):
    """Anything but a bare command: those mean the same wherever the conversation stands."""

    def could(self, event: Message) -> bool:
        return re.fullmatch(r"/\S*", (event.text or "").strip()) is None

    async def __call__(self, message: Message) -> bool:
        return self.could(message)


class InState(Glance):
    """The conversation stands here."""

    def __init__(self, talk: State) -> None:
        self.talk = talk.state

    def ever(self, kind: str, talk: str | None) -> bool:
        return talk == self.talk

    async def __call__(self, message: Message, state: FSMContext) -> bool:
        return await state.get_state() == self.talk


class Allowed(Glance):
    """Whoever speaks may do this now; what was begun under a post that has ended goes to nobody's handler but the next."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, message: Message, actor: Actor) -> bool:
        return may(actor, self.action)


class InTalk(Glance):
    """The conversation stands here; feeds the `draft` that belongs to it."""

    def __init__(self, talk: State, kept_in: str = "draft") -> None:
        self.talk = talk.state
        self.kept_in = kept_in

    def ever(self, kind: str, talk: str | None) -> bool:
        return talk == self.talk

    async def __call__(self, message: Message, state: FSMContext) -> Any:
        if await state.get_state() != self.talk:
            return False
        draft = await forms.load(state, self.kept_in)
        return {"draft": draft} if draft is not None else False


class AtWizard(Pressed):
    """A button of the step at which the form stands now; feeds the `wizard`. Any other one is stale.

    So is one of a form that was begun in another conference, except that it can be given up from anywhere.
    """

    async def __call__(
        self, event: CallbackQuery, press: Press | None = None, state: FSMContext | None = None, actor: Actor | None = None
    ) -> Any:
        if state is None or actor is None or not isinstance(press, self.kinds) or not isinstance(press, OfWizard):
            return False
        found = await wizard.load(state)
        if found is None or (found.id, found.version) != (press.draft, press.version):
            return False
        gives_up = isinstance(press, WizardStep) and press.way in ("cancel", "drop")
        return {"wizard": found} if gives_up or not found.is_elsewhere(actor.conference) else False


class InWizard(Glance):
    """A form is being filled here; feeds the `wizard`. Commands are none of its answers."""

    def ever(self, kind: str, talk: str | None) -> bool:
        return talk == Talk.filling.state

    async def __call__(self, message: Message, state: FSMContext) -> Any:
        if await state.get_state() != Talk.filling.state:
            return False
        found = await wizard.load(state)
        return {"wizard": found} if found is not None else False
