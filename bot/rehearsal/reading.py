"""How somebody reads a digest: the sentences of the desk, turned round, say of what each line reminds, and for which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from conference.model.profile import Profile
from handlers.telegram.texts.registry import plain
from locales import Markup, translator

from .journal import Line, Read

T = translator("zh_Hans")
# The line of each noun as it stands in the catalogue; what changes from line to line in angles.
LINES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "meeting": (
        "· <b>{kind} {number}</b>, {at}: {unit} has not answered yet, please do so by {due}",
        ("kind", "number", "at", "unit", "due"),
    ),
    "notice": ("· <b>Notice {number}</b>: {unit} has not signed for it yet, please do so by {due}", ("number", "unit", "due")),
    "assignment late": ("· <b>{number}</b> {what}, {unit}: <b>was due {due}</b>", ("number", "what", "unit", "due")),
    "assignment": ("· <b>{number}</b> {what}, {unit}: due {due}", ("number", "what", "unit", "due")),
}
HEAD = "⏰ <b>Waiting for you: {count}</b>"


def _turned(english: str, slots: tuple[str, ...]) -> re.Pattern[str]:
    said = plain(T(english, **{slot: Markup(f"\x00{slot}\x00") for slot in slots}))
    return re.compile(re.sub(r"\x00(\w+)\x00", r"(?P<\1>.*?)", re.escape(said).replace("\\\x00", "\x00")))


PATTERNS = {noun.partition(" ")[0] + f" {place}": _turned(*line) for place, (noun, line) in enumerate(LINES.items())}
DIGEST = _turned(HEAD, ("count",))


def read(text: str, person: str, at: datetime, profile: Profile) -> Read | None:
    """A digest as it was read; None for any other message. A line of another noun is kept under "other"."""
    first, *rest = text.split("\n")
    if (head := DIGEST.fullmatch(first)) is None:
        return None
    lines = [_line(each, person, at, profile) for each in rest if each.startswith("·")]
    return Read(at, person, int(head["count"]), tuple(lines))


def _line(said: str, person: str, at: datetime, profile: Profile) -> Line:
    for name, pattern in PATTERNS.items():
        if (found := pattern.fullmatch(said)) is not None:
            unit = next((unit.slug for unit in profile.units.values() if unit.name_zh == found["unit"]), found["unit"])
            return Line(at, person, name.partition(" ")[0], found["number"], unit)
    return Line(at, person, "other", said, "")
