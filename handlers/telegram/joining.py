"""The invited: open, say who you are, wait. Stands before all others: a link or a code must never be taken for words of a report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from conference.model.errors import AnswerUnfit, InvitationUnfit, TooMuch
from conference.model.invitations import CODE_LENGTH, Invitation, InvitationState
from conference.model.people import Actor, Post
from conference.model.permissions import Action
from conference.ports import UnitOfWork
from conference.services import handovers, invitations
from handlers import forms, receipts
from handlers.filters import Has, InState, Pressed, Said, SaidInvitation
from handlers.presses.inviting import AnswerInvitation
from handlers.records.inviting import AnswerKept, CodeAsked, InvitationDeclined, InvitationShown, InvitationUseless, NameAsked
from handlers.replies import Answer, Reply
from handlers.talks import Talk

from .index import refused

LINKED, TYPED = r"i-[\w-]{22}", r".{0,60}"


def router() -> Router:
    router = Router(name="joining")
    press, say, edit = router.callback_query.register, router.message.register, router.edited_message.register
    answer, anybody = {"action": Action.ANSWER_INVITATION}, {"action": Action.ASK_FOR_HELP}

    press(answer_pressed, Pressed(AnswerInvitation))
    say(link_opened, Said("start", rest=LINKED), flags=answer)
    say(invitation_said, SaidInvitation(), flags=answer)
    say(code_commanded, Said("join", rest=TYPED), flags=answer)
    say(code_awaited, InState(Talk.coding), Has("text"), flags=anybody)  # opens nothing
    say(named, InState(Talk.naming), Has("text"), flags=answer)
    edit(edited, Said("start", rest=LINKED), flags=anybody)
    edit(edited, SaidInvitation(), flags=anybody)
    edit(edited, Said("join", rest=TYPED), flags=anybody)
    edit(edited, InState(Talk.naming), Has("text"), flags=anybody)
    return router


async def link_opened(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    return await _open(rest, actor, uow, at, state)


async def invitation_said(message: Message, secret: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    return await _open(secret, actor, uow, at, state)


async def code_commanded(message: Message, rest: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    if rest:
        return await _open(rest, actor, uow, at, state)
    await state.set_state(Talk.coding)
    return CodeAsked()


async def code_awaited(message: Message, state: FSMContext) -> Reply:
    """A code that was mistyped is asked for again; anything else is what somebody has to say, and goes its way."""
    letters = "".join(c for c in message.text or "" if c.isascii() and c.isalnum())
    if len(message.text or "") < 2 * CODE_LENGTH and len(letters) > CODE_LENGTH // 2 and not (message.text or "").startswith("/"):
        return CodeAsked(note="unreadable")
    await forms.resume(state)
    raise SkipHandler


async def edited(message: Message, actor: Actor, uow: UnitOfWork) -> Reply:
    """What was edited neither opens nor answers, and is nobody's words either."""
    return refused(uow, actor, Action.ANSWER_INVITATION, "edited")


async def _open(secret: str, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    """Refusals are said here: raised on, they would undo the try that was counted and the entry in the log."""
    if await state.get_state() in (Talk.coding.state, Talk.naming.state):
        await forms.resume(state)
    try:
        invitation, post = invitations.open_invitation(uow, actor, secret, at=at)
    except InvitationUnfit as unfit:
        return InvitationUseless(unfit.why)
    except TooMuch as full:
        return InvitationUseless("too_many", full.limit)
    return _stands(invitation, post)


def _stands(invitation: Invitation, post: Post) -> Reply:
    if invitation.state is InvitationState.ANSWERED:
        return AnswerKept(post.conference, post.unit, post.title)
    return InvitationShown(
        invitation_id=invitation.id or 0,
        conference=post.conference,
        unit=post.unit,
        title=post.title,
        expires_at=invitation.expires_at.isoformat(),
        rebind=invitation.person_id is not None,
    )


async def answer_pressed(
    callback: CallbackQuery, press: AnswerInvitation, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext
) -> Reply:
    try:
        invitation, post = invitations.own_invitation(uow, actor, press.invitation, at=at)
    except InvitationUnfit as unfit:
        return InvitationUseless(unfit.why)
    if invitation.state is InvitationState.ANSWERED:
        return _stands(invitation, post)
    if press.way == "no":
        invitations.decline_invitation(uow, actor, press.invitation, at=at)
        await forms.resume(state)
        return InvitationDeclined()
    await state.update_data(joining=invitation.id)
    await state.set_state(Talk.naming)
    return Answer([NameAsked(post.title)])


async def named(message: Message, actor: Actor, uow: UnitOfWork, at: datetime, state: FSMContext) -> Reply:
    """Only a name is taken for one: a command or a receipt goes its way."""
    text = message.text or ""
    if text.startswith("/") or receipts.parse(text) is not None or receipts.nearly(text):
        raise SkipHandler
    data = await state.get_data()
    try:
        invitation, post = invitations.own_invitation(uow, actor, data.get("joining", 0), at=at)
    except InvitationUnfit as unfit:
        await _named_no_more(state, data)
        return InvitationUseless(unfit.why)
    try:
        handovers.answer_invitation(uow, actor, invitation.id or 0, text, at=at)
    except AnswerUnfit:
        return NameAsked(post.title, note="unfit")
    await _named_no_more(state, data)
    if invitation.handover_id is not None:
        return None  # both sides are shown where the hand-over stands
    return AnswerKept(post.conference, post.unit, post.title, invitations.name_said(uow, actor, invitation.id or 0, at=at))


async def _named_no_more(state: FSMContext, data: dict[str, Any]) -> None:
    await state.set_data({key: value for key, value in data.items() if key != "joining"})
    await forms.resume(state)
