"""The roster as a file: read and checked whole, applied whole or not at all, and written out again.

A file names posts and people; it gives nobody a right. Whoever stands in it is invited, says their name, and is confirmed like
anybody else. Posts are made only of the kinds that a roster may add: the profile's own seats, a unit's liaison, townships,
villages, contacts of mandatory reporters. Offices, duty desks, custodians and operators are appointed, never imported.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest

from conference.model.invitations import Ticket
from conference.model.outsiders import OUTSIDERS, alike, has_joined
from conference.model.people import ALONE, OF_A_PLACE, ONE_A_PLACE, Post, Role
from conference.model.profile import Profile
from conference.model.rosters import RosterLine
from conference.model.sheets import Formula, from_csv, is_gbk
from conference.ports import UnitOfWork

from .invitations import LONGEST_NAME, issue_first_invitation
from .vacancies import watch_new_posts

MAX_BYTES, MAX_LINES = 2_000_000, 5_000
MAX_TITLE = 120  # characters
COLUMNS = {"unit": "单位", "role": "岗位", "title": "职务", "name": "姓名", "place": "地区"}
_HEADERS = {
    **{word: column for column, word in COLUMNS.items()},
    **{column: column for column in COLUMNS},
    "單位": "unit",
    "崗位": "role",
    "職務": "title",
    "地區": "place",
    "post": "title",
    "area": "place",
}
NEEDED = ("unit", "role")
ROLES = {
    Role.CHIEF_CONVENER: "总召集人",
    Role.CONVENER: "召集人",
    Role.MEMBER: "成员",
    Role.LIAISON: "联络员",
    Role.OFFICE_DIRECTOR: "办公室主任",
    Role.OFFICE: "办公室",
    Role.DUTY_DESK: "值班台",
    Role.TOWNSHIP: "乡镇",
    Role.VILLAGE: "村",
    Role.REPORTER: "报告联系人",
    Role.CUSTODIAN: "身份保管员",
    Role.GUEST: "特邀列席",
    Role.OPERATOR: "系统运维",
}
_ALSO = {
    Role.CHIEF_CONVENER: "總召集人",
    Role.CONVENER: "副召集人",
    Role.MEMBER: "成員 成员单位 席位",
    Role.LIAISON: "聯絡員",
    Role.OFFICE_DIRECTOR: "辦公室主任",
    Role.OFFICE: "辦公室",
    Role.DUTY_DESK: "值班臺",
    Role.TOWNSHIP: "鄉鎮 街道 苏木",
    Role.VILLAGE: "社区 嘎查",
    Role.REPORTER: "報告聯繫人",
    Role.GUEST: "列席",
    Role.OPERATOR: "系統運維",
}
_ROLE_WORDS = {word: role for role, word in ROLES.items()} | {str(role): role for role in Role}
_ROLE_WORDS |= {word: role for role, words in _ALSO.items() for word in words.split()}
GUESTS_UNIT = "会外单位"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line. `kind` names it, `found` is what stands there, `allowed` what may."""

    line: int
    kind: str
    found: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file as it was read."""

    line: int
    unit: str
    role: str
    title: str = ""
    name: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a line leads to. `post_id`: None for a post that is to be made. `how`: invite, held (by this very name), post (no name)."""

    line: int
    unit: str
    role: Role
    title: str
    place: str | None
    name: str
    post_id: int | None
    how: str

    @property
    def post(self) -> tuple[object, ...]:
        """The same for two lines about one post."""
        return (self.post_id,) if self.post_id is not None else (self.unit, self.role, self.title, self.place)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the whole file would do; with problems nothing of it is done."""

    lines: Sequence[Planned] = ()
    problems: Sequence[Problem] = ()

    @property
    def new_posts(self) -> int:
        return len({planned.post for planned in self.lines if planned.post_id is None})

    @property
    def invited(self) -> Sequence[Planned]:
        return [planned for planned in self.lines if planned.how == "invite"]


# -- reading -----------------------------------------------------------------------------------------------------------


def read_csv(raw: bytes) -> tuple[Sequence[Row], Sequence[Problem]]:
    """The lines of a CSV in UTF-8, with or without a byte order mark. A file in GBK is told apart, and refused."""
    if len(raw) > MAX_BYTES:
        return (), [Problem(1, "too_large", str(len(raw)), str(MAX_BYTES))]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return (), [Problem(raw[: error.start].count(b"\n") + 1, "gbk" if is_gbk(raw) else "encoding")]
    unreadable: list[Problem] = []
    rows, problems = read_lines(_up_to(from_csv(text), unreadable))
    return rows, [*(problem for problem in problems if problem.kind != "empty" or not unreadable), *unreadable]


def _up_to(lines: Iterable[tuple[int, Sequence[str]]], unreadable: list[Problem]) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines before the first that cannot be read (a quote that is never closed), so that what is wrong in them is said too."""
    following = 1
    try:
        for line, cells in lines:
            yield line, cells
            following = line + 1 + sum(cell.count("\n") for cell in cells)
    except csv.Error as error:
        unreadable.append(Problem(following, "csv", str(error)))


def read_lines(lines: Iterable[tuple[int, Sequence[str]]]) -> tuple[Sequence[Row], Sequence[Problem]]:
    """The lines of a sheet, by the names of its columns; lines without anything in them are passed over."""
    columns: list[str] | None = None
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, given in lines:
        cells = [_tidy(cell) for cell in given]
        if not any(cells):
            continue
        if columns is None:
            columns, wrong = _columns(line, cells)
            if wrong:
                return (), wrong
        elif len(rows) == MAX_LINES:
            return (), [Problem(line, "too_many", allowed=str(MAX_LINES))]
        elif any(cells[len(columns) :]):
            problems.append(Problem(line, "cells", str(len(cells)), str(len(columns))))
        elif formula := next((cell for cell in given if isinstance(cell, Formula)), None):
            problems.append(Problem(line, "formula", str(formula)))
        else:
            rows.append(Row(line, **dict(zip_longest(columns, cells[: len(columns)], fillvalue=""))))
    if columns is None or not (rows or problems):
        problems.append(Problem(1, "empty"))
    return rows, problems


def _columns(line: int, cells: Sequence[str]) -> tuple[list[str], list[Problem]]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    names = [_HEADERS.get(cell.casefold(), "") for cell in cells]
    allowed = ", ".join(f"{word} ({column})" for column, word in COLUMNS.items())
    problems = [Problem(line, "column_unknown", cell, allowed) for cell, name in zip(cells, names, strict=True) if not name]
    problems += [Problem(line, "column_twice", COLUMNS[name]) for name in dict.fromkeys(names) if name and names.count(name) > 1]
    if not problems:
        problems = [Problem(line, "column_missing", COLUMNS[name], allowed) for name in NEEDED if name not in names]
    return names, problems


def _tidy(cell: str) -> str:
    return unicodedata.normalize("NFC", " ".join(cell.split()))


# -- checking ----------------------------------------------------------------------------------------------------------


def plan_import(uow: UnitOfWork, rows: Sequence[Row], *, at: datetime) -> Plan:
    """What the rows lead to in this act's conference, or everything that is wrong with them."""
    checking = _Checking(uow, uow.conferences.profile(uow.conference), at)
    for row in rows:
        checking.take(row)
    return Plan((), checking.problems) if checking.problems else Plan(checking.planned)


@dataclass
class _Checking:
    """One pass over the rows, with what is known of the conference."""

    uow: UnitOfWork
    profile: Profile
    at: datetime
    planned: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        profile = self.profile
        self.roster = list(self.uow.roster.lines(profile.slug, self.at))
        self.names = self.uow.roster.names({holder.person_id for line in self.roster for holder in line.holders})
        self.units = {alike(alias): slug for slug, unit in profile.units.items() for alias in unit.aliases}
        for called in (profile.actors, profile.units):  # its own name is a unit's, whatever another one is called besides
            self.units |= {alike(word): slug for slug, one in called.items() for word in (slug, one.name_en, one.name_zh) if word}
        self.units |= {alike(GUESTS_UNIT): OUTSIDERS, OUTSIDERS: OUTSIDERS}
        joined = [unit for unit in self.uow.profiles.units(profile.slug) if has_joined(unit.slug)]
        self.units |= {alike(word): unit.slug for unit in joined for word in (unit.slug, unit.name_zh)}
        self.lines_of: dict[tuple[object, ...], list[Planned]] = {}

    def take(self, row: Row) -> None:
        problem = self._look(row)
        if isinstance(problem, Problem):
            self.problems.append(problem)

    def _look(self, row: Row) -> Problem | None:
        unit, role = self.units.get(alike(row.unit)), _ROLE_WORDS.get(row.role) or _ROLE_WORDS.get(row.role.casefold())
        if unit is None:
            return Problem(row.line, "unit_unknown", row.unit)
        if role is None:
            return Problem(row.line, "role_unknown", row.role, ", ".join(ROLES.values()))
        if wrong := _unfit(row):
            return wrong
        place, wrong = self._place(row)
        if wrong:
            return wrong
        found = self._post(row, unit, role, place)
        return found if isinstance(found, Problem) else self._plan(found)

    def _place(self, row: Row) -> tuple[str | None, Problem | None]:
        if not row.place:
            return None, None
        region = self.uow.conferences.head(self.uow.conference).region_code or ""
        said = alike(row.place)
        exact = [place for place in self.uow.places.search(region, said, 20) if said in (place.code, alike(place.name))]
        found = {place.code for place in exact} or ({said} if self._is_here(said, region) else set())
        if len(found) == 1:
            return found.pop(), None
        return None, Problem(row.line, "place_ambiguous" if found else "place_unknown", row.place)

    def _is_here(self, code: str, region: str) -> bool:
        """Whether a new post may stand at this place: one of the region that has not ended; or one stands there already."""
        place = self.uow.places.get(code)
        if place is None or any(line.place == code for line in self.roster):
            return place is not None
        return not place.ended and (not region or any(around.code == region for around in self.uow.places.path(code)))

    def _post(self, row: Row, unit: str, role: Role, place: str | None) -> Planned | Problem:
        """The post that a row is about: one that is there, or one that a roster may add."""
        same = [line for line in self.roster if line.unit == unit and line.role == role and place in (None, line.place)]
        titled = [line for line in same if line.title == row.title] if row.title else same
        if len(titled) == 1:
            return self._of(row, titled[0])
        if titled:
            return Problem(row.line, "post_ambiguous", row.title or row.role, ", ".join(line.title for line in titled[:5]))
        if role in ONE_A_PLACE and place and same:
            return Problem(row.line, "title_other", row.title, same[0].title)
        planned = Planned(row.line, unit, role, row.title, place, row.name, None, "invite" if row.name else "post")
        if role in OF_A_PLACE:
            return planned if place and row.title else Problem(row.line, "place_missing" if not place else "title_missing")
        seats = [s.title for s in self.profile.seats if s.unit == unit and s.role.post is role and row.title in ("", s.title)]
        if role is Role.LIAISON and unit in self.profile.units and not same:
            return replace(planned, title=row.title or self.profile.titles.of(self.profile.titles.liaison_zh, self.profile.units[unit]))
        if len(seats) == 1 and not any(line.title == seats[0] for line in same):
            return replace(planned, title=seats[0])
        return Problem(row.line, "post_unknown", row.title or row.role, ", ".join([*(line.title for line in same), *seats][:5]))

    def _of(self, row: Row, line: RosterLine) -> Planned:
        holders = {self.names.get(holder.person_id) for holder in line.holders}
        how = "post" if not row.name else "held" if row.name in holders else "taken" if line.holders and line.role in ALONE else "invite"
        return Planned(row.line, line.unit, line.role, line.title, line.place, row.name, line.post_id, how)

    def _plan(self, planned: Planned) -> Problem | None:
        """A post that one person holds at a time has one line; no line stands there twice."""
        if planned.how == "taken":
            return Problem(planned.line, "held_by_another", planned.title)
        before = self.lines_of.setdefault(planned.post, [])
        if same := next((other for other in before if other.name == planned.name), None):
            return Problem(planned.line, "line_twice", planned.name or planned.title, str(same.line))
        if planned.role in ALONE and (other := next(iter(before), None)):
            return Problem(planned.line, "one_holder", planned.title, str(other.line))
        before.append(planned)
        self.planned.append(planned)
        return None


def _unfit(row: Row) -> Problem | None:
    if any(unicodedata.category(c)[0] == "C" for c in row.name + row.title):
        return Problem(row.line, "name_bad", row.name or row.title)
    if len(row.name) > LONGEST_NAME:
        return Problem(row.line, "name_long", str(len(row.name)), str(LONGEST_NAME))
    if row.name and not any(c.isalpha() for c in row.name):
        return Problem(row.line, "name_bad", row.name)
    if len(row.title) > MAX_TITLE:
        return Problem(row.line, "title_long", str(len(row.title)), str(MAX_TITLE))
    return None


# -- applying, and writing out -----------------------------------------------------------------------------------------


def apply_import(uow: UnitOfWork, plan: Plan, *, at: datetime) -> Sequence[tuple[Planned, Ticket]]:
    """Make the missing posts and invite everybody, with the tickets to hand out: nobody can make them visible again.

    From the command line only. A plan with problems is never applied.
    """
    assert not plan.problems
    made: dict[tuple[object, ...], int] = {}
    tickets: list[tuple[Planned, Ticket]] = []
    for planned in plan.lines:
        post_id = planned.post_id if planned.post_id is not None else made.get(planned.post)
        if post_id is None:
            post_id = made[planned.post] = _add_post(uow, planned, at)
        if planned.how == "invite":
            _, ticket = issue_first_invitation(uow, post_id, at=at)
            tickets.append((planned, ticket))
    if made:
        watch_new_posts(uow, uow.conferences.profile(uow.conference), at=at)
    uow.note(None, "roster.imported", f"conference:{uow.conference}", posts=len(made), invited=len(tickets))
    return tickets


def _add_post(uow: UnitOfWork, planned: Planned, at: datetime) -> int:
    post = Post(conference=uow.conference, unit=planned.unit, role=planned.role, title=planned.title, place=planned.place, vacant_since=at)
    uow.people.add_post(post)
    assert post.id is not None
    return post.id


def export_lines(uow: UnitOfWork, conference: str, *, at: datetime) -> Sequence[Sequence[str]]:
    """The roster of a conference with its column names: a line for each holder, one without a name for a vacant post."""
    profile = uow.conferences.profile(conference)
    lines = uow.roster.lines(conference, at)
    names = uow.roster.names({holder.person_id for line in lines for holder in line.holders})
    others = {OUTSIDERS: GUESTS_UNIT} | {unit.slug: unit.name_zh for unit in uow.profiles.units(conference) if has_joined(unit.slug)}
    written: list[Sequence[str]] = [list(COLUMNS.values())]
    for line in lines:
        unit = profile.called(line.unit)
        facts = [unit.name_zh if unit else others.get(line.unit, line.unit), ROLES[line.role], line.title]
        written += [[*facts, names.get(h.person_id, ""), line.place or ""] for h in line.holders] or [[*facts, "", line.place or ""]]
    return written
