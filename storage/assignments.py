"""Assigned items: what a unit carries, what a conference has open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, exists, or_, select

from conference.model.assignments import OPEN, Assignment

from .lives import LifeRepository
from .sealed import Purpose
from .tables import assignments, helpers


class AssignmentRepository(LifeRepository[Assignment]):
    """Fulfils conference.ports.Assignments."""

    noun = "assignment"
    table = assignments
    entity = Assignment

    def locked(self, key: int) -> Assignment | None:
        """As it is now, for whoever is about to move it: of two who do so in two processes, one comes second."""
        return next(iter(self._fresh(select(Assignment).where(assignments.c.id == key).with_for_update())), None)

    def many(self, keys: Collection[int]) -> Sequence[Assignment]:
        return self._fresh(select(Assignment).where(assignments.c.id.in_(keys)))

    def numbered(self, conference: str, number: str) -> Assignment | None:
        query = select(Assignment).where(assignments.c.conference == conference, assignments.c.number == number)
        return next(iter(self._fresh(query)), None)

    def open_in(self, conference: str) -> Sequence[Assignment]:
        return self._fresh(_open(conference))

    def open_of(self, conference: str, units: Collection[str]) -> Sequence[Assignment]:
        helped = exists().where(helpers.c.assignment_id == assignments.c.id, helpers.c.unit.in_(units))
        return self._fresh(_open(conference).where(or_(assignments.c.lead.in_(units), helped)))

    def words_of(self, keys: Collection[int]) -> Mapping[int, dict[str, Any]]:
        """The words of many at once."""
        rows = self._act.connection.execute(select(assignments.c.id, assignments.c.words_sealed).where(assignments.c.id.in_(keys)))
        name = "assignments.words_sealed"
        return {row.id: self._act.sealer.open_json(Purpose.NARRATIVE, name, row.id, row.words_sealed) for row in rows if row.words_sealed}

    def _fresh(self, query: Select[Any]) -> Sequence[Assignment]:
        self._act.session.flush()
        found: Sequence[Assignment] = self._act.session.scalars(query.execution_options(populate_existing=True)).all()
        for assignment in found:
            if not hasattr(assignment, "turns"):
                assignment.turns = []
        return found


def _open(conference: str) -> Select[Any]:
    query = select(Assignment).where(assignments.c.conference == conference, assignments.c.state.in_(OPEN))
    return query.order_by(assignments.c.due, assignments.c.id)
