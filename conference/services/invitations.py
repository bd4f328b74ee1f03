"""Joining: the office invites into a post, somebody opens the invitation and says their name, a second person of the office confirms.

No right exists before that. The same way leads somebody who is known to a new account (a lost phone), and a successor to a
hand-over; what a hand-over's answer leads to is said in services/handovers. Source: design §3, security T10, T21.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conference.model.errors import (
    AnswerUnfit,
    InvitationUnfit,
    NotAllowed,
    NotFound,
    NotPossibleNow,
    PostHeld,
    SecondNeeded,
    TooMuch,
)
from conference.model.invitations import VALID, Invitation, InvitationState, Ticket, code_in, token_in
from conference.model.outsiders import has_joined
from conference.model.people import OFFICE, Actor, HeldPost, Person, Post, Tenure
from conference.model.permissions import Action, Concern, authorize
from conference.model.told import InvitationAnswered, InvitationDecided, InvitationEnded, Lane, PostEntered, PostLeft, UnitJoined
from conference.ports import UnitOfWork

from .people import begin_tenure, finish_tenure, handover_concern

OPENING_TRIES = 5  # an hour and account that may fail
LONGEST_NAME = 40  # characters
FEW = 2  # people whom an office needs to confirm by itself
_CLOSED = {
    InvitationState.CONFIRMED: "used",
    InvitationState.REFUSED: "refused",
    InvitationState.REVOKED: "revoked",
    InvitationState.EXPIRED: "expired",
}


# -- the office invites ------------------------------------------------------------------------------------------------


def issue_invitation(
    uow: UnitOfWork, actor: Actor, post_id: int, *, person_id: int | None = None, handover_id: int | None = None, at: datetime
) -> tuple[Invitation, Ticket]:
    """An invitation into a post for 72 hours, and the ticket to it, which nobody can make visible again.

    `person_id`: a new account for somebody who holds the post. `handover_id`: for the successor in this hand-over. One that
    was open into an exclusive post for the same purpose is revoked. Raises PostHeld where the post has its one holder.
    """
    post = _post(uow, post_id)
    action = Action.INVITE if handover_id is None else Action.START_HANDOVER
    held = uow.people.holders_of(post_id, at)
    own = actor.person_id if any(tenure.person_id == actor.person_id for tenure in held) else None
    worn = authorize(actor, action, handover_concern(post, own))
    return _issue(uow, actor, worn, post, held, person_id, handover_id, at)


def issue_first_invitation(uow: UnitOfWork, post_id: int, *, at: datetime) -> tuple[Invitation, Ticket]:
    """From the command line: for the people who come before there is an office to invite anybody."""
    return _issue(uow, None, None, _post(uow, post_id), uow.people.holders_of(post_id, at), None, None, at)


def _issue(
    uow: UnitOfWork,
    actor: Actor | None,
    worn: HeldPost | None,
    post: Post,
    held: Sequence[Tenure],
    person_id: int | None,
    handover_id: int | None,
    at: datetime,
) -> tuple[Invitation, Ticket]:
    assert post.id is not None
    if post.closed_at is not None:
        raise NotPossibleNow("post", post.id, "closed", "invited into")
    if person_id is not None and all(tenure.person_id != person_id for tenure in held):
        raise NotFound("tenure", post.id)
    if post.alone and held and person_id is None and handover_id is None:
        raise PostHeld(post.id)
    ticket = uow.invitations.mint()
    invitation = Invitation(
        conference=post.conference,
        post_id=post.id,
        person_id=person_id,
        handover_id=handover_id,
        token_index=ticket.token_index,
        code_index=ticket.code_index,
        issued_by=actor.person_id if actor else None,
        issued_post=worn.post_id if worn else None,
        issued_at=at,
        expires_at=at + VALID,
    )
    if post.alone or person_id is not None:
        for open_one in uow.invitations.open_into(post.id):
            if open_one.purpose == invitation.purpose:
                _close(uow, open_one, post, InvitationState.REVOKED, actor, at, worn)
    uow.invitations.add(invitation)
    uow.schedule.add(f"invitation:{invitation.id}:", "invitation_expired", str(invitation.id), invitation.expires_at)
    uow.note(actor, "invitation.issued", f"invitation:{invitation.id}", post=worn, into=post.id, purpose=invitation.purpose[0])
    return invitation, ticket


@dataclass(frozen=True, slots=True)
class HolderSeen:
    """Who holds a post, as the office sees it. `accounts`: from how many they can act now; none after a lost phone."""

    person_id: int
    name: str
    accounts: int


def posts_to_fill(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Sequence[Post]:
    """All posts of the conference in which the actor acts, unit by unit; a closed one as long as somebody's tenure runs there."""
    authorize(actor, Action.INVITE, Concern(conference=actor.conference))
    return [*uow.people.open_posts(actor.conference), *uow.people.closed_but_held(actor.conference, at)]


def post_and_holders(uow: UnitOfWork, actor: Actor, post_id: int, *, at: datetime) -> tuple[Post, Sequence[HolderSeen]]:
    """A post of one's conference and who holds it. Raises NotFound for another's."""
    post = _post(uow, post_id)
    try:
        authorize(actor, Action.SEE_NAMES, Concern(conference=post.conference, unit=post.unit))
    except NotAllowed:
        raise NotFound("post", post_id) from None
    held = uow.people.holders_of(post_id, at)
    return post, [
        HolderSeen(tenure.person_id, uow.people.name_of(tenure.person_id) or "", len(uow.people.accounts_of(tenure.person_id)))
        for tenure in held
    ]


# -- the invited -------------------------------------------------------------------------------------------------------


def open_invitation(uow: UnitOfWork, actor: Actor, secret: str, *, at: datetime) -> tuple[Invitation, Post]:
    """What a link or a code invites to; from now on it is this account's and nobody else's.

    Raises InvitationUnfit or TooMuch (five tries an hour). The caller catches both, or what was noted would be undone with them.
    """
    authorize(actor, Action.ANSWER_INVITATION)
    if uow.tries.count("invitation", actor.account_id, at - timedelta(hours=1)) >= OPENING_TRIES:
        uow.note(actor, "invitation.not_opened", "invitation:", why="too_many", account=actor.account_id)
        raise TooMuch("invitation", OPENING_TRIES)
    token, code = token_in(secret), code_in(secret)
    found = uow.invitations.with_token(token) if token else uow.invitations.with_code(code) if code else None
    why = _why_closed(uow, found, actor, at)
    if found is None or why:
        if why != "own":
            uow.tries.note("invitation", actor.account_id, at)
        uow.note(actor, "invitation.not_opened", f"invitation:{(found and found.id) or ''}", why=why, account=actor.account_id)
        raise InvitationUnfit(why)
    if found.account_id is None:
        found.account_id = actor.account_id
        uow.note(actor, "invitation.opened", f"invitation:{found.id}", account=actor.account_id)
    return found, _post(uow, found.post_id)


def _why_closed(uow: UnitOfWork, invitation: Invitation | None, actor: Actor, at: datetime) -> str:
    """Why this account gets nowhere with it; "" if it does."""
    if invitation is None:
        return "unknown"
    if invitation.state in _CLOSED:
        return _CLOSED[invitation.state]
    if not invitation.is_open(at):
        return "expired"
    if invitation.account_id not in (None, actor.account_id):
        return "taken"
    if invitation.person_id is None and actor.person_id is not None and actor.person_id == invitation.issued_by:
        return "own"
    if invitation.person_id is not None:
        return "" if actor.person_id is None else "bound" if actor.person_id == invitation.person_id else "other_person"
    holds = actor.person_id is not None and any(post.id == invitation.post_id for post in uow.people.posts_of_person(actor.person_id, at))
    return "bound" if holds else ""


def answer_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, name: str, *, at: datetime) -> Invitation:
    """The invited confirms unit and post and says their name: the office, but for who issued it, is asked. No right exists yet.

    Raises AnswerUnfit for a name that is none: 1 to 40 characters on one line.
    """
    invitation, post = _own(uow, actor, invitation_id, at)
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(name) <= LONGEST_NAME or not any(c.isalpha() for c in name) or any(unicodedata.category(c)[0] == "C" for c in name):
        raise AnswerUnfit("name", "name")
    invitation.move(InvitationState.ANSWERED)
    invitation.answered_at = at
    uow.invitations.set_name(invitation, name)
    uow.note(actor, "invitation.answered", f"invitation:{invitation.id}", account=actor.account_id)
    if invitation.handover_id is None:
        _ask_office(uow, invitation, post, name, at)
    return invitation


def decline_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> Invitation:
    """It is not for me: nobody gets in with it any more, and who issued it is told."""
    invitation, post = _own(uow, actor, invitation_id, at)
    _close(uow, invitation, post, InvitationState.REFUSED, actor, at, None, tell_invited=False)
    return invitation


def own_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> tuple[Invitation, Post]:
    """The invitation that this account opened, and the post it leads to.

    Raises InvitationUnfit if it has been closed since. The caller catches it, or the note of it would be undone.
    """
    return _own(uow, actor, invitation_id, at)


def name_said(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> str:
    """The name under which this account answered; "" before it has."""
    return uow.invitations.name_of(_own(uow, actor, invitation_id, at)[0]) or ""


def _own(uow: UnitOfWork, actor: Actor, invitation_id: int, at: datetime) -> tuple[Invitation, Post]:
    authorize(actor, Action.ANSWER_INVITATION)
    invitation = uow.invitations.get(invitation_id)
    if invitation is None or invitation.account_id is None:
        raise NotFound("invitation", invitation_id)
    _or_not_found(actor, Action.ANSWER_INVITATION, Concern(account=invitation.account_id), invitation_id)
    if why := _why_closed(uow, invitation, actor, at):
        uow.note(actor, "invitation.not_answered", f"invitation:{invitation.id}", why=why, account=actor.account_id)
        raise InvitationUnfit(why)
    return invitation, _post(uow, invitation.post_id)


# -- the office decides ------------------------------------------------------------------------------------------------


def confirm_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> Tenure:
    """A second person of the office knows the name: only now there is a person, a binding and a tenure.

    Raises SecondNeeded for who issued it and for the invited themselves, PostHeld where somebody holds the post meanwhile.
    """
    invitation, worn = access_invitation(uow, actor, invitation_id, Action.CONFIRM_INVITATION)
    if actor.person_id is None or actor.person_id in _parties(uow, invitation):
        raise SecondNeeded(Action.CONFIRM_INVITATION)
    return _confirm(uow, invitation, actor, worn, at)


def confirm_first_invitation(uow: UnitOfWork, invitation_id: int, *, at: datetime) -> Tenure:
    """From the command line, as long as the office has fewer than two people, or nobody who may decide it. Else SecondNeeded."""
    invitation = _existing(uow, invitation_id)
    while_the_office_is_few(uow, invitation.conference, Action.CONFIRM_INVITATION, but=_parties(uow, invitation), at=at)
    return _confirm(uow, invitation, None, None, at)


def while_the_office_is_few(uow: UnitOfWork, conference: str, action: Action, *, but: Collection[int] = frozenset(), at: datetime) -> None:
    """What the command line does alone: only as long as the office has fewer than two people, or nobody but these. Else SecondNeeded."""
    office = {holder.person_id for holder in uow.people.roster(conference, at) if holder.role in OFFICE}
    if len(office) >= FEW and office.difference(but):
        raise SecondNeeded(action)


def _confirm(uow: UnitOfWork, invitation: Invitation, actor: Actor | None, worn: HeldPost | None, at: datetime) -> Tenure:
    """A hand-over's invitation is not confirmed here: its post changes hands when the hand-over is done."""
    if invitation.handover_id is not None:
        raise NotPossibleNow("invitation", invitation.id, "handover", InvitationState.CONFIRMED)
    post = _post(uow, invitation.post_id)
    person_id = admit(uow, invitation, actor, worn, at=at)
    take_name(uow, invitation, person_id, at=at)
    first = has_joined(post.unit) and all(holder.unit != post.unit for holder in uow.people.roster(post.conference, at))
    tenure, began = begin_tenure(uow, post, person_id, at=at)
    if first and began:
        _tell_joined(uow, post, at)
    if invitation.person_id is not None and began:
        raise NotPossibleNow("tenure", post.id, "ended", "bound anew")
    assert invitation.account_id is not None
    uow.tell(
        invitation.account_id,
        PostEntered(post.conference, post.unit, post.title, str(post.role), rebind=invitation.person_id is not None),
        lane=Lane.REPLY,
        key=f"entered:{invitation.id}",
    )
    _tell_decided(uow, invitation, post, actor, at)
    return tenure


def _tell_joined(uow: UnitOfWork, post: Post, at: datetime) -> None:
    """A unit from outside is a member as soon as somebody has come in for it, not when it is invited: that may have been a mistake."""
    unit = uow.conferences.known_unit(post.conference, post.unit)
    joined = UnitJoined(post.conference, unit.name_zh if unit else post.title)
    for account in dict.fromkeys(holder.account_id for holder in uow.people.roster(post.conference, at) if holder.role in OFFICE):
        uow.tell(account, joined, key=f"unit:{post.conference}:{post.unit}:joined:{account}")


def admit(uow: UnitOfWork, invitation: Invitation, by: Actor | None, worn: HeldPost | None, *, at: datetime) -> int:
    """The invitation is used up: its account speaks for this person from now on. Returns the person."""
    if not invitation.is_open(at):
        raise NotPossibleNow("invitation", invitation.id, InvitationState.EXPIRED, InvitationState.CONFIRMED)
    invitation.move(InvitationState.CONFIRMED)
    assert invitation.account_id is not None
    invitation.decided_by, invitation.decided_at = by.person_id if by else None, at
    known = uow.people.person_of_account(invitation.account_id)
    person_id = known if invitation.person_id is None else invitation.person_id
    if known is not None and known != person_id:
        raise InvitationUnfit("other_person")
    if person_id is None:
        person = Person(created_at=at)
        uow.people.add_person(person)
        assert person.id is not None
        person_id = person.id
    if known is None:
        uow.people.bind_account(invitation.account_id, person_id)
    uow.schedule.withdraw(f"invitation:{invitation.id}:")
    uow.note(by, "invitation.confirmed", f"invitation:{invitation.id}", post=worn, into=invitation.post_id, person=person_id)
    return person_id


def take_name(uow: UnitOfWork, invitation: Invitation, person_id: int, *, at: datetime) -> None:
    """The name that was said becomes the person's, once somebody has confirmed. Who holds a post by then keeps the name that
    stands in its roster, unless they came back from a new account."""
    name = uow.invitations.name_of(invitation)
    if name and (invitation.person_id is not None or not uow.people.name_of(person_id) or not uow.people.posts_of_person(person_id, at)):
        uow.people.set_name(person_id, name)


def registered_as(uow: UnitOfWork, invitation: Invitation) -> str:
    """The name under which whoever answered is known, if they now gave another; else ""."""
    person = invitation.person_id
    if person is None and invitation.account_id is not None:
        person = uow.people.person_of_account(invitation.account_id)
    known = (uow.people.name_of(person) or "") if person is not None else ""
    return known if known != uow.invitations.name_of(invitation) else ""


def refuse_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> Invitation:
    """The office does not know this name: nobody gets in. Who issued it may refuse too."""
    invitation, worn = access_invitation(uow, actor, invitation_id, Action.CONFIRM_INVITATION)
    if invitation.state is not InvitationState.ANSWERED:
        raise NotPossibleNow("invitation", invitation_id, invitation.state, InvitationState.REFUSED)
    _close(uow, invitation, _post(uow, invitation.post_id), InvitationState.REFUSED, actor, at, worn)
    return invitation


def revoke_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> Invitation:
    """Take an open invitation back."""
    invitation, worn = access_invitation(uow, actor, invitation_id, Action.INVITE)
    _close(uow, invitation, _post(uow, invitation.post_id), InvitationState.REVOKED, actor, at, worn)
    return invitation


def close_into(uow: UnitOfWork, by: Actor, worn: HeldPost | None, post: Post, *, at: datetime) -> None:
    """Nobody is to come into this post any more."""
    for invitation in uow.invitations.open_into(post.id or 0):
        _close(uow, invitation, post, InvitationState.REVOKED, by, at, worn)


def drop_answers(uow: UnitOfWork, by: Actor, worn: HeldPost | None, accounts: Sequence[int], *, at: datetime) -> None:
    """What was opened from accounts that are lost leads nobody in."""
    for invitation in uow.invitations.open_of(by.conference):
        if invitation.account_id in accounts:
            _close(uow, invitation, _post(uow, invitation.post_id), InvitationState.REVOKED, by, at, worn, tell_invited=False)


def close_of_handover(uow: UnitOfWork, handover_id: int, post: Post, actor: Actor, *, at: datetime) -> None:
    """The hand-over needs this invitation no more: cancelled, or another one was issued for it."""
    handover = uow.handovers.get(handover_id)
    if handover is None or handover.post_id != post.id:
        raise NotFound("handover", handover_id)
    own = actor.person_id if actor.person_id in (handover.outgoing, handover.incoming) else None
    worn = authorize(actor, Action.ANSWER_HANDOVER, handover_concern(post, own))
    for invitation in uow.invitations.open_into(post.id or 0):
        if invitation.handover_id == handover_id:
            _close(uow, invitation, post, InvitationState.REVOKED, actor, at, worn)


def expire_invitation(uow: UnitOfWork, invitation_id: int, *, at: datetime) -> None:
    """72 hours are over: who issued it is told, and whoever was still waiting."""
    invitation = uow.invitations.get(invitation_id)
    if invitation is not None and invitation.state not in _CLOSED:
        _close(uow, invitation, _post(uow, invitation.post_id), InvitationState.EXPIRED, None, at, None)


def list_invitations(uow: UnitOfWork, actor: Actor, *, at: datetime) -> Sequence[tuple[Invitation, Post, str | None]]:
    """What waits: to be opened, to be answered, to be confirmed. With the name that was given, for those who confirm."""
    authorize(actor, Action.CONFIRM_INVITATION, Concern(conference=actor.conference))
    found = [invitation for invitation in uow.invitations.open_of(actor.conference) if invitation.is_open(at)]
    return [(invitation, _post(uow, invitation.post_id), uow.invitations.name_of(invitation)) for invitation in found]


def waits_for(uow: UnitOfWork, reader: Actor, invitation: Invitation) -> bool:
    """Whether a list should offer it: somebody has answered, and it is neither the reader's own nor issued by them."""
    if invitation.state is not InvitationState.ANSWERED or invitation.handover_id is not None:
        return False
    return reader.person_id not in _parties(uow, invitation)


def how_decided(uow: UnitOfWork, actor: Actor, invitation_id: int, *, at: datetime) -> InvitationDecided:
    """How an invitation ended, for the office."""
    invitation, _ = access_invitation(uow, actor, invitation_id, Action.CONFIRM_INVITATION)
    return _decided(uow, invitation, _post(uow, invitation.post_id), at)


def access_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, action: Action) -> tuple[Invitation, HeldPost | None]:
    """The invitation and the post that gives the right to it; NotFound for another conference's, as for one that is not."""
    authorize(actor, action)
    invitation = _existing(uow, invitation_id)
    return invitation, _or_not_found(actor, action, Concern(conference=invitation.conference), invitation_id)


# -- the end -----------------------------------------------------------------------------------------------------------


def end_tenure(uow: UnitOfWork, actor: Actor, post_id: int, person_id: int, why: str, *, at: datetime) -> Tenure:
    """This person no longer holds the post: the rights end at this moment. `why` is a code of at most 24 letters."""
    post = _post(uow, post_id)
    worn = authorize(actor, Action.END_TENURE, Concern(conference=post.conference))
    tenure = next((held for held in uow.people.holders_of(post_id, at) if held.person_id == person_id and held.ends_at is None), None)
    if tenure is None:
        raise NotFound("tenure", post_id)
    finish_tenure(uow, post, tenure, why, at=at)
    for invitation in uow.invitations.open_into(post_id):
        if invitation.person_id == person_id:
            _close(uow, invitation, post, InvitationState.REVOKED, actor, at, worn)
    for account in uow.people.accounts_of(person_id):
        uow.tell(account, PostLeft(post.conference, post.unit, post.title, at.isoformat()), key=f"left:{tenure.id}:{account}")
    uow.note(actor, "tenure.ended", f"post:{post_id}", post=worn, person=person_id, why=why)
    return tenure


# -- inside ------------------------------------------------------------------------------------------------------------


def _post(uow: UnitOfWork, post_id: int) -> Post:
    post = uow.people.get_post(post_id)
    if post is None:
        raise NotFound("post", post_id)
    return post


def _existing(uow: UnitOfWork, invitation_id: int) -> Invitation:
    invitation = uow.invitations.get(invitation_id)
    if invitation is None:
        raise NotFound("invitation", invitation_id)
    return invitation


def _or_not_found(actor: Actor, action: Action, concern: Concern, invitation_id: int) -> HeldPost | None:
    try:
        return authorize(actor, action, concern)
    except NotAllowed:
        raise NotFound("invitation", invitation_id) from None


def _close(
    uow: UnitOfWork,
    invitation: Invitation,
    post: Post,
    to: InvitationState,
    actor: Actor | None,
    at: datetime,
    worn: HeldPost | None,
    *,
    tell_invited: bool = True,
) -> None:
    """No right comes of it any more. Who had opened it is told, so is the office that was asked, and who issued it."""
    before = invitation.state
    invitation.move(to)
    invitation.decided_by, invitation.decided_at = actor.person_id if actor else None, at
    uow.schedule.withdraw(f"invitation:{invitation.id}:")
    uow.note(actor, f"invitation.{to}", f"invitation:{invitation.id}", post=worn, before=str(before))
    if invitation.account_id is not None and tell_invited:
        ended = InvitationEnded(post.conference, post.unit, post.title, str(to))
        uow.tell(invitation.account_id, ended, key=f"invitation:{invitation.id}:ended")
    _tell_decided(uow, invitation, post, actor, at)


def _ask_office(uow: UnitOfWork, invitation: Invitation, post: Post, name: str, at: datetime) -> None:
    """Everybody of the office but who issued it and the invited; if nobody is left, who issued it hears what to do."""
    asked = _office_but(uow, invitation, at)
    rebind, was = invitation.person_id is not None, registered_as(uow, invitation)
    for account in asked or _issuer(uow, invitation):
        assert invitation.id is not None
        answered = InvitationAnswered(invitation.id, post.conference, post.unit, post.title, name, rebind=rebind, alone=not asked, was=was)
        uow.tell(account, answered, key=_asked_key(invitation, account))


def _office_but(uow: UnitOfWork, invitation: Invitation, at: datetime) -> list[int]:
    out = _parties(uow, invitation)
    roster = uow.people.roster(invitation.conference, at)
    return list(dict.fromkeys(h.account_id for h in roster if h.role in OFFICE and h.person_id not in out))


def _parties(uow: UnitOfWork, invitation: Invitation) -> set[int]:
    """Persons who do not decide it: who issued it, and who is meant or has answered."""
    invited = uow.people.person_of_account(invitation.account_id) if invitation.account_id is not None else None
    return {person for person in (invitation.issued_by, invitation.person_id, invited) if person is not None}


def _issuer(uow: UnitOfWork, invitation: Invitation) -> list[int]:
    return list(uow.people.accounts_of(invitation.issued_by)) if invitation.issued_by is not None else []


def _tell_decided(uow: UnitOfWork, invitation: Invitation, post: Post, actor: Actor | None, at: datetime) -> None:
    """Who issued it is told how it ended, unless it was they; what asked the rest of the office now says so."""
    decided = _decided(uow, invitation, post, at)
    if actor is None or actor.person_id != invitation.issued_by:
        for account in _issuer(uow, invitation):
            uow.tell(account, decided, key=f"invitation:{invitation.id}:decided:{account}")
    if invitation.answered_at is not None and invitation.handover_id is None:
        for account in _office_but(uow, invitation, at):
            key = f"invitation:{invitation.id}:settled:{account}"
            uow.tell(account, decided, key=key, replaces=_asked_key(invitation, account))


def _decided(uow: UnitOfWork, invitation: Invitation, post: Post, at: datetime) -> InvitationDecided:
    assert invitation.id is not None
    name = uow.invitations.name_of(invitation) or ""
    when = (invitation.decided_at or at).isoformat()
    return InvitationDecided(invitation.id, post.unit, post.title, name, str(invitation.state), when, post.conference)


def _asked_key(invitation: Invitation, account: int) -> str:
    return f"invitation:{invitation.id}:asked:{account}"
