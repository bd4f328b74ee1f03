"""Drafts that nobody went on with: a word beforehand, then erased. Nothing of them stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from conference.model.people import OBLIGED, HeldPost
from conference.model.questionnaire import Draft
from conference.model.told import DraftErased, DraftExpiring
from conference.ports import UnitOfWork
from conference.profiles import Profile

# Which answer to "who are you" a body of the document gives; one that is not here has another duty to report.
_REPORTS_AS = {
    "schools": "school",
    "kindergartens": "school",
    "medical_institutions": "hospital",
    "village": "village",
    "social_work_agencies": "social_work",
    "rescue_stations": "rescue",
    "welfare_institutions": "rescue",
}


def obliging_post(posts: Iterable[HeldPost]) -> HeldPost | None:
    """The post whose work obliges its holder to report: an institution's contact's, or one in a village. Source: domain §5 A15."""
    return next((post for post in posts if post.role in OBLIGED), None)


def say_on_duty(draft: Draft, post: HeldPost) -> None:
    """Who reports is known by the post: what and where it is, is not asked again, and can be changed in the review."""
    draft.choose("reporter", _REPORTS_AS.get(post.unit, "other_duty"))
    draft.say("unit", post.title)


def keep_draft(uow: UnitOfWork, account_id: int, draft_id: str, profile: Profile, *, at: datetime) -> None:
    """Start the clock of a new draft: `targets.draft_kept` minutes after its last touch it goes."""
    due_at = at + timedelta(minutes=profile.targets["draft_kept"] - profile.targets["draft_warning"])
    uow.schedule.add(f"draft:{draft_id}:warn:0", "draft_warning", str(account_id), due_at, {"draft": draft_id, "round": 0})


def forget_draft(uow: UnitOfWork, draft_id: str) -> None:
    """The draft was filed or cancelled: its clock stops, and no row stays that would say whose draft became which report."""
    uow.schedule.forget(f"draft:{draft_id}:")


def warn_of_expiry(uow: UnitOfWork, account_id: int, draft_id: str, turn: int, profile: Profile, *, at: datetime) -> None:
    """Say that the draft goes tomorrow; if it was touched meanwhile, look again when its time has come."""
    last = _last_touch(uow, account_id, draft_id)
    if last is None:
        return
    kept, warning = (timedelta(minutes=profile.targets[name]) for name in ("draft_kept", "draft_warning"))
    due_at = last + kept - warning
    if due_at > at:
        data = {"draft": draft_id, "round": turn + 1}
        uow.schedule.add(f"draft:{draft_id}:warn:{turn + 1}", "draft_warning", str(account_id), due_at, data)
        return
    erased_at = at + warning
    uow.tell(account_id, DraftExpiring(erased_at=erased_at.isoformat()), key=f"draft:{draft_id}:warned:{turn}")
    data = {"draft": draft_id, "round": turn, "warned": at.isoformat()}
    uow.schedule.add(f"draft:{draft_id}:erase:{turn}", "draft_end", str(account_id), erased_at, data)


def erase_draft(uow: UnitOfWork, account_id: int, draft_id: str, turn: int, warned_at: datetime, profile: Profile, *, at: datetime) -> None:
    """Erase the draft, unless its writer went on after the warning: then the round begins anew."""
    last = _last_touch(uow, account_id, draft_id)
    if last is None:
        return
    if last > warned_at:
        warn_of_expiry(uow, account_id, draft_id, turn + 1, profile, at=at)
        return
    uow.change_conversation(account_id, state=None, data={})
    uow.tell(account_id, DraftErased(), key=f"draft:{draft_id}:erased")
    uow.note(None, "draft.erased", f"draft:{draft_id}")


def _last_touch(uow: UnitOfWork, account_id: int, draft_id: str) -> datetime | None:
    talk = uow.conversation(account_id)
    open_drafts = [talk.data.get(name) or {} for name in ("draft", "additions")]
    return talk.touched_at if any(draft.get("id") == draft_id for draft in open_drafts) else None
