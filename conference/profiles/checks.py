"""What a value of a profile may be. Each check says what is allowed, and whether a value read from TOML fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

SLUG = re.compile(r"[a-z][a-z0-9_]{0,47}")
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class Check(Protocol):
    @property
    def allowed(self) -> str: ...
    def fits(self, value: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text. `limit` is what the database and a message can hold."""

    limit: int = 200
    empty: bool = False

    @property
    def allowed(self) -> str:
        return f"text in quotes, one line, {0 if self.empty else 1} to {self.limit} characters"

    def fits(self, value: Any) -> bool:
        if not isinstance(value, str) or len(value) > self.limit or not (value.strip() or (self.empty and not value)):
            return False
        return all(sign.isprintable() for sign in value)


@dataclass(frozen=True, slots=True)
class Flag:
    allowed = "true or false"

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Number:
    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def fits(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class YearOrNone:
    """A year of these documents; 0 where nobody has said it."""

    @property
    def allowed(self) -> str:
        return "a year from 1949 to 2100, or 0"

    def fits(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and (value == 0 or 1949 <= value <= 2100)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words; "" where the text may be silent."""

    options: Sequence[str]

    @property
    def allowed(self) -> str:
        return ", ".join(option or '""' for option in self.options)

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.options


@dataclass(frozen=True, slots=True)
class Pattern:
    pattern: re.Pattern[str]
    allowed: str

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and self.pattern.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Day:
    allowed = "a day as YYYY-MM-DD in quotes"

    def fits(self, value: Any) -> bool:
        try:
            return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list without repetitions."""

    item: Check
    low: int = 0
    high: int = 100

    @property
    def allowed(self) -> str:
        size = f"exactly {self.low}" if self.low == self.high else f"{self.low} to {self.high}"
        return f"a list in brackets, {size}, each once, each: {self.item.allowed}"

    def fits(self, value: Any) -> bool:
        if not isinstance(value, list) or not self.low <= len(value) <= self.high:
            return False
        return all(self.item.fits(each) for each in value) and _distinct(value)


@dataclass(frozen=True, slots=True)
class Free:
    """Notes for people: not read by the program."""

    allowed = "text, a number, or true or false"

    def fits(self, value: Any) -> bool:
        return isinstance(value, str | int) and len(str(value)) <= 1000


def _distinct(values: Collection[Any]) -> bool:
    return len(set(map(str, values))) == len(values)


AS_SLUG = Pattern(SLUG, "a name of a-z, 0-9 and _ that begins with a letter, at most 48 characters")
AS_SLUG_OR_NONE = Pattern(re.compile(f"|{SLUG.pattern}"), f'"" or {AS_SLUG.allowed}')
AS_YEAR_OR_NONE = YearOrNone()
AS_REGION = Pattern(re.compile(r"|\d{2}|\d{4}|\d{6}|\d{9}|\d{12}"), '"" or an official division code of 2, 4, 6, 9 or 12 digits')
AS_HOURS = Pattern(_HOURS, "hours as HH:MM-HH:MM")
AS_TIME = Pattern(re.compile(r"([01]\d|2[0-3]):[0-5]\d"), "a time as HH:MM")
AS_QUIET = Pattern(re.compile(f"|{_HOURS.pattern}"), '"" or hours as HH:MM-HH:MM')
_MONTH_DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
AS_STRETCH = Pattern(re.compile(f"{_MONTH_DAY}/{_MONTH_DAY}"), "MM-DD/MM-DD")
AS_CLOCK = Pattern(re.compile(r"at_once|promptly|date:\S.{0,40}"), "at_once, promptly, date:THE DAY AS THE TEXT WRITES IT")
AS_RUNG = Pattern(re.compile(r"office|desk:[1-9]\d?"), "desk:N (the desk of rank N), office")
AS_DUTY = Pattern(
    re.compile(r"[a-z][a-z0-9_]{0,47}\.[a-z][a-z0-9_]{0,47}\.\d{2,3}"), "CONFERENCE.OWNER.NUMBER, such as badong.education.03"
)
