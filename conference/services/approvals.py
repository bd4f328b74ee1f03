"""What nobody does alone: somebody asks and says why, another person decides, and what was granted is used once within a day.

`DECIDED_BY` says which right decides about which: opening an identity, and taking the roster along. Source: security T10.
Invitations and hand-overs have a second person of their own (services/invitations, services/handovers).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from conference.model.approvals import VALID, Approval, ApprovalState
from conference.model.errors import AnswerUnfit, Misconfigured, NotAllowed, NotFound, SecondNeeded, TooMuch
from conference.model.people import Actor, HeldPost, Holder
from conference.model.permissions import Action, Concern, authorize, may
from conference.model.told import ApprovalAsked, ApprovalDecided, ApprovalSettled, Lane
from conference.ports import UnitOfWork

DECIDED_BY = {Action.ASK_IDENTITY: Action.APPROVE_IDENTITY, Action.EXPORT_ROSTER: Action.APPROVE_EXPORT}
SHORTEST, LONGEST = 10, 500  # characters of a reason


def ask_approval(uow: UnitOfWork, actor: Actor, action: Action, subject: str, concern: Concern, reason: str, *, at: datetime) -> Approval:
    """Ask for what takes a second person; all who may decide are told, never the asker. What is open already is not asked twice.

    `subject` is what it is about ("report:12"). Raises AnswerUnfit or TooMuch for a reason that is none, SecondNeeded where
    nobody else could decide.
    """
    post = authorize(actor, action, concern)
    if post is None or actor.person_id is None:
        raise NotAllowed(action)
    if (already := uow.approvals.open_of(actor.person_id, action, subject, at)) is not None:
        return already
    reason = reason.strip()
    if len(reason) < SHORTEST:
        raise AnswerUnfit("reason", "longer")
    if len(reason) > LONGEST:
        raise TooMuch("reason", LONGEST)
    deciders = _deciders(uow, post.conference, action, actor.person_id, at)
    if not deciders:
        raise SecondNeeded(action)
    approval = Approval(
        conference=post.conference,
        action=action,
        subject=subject,
        asked_by=actor.person_id,
        asked_post=post.post_id,
        asked_at=at,
        expires_at=at + VALID,
    )
    uow.approvals.add(approval, reason)
    approval_id = _id(approval)
    uow.schedule.add(f"approval:{approval_id}:expires", "approval_expired", str(approval_id), approval.expires_at)
    uow.note(actor, "approval.asked", f"approval:{approval_id}", post=post, what=action, about=subject)
    asked = ApprovalAsked(approval_id, action, about(uow, subject), post.title, approval.expires_at.isoformat())
    for account in deciders:
        key = _asked_key(approval_id, account)
        uow.tell(account, asked, lane=Lane.NOTICE, key=key, only_while=f"approval.asked:{approval_id}")
    return approval


def decide_approval(uow: UnitOfWork, actor: Actor, approval_id: int, deciding: Action, *, granted: bool, at: datetime) -> Approval:
    """A second person says yes or no, once, by the right `deciding`; the asker is told, and the others who might have decided.

    Raises NotFound for what this person may not decide, SecondNeeded for the asker, NotPossibleNow where it is over.
    """
    approval, post = _access(uow, actor, approval_id, deciding)
    if actor.person_id is None or approval.asked_by == actor.person_id:
        raise SecondNeeded(approval.action)
    approval.decide(granted=granted, person_id=actor.person_id, post_id=post.post_id, at=at)
    if not granted:
        uow.schedule.withdraw(f"approval:{approval_id}:")
    uow.note(actor, f"approval.{approval.state}", f"approval:{approval_id}", post=post, what=approval.action, about=approval.subject)
    _tell_asker(uow, approval, at)
    _settle(uow, approval, at)
    return approval


def use_approval(uow: UnitOfWork, actor: Actor, approval_id: int, action: Action, *, at: datetime) -> tuple[Approval, HeldPost]:
    """The asker does what was granted, once, and still needs the right to it. Raises NotFound for anybody else's."""
    authorize(actor, action)
    approval = uow.approvals.get(approval_id)
    if approval is None or approval.action != action or approval.asked_by != actor.person_id:
        raise NotFound("approval", approval_id)
    post = authorize(actor, action, Concern(conference=approval.conference))
    if post is None:
        raise NotAllowed(action)
    approval.use(person_id=approval.asked_by, at=at)
    uow.schedule.withdraw(f"approval:{approval_id}:")
    uow.note(actor, "approval.used", f"approval:{approval_id}", post=post, what=action, about=approval.subject)
    return approval, post


def expire_approval(uow: UnitOfWork, approval_id: int, *, at: datetime) -> None:
    """A day has passed: undecided or unused, it is over, and the asker is told."""
    approval = uow.approvals.get(approval_id)
    if approval is None or approval.state not in (ApprovalState.ASKED, ApprovalState.GRANTED):
        return
    approval.expire()
    uow.note(None, "approval.expired", f"approval:{approval_id}", what=approval.action, about=approval.subject)
    _tell_asker(uow, approval, at)
    _settle(uow, approval, at)


def end_approvals(uow: UnitOfWork, post_id: int, person_id: int, *, at: datetime) -> None:
    """This person leaves this post: what was asked under it is over, used by nobody. The successor reads of it and may ask anew."""
    for approval in uow.approvals.open_under(post_id, person_id, at):
        approval.expire()
        uow.schedule.withdraw(f"approval:{approval.id}:")
        uow.note(None, "approval.expired", f"approval:{approval.id}", what=approval.action, about=approval.subject, why="handover")
        _settle(uow, approval, at)


def settled(uow: UnitOfWork, actor: Actor, approval_id: int, deciding: Action, *, at: datetime) -> ApprovalSettled:
    """How it ended, for those who may decide. Raises NotFound for anybody else, and while it is open."""
    approval, _ = _access(uow, actor, approval_id, deciding)
    if approval.state is ApprovalState.ASKED and at < approval.expires_at:
        raise NotFound("decision", approval_id)
    return _settled(uow, approval)


def with_reason(uow: UnitOfWork, asked: ApprovalAsked) -> ApprovalAsked:
    return replace(asked, reason=uow.approvals.reason_of(asked.approval_id))


def about(uow: UnitOfWork, subject: str) -> str:
    """What it is about, as people name it."""
    kind, _, key = subject.partition(":")
    report = uow.reports.get(int(key)) if kind == "report" else None
    return report.number if report else key


# -- inside ------------------------------------------------------------------------------------------------------------


def _access(uow: UnitOfWork, actor: Actor, approval_id: int, deciding: Action) -> tuple[Approval, HeldPost]:
    """The approval and the post that gives the right to decide; NotFound for anybody else's, as for one that does not exist."""
    authorize(actor, deciding)
    approval = uow.approvals.get(approval_id)
    if approval is None or _deciding(Action(approval.action)) is not deciding:
        raise NotFound("approval", approval_id)
    try:
        post = authorize(actor, deciding, Concern(conference=approval.conference))
    except NotAllowed:
        post = None
    if post is None:
        raise NotFound("approval", approval_id)
    return approval, post


def _deciding(action: Action) -> Action:
    if action not in DECIDED_BY:
        raise Misconfigured(f"{action} takes no approval; those that do: {', '.join(DECIDED_BY)}")
    return DECIDED_BY[action]


def _deciders(uow: UnitOfWork, conference: str, action: Action, but: int, at: datetime) -> list[int]:
    """Accounts of all others who may decide."""
    deciding, concern = _deciding(action), Concern(conference=conference)
    roster = uow.people.roster(conference, at)
    return list(dict.fromkeys(h.account_id for h in roster if h.person_id != but and may(_wearing(h, conference), deciding, concern)))


def _wearing(holder: Holder, conference: str) -> Actor:
    post = HeldPost(holder.post_id, conference, holder.unit, holder.role, holder.title, holder.place)
    return Actor(holder.account_id, holder.person_id, (post,), conference=conference)


def _tell_asker(uow: UnitOfWork, approval: Approval, at: datetime) -> None:
    approval_id = _id(approval)
    title = _title(uow, approval.decided_post)
    said = ApprovalDecided(
        approval_id, approval.action, about(uow, approval.subject), approval.state, title, approval.expires_at.isoformat()
    )
    roster = uow.people.roster(approval.conference, at)
    for account in dict.fromkeys(holder.account_id for holder in roster if holder.person_id == approval.asked_by):
        uow.tell(account, said, lane=Lane.NOTICE, key=f"approval:{approval_id}:{approval.state}:{account}")


def _settle(uow: UnitOfWork, approval: Approval, at: datetime) -> None:
    """What the deciders were asked gives way to how it ended."""
    approval_id, said = _id(approval), _settled(uow, approval)
    for account in _deciders(uow, approval.conference, Action(approval.action), approval.asked_by, at):
        key = f"approval:{approval_id}:settled:{approval.state}:{account}"
        uow.tell(account, said, replaces=_asked_key(approval_id, account), key=key)


def _settled(uow: UnitOfWork, approval: Approval) -> ApprovalSettled:
    when = approval.decided_at or approval.expires_at
    state = ApprovalState.EXPIRED if approval.state is ApprovalState.ASKED else approval.state
    return ApprovalSettled(approval.action, about(uow, approval.subject), state, _title(uow, approval.decided_post), when.isoformat())


def _title(uow: UnitOfWork, post_id: int | None) -> str:
    post = uow.people.get_post(post_id) if post_id is not None else None
    return post.title if post else ""


def _asked_key(approval_id: int, account: int) -> str:
    return f"approval:{approval_id}:asked:{account}"


def _id(approval: Approval) -> int:
    assert approval.id is not None
    return approval.id
