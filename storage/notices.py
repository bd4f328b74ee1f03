"""Decision notices and their copies, one a post. There may be very many: what concerns all of them is one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, cast, func, literal, null, or_, select, true, update

from conference.model.notices import Copy, Notice, NoticeState, Receipt, Whom
from conference.model.told import Told

from . import outbox
from .lives import LifeRepository
from .tables import accounts, copies, notices, places, posts, tenures
from .tables import outbox as messages

IN_ONE = 1_000  # rows that one statement names

_standing = case(
    (copies.c.signed_at.is_not(None), str(Receipt.SIGNED)),
    (copies.c.opened_at.is_not(None), str(Receipt.OPENED)),
    (copies.c.delivered_at.is_not(None), str(Receipt.DELIVERED)),
    (copies.c.lost_at.is_not(None), str(Receipt.LOST)),
    else_=str(Receipt.ON_ITS_WAY),
)  # as Copy.standing says it


def _chosen(whom: Whom) -> ColumnElement[bool]:
    chosen = posts.c.closed_at.is_(None) & (posts.c.conference == whom.conference) & posts.c.role.in_(whom.roles)
    if whom.posts is not None:
        chosen &= posts.c.id.in_(whom.posts)
    if whom.places is not None:
        beneath = select(places.c.code).where(places.c.parent.in_(whom.places)).cte("within", recursive=True)
        beneath = beneath.union(select(places.c.code).join(beneath, places.c.parent == beneath.c.code))
        chosen &= posts.c.place.in_(whom.places) | posts.c.place.in_(select(beneath.c.code))
    return chosen


def _runs(at: datetime) -> ColumnElement[bool]:
    return (tenures.c.begins_at <= at) & or_(tenures.c.ends_at.is_(None), tenures.c.ends_at > at)


def _held(at: datetime) -> ColumnElement[bool]:
    """Whether somebody who can be written to holds the post."""
    holder = select(tenures.c.id).join(accounts, accounts.c.person_id == tenures.c.person_id)
    return holder.where(tenures.c.post_id == posts.c.id, _runs(at)).correlate(posts).exists()


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

    # -- to everybody it is for

    def reached(self, whom: Whom, at: datetime) -> tuple[int, int]:
        holding = select(func.count(accounts.c.id.distinct())).select_from(
            posts.join(tenures, tenures.c.post_id == posts.c.id).join(accounts, accounts.c.person_id == tenures.c.person_id)
        )
        people = self._act.connection.execute(holding.where(_chosen(whom), _runs(at))).scalar_one()
        empty = select(func.count()).select_from(posts).where(_chosen(whom), ~_held(at))
        return people, self._act.connection.execute(empty).scalar_one()

    def address(self, key: int, whom: Whom, *, at: datetime) -> int:
        lost = case((_held(at), null()), else_=literal(at, copies.c.lost_at.type))
        rows = select(literal(key, copies.c.notice_id.type), posts.c.unit, posts.c.id, lost).where(_chosen(whom)).order_by(posts.c.id)
        self._act.connection.execute(copies.insert().from_select(["notice_id", "unit", "post_id", "lost_at"], rows))
        empty = select(func.count()).where(copies.c.notice_id == key, copies.c.lost_at.is_not(None))
        return self._act.connection.execute(empty).scalar_one()

    def push(self, key: int, record: Told, *, at: datetime) -> int:
        to = (
            select(accounts.c.id, cast(null(), messages.c.edits.type).label("edits"))
            .select_from(
                copies.join(tenures, tenures.c.post_id == copies.c.post_id).join(accounts, accounts.c.person_id == tenures.c.person_id)
            )
            .where(copies.c.notice_id == key, _runs(at))
            .distinct()
        )
        return self._act.tell_many(to, record, key=f"notice:{key}", only_while=f"notice.standing:{key}")

    def take_back(self, key: int, record: Told, opened: Sequence[int], *, at: datetime) -> None:
        outbox.withdraw_many(self._act.connection, self._act.sealer, f"notice:{key}", at)
        self._act.tell_many(outbox.arrived(self._act.sealer, f"notice:{key}"), record, key=f"notice:{key}:recalled")
        for first in range(0, len(opened), IN_ONE):
            shown = select(messages.c.account_id, messages.c.message_id).where(messages.c.id.in_(opened[first : first + IN_ONE])).distinct()
            self._act.tell_many(shown, record, key=f"notice:{key}:recalled")

    # -- copies

    def add_copy(self, copy: Copy) -> None:
        self._act.session.add(copy)
        self._act.session.flush()

    def copies_at(self, posts: Collection[int], keys: Collection[int] | None = None) -> Sequence[Copy]:
        return self._copies(copies.c.post_id.in_(posts), true() if keys is None else copies.c.notice_id.in_(keys))

    def copies_of_units(self, key: int, units: Collection[str]) -> Sequence[Copy]:
        return self._copies(copies.c.notice_id == key, copies.c.unit.in_(units))

    def _copies(self, *which: ColumnElement[bool]) -> Sequence[Copy]:
        query = select(Copy).where(*which).order_by(copies.c.id)
        return self._act.session.scalars(query.execution_options(populate_existing=True)).all()

    def signed_units(self, keys: Collection[int]) -> frozenset[tuple[int, str]]:
        query = select(copies.c.notice_id, copies.c.unit).where(copies.c.notice_id.in_(keys), copies.c.signed_at.is_not(None)).distinct()
        return frozenset((row.notice_id, row.unit) for row in self._act.connection.execute(query))

    def unsigned(self, key: int, *, after: int, most: int) -> Sequence[tuple[int, str]]:
        query = select(copies.c.post_id, copies.c.unit).where(copies.c.notice_id == key, copies.c.post_id > after)
        rows = self._act.connection.execute(query.where(copies.c.signed_at.is_(None)).order_by(copies.c.post_id).limit(most))
        return [(row.post_id, row.unit) for row in rows]

    def standings(self, key: int) -> Mapping[Receipt, int]:
        query = select(_standing, func.count()).where(copies.c.notice_id == key).group_by(_standing)
        return {Receipt(standing): count for standing, count in map(tuple[Any, ...], self._act.connection.execute(query))}

    def receipts(self, key: int, *, standing: Receipt | None = None, skip: int = 0, most: int) -> Sequence[tuple[Copy, str]]:
        page = select(copies.c.id).where(copies.c.notice_id == key)  # alone, so that no title is looked up that is not shown
        if standing is not None:
            page = page.where(_standing == str(standing))
        chosen = page.order_by(copies.c.post_id).offset(skip).limit(most).subquery()
        query = select(Copy, posts.c.title).join(chosen, chosen.c.id == copies.c.id).join(posts, posts.c.id == copies.c.post_id)
        found = self._act.session.execute(query.order_by(copies.c.post_id).execution_options(populate_existing=True))
        return [(copy, title) for copy, title in map(tuple[Any, ...], found)]

    def delivered(self, key: int, holding: Collection[int], at: datetime) -> None:
        held = select(tenures.c.post_id).join(accounts, accounts.c.person_id == tenures.c.person_id)
        mine = self._act.connection.execute(held.where(accounts.c.id.in_(holding), _runs(at))).scalars().all()
        # Named one by one: of a subquery PostgreSQL cannot tell how few they are, and reads all copies.
        which = (copies.c.notice_id == key, copies.c.post_id.in_(mine), copies.c.delivered_at.is_(None))
        self._act.connection.execute(update(copies).where(*which).values(delivered_at=at))

    def lost(self, notice_id: int, posts: Collection[int], at: datetime) -> Sequence[int]:
        """Those of these posts whose copy has not arrived: they cannot be reached. Returns the posts that were not known to be so."""
        which = (copies.c.notice_id == notice_id, copies.c.post_id.in_(posts), copies.c.lost_at.is_(None))
        statement = update(copies).where(*which, copies.c.delivered_at.is_(None)).values(lost_at=at).returning(copies.c.post_id)
        return self._act.connection.execute(statement).scalars().all()
