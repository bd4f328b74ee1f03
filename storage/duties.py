"""Times at which a duty is owed, and how often the office says that "regularly" is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select, union
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.duties import OWED, Chased, Occurrence, OccurrenceState

from .lives import LifeRepository
from .tables import among, intervals, occurrences

_UNSETTLED = {*OWED, OccurrenceState.REPORTED}
_put = {name: insert(occurrences).on_conflict_do_nothing() for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))}
_insert = {name: statement.returning(occurrences.c.id) for name, statement in _put.items()}
_chased = {
    name: select(
        occurrences.c.id, occurrences.c.unit, occurrences.c.duty, occurrences.c.cause, occurrences.c.due, occurrences.c.mark
    ).where(these, occurrences.c.chased.is_(True), occurrences.c.state.in_(OWED))
    for name, these in among(occurrences.c.id, "keys").items()
}
_say = {
    name: (made := insert(intervals)).on_conflict_do_update(
        index_elements=["conference", "duty"], set_={column: made.excluded[column] for column in ("months", "set_by", "set_at")}
    )
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))
}


def _new(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"state": OccurrenceState.OPEN, "mark": 0, **row} for row in rows]


class DutyRepository(LifeRepository[Occurrence]):
    """Fulfils conference.ports.Duties."""

    noun = "duty"
    table = occurrences
    entity = Occurrence

    def open(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Occurrence]:
        """Those of the rows that were not there yet: a duty, its owner and a cause make one occurrence for ever."""
        connection = self._act.connection
        made = connection.execute(_insert[connection.dialect.name], _new(rows)).scalars().all() if rows else []
        return self.many(made) if made else []

    def put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """The same, where nobody asks which were new: a report must not wait for more than it needs."""
        connection = self._act.connection
        connection.execute(_put[connection.dialect.name], _new(rows))

    def locked(self, key: int) -> Occurrence | None:
        """For this act alone: of two who answer at once in two processes one comes second, and sees what the first did.

        Where no day is known one word answers all of its duty and owner: they are locked together, in one order for all.
        """
        query = self._with_its_group(key).with_for_update().execution_options(populate_existing=True)
        return next((each for each in self._fresh(query) if each.id == key), None)

    def _with_its_group(self, key: int) -> Select[Any]:
        one, other = occurrences.alias("one").c, occurrences.alias("other").c
        same = and_(other.conference == one.conference, other.duty == one.duty, other.unit == one.unit)
        alone = select(one.id).where(one.id == key)
        group = select(other.id).where(one.id == key, one.due.is_(None), same, other.due.is_(None), other.state.in_(_UNSETTLED))
        return select(Occurrence).where(occurrences.c.id.in_(union(alone, group))).order_by(occurrences.c.id)

    def many(self, keys: Collection[int]) -> Sequence[Occurrence]:
        return self._fresh(select(Occurrence).where(occurrences.c.id.in_(keys)).order_by(occurrences.c.id))

    def chased(self, keys: Collection[int]) -> Sequence[Chased]:
        connection = self._act.connection
        return [Chased(*fields) for fields in connection.execute(_chased[connection.dialect.name], {"keys": list(keys)}).all()]

    def owed(self, conference: str, owners: Collection[str] | None = None) -> Sequence[Occurrence]:
        """What is to be reported; of these owners, or of all."""
        return self._fresh(self._in(conference, OWED, owners))

    def reported(self, conference: str) -> Sequence[Occurrence]:
        """What waits for the office's word."""
        return self._fresh(self._in(conference, {OccurrenceState.REPORTED}))

    def overdue(self, conference: str, today: date) -> Sequence[Occurrence]:
        query = self._in(conference, OWED).where(occurrences.c.chased.is_(True), occurrences.c.due < today)
        return self._fresh(query)

    def done(self, conference: str, owners: Collection[str], limit: int) -> Sequence[Occurrence]:
        """What ended last, the newest first."""
        over = {OccurrenceState.ACCEPTED, OccurrenceState.WAIVED, OccurrenceState.REPORTED}
        query = select(Occurrence).where(occurrences.c.conference == conference, occurrences.c.state.in_(over))
        return self._fresh(query.where(occurrences.c.unit.in_(owners)).order_by(occurrences.c.id.desc()).limit(limit))

    def count(self, conference: str, states: Collection[OccurrenceState]) -> int:
        query = select(func.count()).where(occurrences.c.conference == conference, occurrences.c.state.in_(states))
        return self._act.connection.execute(query).scalar_one()

    def of(self, conference: str, duties: Collection[str], *, cause: str | None = None, owner: str | None = None) -> Sequence[Occurrence]:
        """The open ones of these duties; of this cause, of this owner."""
        query = select(Occurrence).where(occurrences.c.conference == conference, occurrences.c.duty.in_(duties))
        query = query.where(occurrences.c.state.in_(_UNSETTLED))
        query = query if cause is None else query.where(occurrences.c.cause == cause)
        query = query if owner is None else query.where(occurrences.c.unit == owner)
        return self._fresh(query.order_by(occurrences.c.id))

    def because_of(self, conference: str, cause: str) -> Sequence[Occurrence]:
        """The open ones that this has opened, whatever the duty."""
        query = self._in(conference, _UNSETTLED).where(occurrences.c.cause == cause)
        return self._fresh(query)

    def _in(self, conference: str, states: Collection[OccurrenceState], owners: Collection[str] | None = None) -> Select[Any]:
        query = select(Occurrence).where(occurrences.c.conference == conference, occurrences.c.state.in_(states))
        query = query if owners is None else query.where(occurrences.c.unit.in_(owners))
        return query.order_by(occurrences.c.due.is_(None), occurrences.c.due, occurrences.c.id)

    def _fresh(self, query: Select[Any]) -> Sequence[Occurrence]:
        found: Sequence[Occurrence] = self._act.session.scalars(query).all()
        for each in found:
            if not hasattr(each, "turns"):
                each.turns = []
        return found

    # -- how often "regularly" is

    def intervals(self, conference: str) -> Mapping[str, int]:
        rows = self._act.connection.execute(select(intervals.c.duty, intervals.c.months).where(intervals.c.conference == conference))
        return {row.duty: row.months for row in rows}

    def say_interval(self, conference: str, duty: str, months: int, person_id: int | None, *, at: datetime) -> None:
        row = {"conference": conference, "duty": duty, "months": months, "set_by": person_id, "set_at": at}
        self._act.connection.execute(_say[self._act.connection.dialect.name], row)
