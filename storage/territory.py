"""The territory: places, those that ended included.

Reading opens no savepoint, for a place is asked for in every report; what was read is kept for the rest of the transaction,
so that a commit with many reports in it asks once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BindParameter, Connection, and_, bindparam, case, func, or_, select, update
from sqlalchemy.sql import Select

from conference.model.territory import LEVELS, Level, Page, Place, are_initials, page

from .act import Act
from .tables import places

CHUNK = 500  # codes in one statement

_around = places.alias("around")
_beneath = places.alias("beneath")


def _places(source: Any = places) -> Select[Any]:
    """Places with the name of what is around them and the level of what is beneath."""
    within = select(_around.c.name).where(_around.c.code == source.c.parent).scalar_subquery()
    finer = select(_beneath.c.level).where(_beneath.c.parent == source.c.code, _beneath.c.ends_at.is_(None)).limit(1).scalar_subquery()
    return select(source, within.label("within"), finer.label("finer"))


def _place(row: Any) -> Place:
    level = Level(row.level)
    return Place(row.code, row.name, level, row.parent, row.initials, row.ends_at is not None, row.within or "", row.finer or "")


def _below(*, narrowest: bool) -> CTE:
    """Every place beneath `under` that has not ended; `narrowest`: down to the villages, else to the townships."""
    stands = places.c.ends_at.is_(None) if narrowest else and_(places.c.ends_at.is_(None), places.c.level != Level.VILLAGE)
    below = select(places).where(places.c.parent == bindparam("under"), stands).cte("below", recursive=True)
    return below.union_all(select(places).join(below, places.c.parent == below.c.code).where(stands))


def _search(*, narrowest: bool, initials: bool) -> Select[Any]:
    below = _below(narrowest=narrowest)
    words: BindParameter[str] = bindparam("words")
    if initials:
        fits, first = below.c.initials.startswith(words), below.c.initials == words
    else:
        # replace() says "contains" alike on both databases, and takes no character of a name or of the words for a wildcard.
        fits = or_(func.replace(words, below.c.name, "") != words, func.replace(below.c.name, words, "") != below.c.name)
        first = below.c.name == words
    depth = case({str(level): level.depth for level in LEVELS}, value=below.c.level)
    return _places(below).where(fits).order_by(first.desc(), depth, below.c.code).limit(bindparam("most"))


def _path() -> Select[Any]:
    start = select(places).where(places.c.code == bindparam("code")).cte("path", recursive=True)
    path = start.union(select(places).join(start, start.c.parent == places.c.code))
    return _places(path)


_children = _places().where(places.c.parent == bindparam("parent"), places.c.ends_at.is_(None)).order_by(places.c.code)
_known = _places().where(places.c.code.in_(bindparam("codes", expanding=True)))
_searches = {
    (narrowest, initials): _search(narrowest=narrowest, initials=initials) for narrowest in (True, False) for initials in (True, False)
}
_paths = _path()
_codes_below = select(places.c.code).where(places.c.parent.in_(bindparam("codes", expanding=True)), places.c.ends_at.is_(None))
_put: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in ("name", "level", "parent", "initials")}


class PlaceRepository:
    """Fulfils conference.ports.Places. `kept`: what this transaction has read so far."""

    def __init__(self, act: Act, reading: Connection, kept: dict[Any, Any]) -> None:
        self._act = act
        self._reading = reading
        self._kept = kept

    # -- reading

    def get(self, code: str) -> Place | None:
        return self.known([code]).get(code)

    def known(self, codes: Collection[str]) -> Mapping[str, Place]:
        """The places of these codes, ended ones too; one that never was is left out."""
        missing = [code for code in dict.fromkeys(codes) if code not in self._kept]
        for some in _chunks(missing):
            found = {row.code: _place(row) for row in self._reading.execute(_known, {"codes": some})}
            self._kept.update({code: found.get(code) for code in some})
        return {code: place for code in codes if (place := self._kept[code]) is not None}

    def children(self, parent: str, number: int, size: int) -> Page:
        """A page of the places right beneath, in the order of their codes; ended ones are not among them."""
        key = ("children", parent)
        if key not in self._kept:
            self._kept[key] = tuple(_place(row) for row in self._reading.execute(_children, {"parent": parent}))
            self._kept.update({place.code: place for place in self._kept[key]})
        return page(self._kept[key], number, size)

    def search(self, under: str, words: str, most: int, *, narrowest: bool = True) -> Sequence[Place]:
        """Places beneath that folded words name, or of whose name (or initials) they are a part; wide ones first.

        `narrowest`: down to the villages, else to the townships.
        """
        key = ("search", under, words, most, narrowest)
        if key not in self._kept:
            query = _searches[narrowest, are_initials(words)]
            said = words.lower() if are_initials(words) else words
            rows = self._reading.execute(query, {"under": under, "words": said, "most": most})
            self._kept[key] = tuple(_place(row) for row in rows)
        found: tuple[Place, ...] = self._kept[key]
        return found

    def path(self, code: str, up_to: str | None = None) -> Sequence[Place]:
        """The place and those around it, the widest first; `up_to`: only what lies within this region."""
        around = {row.code: _place(row) for row in self._reading.execute(_paths, {"code": code})}
        path: list[Place] = []
        while code in around and code != up_to:
            path.insert(0, around[code])
            code = around[code].parent
        return path

    def counts(self, under: str) -> Mapping[Level, int]:
        """How many places of each level lie beneath, ended ones left out."""
        below = _below(narrowest=True)
        rows = self._reading.execute(select(below.c.level, func.count()).group_by(below.c.level), {"under": under})
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return {level: found[level] for level in LEVELS if level in found}

    def codes_below(self, codes: Collection[str]) -> set[str]:
        """Codes of all places beneath these that have not ended."""
        found: set[str] = set()
        widest = set(codes)
        while widest:
            rows = [row.code for some in _chunks(sorted(widest)) for row in self._reading.execute(_codes_below, {"codes": some})]
            widest = set(rows) - found
            found |= widest
        return found

    # -- writing

    def put(self, given: Sequence[Place]) -> None:
        """Add these places, or bring those that are there to what is given; who had ended stands again."""
        self._kept.clear()
        known = self.known([place.code for place in given])
        new = [place for place in given if place.code not in known]
        old = [place for place in given if place.code in known]
        columns = [{name: getattr(place, name) for name in ("code", *_put)} for place in new]
        for some in _chunks(columns):
            self._act.connection.execute(places.insert(), some)
        changes = [{"b_code": place.code, **{name: getattr(place, name) for name in _put}} for place in old]
        if changes:
            change = update(places).where(places.c.code == bindparam("b_code")).values(**_put, ends_at=None)
            self._act.connection.execute(change, changes)
        self._kept.clear()

    def end(self, codes: Collection[str], at: datetime) -> None:
        """These places are no more. They are kept, for what was said of them earlier, and not offered."""
        for some in _chunks(sorted(codes)):
            self._act.connection.execute(update(places).where(places.c.code.in_(some)).values(ends_at=at))
        self._kept.clear()


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))
