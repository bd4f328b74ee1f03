"""Conferences and the dated versions of their profiles."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, select, update

from conference.model.conferences import Head

from .act import Act
from .tables import conferences, profile_versions


class ProfileRepository:
    """Fulfils conference.ports.Profiles."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def put(self, head: Head, source: str, *, at: datetime) -> bool:
        """Keep this text as the newest version. False if the newest says the same already."""
        connection, raw = self._act.connection, source.encode()
        digest = hashlib.sha256(raw).digest()
        newest = select(profile_versions.c.version, profile_versions.c.digest).where(profile_versions.c.conference == head.slug)
        last = connection.execute(newest.order_by(profile_versions.c.version.desc()).limit(1)).first()
        version = last.version + 1 if last else 1
        values = {
            "level": head.level,
            "parent": head.parent,
            "name_zh": head.name_zh,
            "name_en": head.name_en,
            "region_code": head.region_code,
            "lacks": sorted(head.lacks),
        }
        if last is not None and bytes(last.digest) == digest:
            connection.execute(update(conferences).where(conferences.c.slug == head.slug).values(**values))
            return False
        if last is None:
            connection.execute(conferences.insert().values(slug=head.slug, version=version, created_at=at, **values))
        else:
            connection.execute(update(conferences).where(conferences.c.slug == head.slug).values(version=version, **values))
        connection.execute(profile_versions.insert().values(conference=head.slug, version=version, digest=digest, source=raw, loaded_at=at))
        return True

    def count(self) -> int:
        return self._act.connection.execute(select(func.count()).select_from(conferences)).scalar_one()
