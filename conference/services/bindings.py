"""A phone was lost: the person's accounts speak for nobody any more, what stands in their chats is blanked, and
their own reports and drafts are out of reach there.

The tenures stay: the person comes back from a new account by an invitation. Source: design §3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conference.model.errors import NotFound
from conference.model.people import Actor
from conference.model.permissions import Action, Concern, authorize
from conference.model.told import Blanked, Lane, Shape
from conference.ports import UnitOfWork

from .drafts import forget_draft
from .invitations import drop_answers

REMEMBERED = timedelta(days=90)  # so long the outbox knows what it sent
REMOVABLE = timedelta(hours=48)  # the channel's bound for taking a message back
LOOK_AGAIN = timedelta(minutes=2)  # by then what was under way has arrived


@dataclass(frozen=True, slots=True)
class Ended:
    """So many accounts; of their messages so many are to be blanked, to be removed, or cannot be reached any more."""

    accounts: int
    blanked: int
    removed: int
    left: int


def end_bindings(uow: UnitOfWork, actor: Actor, person_id: int, *, at: datetime) -> Ended:
    """All of a person's accounts end at once; their next press on any old button is refused, for rights come from the binding.

    Raises NotFound for somebody who holds nothing in the conference in which the actor acts.
    """
    worn = authorize(actor, Action.END_BINDINGS, Concern(conference=actor.conference))
    if all(post.conference != actor.conference for post in uow.people.posts_of_person(person_id, at)):
        raise NotFound("person", person_id)
    accounts = uow.people.unbind(person_id)
    drop_answers(uow, actor, worn, accounts, at=at)
    for account in accounts:
        _forget(uow, account)
    ended = sweep(uow, accounts, at=at)
    if accounts:
        key = f"swept:{person_id}:{at.isoformat()}"
        uow.schedule.add(key, "bindings_swept", str(person_id), at + LOOK_AGAIN, {"accounts": list(accounts)})
    facts = {"accounts": len(accounts), "blanked": ended.blanked, "removed": ended.removed, "left": ended.left}
    uow.note(actor, "bindings.ended", f"person:{person_id}", post=worn, **facts)
    return ended


def _forget(uow: UnitOfWork, account: int) -> None:
    """What the person reported or began to report there is nobody's who finds the phone; the receipt brings a report back."""
    uow.reporters.detach(account)
    data = uow.conversation(account).data
    for draft in (data.get(name) or {} for name in ("draft", "additions")):
        if "id" in draft:
            forget_draft(uow, draft["id"])
    uow.change_conversation(account, state=None, data={})


def sweep(uow: UnitOfWork, accounts: Sequence[int], *, at: datetime) -> Ended:
    """What waits for these accounts is withdrawn, what stands there blanked, after everybody else's messages.

    An account that speaks for somebody again (the phone was found, or its owner came back) is left alone.
    """
    lost = [account for account in accounts if uow.people.person_of_account(account) is None]
    uow.sent.withdraw(lost, at)
    counted = dict.fromkeys(Shape, 0)
    left = 0
    for message in uow.sent.to_accounts(lost, at - REMEMBERED):
        if message.shape is Shape.BARE and at - message.at > REMOVABLE - LOOK_AGAIN:
            left += 1
            continue
        counted[message.shape] += 1
        key = f"blank:{message.account_id}:{message.number}"
        uow.tell(message.account_id, Blanked(how=str(message.shape)), lane=Lane.DIGEST, key=key, edits=message.number)
    return Ended(len(accounts), counted[Shape.TEXT] + counted[Shape.FILE], counted[Shape.BARE], left)
