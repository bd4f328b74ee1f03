"""What is different between two profiles, as data: shown before a changed profile is loaded, and by `lianxi profile diff`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from .gates import Gate
from .profile import Body, Duty, Profile, Seat, Unit


class ChangeKind(StrEnum):
    CONFERENCE = "conference"  # name, level, document, office …
    RULE = "rule"
    TARGET = "target"
    SETTING = "setting"
    LADDER = "ladder"
    REMINDER = "reminder"
    WORD = "word"
    TITLE = "title"
    UNIT_ADDED = "unit_added"
    UNIT_RENAMED = "unit_renamed"
    UNIT_MERGED = "unit_merged"
    UNIT_ENDED = "unit_ended"
    UNIT_CHANGED = "unit_changed"
    ACTOR_ADDED = "actor_added"
    ACTOR_ENDED = "actor_ended"
    ACTOR_CHANGED = "actor_changed"
    SEAT_ADDED = "seat_added"
    SEAT_RETITLED = "seat_retitled"
    SEAT_CLOSED = "seat_closed"
    DUTY_ADDED = "duty_added"
    DUTY_REMOVED = "duty_removed"
    DUTY_CHANGED = "duty_changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `subject` names the thing (a key, a slug, an id), `before` and `after` what is said of it."""

    kind: ChangeKind
    subject: str
    before: str = ""
    after: str = ""


# Of a profile, what is compared elsewhere or is no part of the file.
_APART = frozenset(
    {"rules", "settings", "targets", "ladders", "reminders", "units", "actors", "seats", "duties", "words", "titles", "places"}
)


def diff(old: Profile | None, new: Profile) -> Sequence[Change]:
    """Everything in which `new` differs; without `old`, everything it brings."""
    return [
        *_values(ChangeKind.CONFERENCE, _fields(old), _fields(new)),
        *_values(ChangeKind.RULE, _fields(old and old.rules), _fields(new.rules)),
        *_values(ChangeKind.TARGET, old.targets if old else {}, new.targets),
        *_values(ChangeKind.SETTING, _fields(old and old.settings), _fields(new.settings)),
        *_values(ChangeKind.LADDER, _steps(old.ladders if old else {}), _steps(new.ladders)),
        *_values(ChangeKind.REMINDER, _steps(old.reminders if old else {}), _steps(new.reminders)),
        *_values(ChangeKind.WORD, _fields(old and old.words), _fields(new.words)),
        *_values(ChangeKind.TITLE, _fields(old and old.titles), _fields(new.titles)),
        *_units(old.units if old else {}, new),
        *_actors(old.actors if old else {}, new.actors),
        *_seats(old.seats if old else (), new.seats),
        *_duties(old.duties if old else (), new.duties),
    ]


def heir_of(slug: str, new: Profile) -> Unit | None:
    """The unit into which a vanished one went: the one that names it under `merged` or `aliases`."""
    return None if slug in new.units else new.unit_called(slug)


def said(value: Any) -> str:
    """A value in a line: lists with commas, a gate as it is written, silence as nothing."""
    if isinstance(value, Gate):
        return value.text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _fields(thing: Any) -> dict[str, Any]:
    return {field.name: getattr(thing, field.name) for field in fields(thing) if field.name not in _APART} if thing else {}


def _steps(families: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    return {
        name: "; ".join(" ".join(str(getattr(step, field.name)) for field in fields(step)) for step in steps)
        for name, steps in families.items()
    }


def _values(kind: ChangeKind, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = said(old.get(name)), said(new.get(name))
        if before != after:
            yield Change(kind, name, before, after)


def _units(old: Mapping[str, Unit], new: Profile) -> Iterator[Change]:
    for slug, before in old.items():
        after = new.units.get(slug)
        if after is None:
            heir = heir_of(slug, new)
            yield Change(ChangeKind.UNIT_MERGED if heir else ChangeKind.UNIT_ENDED, slug, before.name_zh, heir.slug if heir else "")
            continue
        if (before.name_zh, before.name_en) != (after.name_zh, after.name_en):
            name = (before.name_zh, after.name_zh) if before.name_zh != after.name_zh else (before.name_en, after.name_en)
            yield Change(ChangeKind.UNIT_RENAMED, slug, *name)
        yield from _within(ChangeKind.UNIT_CHANGED, slug, before, after, but=("slug", "name_zh", "name_en"))
    for slug, unit in new.units.items():
        if slug not in old:
            yield Change(ChangeKind.UNIT_ADDED, slug, "", unit.name_zh)


def _actors(old: Mapping[str, Body], new: Mapping[str, Body]) -> Iterator[Change]:
    for slug in dict.fromkeys((*old, *new)):
        before, after = old.get(slug), new.get(slug)
        if before is None or after is None:
            kind = ChangeKind.ACTOR_ADDED if before is None else ChangeKind.ACTOR_ENDED
            yield Change(kind, slug, before.name_zh if before else "", after.name_zh if after else "")
        else:
            yield from _within(ChangeKind.ACTOR_CHANGED, slug, before, after, but=("slug",))


def _within(kind: ChangeKind, subject: str, before: Any, after: Any, but: Sequence[str]) -> Iterator[Change]:
    for change in _values(kind, _fields(before), _fields(after)):
        if change.subject not in but:
            yield Change(kind, f"{subject}.{change.subject}", change.before, change.after)


def _seats(old: Sequence[Seat], new: Sequence[Seat]) -> Iterator[Change]:
    """A seat is retitled if its unit has one of the same role under another title; else it closed, or is new."""
    places = dict.fromkeys((seat.unit, seat.role) for seat in (*old, *new))
    for place in places:
        before, after = (Counter(seat.title for seat in seats if (seat.unit, seat.role) == place) for seats in (old, new))
        gone, come = list((before - after).elements()), list((after - before).elements())
        subject = f"{place[0]} {place[1]}"
        for title, now in zip(gone, come, strict=False):
            yield Change(ChangeKind.SEAT_RETITLED, subject, title, now)
        yield from (Change(ChangeKind.SEAT_CLOSED, subject, title) for title in gone[len(come) :])
        yield from (Change(ChangeKind.SEAT_ADDED, subject, "", title) for title in come[len(gone) :])


def _duties(old: Iterable[Duty], new: Iterable[Duty]) -> Iterator[Change]:
    known, coming = {duty.id: duty for duty in old}, {duty.id: duty for duty in new}
    for name in dict.fromkeys((*known, *coming)):
        before, after = known.get(name), coming.get(name)
        if before is None or after is None:
            kind = ChangeKind.DUTY_ADDED if before is None else ChangeKind.DUTY_REMOVED
            yield Change(kind, name, before.zh if before else "", after.zh if after else "")
        else:
            yield from _within(ChangeKind.DUTY_CHANGED, name, before, after, but=("id",))
