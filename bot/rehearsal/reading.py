"""How somebody reads a digest: the sentences of the desk, turned round, say of what each line reminds, and for which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from conference.model.duties import STANDING
from conference.model.profile import Profile
from handlers.telegram.texts.duties import OWNERS
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
    "duty late": ("· <b>Overdue</b>, {owner}: {duty}, was due on {day}", ("owner", "duty", "day")),
    "duty": ("· {owner}: {duty}, to be reported by {day}", ("owner", "duty", "day")),
}
DAY = re.compile(r"(\d+)月(\d+)日")
MARK = plain(T("🔁 <i>This message may be a repeat.</i>"))
HEAD = "⏰ <b>Waiting for you: {count}</b>"


def _turned(english: str, slots: tuple[str, ...]) -> re.Pattern[str]:
    said = plain(T(english, **{slot: Markup(f"\x00{slot}\x00") for slot in slots}))
    return re.compile(re.sub(r"\x00(\w+)\x00", r"(?P<\1>.*?)", re.escape(said).replace("\\\x00", "\x00")))


PATTERNS = {noun.partition(" ")[0] + f" {place}": _turned(*line) for place, (noun, line) in enumerate(LINES.items())}
DIGEST = _turned(HEAD, ("count",))


def read(text: str, person: str, at: datetime, profile: Profile) -> Read | None:
    """A digest as it was read; None for any other message. A line of another noun is kept under "other"."""
    text, repeated = unmarked(text)
    first, *rest = text.split("\n")
    if (head := DIGEST.fullmatch(first)) is None:
        return None
    lines = [_line(each, person, at, profile) for each in rest if each.startswith("·")]
    return Read(at, person, int(head["count"]), tuple(lines), repeated)


def unmarked(text: str) -> tuple[str, bool]:
    """Without the line that says that it may be a repeat; whether there was one."""
    return (text.removeprefix(MARK).lstrip("\n"), True) if text.startswith(MARK) else (text, False)


def _line(said: str, person: str, at: datetime, profile: Profile) -> Line:
    for name, pattern in PATTERNS.items():
        if (found := pattern.fullmatch(said)) is None:
            continue
        noun = name.partition(" ")[0]
        if noun != "duty":
            return Line(at, person, noun, found["number"], owner_called(found["unit"], profile))
        if (number := duty_number(found["duty"], found["day"], profile)) is not None:
            return Line(at, person, noun, number, owner_called(found["owner"], profile))
    return Line(at, person, "other", said, "")


def owner_called(name: str, profile: Profile) -> str:
    """The slug of whoever is called so."""
    reserved = ((slug, str(T(words))) for slug, words in OWNERS.items())
    units = ((unit.slug, unit.name_zh) for unit in profile.units.values())
    return next((slug for slug, called in (*units, *reserved) if called == name), name)


def duty_number(said: str, day: str, profile: Profile) -> str | None:
    """A duty as the check calls it: its row and its day."""
    named = [(duty.zh, duty.id) for duty in profile.duties] + [(str(T("Attestation of the standing duties")), STANDING)]
    row = max((each for each in named if each[0] in said), key=lambda each: len(each[0]), default=None)
    found = DAY.search(day)
    return f"{row[1]} {int(found[1]):02}-{int(found[2]):02}" if row is not None and found is not None else None
