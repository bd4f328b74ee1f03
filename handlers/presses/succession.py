"""Buttons of hand-overs and the roster check."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("vo", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class ShowHandovers(Press):
    pass


@button("vu", Action.CONFIRM_HANDOVER)
@dataclass(frozen=True, slots=True)
class ChooseUnit(Press):
    """The office's way to a post: the units, page by page."""

    page: int


@button("vp", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class ChoosePost(Press):
    """The posts of a unit that is named by one of them (0: one's own and those of the own unit), page by page."""

    post: int
    page: int


@button("va", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class AskHandover(Press):
    """`person`: which of several holders leaves; 0 while that is not said."""

    post: int
    person: int


@button("vb", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class BeginHandover(Press):
    post: int
    person: int


@button("vs", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class ShowHandover(Press):
    handover: int


@button("vl", Action.START_HANDOVER)
@dataclass(frozen=True, slots=True)
class InviteAgain(Press):
    handover: int


@button("vc", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class ConfirmHandover(Press):
    """`side`: outgoing or incoming."""

    handover: int
    side: str


@button("vk", Action.CONFIRM_HANDOVER)
@dataclass(frozen=True, slots=True)
class ConfirmByOffice(Press):
    handover: int


@button("vx", Action.ANSWER_HANDOVER)
@dataclass(frozen=True, slots=True)
class CancelHandover(Press):
    """`sure`: 0 asks first."""

    handover: int
    sure: int


@button("rc", Action.ANSWER_ROSTER_CHECK)
@dataclass(frozen=True, slots=True)
class AnswerRosterCheck(Press):
    """`answer`: unchanged or changed."""

    check: int
    answer: str
