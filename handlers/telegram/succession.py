"""Hand-overs and the roster check in chat: one's own posts, the unit's, or (office) any of the conference."""

from __future__ import annotations

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from conference.model.errors import AnswerUnfit, NotPossibleNow, SecondNeeded
from conference.model.handovers import Succession
from conference.model.invitations import Invitation, Ticket
from conference.model.pages import cut
from conference.model.people import Actor
from conference.model.permissions import Action, Concern, may
from conference.model.roster_checks import RosterAnswer
from conference.model.told import Told
from conference.ports import UnitOfWork
from conference.profiles import Profile
from conference.services import handover_choices, handovers, roster_checks
from handlers.filters import Pressed, Said
from handlers.presses.succession import (
    AnswerRosterCheck,
    AskHandover,
    BeginHandover,
    CancelHandover,
    ChoosePost,
    ChooseUnit,
    ConfirmByOffice,
    ConfirmHandover,
    InviteAgain,
    ShowHandover,
    ShowHandovers,
)
from handlers.records.everybody import Refused
from handlers.records.inviting import InvitationPicture
from handlers.records.succession import (
    HandoverAsked,
    HandoverEndAsked,
    HandoversListed,
    HolderToChoose,
    NothingToCheck,
    PostsToChoose,
    SuccessorInvited,
    UnitsToChoose,
)
from handlers.replies import Answer, Reply

REFUSALS = {"reachable": "holder_reachable", Succession.MANUAL: "office_starts"}


def router() -> Router:
    router = Router(name="succession")
    press, say = router.callback_query.register, router.message.register

    say(handovers_wanted, Said("handover"), flags={"action": Action.ANSWER_HANDOVER})
    say(checks_wanted, Said("check"), flags={"action": Action.ANSWER_ROSTER_CHECK})
    press(handovers_pressed, Pressed(ShowHandovers))
    press(units_wanted, Pressed(ChooseUnit))
    press(posts_wanted, Pressed(ChoosePost))
    press(handover_asked, Pressed(AskHandover))
    press(handover_begun, Pressed(BeginHandover))
    press(handover_pressed, Pressed(ShowHandover))
    press(link_wanted, Pressed(InviteAgain))
    press(side_confirmed, Pressed(ConfirmHandover))
    press(office_confirmed, Pressed(ConfirmByOffice))
    press(handover_cancelled, Pressed(CancelHandover))
    press(roster_answered, Pressed(AnswerRosterCheck))
    return router


async def handovers_wanted(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _listed(uow, actor, at)


async def handovers_pressed(callback: CallbackQuery, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return _listed(uow, actor, at)


async def units_wanted(callback: CallbackQuery, press: ChooseUnit, actor: Actor, uow: UnitOfWork) -> Reply:
    units = [[post, unit] for post, unit in handover_choices.units_to_choose(uow, actor)]
    return UnitsToChoose(*cut(units, press.page))


async def posts_wanted(callback: CallbackQuery, press: ChoosePost, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    posts, page, pages = cut(handover_choices.posts_to_choose(uow, actor, press.post), press.page)
    held = handover_choices.who_holds(uow, actor, posts, at=at)
    rows = [[post.id, post.title, list(held[post.id or 0].names.values()), held[post.id or 0].others] for post in posts]
    return PostsToChoose(press.post, rows, page, pages)


async def handover_asked(
    callback: CallbackQuery, press: AskHandover, actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime
) -> Reply:
    found = handover_choices.before_start(uow, actor, press.post, press.person or None, at=at)
    names, title = found.holding.names, found.post.title
    if found.under_way is not None:
        return handovers.show_handover(uow, actor, found.under_way, at=at)
    if found.leaving is None and names:
        return HolderToChoose(press.post, title, [[person, name] for person, name in names.items()])
    name = names.get(found.leaving or 0, "")
    return HandoverAsked(press.post, found.leaving or 0, title, str(profile.rules.succession_of(found.post.role)), name, dict(found.items))


async def handover_begun(
    callback: CallbackQuery, press: BeginHandover, actor: Actor, uow: UnitOfWork, profile: Profile, at: datetime
) -> Reply:
    try:
        handover, invitation, ticket = handovers.start_handover(uow, actor, press.post, profile, outgoing=press.person or None, at=at)
    except (NotPossibleNow, AnswerUnfit, SecondNeeded) as error:
        return _not_now(uow, actor, error, at)
    return _invited(uow, actor, handover.id or 0, invitation, ticket, at)


async def link_wanted(callback: CallbackQuery, press: InviteAgain, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    _, invitation, ticket = handovers.invite_again(uow, actor, press.handover, at=at)
    return _invited(uow, actor, press.handover, invitation, ticket, at)


async def handover_pressed(callback: CallbackQuery, press: ShowHandover, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    return handovers.show_handover(uow, actor, press.handover, at=at)


async def side_confirmed(callback: CallbackQuery, press: ConfirmHandover, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    confirm = handovers.confirm_incoming if press.side == handovers.INCOMING else handovers.confirm_outgoing
    try:
        handover = confirm(uow, actor, press.handover, at=at)
    except (NotPossibleNow, SecondNeeded) as error:
        return _not_now(uow, actor, error, at, press.handover)
    side = press.side if actor.person_id in (handover.outgoing, handover.incoming) else ""
    return handovers.after(uow, actor, handover, side, at=at)


async def office_confirmed(callback: CallbackQuery, press: ConfirmByOffice, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        handover = handovers.confirm_by_office(uow, actor, press.handover, at=at)
    except (NotPossibleNow, SecondNeeded) as error:
        return _not_now(uow, actor, error, at, press.handover)
    return handovers.after(uow, actor, handover, handovers.OFFICE_SIDE, at=at)


async def handover_cancelled(callback: CallbackQuery, press: CancelHandover, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    _, post, _ = handovers.access_handover(uow, actor, press.handover, at=at)
    if not press.sure:
        return HandoverEndAsked(press.handover, post.title)
    handover = handovers.cancel_handover(uow, actor, press.handover, at=at)
    return handovers.after(uow, actor, handover, "", at=at)


# -- the roster check


async def checks_wanted(message: Message, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    found: list[Told] = list(roster_checks.open_checks(uow, actor, at=at))
    return found or NothingToCheck()


async def roster_answered(callback: CallbackQuery, press: AnswerRosterCheck, actor: Actor, uow: UnitOfWork, at: datetime) -> Reply:
    try:
        check = roster_checks.answer_roster_check(uow, actor, press.check, RosterAnswer(press.answer), at=at)
    except NotPossibleNow:
        return Refused("check_closed")
    return roster_checks.shown(uow, check, at)


# -- inside


def _listed(uow: UnitOfWork, actor: Actor, at: datetime) -> Told:
    rows = [[each.id, post.title, str(each.state)] for each, post in handovers.handovers_of(uow, actor, at=at)]
    any_unit = may(actor, Action.START_HANDOVER, Concern(conference=actor.conference))
    return HandoversListed(rows, handover_choices.why_not_start(uow, actor), any_unit)


def _invited(uow: UnitOfWork, actor: Actor, handover: int, invitation: Invitation, ticket: Ticket, at: datetime) -> Reply:
    """Where it stands, and the successor's link, code and picture, which can be seen this once."""
    shown = handovers.show_handover(uow, actor, handover, at=at)
    number, expires = invitation.id or 0, invitation.expires_at.isoformat()
    invited = SuccessorInvited(handover, shown.title, ticket.token, ticket.code, expires)
    return [shown, InvitationPicture(number, shown.title, ticket.token), invited]


def _not_now(uow: UnitOfWork, actor: Actor, error: Exception, at: datetime, handover: int | None = None) -> Reply:
    """Why not, and where it stands."""
    if isinstance(error, SecondNeeded):
        refused = Refused("handover_second" if handover is not None else "handover_nobody")
    else:
        refused = Refused(REFUSALS.get(error.state, "handover_moved") if isinstance(error, NotPossibleNow) else "not_now")
    if handover is None:
        return refused
    return Answer([handovers.show_handover(uow, actor, handover, at=at)], toast=refused, alert=True)
