"""Conferences, the dated versions of their profiles, their units and what these were called when."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from conference.model.conferences import Head, KnownUnit
from conference.model.profile import Body, Unit

from .act import Act
from .tables import conferences, profile_versions, unit_names, units


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

    def newest(self, conference: str) -> str | None:
        query = select(profile_versions.c.source).where(profile_versions.c.conference == conference)
        source = self._act.connection.execute(query.order_by(profile_versions.c.version.desc()).limit(1)).scalar()
        return None if source is None else bytes(source).decode()

    def versions(self, conference: str) -> Sequence[datetime]:
        query = select(profile_versions.c.loaded_at).where(profile_versions.c.conference == conference)
        return self._act.connection.execute(query.order_by(profile_versions.c.version)).scalars().all()

    def units(self, conference: str) -> Sequence[KnownUnit]:
        """With the newest name of each: one that ended bears its last."""
        newest = select(func.max(unit_names.c.id)).where(unit_names.c.unit_id == units.c.id).correlate(units).scalar_subquery()
        query = (
            select(units.c.slug, unit_names.c.name_zh, unit_names.c.name_en, units.c.ends_at)
            .join(unit_names, unit_names.c.id == newest)
            .where(units.c.conference == conference)
            .order_by(units.c.id)
        )
        rows = self._act.connection.execute(query).all()
        return [KnownUnit(row.slug, row.name_zh, row.name_en, row.ends_at is not None) for row in rows]

    def add_units(self, conference: str, fresh: Sequence[Unit | Body], *, at: datetime) -> None:
        connection = self._act.connection
        known = self._ids(conference)
        back = [known[unit.slug] for unit in fresh if unit.slug in known]
        if back:
            connection.execute(update(units).where(units.c.id.in_(back)).values(ends_at=None, merged_into=None))
        new = [{"conference": conference, "slug": unit.slug, "begins_at": at} for unit in fresh if unit.slug not in known]
        if new:
            connection.execute(units.insert(), new)
        if fresh:
            known = self._ids(conference)
            connection.execute(unit_names.insert(), [self._name(known[unit.slug], unit, at) for unit in fresh])

    def rename_unit(self, conference: str, unit: Unit | Body, *, at: datetime) -> None:
        number = self._ids(conference)[unit.slug]
        self._end_name(number, at)
        self._act.connection.execute(unit_names.insert(), [self._name(number, unit, at)])

    def end_unit(self, conference: str, slug: str, *, merged_into: str | None, at: datetime) -> None:
        number = self._ids(conference)[slug]
        self._end_name(number, at)
        self._act.connection.execute(update(units).where(units.c.id == number).values(ends_at=at, merged_into=merged_into))

    def _ids(self, conference: str) -> dict[str, int]:
        rows = self._act.connection.execute(select(units.c.slug, units.c.id).where(units.c.conference == conference))
        return {row.slug: row.id for row in rows}

    def _end_name(self, number: int, at: datetime) -> None:
        running = update(unit_names).where(unit_names.c.unit_id == number, unit_names.c.ends_at.is_(None))
        self._act.connection.execute(running.values(ends_at=at))

    @staticmethod
    def _name(number: int, unit: Unit | Body, at: datetime) -> dict[str, Any]:
        return {"unit_id": number, "name_zh": unit.name_zh, "name_en": unit.name_en, "begins_at": at}
