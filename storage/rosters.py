"""The posts of a conference with those who hold them, in three statements however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from conference.model.people import Reach
from conference.model.rosters import PostHolder, RosterLine

from .act import Act
from .sealed import Purpose
from .tables import accounts, persons, posts, tenures

_NAME = "persons.name_sealed"


class RosterRepository:
    """Fulfils conference.ports.Rosters."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def lines(self, conference: str, at: datetime, unit: str | None = None) -> Sequence[RosterLine]:
        wanted = [posts.c.conference == conference, posts.c.closed_at.is_(None)]
        if unit is not None:
            wanted.append(posts.c.unit == unit)
        open_ones = func.count(accounts.c.id).filter(accounts.c.reach == Reach.OPEN).label("open_ones")
        holding = (
            select(tenures.c.post_id, tenures.c.person_id, tenures.c.begins_at, open_ones)
            .select_from(
                tenures.join(posts, posts.c.id == tenures.c.post_id).outerjoin(accounts, accounts.c.person_id == tenures.c.person_id)
            )
            .where(*wanted, tenures.c.begins_at <= at, or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at))
            .group_by(tenures.c.id, tenures.c.post_id, tenures.c.person_id, tenures.c.begins_at)
            .order_by(tenures.c.id)
        )
        held: defaultdict[int, list[PostHolder]] = defaultdict(list)
        for row in self._act.connection.execute(holding):
            held[row.post_id].append(PostHolder(row.person_id, row.begins_at, row.open_ones > 0))
        found = self._act.connection.execute(select(posts).where(*wanted).order_by(posts.c.unit, posts.c.rank, posts.c.id))
        return [
            RosterLine(row.id, row.unit, row.role, row.title, row.place, row.rank, row.vacant_since, tuple(held.get(row.id, ())))
            for row in found
        ]

    def names(self, person_ids: Collection[int]) -> Mapping[int, str]:
        """Of those whose name is known."""
        query = select(persons.c.id, persons.c.name_sealed).where(persons.c.id.in_(person_ids), persons.c.name_sealed.is_not(None))
        open_one = self._act.sealer.open
        return {row.id: open_one(Purpose.IDENTITY, _NAME, row.id, row.name_sealed).decode() for row in self._act.connection.execute(query)}
