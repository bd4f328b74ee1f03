"""Buttons of meetings."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("ml", Action.SEE_MEETINGS)
@dataclass(frozen=True, slots=True)
class ShowMeetings(Press):
    pass


@button("mm", Action.SEE_MEETINGS)
@dataclass(frozen=True, slots=True)
class ShowMeeting(Press):
    """`below`: 1 under a message that has to stay."""

    meeting: int
    below: int = 0


@button("mp", Action.SEE_MEETINGS)
@dataclass(frozen=True, slots=True)
class ShowMeetingPapers(Press):
    meeting: int


@button("mw", Action.SEE_TALLY)
@dataclass(frozen=True, slots=True)
class ShowComing(Press):
    """Who comes by name, and why others do not. `page` -1: the first, below a message that has to stay."""

    meeting: int
    page: int = 0


@button("ma", Action.ANSWER_CONVOCATION)
@dataclass(frozen=True, slots=True)
class AnswerMeeting(Press):
    """`answer`: the first letter of attend, substitute, excused; `post`: the one under which it is answered."""

    meeting: int
    sequence: int
    answer: str
    post: int


@button("mg", Action.ANSWER_AS_GUEST)
@dataclass(frozen=True, slots=True)
class AnswerAsGuest(Press):
    guest: int
    sequence: int
    answer: str


@button("mq", Action.ANSWER_AS_GUEST)
@dataclass(frozen=True, slots=True)
class ShowGuestPapers(Press):
    guest: int


@button("mn", Action.CONVENE_MEETING)
@dataclass(frozen=True, slots=True)
class Convene(Press):
    pass


@button("mx", Action.CONVENE_MEETING)
@dataclass(frozen=True, slots=True)
class RunMeeting(Press):
    """`way`: move, cancel, held, guest."""

    meeting: int
    way: str


@button("mt", Action.ENTRUST_CONVENER)
@dataclass(frozen=True, slots=True)
class Entrust(Press):
    post: int
    calling: int
