"""The office: invite into a post, confirm who answered, take back, end a tenure, and what to do when a phone is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.invitations import Invitation, InvitationState, Ticket
from conference.model.pages import ROWS, cut
from conference.model.people import Actor, Post
from conference.model.permissions import Action
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.services import bindings, invitations
from handlers.filters import Pressed, Said
from handlers.presses.inviting import (
    DecideInvitation,
    EndBindings,
    EndTenure,
    InviteBack,
    InviteTo,
    RevokeInvitation,
    ShowInvitations,
    ShowInvitePosts,
    ShowInviteUnits,
    ShowPost,
)
from handlers.records.inviting import (
    BindingsEnded,
    EndAsked,
    InvitationIssued,
    InvitationPicture,
    InvitationsListed,
    InvitePosts,
    InviteUnits,
    PostShown,
    TenureEnded,
)
from handlers.replies import Answer, Reply


def router() -> Router:
    router = Router(name="inviting")
    press, say = router.callback_query.register, router.message.register

    say(invite_commanded, Said("invite"), flags={"action": Action.INVITE})
    say(waiting_commanded, Said("invitations"), flags={"action": Action.CONFIRM_INVITATION})
    press(units_wanted, Pressed(ShowInviteUnits))
    press(posts_wanted, Pressed(ShowInvitePosts))
    press(post_wanted, Pressed(ShowPost))
    press(invited, Pressed(InviteTo))
    press(invited_back, Pressed(InviteBack))
    press(waiting_wanted, Pressed(ShowInvitations))
    press(decided, Pressed(DecideInvitation))
    press(revoked, Pressed(RevokeInvitation))
    press(tenure_ended, Pressed(EndTenure))
    press(bindings_ended, Pressed(EndBindings))
    return router


# -- into which post


async def invite_commanded(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _units(uow, actor, 0, at)


async def units_wanted(callback: CallbackQuery, press: ShowInviteUnits, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _units(uow, actor, press.page, at)


def _units(uow: UnitOfWork, actor: Actor, page: int, at: datetime) -> InviteUnits:
    units: dict[str, list[Post]] = {}
    for post in invitations.posts_to_fill(uow, actor, at=at):
        units.setdefault(post.unit, []).append(post)
    rows = [[found[0].id, unit, len(found)] for unit, found in units.items()]
    return InviteUnits(*cut(rows, page))


async def posts_wanted(callback: CallbackQuery, press: ShowInvitePosts, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    unit, _ = invitations.post_and_holders(uow, actor, press.post, at=at)
    found = [post for post in invitations.posts_to_fill(uow, actor, at=at) if post.unit == unit.unit]
    shown, page, pages = cut(found, press.page)
    rows = [[post.id, post.title, len(invitations.post_and_holders(uow, actor, post.id or 0, at=at)[1])] for post in shown]
    return InvitePosts(unit.unit, rows, page, pages)


async def post_wanted(callback: CallbackQuery, press: ShowPost, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    post, holders = invitations.post_and_holders(uow, actor, press.post, at=at)
    since = post.vacant_since.isoformat() if post.vacant_since and not holders else None
    held = [[holder.person_id, holder.name, holder.accounts] for holder in holders]
    return PostShown(post.id or 0, post.unit, post.title, post.alone, since, held, closed=post.closed_at is not None)


# -- inviting


async def invited(callback: CallbackQuery, press: InviteTo, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return Answer(issued(uow, actor, *invitations.issue_invitation(uow, actor, press.post, at=at), at), below=True)


async def invited_back(callback: CallbackQuery, press: InviteBack, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    found = invitations.issue_invitation(uow, actor, press.post, person_id=press.person, at=at)
    return Answer(issued(uow, actor, *found, at), below=True)


def issued(uow: UnitOfWork, actor: Actor, invitation: Invitation, ticket: Ticket, at: datetime) -> list[Told]:
    """What whoever issued an invitation hands on: its picture, its link and its code."""
    post, _ = invitations.post_and_holders(uow, actor, invitation.post_id, at=at)
    number, rebind = invitation.id or 0, invitation.person_id is not None
    until = invitation.expires_at.isoformat()
    record = InvitationIssued(number, post.conference, post.unit, post.title, ticket.token, ticket.code, until, rebind)
    return [InvitationPicture(number, post.title, ticket.token), record]


# -- what waits


async def waiting_commanded(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _waiting(uow, actor, at)


async def waiting_wanted(callback: CallbackQuery, press: ShowInvitations, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return Answer([_waiting(uow, actor, at)], below=bool(press.below))


def _waiting(uow: UnitOfWork, actor: Actor, at: datetime) -> InvitationsListed:
    """Those that ask for a decision first."""
    found: Sequence[tuple[Invitation, Post, str | None]] = invitations.list_invitations(uow, actor, at=at)
    ordered = sorted(found, key=lambda row: (row[0].state is not InvitationState.ANSWERED, row[0].id))
    rows = [
        [
            invitation.id,
            post.unit,
            post.title,
            str(invitation.state),
            name,
            invitation.expires_at.isoformat(),
            invitations.waits_for(uow, actor, invitation),
        ]
        for invitation, post, name in ordered
    ]
    return InvitationsListed(rows[:ROWS], max(0, len(rows) - ROWS))


async def decided(callback: CallbackQuery, press: DecideInvitation, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    if press.way == "confirm":
        invitations.confirm_invitation(uow, actor, press.invitation, at=at)
    else:
        invitations.refuse_invitation(uow, actor, press.invitation, at=at)
    if press.listed:
        return _waiting(uow, actor, at)
    return Answer(toast=invitations.how_decided(uow, actor, press.invitation, at=at))  # the message itself is changed for all of the office


async def revoked(callback: CallbackQuery, press: RevokeInvitation, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    invitations.revoke_invitation(uow, actor, press.invitation, at=at)
    return _waiting(uow, actor, at) if press.listed else invitations.how_decided(uow, actor, press.invitation, at=at)


# -- the end


async def tenure_ended(callback: CallbackQuery, press: EndTenure, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    post, holders = invitations.post_and_holders(uow, actor, press.post, at=at)
    name = next((holder.name for holder in holders if holder.person_id == press.person), "")
    if press.why == "ask":
        return EndAsked("tenure", press.post, press.person, post.title, name)
    invitations.end_tenure(uow, actor, press.post, press.person, press.why, at=at)
    return TenureEnded(post.title, name)


async def bindings_ended(callback: CallbackQuery, press: EndBindings, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    post, holders = invitations.post_and_holders(uow, actor, press.post, at=at)
    name = next((holder.name for holder in holders if holder.person_id == press.person), "")
    if not press.sure:
        return EndAsked("bindings", press.post, press.person, post.title, name)
    ended = bindings.end_bindings(uow, actor, press.person, at=at)
    return BindingsEnded(press.post, press.person, name, ended.accounts, ended.blanked, ended.removed, ended.left)
