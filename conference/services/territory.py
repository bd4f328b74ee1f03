"""Bringing the territory in from a file: read, compared with what is there, and applied as a whole or not at all."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from conference.model.errors import Misconfigured
from conference.model.sheets import is_gbk
from conference.model.territory import MAX_CODE, MAX_NAME, UNDER, Level, Place, canonical
from conference.ports import UnitOfWork

MOST_BYTES = 64 * 1024 * 1024  # the nation down to its villages takes about 40 MB
MOST_ROWS = 1_000_000

COLUMNS = ("code", "name", "level", "parent")
_HEADERS = {"代码": "code", "名称": "name", "级别": "level", "上级": "parent", **{name: name for name in (*COLUMNS, "initials")}}
_LEVELS: dict[str, Level] = {
    **{str(level): level for level in Level},
    **dict.fromkeys(("全国", "国家"), Level.NATION),
    **dict.fromkeys(("省", "省级", "自治区", "直辖市"), Level.PROVINCE),
    **dict.fromkeys(("市", "市级", "地级", "地级市", "州", "自治州", "盟"), Level.CITY),
    **dict.fromkeys(("县", "县级", "区", "旗"), Level.COUNTY),
    **dict.fromkeys(("乡镇", "乡级", "镇", "乡", "街道", "苏木"), Level.TOWNSHIP),
    **dict.fromkeys(("村", "村级", "村居", "社区", "嘎查"), Level.VILLAGE),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line of the file (1 is its first), and what is allowed there. `kind` is a key of the command's words."""

    line: int
    kind: str
    found: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    place: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. Where there are problems, none of its rows may be used."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Difference:
    """What an import would change. Each pair is what stands there and what will."""

    added: list[Place] = field(default_factory=list)
    renamed: list[tuple[Place, Place]] = field(default_factory=list)
    moved: list[tuple[Place, Place]] = field(default_factory=list)
    returned: list[Place] = field(default_factory=list)
    ended: list[Place] = field(default_factory=list)
    initials: list[Place] = field(default_factory=list)  # only found by other letters than before
    roots: tuple[str, ...] = ()

    @property
    def changed(self) -> list[Place]:
        """All that has to be written, each place once."""
        pairs = (after for _, after in (*self.renamed, *self.moved))
        return list({place.code: place for place in (*self.added, *pairs, *self.returned, *self.initials)}.values())

    @property
    def is_empty(self) -> bool:
        return not (self.changed or self.ended)


# -- reading -----------------------------------------------------------------------------------------------------------


def read_territory(raw: bytes, initials_of: Callable[[str], str]) -> Reading:
    """The rows of a CSV in UTF-8 (a byte order mark does no harm; lines that begin with # are remarks).

    Columns code, name, level, parent in any order, or 代码, 名称, 级别, 上级. `initials_of` gives the first letters of a
    name's pinyin where the file has no column for them.
    """
    if len(raw) > MOST_BYTES:
        return Reading(problems=(Problem(1, "too_large", str(len(raw)), str(MOST_BYTES)),))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Reading(problems=(Problem(line, "gbk" if is_gbk(raw) else "encoding"),))
    unreadable: list[Problem] = []
    lines = _lines(text, unreadable)
    if (head := next(lines, None)) is None:
        return Reading(problems=(*unreadable, *(() if unreadable else (Problem(1, "empty"),))))
    columns, problems = _columns(*head)
    if problems:
        return Reading(problems=tuple(problems))
    reading = _rows(lines, columns, initials_of)
    return replace(reading, problems=(*reading.problems, *unreadable))


def _lines(text: str, unreadable: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines that say something, up to the first that cannot be read (a quote that is never closed)."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            clean = [_clean(cell) for cell in cells]
            if any(clean) and not clean[0].startswith("#"):
                yield reader.line_num, clean
    except csv.Error as error:
        unreadable.append(Problem(max(reader.line_num, 1), "csv", str(error)))


def _clean(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", cell).split())


def _columns(line: int, cells: list[str]) -> tuple[list[str], list[Problem]]:
    names = [_HEADERS.get(cell.casefold(), "") for cell in cells]
    allowed = ", ".join(_HEADERS)
    problems = [Problem(line, "column_unknown", cell, allowed) for cell, name in zip(cells, names, strict=True) if not name]
    problems += [Problem(line, "column_twice", name) for name in sorted({name for name in names if name and names.count(name) > 1})]
    problems += [Problem(line, "column_missing", name, allowed) for name in COLUMNS if name not in names]
    return names, problems


def _rows(lines: Iterator[tuple[int, list[str]]], columns: list[str], initials_of: Callable[[str], str]) -> Reading:
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        if len(cells) != len(columns):
            problems.append(Problem(line, "cells", str(len(cells)), str(len(columns))))
            continue
        row = dict(zip(columns, cells, strict=True))
        row |= {name: canonical(row[name]) for name in ("code", "parent")}
        wrong = list(_wrong(line, row))
        if row["code"] in seen:
            wrong.append(Problem(line, "code_twice", row["code"], str(seen[row["code"]])))
        problems += wrong
        seen.setdefault(row["code"], line)
        if not wrong:
            initials = row.get("initials", "").lower() or initials_of(row["name"])
            rows.append(Row(line, Place(row["code"], row["name"], _LEVELS[row["level"].casefold()], row["parent"], initials[:MAX_NAME])))
        if len(seen) > MOST_ROWS:
            return Reading(problems=(Problem(line, "too_many", "", str(MOST_ROWS)),))
    if not (seen or problems):
        problems.append(Problem(1, "empty"))
    return Reading(tuple(rows), tuple(problems))


def _wrong(line: int, row: Mapping[str, str]) -> Iterator[Problem]:
    for name in ("code", "parent"):
        if not (_is_code(row[name]) or (name == "parent" and not row[name])):
            yield Problem(line, f"{name}_bad", row[name], str(MAX_CODE))
    name = row["name"]
    if not name or not name.isprintable():
        yield Problem(line, "name_bad", name)
    elif len(name) > MAX_NAME:
        yield Problem(line, "name_long", str(len(name)), str(MAX_NAME))
    if row["level"].casefold() not in _LEVELS:
        yield Problem(line, "level_unknown", row["level"], ", ".join(_LEVELS))
    letters = row.get("initials", "")
    if not (letters.isascii() and letters.isalnum()) and letters:
        yield Problem(line, "initials_bad", letters)


def _is_code(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 2 <= len(text) <= MAX_CODE


# -- comparing ---------------------------------------------------------------------------------------------------------


def fit_territory(uow: UnitOfWork, reading: Reading) -> Reading:
    """The reading, with what does not fit together: a parent that is nowhere or ends, a level that cannot stand under another.

    A place under nothing of the file keeps the place it has, or stands alone.
    """
    own = {row.place.code: row.place for row in reading.rows}
    asked = {row.place.parent for row in reading.rows} | own.keys()
    known = {code: place for code, place in uow.places.known(sorted(asked - {""})).items() if not place.ended}
    rows = [row if row.place.parent or row.place.code not in known else _where_it_stands(row, known) for row in reading.rows]
    wider = known | {row.place.code: row.place for row in rows}
    gone = uow.places.codes_below(list(own)) - own.keys()
    problems = list(reading.problems)
    for row in rows:
        parent = wider.get(row.place.parent)
        allowed = ", ".join(level for level in Level if level in UNDER[row.place.level]) or "-"
        if row.place.parent and parent is None:
            problems.append(Problem(row.line, "parent_unknown", row.place.parent))
        elif row.place.parent in gone:
            problems.append(Problem(row.line, "parent_ends", row.place.parent))
        elif parent is not None and parent.level not in UNDER[row.place.level]:
            problems.append(Problem(row.line, "level_under", f"{row.place.level} < {parent.level}", allowed))
    return Reading(tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line)))


def _where_it_stands(row: Row, known: Mapping[str, Place]) -> Row:
    return Row(row.line, replace(row.place, parent=known[row.place.code].parent))


def difference(uow: UnitOfWork, rows: Sequence[Row]) -> Difference:
    """What differs between the file and what is there of the same territory.

    The file speaks for its own places and for all that is beneath them: what it no longer names there has ended. What lies
    elsewhere is not touched. Raises Misconfigured where the rows do not fit together: they have to be looked at first.
    """
    if (fitted := fit_territory(uow, Reading(tuple(rows)))).problems:
        raise Misconfigured(*(f"line {each.line}: {each.kind} {each.found}" for each in fitted.problems))
    given = {row.place.code: row.place for row in fitted.rows}
    known = uow.places.known(list(given))
    found = Difference(roots=tuple(code for code, place in given.items() if place.parent not in given))
    for code, place in given.items():
        before = known.get(code)
        if before is None:
            found.added.append(place)
        elif before.ended:
            found.returned.append(place)
        else:
            if before.name != place.name:
                found.renamed.append((before, place))
            if (before.parent, before.level) != (place.parent, place.level):
                found.moved.append((before, place))
            if before.initials != place.initials and before.name == place.name:
                found.initials.append(place)
    gone = uow.places.codes_below(list(given)) - given.keys()
    found.ended = list(uow.places.known(sorted(gone)).values())
    return found


def import_territory(uow: UnitOfWork, rows: Sequence[Row], *, at: datetime) -> Difference:
    """Bring the territory to what the file says. Raises Misconfigured where its rows do not fit together."""
    found = difference(uow, rows)
    if found.changed:
        uow.places.put(found.changed)
    if found.ended:
        uow.places.end([place.code for place in found.ended], at)
    uow.note(
        None,
        "territory.imported",
        f"territory:{found.roots[0]}",
        added=len(found.added),
        renamed=len(found.renamed),
        moved=len(found.moved),
        returned=len(found.returned),
        ended=len(found.ended),
    )
    return found
