"""Buttons of decision notices."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("nl", Action.SEE_NOTICES)
@dataclass(frozen=True, slots=True)
class ShowNotices(Press):
    page: int = 0


@button("no", Action.SEE_NOTICES)
@dataclass(frozen=True, slots=True)
class OpenNotice(Press):
    """`below`: 1 under a message that has to stay."""

    notice: int
    below: int = 0


@button("np", Action.SEE_NOTICES)
@dataclass(frozen=True, slots=True)
class ShowNoticePapers(Press):
    notice: int


@button("ns", Action.SIGN_NOTICE)
@dataclass(frozen=True, slots=True)
class SignNotice(Press):
    notice: int


@button("nw", Action.SEND_NOTICE)
@dataclass(frozen=True, slots=True)
class WriteNotice(Press):
    pass


@button("nx", Action.SEND_NOTICE)
@dataclass(frozen=True, slots=True)
class RunNotice(Press):
    """`way`: recall, correct."""

    notice: int
    way: str


@button("na", Action.APPROVE_NOTICE)
@dataclass(frozen=True, slots=True)
class DecideNotice(Press):
    """`granted`: 1 for yes; 0 asks for the reason."""

    notice: int
    granted: int


@button("nb", Action.SEE_RECEIPTS)
@dataclass(frozen=True, slots=True)
class ShowBoard(Press):
    notice: int


@button("nr", Action.SEE_RECEIPTS)
@dataclass(frozen=True, slots=True)
class ShowReceipts(Press):
    notice: int
    page: int
