"""A post that nobody holds: after a while its unit is reminded, later the conveners and the office see it. Source: domain §4.6."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from conference.model.days import working_days_after
from conference.model.people import OFFICE, Holder, Post, Role
from conference.model.told import PostVacant
from conference.ports import UnitOfWork

CONVENERS = frozenset({Role.CHIEF_CONVENER, Role.CONVENER})
UNIT, OFFICE_TOO = "unit", "office"


def watch_vacancy(uow: UnitOfWork, post: Post, *, at: datetime) -> None:
    """From now on nobody holds the post: start its clock. A unit that has nobody else cannot be reminded: the office sees it at once."""
    assert post.vacant_since is not None
    if post.role is Role.GUEST:
        return  # nobody has to come for a guest who left
    if not _others(uow, post, at):
        _show(uow, post, at)
        return
    _expect(uow, post, UNIT)


def forget_vacancy(uow: UnitOfWork, post: Post) -> None:
    """Somebody holds it again."""
    uow.schedule.withdraw(f"vacancy:{post.id}:")


def remind_of_vacancy(uow: UnitOfWork, post_id: int, since: datetime, step: str, *, at: datetime) -> None:
    """It stands vacant still: after `fill_days` the unit is told, after `vacancy_convener_days` conveners and office. Each step once."""
    post = uow.people.get_post(post_id)
    if post is None or post.closed_at is not None or post.vacant_since != since:
        return
    others = _others(uow, post, at)
    if step != UNIT or not others:
        _show(uow, post, at)
        return
    for account in _accounts(others):
        uow.tell(account, _told(post, UNIT), key=f"vacancy:{_name(post)}:{UNIT}:{account}", only_while=f"post.vacant:{post.id}")
    uow.note(None, "post.vacancy_reminded", f"post:{post.id}", others=len(others))
    _expect(uow, post, OFFICE_TOO)


def _show(uow: UnitOfWork, post: Post, at: datetime) -> None:
    alone = not _others(uow, post, at)
    seeing = [h for h in uow.people.roster(post.conference, at) if h.role in OFFICE or (h.role in CONVENERS and not alone)]
    for account in _accounts(seeing):
        told = _told(post, OFFICE_TOO, alone=alone)
        uow.tell(account, told, key=f"vacancy:{_name(post)}:{OFFICE_TOO}:{account}", only_while=f"post.vacant:{post.id}")
    uow.note(None, "post.vacancy_shown", f"post:{post.id}", alone=alone)


def _expect(uow: UnitOfWork, post: Post, step: str) -> None:
    assert post.vacant_since is not None
    settings = uow.conferences.profile(post.conference).settings
    due_at = working_days_after(post.vacant_since, settings.fill_days if step == UNIT else settings.vacancy_convener_days)
    data = {"conference": post.conference, "since": post.vacant_since.isoformat(), "step": step}
    uow.schedule.add(f"vacancy:{_name(post)}:{step}", "post_vacant", str(post.id), due_at, data)


def _others(uow: UnitOfWork, post: Post, at: datetime) -> list[Holder]:
    return [
        h for h in uow.people.roster(post.conference, at) if h.unit == post.unit and h.post_id != post.id and h.role is not Role.OPERATOR
    ]


def _told(post: Post, whom: str, *, alone: bool = False) -> PostVacant:
    assert post.vacant_since is not None
    return PostVacant(post.conference, post.unit, post.title, post.vacant_since.isoformat(), whom, alone)


def _name(post: Post) -> str:
    """One vacancy of one post: it may stand empty again another time."""
    assert post.vacant_since is not None
    return f"{post.id}:{post.vacant_since.timestamp():.0f}"


def _accounts(holders: Iterable[Holder]) -> list[int]:
    return list(dict.fromkeys(holder.account_id for holder in holders))
