"""Bringing a conference in, and bringing it up to a changed profile.

A changed profile is a dated new version. Units keep their slug and their history through new names; one that vanished ends, or
goes up in another. Posts stay, whatever they are called now; running clocks and tenures are not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conference import profiles
from conference.model.conferences import Head
from conference.model.days import local_day
from conference.model.errors import Misconfigured
from conference.model.outsiders import OUTSIDERS, has_joined
from conference.model.people import Post
from conference.model.profile import Body, Level, Unit
from conference.model.profile_changes import Change, diff, heir_of
from conference.model.seating import PostChange, PostMove, posts_of, seating
from conference.ports import UnitOfWork
from conference.profiles import Profile

from .mechanisms import schedule_mechanism
from .roster_checks import schedule_roster_check
from .vacancies import watch_new_posts


@dataclass(frozen=True, slots=True)
class Plan:
    """What loading a profile will do. `version`: the number it gets, or has already if `same`. `parent`: the conference above it, "" for
    none; `moved`: another one than until now. `known`: it is loaded already. `left`: unit and title of the posts that stay open with a
    body that the document names no more."""

    version: int
    same: bool
    changes: Sequence[Change]
    posts: Sequence[PostChange]
    parent: str
    moved: bool
    known: bool
    left: Sequence[tuple[str, str]] = ()


def plan_profile(uow: UnitOfWork, profile: Profile, source: str, *, parent: str | None = None) -> Plan:
    """Look before: nothing is written. Raises Misconfigured for a `parent` that cannot be one."""
    above = parent_of(uow, profile, parent)
    known = profile.slug in uow.conferences.slugs()
    moved = known and (uow.conferences.head(profile.slug).parent or "") != above
    version = len(uow.profiles.versions(profile.slug))
    newest = uow.profiles.newest(profile.slug)
    if newest == source:
        return Plan(version, True, (), (), above, moved, known)
    old = _as_read_now(newest, profile.slug) if newest is not None else None
    before = posts_of(old) if old else ()
    there = uow.people.posts_in(profile.slug)
    posts = seating(there, before, posts_of(profile))
    closed = {change.post for change in posts if change.move is PostMove.CLOSED}
    strays = [post for post in there if post.closed_at is None and post.id not in closed and profile.called(post.unit) is None]
    left = [(post.unit, post.title) for post in strays if post.unit != OUTSIDERS and not has_joined(post.unit)]
    return Plan(version + 1, False, diff(old, profile), posts, above, moved, known, left)


def parent_of(uow: UnitOfWork, profile: Profile, said: str | None = None) -> str:
    """The conference above this one: as `said` by whoever loads it, else by the document. One that only the document names need not be
    kept here. Raises Misconfigured for one that cannot be above it."""
    above = said if said is not None else profile.parent
    if not above:
        return ""
    if above == profile.slug:
        raise Misconfigured(f"parent {above}: no conference is above itself")
    there = uow.conferences.slugs()
    if above not in there:
        if said is not None:
            raise Misconfigured(f"parent {above}: no such conference is loaded; there are: {', '.join(there) or 'none'}")
        return above
    level = Level(uow.conferences.head(above).level)
    if not level.above(profile.level):
        raise Misconfigured(f"parent {above}: a conference of level {level} cannot be above one of level {profile.level}")
    return above


def _as_read_now(source: str, slug: str) -> Profile | None:
    """The version until now; None if this program cannot read it any more, so that a better one can still be loaded."""
    try:
        return profiles.parse(source, f"{slug}.toml")
    except Misconfigured:
        return None


def load_profile(uow: UnitOfWork, profile: Profile, source: str, *, parent: str | None = None, at: datetime) -> bool:
    """Keep the profile as the conference's newest version, with its units and posts. False if it is there already.

    `parent` is said by whoever loads it, or by the profile.
    """
    plan = plan_profile(uow, profile, source, parent=parent)
    region = profile.region_code or None
    head = Head(profile.slug, profile.level, plan.parent or None, profile.name_zh, profile.name_en, region, profile.lacks)
    if not uow.profiles.put(head, source, at=at):
        return False
    _keep_units(uow, profile, at=at)
    _keep_posts(uow, profile, plan.posts, at=at)
    uow.note(None, "profile.loaded", f"conference:{profile.slug}", version=plan.version)
    schedule_roster_check(uow, profile, at=at)
    schedule_mechanism(uow, profile, at=at)
    today = local_day(at).isoformat()
    uow.schedule.add(f"duty_windows:{profile.slug}:{at.isoformat()}", "duty_windows", profile.slug, at, {"since": today})
    if profile.rules.plenary_cadence is not None:
        uow.schedule.add(f"plenary_watch:{profile.slug}:{at.isoformat()}", "plenary_watch", profile.slug, at)
    return True


def _keep_units(uow: UnitOfWork, profile: Profile, *, at: datetime) -> None:
    """Units, and the other bodies that the text names: a post bears the name of either. Those that joined without being in the document
    stay as they are."""
    named: dict[str, Unit | Body] = {**profile.units, **profile.actors}
    known = {unit.slug: unit for unit in uow.profiles.units(profile.slug) if not has_joined(unit.slug)}
    running = {slug for slug, unit in known.items() if not unit.ended}
    uow.profiles.add_units(profile.slug, [unit for slug, unit in named.items() if slug not in running], at=at)
    for slug in running:
        unit = named.get(slug)
        if unit is None:
            heir = heir_of(slug, profile)
            uow.profiles.end_unit(profile.slug, slug, merged_into=heir.slug if heir else None, at=at)
        elif (unit.name_zh, unit.name_en) != (known[slug].name_zh, known[slug].name_en):
            uow.profiles.rename_unit(profile.slug, unit, at=at)


def _keep_posts(uow: UnitOfWork, profile: Profile, changes: Sequence[PostChange], *, at: datetime) -> None:
    opened = [change for change in changes if change.move is PostMove.OPENED]
    if opened:
        uow.people.add_posts(
            [
                Post(conference=profile.slug, unit=change.unit, role=change.role, title=change.title, rank=change.rank, vacant_since=at)
                for change in opened
            ]
        )
        watch_new_posts(uow, profile, at=at)
    for change in changes:
        post = uow.people.get_post(change.post) if change.post is not None else None
        if post is None:
            continue
        if change.move is PostMove.RETITLED:
            uow.people.retitle(post, change.title)
        else:
            uow.people.close(post, at=at)
        uow.note(None, f"post.{change.move}", f"post:{change.post}")
