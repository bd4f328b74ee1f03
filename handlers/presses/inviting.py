"""Buttons of invitations and posts."""

from __future__ import annotations

from dataclasses import dataclass

from conference.model.permissions import Action
from handlers.buttons import Press, button


@button("iy", Action.ANSWER_INVITATION)
@dataclass(frozen=True, slots=True)
class AnswerInvitation(Press):
    """`way`: yes, no."""

    invitation: int
    way: str


@button("iu", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowInviteUnits(Press):
    page: int = 0


@button("ou", Action.INVITE_OUTSIDER)
@dataclass(frozen=True, slots=True)
class ShowOutsiders(Press):
    page: int


@button("ob", Action.INVITE_OUTSIDER)
@dataclass(frozen=True, slots=True)
class InviteOutsider(Press):
    """Asks for the name of a body."""


@button("oz", Action.INVITE_OUTSIDER)
@dataclass(frozen=True, slots=True)
class TakeBackOutsider(Press):
    """A body for which nobody has come in takes part no more."""

    post: int


@button("ip", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowInvitePosts(Press):
    """The posts of a unit, which is named by one of them: a slug may be too long for a button."""

    post: int
    page: int = 0


@button("bk", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowBodies(Press):
    """With which kind of body a new post is to be made."""


@button("bb", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ChooseBody(Press):
    """The slug of a body of the profile; too long a one is not offered."""

    body: str


@button("bu", Action.INVITE)
@dataclass(frozen=True, slots=True)
class OpenBodyPlaces(ChooseBody):
    """A page of the places beneath `under` ("": beneath the region)."""

    under: str
    page: int


@button("bp", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ChooseBodyPlace(ChooseBody):
    place: str


@button("po", Action.INVITE)
@dataclass(frozen=True, slots=True)
class ShowPost(Press):
    post: int


@button("iv", Action.INVITE)
@dataclass(frozen=True, slots=True)
class InviteTo(Press):
    """Issue an invitation into this post."""

    post: int


@button("ib", Action.INVITE)
@dataclass(frozen=True, slots=True)
class InviteBack(Press):
    """Issue one for somebody who holds the post and needs a new account."""

    post: int
    person: int


@button("ic", Action.CONFIRM_INVITATION)
@dataclass(frozen=True, slots=True)
class DecideInvitation(Press):
    """`way`: confirm, refuse. `listed`: 1 in the list of what waits, which is shown again."""

    invitation: int
    way: str
    listed: int = 0


@button("ir", Action.INVITE)
@dataclass(frozen=True, slots=True)
class RevokeInvitation(Press):
    invitation: int
    listed: int = 0


@button("il", Action.CONFIRM_INVITATION)
@dataclass(frozen=True, slots=True)
class ShowInvitations(Press):
    below: int = 0


@button("et", Action.END_TENURE)
@dataclass(frozen=True, slots=True)
class EndTenure(Press):
    """`why`: "ask" first, then a code of why it ended."""

    post: int
    person: int
    why: str = "ask"


@button("eb", Action.END_BINDINGS)
@dataclass(frozen=True, slots=True)
class EndBindings(Press):
    """A phone was lost. `sure`: 0 asks first."""

    post: int
    person: int
    sure: int = 0
