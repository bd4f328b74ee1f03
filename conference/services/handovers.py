"""A post passes from one person to another at one hour; what hangs on it stays where it is.

Source: 000 二(末段), 001 一(末段), domain §4.6 and A9.

Start (a successor is invited), join (they have answered), both sides confirm what goes over; where the profile wants it, or
somebody confirmed instead of the holder, the office confirms as well: nobody brings somebody into a post alone. Then, in one
commit, the old tenure ends and the new one begins. Rights are asked at each step anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from conference.model.calendar import WorkCalendar
from conference.model.days import working_days_after
from conference.model.errors import AnswerUnfit, NotAllowed, NotFound, NotPossibleNow, PostHeld, SecondNeeded
from conference.model.handovers import Handover, HandoverState, Succession
from conference.model.invitations import Invitation, Ticket
from conference.model.people import OF_A_UNIT, OFFICE, Actor, HeldPost, Post, Reach, Tenure
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.told import HandoverCancelled, HandoverDone, HandoverShown, Lane
from conference.ports import UnitOfWork
from conference.profiles import Profile

from . import invitations
from .approvals import end_approvals
from .inventories import inventory_of
from .people import begin_tenure, handover_concern
from .reminders import clocks

_FAR = timedelta(days=366)
OUTGOING, INCOMING, UNIT, OFFICE_SIDE = "outgoing", "incoming", "unit", "office"


# -- start -------------------------------------------------------------------------------------------------------------


def start_handover(
    uow: UnitOfWork, actor: Actor, post_id: int, profile: Profile, *, outgoing: int | None = None, at: datetime
) -> tuple[Handover, Invitation, Ticket]:
    """Invite a successor into the post. `outgoing`: which of several holders leaves; without it the only one, or the actor.

    Raises NotPossibleNow where one is under way ("open"), or where only the office may start it ("manual"); SecondNeeded where
    the office has to confirm and nobody of it could.
    """
    post, held, leaving, worn = access_post(uow, actor, post_id, outgoing, at)
    if (open_one := uow.handovers.open_at(post_id)) is not None:
        raise NotPossibleNow("handover", open_one.id, "open", HandoverState.STARTED)
    mode = profile.rules.succession_of(post.role)
    if mode == Succession.MANUAL:
        worn = actor.post_as(*OFFICE)
        if worn is None:
            raise NotPossibleNow("handover", post_id, mode, HandoverState.STARTED)
    if leaving is None and held and not post.alone and len(held) > 1:
        raise AnswerUnfit(OUTGOING, "holder")
    handover = Handover(
        conference=post.conference,
        post_id=post_id,
        mode=mode,
        outgoing=leaving,
        started_by=actor.person_id,
        started_post=worn.post_id if worn else None,
        started_at=at,
        inventory={"items": inventory_of(uow, post, leaving, at=at)},
    )
    if waits_for_nobody(uow, handover, post, at):
        raise SecondNeeded(Action.CONFIRM_HANDOVER)
    uow.handovers.add(handover)
    assert handover.id is not None
    invitation, ticket = invitations.issue_invitation(uow, actor, post_id, handover_id=handover.id, at=at)
    _expect(uow, handover, "sides", at)
    uow.note(actor, "handover.started", f"handover:{handover.id}", post=worn, of=post_id, mode=str(mode))
    _tell_sides(uow, handover, post, at, "started", but=actor.person_id)
    return handover, invitation, ticket


def invite_again(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> tuple[Handover, Invitation, Ticket]:
    """The link was lost, or its 72 hours are over: a new one, and the old one lets nobody in any more."""
    handover, post, worn = access_handover(uow, actor, handover_id, at=at)
    if "link" not in what_can_be_done(uow, handover, post, actor.person_id, _side_of(uow, actor, handover, post, at), at):
        raise NotPossibleNow("handover", handover_id, handover.state, HandoverState.STARTED)
    invitations.close_of_handover(uow, handover_id, post, actor, at=at)
    invitation, ticket = invitations.issue_invitation(uow, actor, post.id or 0, handover_id=handover_id, at=at)
    uow.note(actor, "handover.invited_again", f"handover:{handover_id}", post=worn)
    return handover, invitation, ticket


def answer_invitation(uow: UnitOfWork, actor: Actor, invitation_id: int, name: str, *, at: datetime) -> Invitation:
    """Whoever is invited says their name: for a successor that is the step into the hand-over, for anybody else the office is asked."""
    authorize(actor, Action.ANSWER_INVITATION)
    invitation = invitations.answer_invitation(uow, actor, invitation_id, name, at=at)
    if invitation.handover_id is not None:
        join(uow, invitation, at=at)
    return invitation


def join(uow: UnitOfWork, invitation: Invitation, *, at: datetime) -> Handover:
    """The successor has answered the invitation and said a name: a person without a right. Both sides now see what goes over."""
    handover = uow.handovers.get(invitation.handover_id or 0)
    post = uow.people.get_post(invitation.post_id)
    if handover is None or post is None:
        raise NotFound("handover", invitation.handover_id)
    handover.move(HandoverState.JOINED, at=at)
    handover.incoming = invitations.admit(uow, invitation, None, None, at=at)
    _count(uow, handover, post, at)
    uow.note(None, "handover.joined", f"handover:{handover.id}", person=handover.incoming)
    _tell_sides(uow, handover, post, at, "joined")
    return handover


# -- both sides --------------------------------------------------------------------------------------------------------


def confirm_outgoing(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> Handover:
    """The holder hands over; where there is none, or none who can be reached, the office says so instead, for the posts of a
    unit's own people its liaison or member as well. Then the office is asked in any case.

    Raises SecondNeeded for the successor and where nobody would be left to confirm, NotPossibleNow ("reachable") for anybody
    else while the holder can be asked.
    """
    handover, post, worn = access_handover(uow, actor, handover_id, at=at)
    if handover.state != HandoverState.JOINED or handover.outgoing_at is not None:
        raise NotPossibleNow("handover", handover_id, handover.state, HandoverState.AGREED)
    side = _side_of(uow, actor, handover, post, at)
    if side == INCOMING:
        raise SecondNeeded(Action.ANSWER_HANDOVER)
    if side != OUTGOING and not is_gone(uow, handover, post, at):
        raise NotPossibleNow("handover", handover_id, "reachable", HandoverState.AGREED)
    if side != OUTGOING and not _deciders(uow, handover, post, at, but=actor.person_id):
        raise SecondNeeded(Action.CONFIRM_HANDOVER)
    handover.outgoing_at = at
    instead = {} if side == OUTGOING else {"instead": side, "instead_by": actor.person_id}
    handover.inventory = {**handover.inventory, **instead}
    uow.note(actor, "handover.outgoing_confirmed", f"handover:{handover_id}", post=worn, side=side)
    _go_on(uow, actor, worn, handover, post, at)
    return handover


def confirm_incoming(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> Handover:
    """The successor takes it over as it stands."""
    handover, post, worn = access_handover(uow, actor, handover_id, at=at)
    if actor.person_id is None or actor.person_id != handover.incoming:
        raise NotAllowed(Action.ANSWER_HANDOVER)
    if handover.state != HandoverState.JOINED or handover.incoming_at is not None:
        raise NotPossibleNow("handover", handover_id, handover.state, HandoverState.AGREED)
    handover.incoming_at = at
    uow.note(actor, "handover.incoming_confirmed", f"handover:{handover_id}", post=worn)
    _go_on(uow, actor, worn, handover, post, at)
    return handover


def confirm_by_office(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> Handover:
    """The office confirms what was reported to it. Raises SecondNeeded for who is no second person (`_may_confirm`)."""
    handover, post, _ = access_handover(uow, actor, handover_id, at=at)
    worn = authorize(actor, Action.CONFIRM_HANDOVER, Concern(conference=post.conference))
    if handover.state != HandoverState.AGREED:
        raise NotPossibleNow("handover", handover_id, handover.state, HandoverState.DONE)
    if not _may_confirm(handover, actor.person_id):
        raise SecondNeeded(Action.CONFIRM_HANDOVER)
    handover.office_at, handover.office_by = at, actor.person_id
    _complete(uow, actor, worn, handover, post, at)
    return handover


def cancel_handover(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> Handover:
    """It does not come to it: the post stays with whoever holds it, the successor's link lets nobody in."""
    handover, post, worn = access_handover(uow, actor, handover_id, at=at)
    handover.move(HandoverState.CANCELLED, at=at)
    invitations.close_of_handover(uow, handover_id, post, actor, at=at)
    uow.schedule.withdraw(f"handover:{handover_id}:")
    uow.note(actor, "handover.cancelled", f"handover:{handover_id}", post=worn)
    cancelled = HandoverCancelled(post.conference, post.unit, post.title)
    for account in _accounts_of(uow, {handover.outgoing, handover.incoming, handover.started_by} - {actor.person_id}):
        uow.tell(account, cancelled, key=f"handover:{handover_id}:cancelled:{account}")
    return handover


def _go_on(uow: UnitOfWork, actor: Actor, worn: HeldPost | None, handover: Handover, post: Post, at: datetime) -> None:
    """Once both sides have confirmed: done at once, or reported to the office; if nobody of it may confirm, who started it hears so."""
    _count(uow, handover, post, at)
    if handover.outgoing_at is None or handover.incoming_at is None:
        return
    handover.move(HandoverState.AGREED, at=at)
    if not _asks_office(uow, handover, post, at):
        _complete(uow, actor, worn, handover, post, at)
        return
    asked = _deciders(uow, handover, post, at)
    for account in _accounts_of(uow, asked or [handover.started_by]):
        shown = view(uow, handover, post, None, OFFICE_SIDE if asked else "", at)
        uow.tell(account, shown, key=f"handover:{handover.id}:agreed:{account}")


def _complete(uow: UnitOfWork, actor: Actor, worn: HeldPost | None, handover: Handover, post: Post, at: datetime) -> None:
    """The old tenure ends, the new one begins, at the same moment; nothing else of the post moves, not even a clock."""
    assert post.id is not None
    assert handover.incoming is not None
    _count(uow, handover, post, at)
    held = uow.people.holders_of(post.id, at)
    if post.alone and any(tenure.person_id not in (handover.outgoing, handover.incoming) for tenure in held):
        raise PostHeld(post.id)
    if handover.outgoing not in (None, handover.incoming):
        end_approvals(uow, post.id, handover.outgoing, at=at)
    for tenure in held:
        if tenure.person_id == handover.outgoing and tenure.ends_at is None:
            uow.people.end_tenure(tenure, "handover", at=at)
    if (invitation := uow.invitations.answered_for(handover.id or 0)) is not None:
        invitations.take_name(uow, invitation, handover.incoming, at=at)
    begin_tenure(uow, post, handover.incoming, at=at)
    for shift in uow.shifts.between([post.id], at, at + _FAR):
        if shift.person_id == handover.outgoing:
            shift.person_id = handover.incoming
            uow.shifts.change(shift)
    handover.move(HandoverState.DONE, at=at)
    uow.schedule.withdraw(f"handover:{handover.id}:")
    uow.note(actor, "handover.done", f"handover:{handover.id}", post=worn, of=post.id, old=handover.outgoing, new=handover.incoming)
    _tell_done(uow, handover, post, at)


def _tell_done(uow: UnitOfWork, handover: Handover, post: Post, at: datetime) -> None:
    """A welcome with what came with the post, a farewell, and one line to the unit and the office: nobody hears it twice."""
    name = _name(uow, handover.incoming)
    items, instead = handover.inventory.get("items", {}), "instead" in handover.inventory
    told: dict[int, HandoverDone] = {}

    def done(side: str, **more: Any) -> HandoverDone:
        return HandoverDone(post.conference, post.unit, post.title, at.isoformat(), side, name=name, **more)

    for holder in uow.people.roster(post.conference, at):
        if holder.is_of(post) or holder.role in OFFICE:
            told[holder.account_id] = done("roster", instead=instead)
    told |= {account: done(OUTGOING) for account in _accounts_of(uow, [handover.outgoing])}
    told |= {account: done(INCOMING, role=str(post.role), items=items) for account in _accounts_of(uow, [handover.incoming])}
    for account, record in told.items():
        uow.tell(account, record, lane=Lane.NOTICE, key=f"handover:{handover.id}:done:{account}")


# -- when nobody finishes it -------------------------------------------------------------------------------------------


def remind_of_handover(uow: UnitOfWork, handover_id: int, step: str, *, at: datetime) -> None:
    """Still open after `handover_days`: both sides are reminded, after as many again the office sees it. Each step once."""
    handover = uow.handovers.get(handover_id)
    post = uow.people.get_post(handover.post_id) if handover else None
    if handover is None or post is None or handover.done_at is not None:
        return
    if step == "sides":
        _tell_sides(uow, handover, post, at, "stale")
        _expect(uow, handover, "office", at)
    else:
        for account in _accounts_of(uow, _office_people(uow, post, at)):
            stale = view(uow, handover, post, None, OFFICE_SIDE, at, note="stale")
            key, condition = f"handover:{handover.id}:shown:{account}", f"handover.open:{handover.id}"
            uow.tell(account, stale, lane=Lane.DIGEST, key=key, only_while=condition)
    uow.note(None, "handover.reminded", f"handover:{handover_id}", step=step)


# -- looking -----------------------------------------------------------------------------------------------------------


def access_post(
    uow: UnitOfWork, actor: Actor, post_id: int, outgoing: int | None, at: datetime
) -> tuple[Post, Sequence[Tenure], int | None, HeldPost | None]:
    """A post that the actor may hand over, its holders, and which of them leaves. NotFound for anybody else's."""
    authorize(actor, Action.START_HANDOVER)
    post = uow.people.get_post(post_id)
    if post is None or post.closed_at is not None:
        raise NotFound("post", post_id)
    held = [tenure for tenure in uow.people.holders_of(post_id, at) if tenure.ends_at is None]
    people = [tenure.person_id for tenure in held]
    if outgoing is not None and outgoing not in people:
        raise NotFound("holder", outgoing)
    leaving = outgoing
    if leaving is None:
        leaving = actor.person_id if actor.person_id in people else people[0] if len(people) == 1 else None
    concern = handover_concern(post, leaving)
    if not may(actor, Action.START_HANDOVER, concern):
        raise NotFound("post", post_id)
    return post, held, leaving, authorize(actor, Action.START_HANDOVER, concern)


def access_handover(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> tuple[Handover, Post, HeldPost | None]:
    """A hand-over of whose sides the actor is one, or of the own unit, or (office) of the conference; NotFound for any other."""
    authorize(actor, Action.ANSWER_HANDOVER)
    handover = uow.handovers.get(handover_id)
    post = uow.people.get_post(handover.post_id) if handover else None
    if handover is None or post is None or not _side_of(uow, actor, handover, post, at):
        raise NotFound("handover", handover_id)
    own = actor.person_id if actor.person_id in (handover.outgoing, handover.incoming) else None
    return handover, post, authorize(actor, Action.ANSWER_HANDOVER, handover_concern(post, own))


def handovers_of(uow: UnitOfWork, actor: Actor, *, at: datetime) -> list[tuple[Handover, Post]]:
    """The open hand-overs that concern the actor."""
    authorize(actor, Action.ANSWER_HANDOVER)
    found = [(each, uow.people.get_post(each.post_id)) for each in uow.handovers.open_of(actor.conference)]
    return [(each, post) for each, post in found if post is not None and _side_of(uow, actor, each, post, at)]


def posts_to_hand_over(uow: UnitOfWork, actor: Actor, unit: str | None = None) -> list[Post]:
    """One's own posts and those of the own unit's member and liaisons; for the office those of a unit it names."""
    authorize(actor, Action.START_HANDOVER)
    own = {held.post_id for held in actor.posts}
    units = {held.unit for held in actor.posts if held.role in OF_A_UNIT}
    office = actor.post_as(*OFFICE) is not None
    return [
        post
        for post in uow.people.open_posts(actor.conference)
        if (unit is None and (post.id in own or (post.role in OF_A_UNIT and post.unit in units)))
        or (office and unit is not None and post.unit == unit)
    ]


def _side_of(uow: UnitOfWork, actor: Actor, handover: Handover, post: Post, at: datetime) -> str:
    """How the actor stands to it; "" for anybody it does not concern. Who no longer holds the post is not its holder."""
    if actor.person_id is None:
        return ""
    if actor.person_id == handover.incoming:
        return INCOMING
    if actor.person_id == handover.outgoing and any(held.post_id == post.id for held in actor.posts):
        return OUTGOING
    if any(held.role in OFFICE and held.conference == post.conference for held in actor.posts):
        return OFFICE_SIDE
    of_unit = any(held.role in OF_A_UNIT and (held.conference, held.unit) == (post.conference, post.unit) for held in actor.posts)
    return UNIT if of_unit and post.role in OF_A_UNIT else ""


def is_gone(uow: UnitOfWork, handover: Handover, post: Post, at: datetime) -> bool:
    """Nobody holds it who could be asked: it is vacant, the tenure has ended, or no account of the holder takes our messages."""
    roster = uow.people.roster(post.conference, at)
    return not any(h.post_id == post.id and h.person_id == handover.outgoing and h.reach == Reach.OPEN for h in roster)


def what_can_be_done(uow: UnitOfWork, handover: Handover, post: Post, person_id: int | None, side: str, at: datetime) -> list[str]:
    """The acts to offer to this side now: rights are checked again when they are done."""
    if handover.done_at is not None:
        return []
    can = []
    if handover.state == HandoverState.JOINED:
        if side == INCOMING and handover.incoming_at is None:
            can.append(INCOMING)
        instead = side in (UNIT, OFFICE_SIDE) and is_gone(uow, handover, post, at) and _deciders(uow, handover, post, at, but=person_id)
        if handover.outgoing_at is None and (side == OUTGOING or instead):
            can.append(OUTGOING)
    if handover.state == HandoverState.AGREED and side == OFFICE_SIDE and (person_id is None or _may_confirm(handover, person_id)):
        can.append(OFFICE_SIDE)
    if handover.state == HandoverState.STARTED and side != INCOMING and (handover.mode != Succession.MANUAL or side == OFFICE_SIDE):
        can.append("link")
    return [*can, "cancel"]


def show_handover(uow: UnitOfWork, actor: Actor, handover_id: int, *, at: datetime) -> HandoverShown:
    """Where it stands, with what goes over."""
    handover, post, _ = access_handover(uow, actor, handover_id, at=at)
    if handover.done_at is None:
        _count(uow, handover, post, at)
    return view(uow, handover, post, actor.person_id, _side_of(uow, actor, handover, post, at), at)


def after(uow: UnitOfWork, actor: Actor, handover: Handover, side: str, *, at: datetime) -> HandoverShown:
    """The same to who has just acted; a holder's right to look may have ended with the act. NotFound for anybody else."""
    authorize(actor, Action.ANSWER_HANDOVER)
    post = uow.people.get_post(handover.post_id)
    standing = _side_of(uow, actor, handover, post, at) if post else ""
    left = actor.person_id is not None and actor.person_id == handover.outgoing
    if post is None or not (standing or left):
        raise NotFound("handover", handover.id)
    return view(uow, handover, post, actor.person_id, side or standing, at)


def view(
    uow: UnitOfWork, handover: Handover, post: Post, person_id: int | None, side: str, at: datetime, *, note: str = ""
) -> HandoverShown:
    """As one side sees it. The successor sees numbers only, as long as there is no right to more."""
    assert handover.id is not None
    items = handover.inventory.get("items", {})
    invitation = uow.invitations.answered_for(handover.id) if handover.done_at is None else None
    said = (uow.invitations.name_of(invitation) or "") if invitation is not None else ""
    if side == INCOMING and handover.state != HandoverState.DONE:
        items = {noun: [number, []] for noun, (number, _) in items.items()}
    return HandoverShown(
        handover.id,
        post.conference,
        post.unit,
        post.title,
        str(handover.state),
        str(handover.mode),
        side,
        outgoing=_name(uow, handover.outgoing),
        incoming=said or _name(uow, handover.incoming),
        outgoing_at=handover.outgoing_at.isoformat() if handover.outgoing_at else None,
        incoming_at=handover.incoming_at.isoformat() if handover.incoming_at else None,
        items=items,
        can=what_can_be_done(uow, handover, post, person_id, side, at),
        gone=handover.done_at is None and is_gone(uow, handover, post, at),
        instead="instead" in handover.inventory,
        nobody=waits_for_nobody(uow, handover, post, at),
        note=note,
        was=invitations.registered_as(uow, invitation) if invitation is not None else "",
    )


# -- inside ------------------------------------------------------------------------------------------------------------


def _expect(uow: UnitOfWork, handover: Handover, step: str, at: datetime) -> None:
    due_at = working_days_after(at, uow.conferences.profile(handover.conference).settings.handover_days, uow.calendar)
    data = {"conference": handover.conference, "step": step}
    uow.schedule.add(f"handover:{handover.id}:{step}", "handover_stale", str(handover.id), due_at, data)


@clocks
def _counted(uow: UnitOfWork, calendar: WorkCalendar) -> Mapping[str, datetime]:
    """The office's step runs from the one before it, which the calendar of that time has ended."""
    days, found = uow.conferences.profile(uow.conference).settings.handover_days, {}
    for handover in uow.handovers.open_of(uow.conference):
        begins = f"handover:{handover.id}:"
        for key in uow.schedule.pending(begins):
            since = handover.started_at
            if key != f"{begins}sides":
                since = working_days_after(since, days, uow.calendar)
            found[key] = working_days_after(since, days, calendar)
    return found


def _count(uow: UnitOfWork, handover: Handover, post: Post, at: datetime) -> None:
    handover.inventory = {**handover.inventory, "items": inventory_of(uow, post, handover.outgoing, at=at)}


def _holds(uow: UnitOfWork, handover: Handover, post: Post, at: datetime) -> bool:
    """Whether who leaves still speaks for the post: the tenure runs, and an account is bound."""
    return any(h.post_id == post.id and h.person_id == handover.outgoing for h in uow.people.roster(post.conference, at))


def _asks_office(uow: UnitOfWork, handover: Handover, post: Post, at: datetime) -> bool:
    """Whether it takes the office: everywhere but where the holder's own word is enough and the holder gives it, or still can."""
    if handover.mode != Succession.AUTOMATIC or "instead" in handover.inventory:
        return True
    return is_gone(uow, handover, post, at) if handover.outgoing_at is None else not _holds(uow, handover, post, at)


def _may_confirm(handover: Handover, person_id: int | None) -> bool:
    """Whether somebody of the office is a second person here. Where the change is reported to it, also who started it."""
    out = {handover.outgoing, handover.incoming, handover.inventory.get("instead_by")}
    if handover.mode != Succession.CONFIRM:
        out.add(handover.started_by)
    return person_id is not None and person_id not in out


def _deciders(uow: UnitOfWork, handover: Handover, post: Post, at: datetime, *, but: int | None = None) -> list[int]:
    """Who of the office may confirm it; `but`: were that person to confirm for the holder."""
    return [person for person in _office_people(uow, post, at) if person != but and _may_confirm(handover, person)]


def waits_for_nobody(uow: UnitOfWork, handover: Handover, post: Post, at: datetime) -> bool:
    """Whether it takes the office's word and nobody of the office could give it."""
    return handover.done_at is None and _asks_office(uow, handover, post, at) and not _deciders(uow, handover, post, at)


def _tell_sides(uow: UnitOfWork, handover: Handover, post: Post, at: datetime, step: str, *, but: int | None = None) -> None:
    """The holder and the successor; where the holder is gone, whoever confirms instead: the unit's people, or else the office."""
    told: dict[int, str] = {}
    if is_gone(uow, handover, post, at):
        roster = uow.people.roster(post.conference, at)
        people = [h for h in roster if h.unit == post.unit and h.role in OF_A_UNIT and post.role in OF_A_UNIT]
        unit = [h for h in people if h.person_id != handover.incoming and h.post_id != post.id]
        told |= dict.fromkeys([h.account_id for h in unit], UNIT)
        told |= dict.fromkeys(_accounts_of(uow, _office_people(uow, post, at)), OFFICE_SIDE) if not unit else {}
    else:
        told |= dict.fromkeys(_accounts_of(uow, [handover.outgoing]), OUTGOING)
    told |= dict.fromkeys(_accounts_of(uow, [handover.incoming]), INCOMING)
    silent = set(_accounts_of(uow, [but]))
    for account, side in told.items():
        if account not in silent:
            record = view(uow, handover, post, None, side, at, note="stale" if step == "stale" else "")
            lane = Lane.DIGEST if step == "stale" else Lane.NOTICE
            key, condition = f"handover:{handover.id}:{step}:{account}", f"handover.open:{handover.id}"
            uow.tell(account, record, lane=lane, key=key, only_while=condition)


def _office_people(uow: UnitOfWork, post: Post, at: datetime) -> list[int]:
    return list(dict.fromkeys(h.person_id for h in uow.people.roster(post.conference, at) if h.role in OFFICE))


def _accounts_of(uow: UnitOfWork, people: Iterable[int | None]) -> list[int]:
    return [account for person in people if person is not None for account in uow.people.accounts_of(person)]


def _name(uow: UnitOfWork, person_id: int | None) -> str:
    return (uow.people.name_of(person_id) or "") if person_id is not None else ""
