"""Decision notices and their copies, one a post."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from conference.model.notices import Copy, Notice, NoticeState

from .lives import LifeRepository
from .tables import copies, notices


class NoticeRepository(LifeRepository[Notice]):
    """Fulfils conference.ports.Notices."""

    noun = "notice"
    table = notices
    entity = Notice

    def locked(self, key: int) -> Notice | None:
        query = select(Notice).where(notices.c.id == key).with_for_update().execution_options(populate_existing=True)
        return next(iter(self._fresh(query)), None)

    def many(self, keys: Collection[int]) -> Sequence[Notice]:
        return self._fresh(select(Notice).where(notices.c.id.in_(keys)).order_by(notices.c.id))

    def recent(self, conference: str, most: int) -> Sequence[Notice]:
        query = select(Notice).where(notices.c.conference == conference)
        return self._fresh(query.order_by(notices.c.id.desc()).limit(most))

    def standing(self, conference: str) -> Sequence[Notice]:
        query = select(Notice).where(notices.c.conference == conference, notices.c.state == NoticeState.SENT)
        return self._fresh(query.order_by(notices.c.id))

    def corrections(self, keys: Collection[int]) -> Sequence[Notice]:
        query = select(Notice).where(notices.c.corrects.in_(keys), notices.c.state == NoticeState.SENT)
        return self._fresh(query.order_by(notices.c.id))

    def _fresh(self, query: Any) -> Sequence[Notice]:
        found: Sequence[Notice] = self._act.session.scalars(query).all()
        for notice in found:
            if not hasattr(notice, "turns"):
                notice.turns = []
        return found

    # -- copies

    def add_copies(self, fresh: Sequence[Copy]) -> None:
        self._act.session.add_all(fresh)
        self._act.session.flush()

    def copies(self, keys: Collection[int]) -> Sequence[Copy]:
        return self._copies(copies.c.notice_id.in_(keys))

    def copies_of_posts(self, posts: Collection[int]) -> Sequence[Copy]:
        return self._copies(copies.c.post_id.in_(posts))

    def _copies(self, which: Any) -> Sequence[Copy]:
        query = select(Copy).where(which).order_by(copies.c.id)
        return self._act.session.scalars(query.execution_options(populate_existing=True)).all()

    def delivered(self, notice_id: int, posts: Collection[int], at: datetime) -> None:
        which = (copies.c.notice_id == notice_id, copies.c.post_id.in_(posts), copies.c.delivered_at.is_(None))
        self._act.connection.execute(update(copies).where(*which).values(delivered_at=at))

    def lost(self, notice_id: int, posts: Collection[int], at: datetime) -> Sequence[int]:
        """Those of these posts whose copy has not arrived: they cannot be reached. Returns the posts that were not known to be so."""
        which = (copies.c.notice_id == notice_id, copies.c.post_id.in_(posts), copies.c.lost_at.is_(None))
        statement = update(copies).where(*which, copies.c.delivered_at.is_(None)).values(lost_at=at).returning(copies.c.post_id)
        return self._act.connection.execute(statement).scalars().all()
