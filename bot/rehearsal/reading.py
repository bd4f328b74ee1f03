"""How somebody reads a digest: the sentences of the desk, turned round, say of what each line reminds, and for which unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conference.model.duties import STANDING
from conference.model.profile import Profile
from handlers.telegram.texts.duties import OWNERS
from handlers.telegram.texts.registry import plain
from locales import Markup, translator

from .journal import Line, Read, Told

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


def _turned(english: str, slots: tuple[str, ...], name: str = "name") -> re.Pattern[str]:
    """`name`: as what a slot of this name is found."""
    said = plain(T(english, **{slot: Markup(f"\x00{slot}\x00") for slot in slots}))
    pattern = re.sub(r"\x00(\w+)\x00", r"(?P<\1>.*?)", re.escape(said).replace("\\\x00", "\x00"))
    return re.compile(pattern.replace("(?P<name>", f"(?P<{name}>"))


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


def _about(*sentences: Any, later: str = "") -> re.Pattern[str]:
    """A message that begins with these lines. `later`: it also says this somewhere below."""
    pattern = "\n".join(_turned(*sentence).pattern for sentence in sentences)
    return re.compile(pattern + ("(?=\n.*" + _turned(later, ("at",)).pattern + ")" if later else "(?=\n|$)"), re.DOTALL)


# Messages that are no digest: what they are, and the beginning by which they are known.
ROSTER_CHECK = ("📋 <b>Roster check {quarter}: {unit}</b>", ("quarter", "unit"))
TOLD: Mapping[str, re.Pattern[str]] = {
    "report": _about(("🔴 <b>New report {number}</b>, sent {at}. Please accept it.", ("number", "at"))),
    "report again": _about(
        (
            "🔴 <b>Reminder {step}: report {number}</b>, sent {at}, has not been accepted. Please accept it at once.",
            ("step", "number", "at"),
        )
    ),
    "report unaccepted": _about(("🔴 <b>Report {number} has not been accepted for {minutes} minutes.</b>", ("number", "minutes"))),
    "report seen": _about(
        (
            "For the record: report <b>{number}</b>, sent {at}. Public security's duty desk "
            "received it at the same moment; nothing is asked of the office.",
            ("number", "at"),
        )
    ),
    "vacancy": _about(
        ("🪑 <b>A post is vacant.</b>", ()),
        ("Conference: <b>{name}</b>", ("name",), "conference"),
        ("Unit: <b>{name}</b>", ("name",), "unit"),
        ("Post: <b>{name}</b>", ("name",), "post"),
        ("Nobody has held it since {at}.", ("at",)),
        ("\n{ask}", ("ask",)),
    ),
    "vacancies": _about(("🪑 <b>Vacant posts: {number}.</b>", ("number",))),
    "roster check again": _about(("⏰ <b>A reminder.</b>", ()), ROSTER_CHECK, later="Please answer by {at}."),
    "roster check": _about(ROSTER_CHECK, later="Please answer by {at}."),
    "roster check closed": _about(("📋 <b>Roster check {quarter} is closed.</b>", ("quarter",))),
    "plenary missing": _about(("⏳ <b>No plenary has been called in this period.</b>", ())),
}
ASKS = {
    str(plain(T(said))): whom
    for said, whom in (
        ("Please name somebody for it: choose the post under /handover, or tell the office.", "unit"),
        ("The unit has nobody else who could be reminded. Please ask the unit and invite somebody.", "alone"),
        ("The unit has been reminded and nobody has been named yet.", "office"),
    )
}


def told(text: str, person: str, at: datetime, profile: Profile) -> Told | None:
    """What the check judges besides digests; None for any other message."""
    for what, pattern in TOLD.items():
        if (found := pattern.match(text)) is None:
            continue
        named = found.groupdict()
        if what == "vacancy":
            return Told(
                at, person, f"vacancy, {ASKS.get(named['ask'], named['ask'])}", f"{owner_called(named['unit'], profile)} {named['post']}"
            )
        unit = owner_called(named["unit"], profile) if "unit" in named else ""
        return Told(at, person, f"{what} {named['step']}" if "step" in named else what, named.get("number") or unit)
    return None


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
    bodies = ((slug, body.name_zh) for slug, body in profile.actors.items())
    return next((slug for slug, called in (*units, *bodies, *reserved) if called == name), name)


def duty_number(said: str, day: str, profile: Profile) -> str | None:
    """A duty as the check calls it: its row and its day."""
    named = [(duty.zh, duty.id) for duty in profile.duties] + [(str(T("Attestation of the standing duties")), STANDING)]
    row = max((each for each in named if each[0] in said), key=lambda each: len(each[0]), default=None)
    found = DAY.search(day)
    return f"{row[1]} {int(found[1]):02}-{int(found[2]):02}" if row is not None and found is not None else None
