"""Bringing a conference in, and bringing it up to a changed profile."""

from __future__ import annotations

from datetime import datetime

from conference.model.conferences import Head
from conference.ports import UnitOfWork
from conference.profiles import Profile

from .roster_checks import schedule_roster_check


def load_profile(uow: UnitOfWork, profile: Profile, source: str, *, at: datetime) -> bool:
    """Keep the profile as the conference's newest version. False if it is there already."""
    head = Head(profile.slug, profile.level, None, profile.name_zh, profile.name_en)
    changed = uow.profiles.put(head, source, at=at)
    if changed:
        uow.note(None, "profile.loaded", f"conference:{profile.slug}")
        schedule_roster_check(uow, profile, at=at)
    return changed
