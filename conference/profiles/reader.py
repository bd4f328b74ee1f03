"""Reads a profile and names everything that is wrong with it at once: file, line, key, what was found and what is allowed."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import pairwise
from typing import Any

from conference.model.calendar import Hours
from conference.model.gates import Gate, GateUnfit, Signer, parse_gate
from conference.model.outsiders import JOINED, OUTSIDERS, has_joined
from conference.model.profile import (
    MOST_RUNGS,
    NOT_SUPERVISED,
    REMINDERS,
    RESERVED,
    Body,
    Cadence,
    Duty,
    DutyKind,
    Level,
    Profile,
    Reminder,
    Rules,
    Rung,
    Seat,
    SeatRole,
    Settings,
    Titles,
    Unit,
    Words,
)
from conference.model.sheets import is_gbk

from .keys import ANYTHING, FAMILIES, LISTS, NEEDED, NOTES, REQUIRED, TABLES, Key
from .lines import Path, line_of, lines_of

LARGEST = 1_000_000  # bytes of a profile


@dataclass(frozen=True, slots=True, order=True)
class ProfileProblem:
    """One thing that is wrong. `key` is "" where the file as a whole is meant."""

    file: str
    line: int
    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: {self.key} {self.found}" if self.key else f"{self.file}:{self.line}: {self.found}"
        return f"{where}; {self.allowed}"


class _Reader:
    """One reading: the data, where things stand in the text, and the problems so far."""

    def __init__(self, name: str, data: Mapping[str, Any], text: str) -> None:
        self.name = name
        self.data = data
        self.text = text
        self.problems: list[ProfileProblem] = []
        self._lines: Mapping[Path, int] | None = None

    def problem(self, path: Path, found: str, allowed: str) -> None:
        if self._lines is None:  # only looked for where something is wrong: a good file is read without it
            self._lines = lines_of(self.text)
        self.problems.append(ProfileProblem(self.name, line_of(path, self._lines), _written(path), found, allowed))

    # -- keys

    def shape(self) -> None:
        """Every table and key is known, there, and of its kind."""
        for name, value in self.data.items():
            if name in TABLES:
                self._table((name,), value, TABLES[name])
            elif name in LISTS:
                self._list((name,), value, LISTS[name], f"write [[{name}]] above each")
            elif name in FAMILIES:
                self._family(name, value)
            elif name == NOTES:
                self._notes(value)
            else:
                known = [*TABLES, *LISTS, *FAMILIES, NOTES]
                self.problem((name,), "is no table of a profile", f"{_meant(name, known)}there are: {', '.join(known)}")
        for name in NEEDED:
            if name not in self.data:
                self.problem((), f"[{name}] is missing", "every profile has: " + ", ".join(NEEDED))

    def _table(self, path: Path, value: Any, keys: Mapping[str, Key]) -> None:
        if not isinstance(value, dict):
            self.problem(path, f"= {_shown(value)}", f"a table is meant: write [{_written(path)}] on a line of its own")
            return
        for name, given in value.items():
            if name not in keys:
                self.problem((*path, name), "is no key here", f"{_meant(name, keys)}allowed: {', '.join(keys)}")
            elif not keys[name].check.fits(given):
                self.problem((*path, name), f"= {_shown(given)}", f"allowed: {keys[name].check.allowed}")
        for name, key in keys.items():
            if name not in value and key.default is REQUIRED:
                self.problem(path, f"has no {name}", f"{name} is {key.means}: {key.check.allowed}")

    def _list(self, path: Path, value: Any, keys: Mapping[str, Key], remedy: str) -> None:
        if not isinstance(value, list):
            self.problem(path, f"= {_shown(value)}", f"a list of tables is meant: {remedy}")
            return
        for index, each in enumerate(value):
            self._table((*path, index), each, keys)

    def _family(self, name: str, value: Any) -> None:
        members, keys = FAMILIES[name]
        if not isinstance(value, dict):
            self.problem((name,), f"= {_shown(value)}", f"write [[{name}.{members[0]}]] above each step")
            return
        for member, steps in value.items():
            if member not in members:
                self.problem((name, member), "is not known", f"{_meant(member, members)}allowed: {', '.join(members)}")
            else:
                self._list((name, member), steps, keys, f"write [[{name}.{member}]] above each step")

    def _notes(self, value: Any) -> None:
        if not isinstance(value, dict):
            self.problem((NOTES,), f"= {_shown(value)}", f"a table is meant: write [{NOTES}] on a line of its own")
            return
        for name, note in value.items():
            if not ANYTHING.fits(note):
                self.problem((NOTES, name), f"= {_shown(note)}", f"allowed: {ANYTHING.allowed}")

    # -- what belongs together

    def sense(self) -> None:
        """What only the whole file shows: names that exist, rules that agree. Looked at once every key is of its kind."""
        conference, units = self.data["conference"], self.data["units"]
        slugs = {unit["slug"] for unit in units}
        bodies = {body["slug"] for body in self.data["actors"]}
        self._conference(conference, slugs)
        self._names(units)
        self._seats(slugs)
        self._duties(slugs | bodies, conference["reserved_units"])
        self._recipients(slugs | bodies)
        self._steps()
        self._targets()
        self._hours()

    def _conference(self, conference: Mapping[str, Any], slugs: set[str]) -> None:
        if "public_security" not in slugs:
            self.problem(
                ("units",), "has no public_security", "police first: a report needs a desk that takes it; name that unit public_security"
            )
        self._known(("conference", "lead_unit"), conference["lead_unit"], slugs, "a unit of this file")
        if conference["office_host"]:
            self._known(("conference", "office_host"), conference["office_host"], slugs, "a unit of this file, or empty")
        if conference.get("parent") == conference["slug"]:
            self.problem(("conference", "parent"), f"= {_shown(conference['parent'])}", "no conference is above itself")

    def _names(self, units: list[dict[str, Any]]) -> None:
        taken: dict[str, str] = {}
        for table, entries in (("units", units), ("actors", self.data["actors"])):
            for index, entry in enumerate(entries):
                if (slug := entry["slug"]) in taken:
                    self.problem((table, index, "slug"), f"= {_shown(slug)}", f"each name stands once; it is {taken[slug]} already")
                taken.setdefault(slug, f"{_written((table, index))}")
                if slug == OUTSIDERS or has_joined(slug):
                    self.problem(
                        (table, index, "slug"),
                        f"= {_shown(slug)}",
                        f"{OUTSIDERS} and {JOINED}… are kept for bodies that the office invites",
                    )
        for index, unit in enumerate(units):
            path: Path = ("units", index)
            for key in ("aliases", "merged"):
                for alias in unit.get(key, ()):
                    if (owner := taken.setdefault(alias, _written(path))) != _written(path) or alias == unit["slug"]:
                        self.problem((*path, key), f"= {_shown(unit[key])}", f"{alias} is {owner}: it cannot be another's name too")
            if unit.get("supervised", True) and unit["slug"] in NOT_SUPERVISED and "supervised" in unit:
                allowed = "court, procuratorate and people's congress are informed, not chased: write false or leave it out"
                self.problem((*path, "supervised"), "= true", allowed)
        if not any(unit["role"] == "lead" for unit in units):
            self.problem(("units",), "has no lead", 'one unit has role = "lead"')
        lead = self.data["conference"]["lead_unit"]
        for index, unit in enumerate(units):
            if unit["slug"] == lead and unit["role"] != "lead":
                self.problem(("units", index, "role"), f"= {_shown(unit['role'])}", 'conference.lead_unit names it: allowed: "lead"')

    def _seats(self, slugs: set[str]) -> None:
        seen: dict[tuple[str, str, str], int] = {}
        chiefs = 0
        seats = self.data.get("seats", [])
        for index, seat in enumerate(seats):
            self._known(("seats", index, "unit"), seat["unit"], slugs, "a unit of this file")
            same = seen.setdefault((seat["unit"], seat["role"], seat["post_zh"]), index)
            if same != index:
                self.problem(("seats", index), "stands twice", f"each seat once; it is {_written(('seats', same))} already")
            chiefs += seat["role"] == SeatRole.CHIEF_CONVENER
            if chiefs > 1 and seat["role"] == SeatRole.CHIEF_CONVENER:
                self.problem(("seats", index, "role"), '= "chief_convener"', "one chief convener: the others are convener")
        if seats and not self.data["conference"]["has_conference"]:
            self.problem(("conference", "has_conference"), "= false", "there are seats: write true, or take the seats out")

    def _duties(self, owners: set[str], reserved: list[str]) -> None:
        seen: dict[str, int] = {}
        slug = self.data["conference"]["slug"]
        for index, duty in enumerate(self.data["duties"]):
            path: Path = ("duties", index)
            if (first := seen.setdefault(duty["id"], index)) != index:
                self.problem((*path, "id"), f"= {_shown(duty['id'])}", f"each id once; it is {_written(('duties', first))} already")
            if not duty["id"].startswith(f"{slug}."):
                self.problem((*path, "id"), f"= {_shown(duty['id'])}", f"it begins with the conference's slug: {slug}.")
            if duty["unit"] in RESERVED and duty["unit"] not in reserved:
                allowed = f"conference.reserved_units does not have it; it has: {', '.join(reserved) or 'none'}"
                self.problem((*path, "unit"), f"= {_shown(duty['unit'])}", allowed)
            else:
                self._known((*path, "unit"), duty["unit"], owners | set(reserved), "a unit or actor of this file, or one of reserved_units")
            for helper in duty.get("co_units", ()):
                self._known((*path, "co_units"), helper, owners, "units and actors of this file")
            if (duty["kind"] == DutyKind.RECURRING) != bool(duty["cadence"]):
                needed = "a recurring duty needs one: " if duty["kind"] == DutyKind.RECURRING else 'only recurring duties have one: "", or '
                allowed = needed + ", ".join(Cadence) if duty["kind"] == DutyKind.RECURRING else needed + 'kind = "recurring"'
                self.problem((*path, "cadence"), f"= {_shown(duty['cadence'])}", allowed)
            if duty.get("clock") and duty["kind"] != DutyKind.ON_EVENT:
                self.problem((*path, "clock"), f"= {_shown(duty['clock'])}", 'only duties on an event have one: kind = "on_event"')

    def _recipients(self, owners: set[str]) -> None:
        for recipient in self.data.get("reports", {}).get("notices_to", ()):
            self._known(("reports", "notices_to"), recipient, owners, "units and actors of this file")

    def _steps(self) -> None:
        ladder = self.data["ladders"].get("police_accept")
        if not ladder:
            self.problem(
                ("ladders",),
                "has no police_accept",
                "write [[ladders.police_accept]] with after and whom: who is rung while nobody accepts",
            )
            return
        if len(ladder) > MOST_RUNGS:
            self.problem(("ladders", "police_accept"), f"has {len(ladder)} steps", f"at most {MOST_RUNGS}")
        self._climbs(("ladders", "police_accept"), "after", [rung["after"] for rung in ladder], strictly=True)
        if ladder[-1]["whom"] != "office":
            where = ("ladders", "police_accept", len(ladder) - 1, "whom")
            self.problem(
                where, f"= {_shown(ladder[-1]['whom'])}", "the last step rings the office: in the end somebody is told who can call"
            )
        self._follow(self.data.get("settings", {}).get("holidays", ()))
        for kind, steps in self.data.get("reminders", {}).items():
            self._climbs(("reminders", kind), "days", [step["days"] for step in steps], strictly=False)

    def _climbs(self, path: Path, key: str, figures: list[int], *, strictly: bool) -> None:
        for index, (before, after) in enumerate(pairwise(figures), start=1):
            if after < before or (strictly and after == before):
                self.problem((*path, index, key), f"= {after}", f"steps stand in order of time: more than {before}")

    def _follow(self, stretches: Sequence[str]) -> None:
        days = [day for each in stretches for day in each.split("/")]
        if any(after <= before for before, after in pairwise(days)):
            self.problem(("settings", "holidays"), f"= {_shown(stretches)}", "one after the other, each within the year")

    def _targets(self) -> None:
        targets = _with_defaults(self.data.get("targets", {}), TABLES["targets"])
        if targets["draft_warning"] >= targets["draft_kept"]:
            path = ("targets", "draft_warning" if "draft_warning" in self.data.get("targets", {}) else "draft_kept")
            self.problem(
                path, f"= {targets[path[1]]}", f"the warning comes before the end: draft_warning < draft_kept ({targets['draft_kept']})"
            )

    def _hours(self) -> None:
        settings = _with_defaults(self.data.get("settings", {}), TABLES["settings"])
        hours = Hours.said(UTC, settings["digest_at"], settings["quiet_hours"])
        if hours.is_quiet(hours.digest_of(date(2000, 1, 3))):
            path = ("settings", "digest_at" if "digest_at" in self.data.get("settings", {}) else "quiet_hours")
            self.problem(
                path, f"= {_shown(settings[path[1]])}", f"outside the quiet hours ({settings['quiet_hours']}): it would never be sent"
            )

    def _known(self, path: Path, name: str, known: Iterable[str], what: str) -> None:
        if name not in known:
            listed = ", ".join(sorted(known))
            self.problem(path, f"= {_shown(name)}", f"{_meant(name, known)}allowed: {what} ({listed})")

    def gates(self, profile: Profile) -> tuple[Gate | None, Gate | None]:
        rules = self.data["rules"]
        gate, other = (self._gate(key, rules[key], profile) for key in ("agenda_gate", "agenda_gate_alt"))
        logic = rules["agenda_gate_logic"]
        if (logic == "unstated") != (rules["agenda_gate"] == ""):
            self.problem(
                ("rules", "agenda_gate_logic"), f"= {_shown(logic)}", "unstated goes with an empty agenda_gate, and only with that"
            )
        if other is not None and gate is None and not rules["agenda_gate"]:
            self.problem(
                ("rules", "agenda_gate_alt"), f"= {_shown(rules['agenda_gate_alt'])}", "another reading needs a first: agenda_gate is empty"
            )
        if self.data.get("settings", {}).get("agenda_reading") == "alternative" and not rules["agenda_gate_alt"]:
            self.problem(("settings", "agenda_reading"), '= "alternative"', "agenda_gate_alt is empty: allowed: text")
        return gate, other

    def _gate(self, key: str, text: str, profile: Profile) -> Gate | None:
        if text == "":
            return None
        path: Path = ("rules", key)
        allowed = f"names joined by & and |, with brackets: {', '.join(Signer)}"
        try:
            gate = parse_gate(text)
        except GateUnfit as error:
            self.problem(path, f"= {_shown(text)}: {error}", allowed)
            return None
        if unknown := gate.names - profile.signers:
            there = ", ".join(sorted(profile.signers)) or "nobody"
            self.problem(
                path, f"= {_shown(text)}: {', '.join(sorted(unknown))}", f"this conference has no such post or meeting; it has: {there}"
            )
            return None
        return gate


def examine(raw: bytes | str, name: str) -> tuple[Profile | None, list[ProfileProblem]]:
    """The profile of a file, or everything that is wrong with it. `name` is how a problem names the file."""
    text = _decoded(raw, name)
    if isinstance(text, ProfileProblem):
        return None, [text]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_broken(error, text, name)]
    except RecursionError:
        return None, [ProfileProblem(name, 1, "", "brackets in brackets without end", "a profile has tables with keys, no deeper")]
    reader = _Reader(name, data, text)
    reader.shape()
    if not reader.problems:
        reader.sense()
    if reader.problems:
        return None, sorted(reader.problems)
    profile = _profile(data)
    gate, other = reader.gates(profile)
    if reader.problems:
        return None, sorted(reader.problems)
    return replace(profile, rules=replace(profile.rules, agenda_gate=gate, agenda_gate_alt=other)), []


def _decoded(raw: bytes | str, name: str) -> str | ProfileProblem:
    if len(raw) > LARGEST:
        return ProfileProblem(name, 1, "", f"{len(raw)} bytes", f"a profile has at most {LARGEST}")
    if isinstance(raw, bytes):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            found = f"no UTF-8 (byte 0x{raw[error.start]:02x})"
            remedy = "it looks like GBK: save it again as UTF-8" if is_gbk(raw) else "save it again as UTF-8"
            return ProfileProblem(name, line, "", found, remedy)
    else:
        text = raw
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _broken(error: tomllib.TOMLDecodeError, text: str, name: str) -> ProfileProblem:
    said = str(error)
    at = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    line = int(at.group(1)) if at and at.group(1) else text.rstrip("\n").count("\n") + 1
    column = f", at sign {at.group(2)}" if at and at.group(2) else ", at the end of the file"
    what = said[: at.start()] if at else said
    return ProfileProblem(name, line, "", f"no TOML: {what}{column}", "write KEY = VALUE, text in quotes, tables as [NAME] or [[NAME]]")


def _written(path: Path) -> str:
    """A path as people read it: units[3].slug is the key of the third [[units]]."""
    written = ""
    for part in path:
        written += f"[{part + 1}]" if isinstance(part, int) else (f".{part}" if written else part)
    return written


def _shown(value: Any) -> str:
    """A value as the file has it, cut if it is long."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 80 else shown[:77] + "…"


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"is {close[0]} meant? " if close else ""


# -- from checked data to a Profile ------------------------------------------------------------------------------------


def _with_defaults(table: Mapping[str, Any], keys: Mapping[str, Key]) -> dict[str, Any]:
    return {name: table.get(name, key.default) for name, key in keys.items()}


def _said(value: Any) -> Any:
    """Lists as tuples, and "unstated" as the silence it is."""
    return tuple(value) if isinstance(value, list) else "" if value == "unstated" else value


def _profile(data: Mapping[str, Any]) -> Profile:
    """Without its gates: whom they may name is asked of the rest."""
    tables = {name: {k: _said(v) for k, v in _with_defaults(data.get(name, {}), keys).items()} for name, keys in TABLES.items()}
    lists = {name: [{k: _said(v) for k, v in _with_defaults(e, keys).items()} for e in data.get(name, ())] for name, keys in LISTS.items()}
    conference, rules, settings = tables["conference"], tables["rules"], tables["settings"]
    cadences = {key: Cadence(rules[key]) if rules[key] else None for key in ("plenary_cadence", "ledger_check")}
    every = Cadence(settings["roster_check_every"])
    reminders = {kind: tuple(Reminder(**step) for step in steps) for kind, steps in data.get("reminders", {}).items()}
    plain = ("slug", "name_zh", "name_en", "parent", "region_zh", "region_code", "year", "doc_no", "source_file", "people_covered")
    also = ("age_limit", "lead_unit", "office_host", "office_host_stated", "has_conference", "has_roster")
    from_zh = ("chief_convener_post", "convener_posts", "office_director_post", "member_rank", "liaison_rank", "issuer")
    return Profile(
        level=Level(conference["level"]),
        reserved=conference["reserved_units"],
        rules=Rules(**rules | cadences | {"agenda_gate": None, "agenda_gate_alt": None}),
        settings=Settings(**settings | {"roster_check_every": every}),
        targets=tables["targets"],
        ladders={name: tuple(Rung(**rung) for rung in rungs) for name, rungs in data["ladders"].items()},
        reminders={**REMINDERS, **reminders},
        units={unit["slug"]: _unit(unit) for unit in lists["units"]},
        actors={body["slug"]: Body(**body) for body in lists["actors"]},
        seats=tuple(Seat(unit=seat["unit"], role=SeatRole(seat["role"]), title=seat["post_zh"]) for seat in lists["seats"]),
        duties=tuple(_duty(duty) for duty in lists["duties"]),
        words=Words(**tables["territory"]),
        titles=Titles(**tables["titles"]),
        **tables["reports"],
        **{name: conference[name] for name in (*plain, *also)},
        **{name: conference[f"{name}_zh"] for name in from_zh},
    )


def _unit(unit: Mapping[str, Any]) -> Unit:
    return Unit(**{**unit, "supervised": unit["supervised"] and unit["slug"] not in NOT_SUPERVISED})


def _duty(duty: Mapping[str, Any]) -> Duty:
    return Duty(**{**duty, "kind": DutyKind(duty["kind"]), "cadence": Cadence(duty["cadence"]) if duty["cadence"] else None})
