"""What every noun with a life has here: the entity, its sealed words, its turns and its papers. One class for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from conference.model.history import By, Turn

from .act import Act
from .sealed import Purpose
from .tables import counters, papers, turns

E = TypeVar("E")

_count_up = {
    name: insert(counters).on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1}).returning(counters.c.value)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", pg_insert))
}
_put_turn_words = update(turns).where(turns.c.id == bindparam("row")).values(words_sealed=bindparam("sealed"))


class LifeRepository(Generic[E]):
    """`noun` names it in turns, papers and audit; `table` has an id and `words_sealed`; `entity` is mapped to the rest of it."""

    noun: ClassVar[str]
    table: ClassVar[Table]
    entity: ClassVar[type[Any]]

    def __init__(self, act: Act) -> None:
        self._act = act

    def next_number(self, conference: str, year: int) -> str:
        """Year and running number, one series a conference, noun and year: 2026-7."""
        connection = self._act.connection
        name = {"name": f"{self.noun}:{conference}:{year}", "value": 1}
        return f"{year}-{connection.execute(_count_up[connection.dialect.name], name).scalar_one()}"

    def add(self, entity: E, words: Mapping[str, Any]) -> int:
        """Keep it with what was written; returns its id."""
        session = self._act.session
        session.add(entity)
        session.flush()
        found: int = entity.id  # type: ignore[attr-defined]  # every noun with a life has one
        self.put_words(found, words)
        self.save(entity)
        return found

    def get(self, key: int) -> E | None:
        found: E | None = self._act.session.get(self.entity, key)
        if found is not None and not hasattr(found, "turns"):
            found.turns = []  # type: ignore[attr-defined]  # those that are new; the old ones are history
        return found

    def save(self, entity: Any) -> None:
        """Write the turns it has taken since it was read."""
        new, entity.turns = entity.turns, []
        for turn in new:
            row = self._act.connection.execute(
                turns.insert().returning(turns.c.id),
                {
                    "noun": self.noun,
                    "noun_id": entity.id,
                    "before": turn.before,
                    "after": turn.after,
                    "at": turn.at,
                    "person_id": turn.by.person_id,
                    "post_id": turn.by.post_id,
                    "unit": turn.by.unit,
                },
            ).scalar_one()
            if turn.words:
                sealed = self._act.sealer.seal_json(Purpose.NARRATIVE, "turns.words_sealed", row, turn.words)
                self._act.connection.execute(_put_turn_words, {"row": row, "sealed": sealed})

    def history(self, key: int) -> Sequence[Turn]:
        rows = self._act.connection.execute(select(turns).where(turns.c.noun == self.noun, turns.c.noun_id == key).order_by(turns.c.id))
        return [Turn(row.before, row.after, row.at, By(row.person_id, row.post_id, row.unit), self._opened(row)) for row in rows]

    def _opened(self, row: Any) -> dict[str, Any]:
        if row.words_sealed is None:
            return {}
        found: dict[str, Any] = self._act.sealer.open_json(Purpose.NARRATIVE, "turns.words_sealed", row.id, row.words_sealed)
        return found

    def put_words(self, key: int, words: Mapping[str, Any]) -> None:
        sealed = self._act.sealer.seal_json(Purpose.NARRATIVE, f"{self.table.name}.words_sealed", key, dict(words))
        self._act.connection.execute(update(self.table).where(self.table.c.id == key).values(words_sealed=sealed))

    def words(self, key: int) -> dict[str, Any]:
        sealed = self._act.connection.execute(select(self.table.c.words_sealed).where(self.table.c.id == key)).scalar()
        if sealed is None:
            return {}
        found: dict[str, Any] = self._act.sealer.open_json(Purpose.NARRATIVE, f"{self.table.name}.words_sealed", key, sealed)
        return found

    def add_paper(self, key: int, file: Mapping[str, Any], person_id: int | None, *, at: datetime) -> None:
        """A file that belongs to it: the channel's facts (kind, file_id, unique_id, size, name), sealed."""
        columns = {"noun": self.noun, "noun_id": key, "added_by": person_id, "added_at": at}
        row = self._act.connection.execute(papers.insert().returning(papers.c.id), columns).scalar_one()
        sealed = self._act.sealer.seal_json(Purpose.NARRATIVE, "papers.facts_sealed", row, dict(file))
        self._act.connection.execute(update(papers).where(papers.c.id == row).values(facts_sealed=sealed))

    def papers(self, key: int) -> list[dict[str, Any]]:
        rows = self._act.connection.execute(
            select(papers.c.id, papers.c.facts_sealed).where(papers.c.noun == self.noun, papers.c.noun_id == key).order_by(papers.c.id)
        ).all()
        return [self._act.sealer.open_json(Purpose.NARRATIVE, "papers.facts_sealed", row.id, row.facts_sealed) for row in rows]

    def count_papers(self, key: int) -> int:
        query = select(func.count()).where(papers.c.noun == self.noun, papers.c.noun_id == key)
        return self._act.connection.execute(query).scalar_one()
