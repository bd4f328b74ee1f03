"""The duty rota. Core statements: who is on duty is asked at every filing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from conference.model.people import Shift

from .act import Act
from .tables import posts, shifts

_COLUMNS = ("id", "post_id", "person_id", "begins_at", "ends_at", "set_by")
_all = select(*(shifts.c[name] for name in _COLUMNS))
_running = (
    _all.join(posts, posts.c.id == shifts.c.post_id)
    .where(posts.c.conference == bindparam("conference"), shifts.c.begins_at <= bindparam("now"), shifts.c.ends_at > bindparam("now"))
    .order_by(shifts.c.id)
)


class ShiftRepository:
    """Fulfils conference.ports.Shifts. `changed`: what the transaction knows of running shifts is stale."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self.changed = False

    def add(self, shift: Shift) -> None:
        self.changed = True
        values = {name: getattr(shift, name) for name in _COLUMNS if name != "id"}
        shift.id = self._act.connection.execute(shifts.insert().returning(shifts.c.id), values).scalar_one()

    def get(self, shift_id: int) -> Shift | None:
        row = self._act.connection.execute(_all.where(shifts.c.id == shift_id).with_for_update()).first()
        return None if row is None else Shift(**row._mapping)

    def change(self, shift: Shift) -> None:
        self.changed = True
        values = {name: getattr(shift, name) for name in _COLUMNS if name != "id"}
        self._act.connection.execute(update(shifts).where(shifts.c.id == shift.id).values(**values))

    def running(self, conference: str, at: datetime) -> Sequence[Shift]:
        known = self._act.running_shifts
        if not self.changed and conference in known:
            return known[conference]
        rows = self._act.connection.execute(_running, {"conference": conference, "now": at}).all()
        found = [Shift(**row._mapping) for row in rows]
        if not self.changed:  # what this act changed is nobody else's business before it has succeeded
            known[conference] = found
        return found

    def between(self, post_ids: Sequence[int], begins: datetime, ends: datetime) -> Sequence[Shift]:
        query = _all.where(
            shifts.c.post_id.in_(post_ids), shifts.c.begins_at < ends, shifts.c.ends_at > begins, shifts.c.ends_at > shifts.c.begins_at
        )
        rows = self._act.connection.execute(query.order_by(shifts.c.begins_at, shifts.c.id)).all()
        return [Shift(**row._mapping) for row in rows]
