"""The quarterly roster check, and the posts that nobody seems to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from conference.model.people import Post, Reach, Role
from conference.model.roster_checks import QUIET, RosterCheck, Unread

from .act import Act
from .tables import accounts, audit, posts, roster_checks, tenures


class RosterCheckRepository:
    """Fulfils conference.ports.RosterChecks."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def add(self, check: RosterCheck) -> None:
        self._act.session.add(check)
        self._act.session.flush()

    def get(self, check_id: int) -> RosterCheck | None:
        return self._act.session.get(RosterCheck, check_id)

    def of_quarter(self, conference: str, quarter: str) -> Sequence[RosterCheck]:
        query = select(RosterCheck).where(roster_checks.c.conference == conference, roster_checks.c.quarter == quarter)
        return self._act.session.scalars(query.order_by(roster_checks.c.id)).all()

    def unanswered(self, conference: str, unit: str, since: datetime) -> Sequence[RosterCheck]:
        query = select(RosterCheck).where(
            roster_checks.c.conference == conference,
            roster_checks.c.unit == unit,
            roster_checks.c.answer.is_(None),
            roster_checks.c.asked_at > since,
        )
        return self._act.session.scalars(query.order_by(roster_checks.c.id)).all()

    def unread(self, conference: str, at: datetime) -> Sequence[tuple[Post, Unread]]:
        last_act = select(func.max(audit.c.at)).where(audit.c.person_id == tenures.c.person_id, audit.c.at > at - QUIET).scalar_subquery()
        rows = self._act.connection.execute(
            select(posts.c.id, tenures.c.begins_at, accounts.c.reach, last_act)
            .select_from(posts)
            .outerjoin(
                tenures,
                (tenures.c.post_id == posts.c.id) & (tenures.c.begins_at <= at) & or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at),
            )
            .outerjoin(accounts, accounts.c.person_id == tenures.c.person_id)
            .where(posts.c.conference == conference, posts.c.closed_at.is_(None), posts.c.role.not_in((Role.OPERATOR, Role.GUEST)))
            .order_by(posts.c.unit, posts.c.rank, posts.c.id)
        ).all()
        seen: dict[int, set[Unread | None]] = defaultdict(set)
        for post_id, begins_at, reach, acted_at in rows:
            if begins_at is None:
                seen[post_id].add(Unread.VACANT)
            elif reach != Reach.OPEN:
                seen[post_id].add(Unread.UNREACHABLE)
            else:
                seen[post_id].add(None if acted_at is not None or begins_at > at - QUIET else Unread.QUIET)
        found: list[tuple[Post, Unread]] = []
        for post_id, ways in seen.items():
            post = self._act.session.get(Post, post_id)
            if None in ways or post is None:
                continue
            found.append((post, next(why for why in (Unread.VACANT, Unread.QUIET, Unread.UNREACHABLE) if why in ways)))
        return found
