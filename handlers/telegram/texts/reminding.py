"""The digest: what somebody still owes, in one message. Each noun says its own line (`line_for`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from conference.model.errors import Misconfigured
from conference.model.told import CalendarEnds, Digest
from handlers.messages import Button, Message, Reader
from locales import Markup, Translator

from .moments import day, moment
from .registry import lines, says

MOST = 25  # lines in one message; more are counted, and found in the lists they belong to


Line = Callable[[str, dict[str, Any], Reader, Translator], tuple[Markup, Button | None]]
L = TypeVar("L", bound=Line)
LINES: dict[str, Line] = {}


def line_for(noun: str) -> Callable[[L], L]:
    """Decorator: this function says the line of a noun: `(unit, facts, reader, t)` gives the words and a button, or None.

    `facts` are those of the noun's `Standing` (reminders.py), with `id`, `step` ("-2 liaison") besides.
    """

    def register(line: L) -> L:
        if noun in LINES:
            raise Misconfigured(f"two functions say the line of {noun!r}")
        LINES[noun] = line
        return line

    return register


@says(Digest)
def digest(record: Digest, reader: Reader, t: Translator) -> Message:
    said: list[Markup] = []
    rows: list[list[Button]] = []
    for noun, key, unit, _, step, facts in record.lines[:MOST]:
        text, button = LINES.get(noun, anything)(unit, {"id": key, "step": step, **facts}, reader, t)
        said.append(text)
        if button is not None and [button] not in rows:
            rows.append([button])
    left = len(record.lines) - len(said)
    text = lines(
        t("⏰ <b>Waiting for you: {count}</b>", count=len(record.lines)),
        "",
        *said,
        t("… and {count} more.", count=left) if left > 0 else None,
    )
    return Message(text, rows, protect=True)


@says(CalendarEnds)
def calendar_ends(record: CalendarEnds, reader: Reader, t: Translator) -> Message:
    beyond = t("Beyond that, every Monday to Friday counts as a working day, and reminders may fall on a holiday.")
    known = t("📆 The table of working days ends with {day}.", day=day(record.ends, t)) if record.ends else t("📆 No holidays are known.")
    return Message(lines(known, beyond, t("Please ask the operator to bring in the announced holidays (lianxi calendar import).")))


def anything(unit: str, facts: dict[str, Any], reader: Reader, t: Translator) -> tuple[Markup, Button | None]:
    """A noun without words of its own: its number and the day."""
    return t("· <b>{number}</b>, by {due}", number=facts.get("number", ""), due=when(str(facts["due"]), reader, t)), None


def when(iso: str, reader: Reader, t: Translator) -> Markup:
    """A day or a moment in ISO."""
    return moment(iso, reader, t) if "T" in iso else day(iso, t)
