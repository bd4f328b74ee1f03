"""Posts that nobody holds: after a while their unit is reminded, later the conveners and the office see them. Source: domain §4.6.

Posts that stand vacant since the same moment (all those of a conference that was just brought in) are one matter, and everybody
is told of them in one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from conference.model.calendar import WorkCalendar
from conference.model.days import working_days_after
from conference.model.people import APART, CONVENERS, OF_A_UNIT, OFFICE, Holder, Post, Role
from conference.model.told import Lane, PostVacant
from conference.ports import UnitOfWork
from conference.profiles import Profile

from .reminders import clocks

UNIT, OFFICE_TOO, AT_ONCE = "unit", "office", "at_once"


def watch_vacancy(uow: UnitOfWork, post: Post, *, at: datetime) -> None:
    """From now on nobody holds the post: start its clock. A unit that has nobody else cannot be reminded: the office sees it at once."""
    assert post.vacant_since is not None
    if post.role is Role.GUEST:
        return  # nobody has to come for a guest who left
    if not _people_of(uow, post, at):
        _show(uow, [post], AT_ONCE, at, alone=True)
        return
    _expect(uow, uow.conferences.profile(post.conference), post.vacant_since, UNIT)


def watch_new_posts(uow: UnitOfWork, profile: Profile, *, at: datetime) -> None:
    """Posts were made that nobody holds yet: their clock runs from now. Nobody hears of it today."""
    _expect(uow, profile, at, UNIT)


def remind_of_vacancies(uow: UnitOfWork, since: datetime, step: str, *, at: datetime) -> None:
    """What stands vacant since then still: after `fill_days` the units are told, after `vacancy_convener_days` conveners and office.

    Each step once. What is of a unit without anybody goes to the office instead.
    """
    conference = uow.conference
    by_body: dict[tuple[str, bool], list[Post]] = {}  # the villages of a unit together: the same people are asked for all of them
    for post in uow.people.open_posts(conference):
        if post.vacant_since == since and post.role is not Role.GUEST:
            by_body.setdefault((post.unit, post.role in APART), []).append(post)
    people = {body: _people_of(uow, found[0], at) for body, found in by_body.items()}
    alone = [post for body, found in by_body.items() if not people[body] for post in found]
    others = [post for body, found in by_body.items() if people[body] for post in found]
    if step == OFFICE_TOO:
        _show(uow, others or alone, step, at, alone=not others)  # the office knows of a unit without anybody already
        return
    _show(uow, alone, step, at, alone=True)
    for body, holders in people.items():
        if holders:
            _tell(uow, by_body[body], holders, UNIT, UNIT)
            uow.note(None, "post.vacancy_reminded", f"unit:{body[0]}", posts=[post.id for post in by_body[body]], others=len(holders))
    if others:
        _expect(uow, uow.conferences.profile(conference), since, OFFICE_TOO)


def _show(uow: UnitOfWork, posts: Sequence[Post], step: str, at: datetime, *, alone: bool = False) -> None:
    """To the office; what units have been reminded of in vain, to the conveners too."""
    if not posts:
        return
    conference = posts[0].conference
    seeing = [h for h in uow.people.roster(conference, at) if h.role in OFFICE or (h.role in CONVENERS and not alone)]
    _tell(uow, posts, seeing, OFFICE_TOO, step, alone=alone)
    uow.note(None, "post.vacancy_shown", f"conference:{conference}", posts=[post.id for post in posts], alone=alone)


def _tell(uow: UnitOfWork, posts: Sequence[Post], holders: Iterable[Holder], whom: str, step: str, *, alone: bool = False) -> None:
    first, *others = posts
    assert first.vacant_since is not None
    since = first.vacant_since.isoformat()
    told = PostVacant(first.conference, first.unit, first.title, since, whom, alone, [[post.unit, post.title] for post in others])
    only_while = None if others else f"post.vacant:{first.id}"
    lane = Lane.NOTICE if step == AT_ONCE else Lane.DIGEST
    for account in dict.fromkeys(holder.account_id for holder in holders):
        uow.tell(account, told, lane=lane, key=f"vacancy:{first.id}:{since}:{step}:{alone}:{account}", only_while=only_while)


def _expect(uow: UnitOfWork, profile: Profile, since: datetime, step: str) -> None:
    conference, settings = profile.slug, profile.settings
    due_at = working_days_after(since, settings.fill_days if step == UNIT else settings.vacancy_convener_days, uow.calendar)
    data = {"conference": conference, "since": since.isoformat(), "step": step}
    uow.schedule.add(f"vacancy:{conference}:{since.isoformat()}:{step}", "post_vacant", conference, due_at, data)


@clocks
def _counted(uow: UnitOfWork, calendar: WorkCalendar) -> Mapping[str, datetime]:
    begins, settings = f"vacancy:{uow.conference}:", uow.conferences.profile(uow.conference).settings
    found = {}
    for key in uow.schedule.pending(begins):
        since, _, step = key.removeprefix(begins).rpartition(":")
        days = settings.fill_days if step == UNIT else settings.vacancy_convener_days
        found[key] = working_days_after(datetime.fromisoformat(since), days, calendar)
    return found


def _people_of(uow: UnitOfWork, post: Post, at: datetime) -> list[Holder]:
    """Who could be reminded of a vacant post: its unit. For a village's or a school's those who speak for a unit, if there are any: no
    other village could name somebody for it."""
    holders = [h for h in uow.people.roster(post.conference, at) if h.unit == post.unit and h.role is not Role.OPERATOR]
    return [h for h in holders if h.role in OF_A_UNIT or not {h.role, post.role} & APART]
