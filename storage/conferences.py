"""The conferences of this installation: a head of each in memory, and the profiles of those in use.

What is asked at every update (name, level, what the document lacks) is in the head and costs no query. A profile is read from
its newest version when somebody needs it, and kept while it is among the most used.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import tzinfo

from sqlalchemy import Connection, Engine, func, select

from conference import profiles
from conference.model.calendar import Hours, WorkCalendar
from conference.model.conferences import Head, KnownUnit
from conference.model.errors import Misconfigured
from conference.profiles import Profile

from . import calendar
from .tables import conferences, facts, profile_versions, unit_names, units

KEPT = 64  # profiles in memory, about a quarter of a megabyte each

_KNOWN = select(
    func.max(profile_versions.c.id).label("newest"),
    select(facts.c.value).where(facts.c.name == calendar.MARK).scalar_subquery().label("calendar"),
)


class Conferences:
    """Fulfils conference.ports.Conferences. `served`: those this desk stands for, the first of them unless somebody chose."""

    def __init__(self, reader: Engine, served: Sequence[str], zone: tzinfo) -> None:
        self._reader = reader
        self.served = tuple(served)
        self._lock = threading.Lock()
        self._heads: Mapping[str, Head] = {}
        self._newest = 0
        self._zone = zone
        self.calendar = WorkCalendar()
        self._calendar_mark: bytes | None = None
        self._profiles: OrderedDict[tuple[str, int], Profile] = OrderedDict()
        self._known_units: dict[tuple[str, str], KnownUnit] = {}

    @property
    def first(self) -> str:
        return self.served[0]

    def refresh(self, connection: Connection) -> bool:
        """Read the heads anew if a version was loaded since; True if so. And the calendar, if it has changed."""
        known = connection.execute(_KNOWN).one()
        if known.calendar != self._calendar_mark:
            self.calendar, self._calendar_mark = calendar.read(connection), known.calendar
        newest = known.newest or 0
        if newest == self._newest:
            return False
        rows = connection.execute(select(conferences)).all()
        heads = {
            row.slug: Head(row.slug, row.level, row.parent, row.name_zh, row.name_en, row.region_code, frozenset(row.lacks), row.version)
            for row in rows
        }
        with self._lock:
            self._heads, self._newest = heads, newest
        return True

    def hours(self, slug: str) -> Hours:
        """When the people of a conference are written to about what is not urgent."""
        settings = self.profile(slug).settings
        return Hours.said(self._zone, settings.digest_at, settings.quiet_hours)

    def slugs(self) -> Sequence[str]:
        return sorted(self._heads)

    def head(self, slug: str) -> Head:
        """Raises Misconfigured for a conference that is not loaded."""
        found = self._heads.get(slug)
        if found is None:
            raise Misconfigured(f"the conference {slug!r} is not in the database; `lianxi profile load {slug}` brings it in")
        return found

    def profile(self, slug: str) -> Profile:
        """The profile in its newest version. Raises Misconfigured for a conference that is not loaded."""
        key = (slug, self.head(slug).version)
        with self._lock:
            if (known := self._profiles.get(key)) is not None:
                self._profiles.move_to_end(key)
                return known
        query = select(profile_versions.c.source).where(profile_versions.c.conference == slug, profile_versions.c.version == key[1])
        with self._reader.connect() as connection:
            source = connection.execute(query).scalar_one()
        found = profiles.parse(bytes(source).decode(), f"{slug}.toml")
        with self._lock:
            self._profiles[key] = found
            while len(self._profiles) > KEPT:
                self._profiles.popitem(last=False)
        return found

    def known_unit(self, conference: str, slug: str) -> KnownUnit | None:
        """Read once: the office gives such a unit one name, for good; one that has ended keeps its last."""
        if (conference, slug) in self._known_units:
            return self._known_units[conference, slug]
        query = select(unit_names.c.name_zh, unit_names.c.name_en).join(units, units.c.id == unit_names.c.unit_id)
        with self._reader.connect() as connection:
            row = connection.execute(
                query.where(units.c.conference == conference, units.c.slug == slug).order_by(unit_names.c.id.desc())
            ).first()
        if row is None:
            return None
        return self._known_units.setdefault((conference, slug), KnownUnit(slug, row.name_zh, row.name_en))
