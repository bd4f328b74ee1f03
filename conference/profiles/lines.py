"""In which line of a TOML file a key stands. The parser of the standard library does not say it; a problem has to.

Only well-formed TOML comes here. What is found: headers, and keys at the beginning of a line. Anything deeper (inline tables)
is answered with the line of what holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=(.*)", re.DOTALL)


def lines_of(text: str) -> Mapping[Path, int]:
    """Line numbers, from 1, by path: ("units", 3, "slug") is the key `slug` of the fourth [[units]]."""
    found: dict[Path, int] = {}
    lists: dict[Path, int] = {}
    table: Path = ()
    value = _Value()
    for number, line in enumerate(text.split("\n"), start=1):
        if value.goes_on:
            value.read(line)
        elif header := _HEADER.match(line):
            table = _table(_names(header.group(2)), lists, new=header.group(1) == "[[")
            for depth in range(1, len(table) + 1):  # a list and a family stand where their first member stands
                found.setdefault(table[:depth], number)
        elif key := _KEY.match(line):
            path = table
            for name in _names(key.group(1)):
                path = (*path, name)
                found.setdefault(path, number)
            value.read(key.group(2))
    return found


def line_of(path: Path, found: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest thing around it."""
    while path and path not in found:
        path = path[:-1]
    return found.get(path, 1)


def _names(dotted: str) -> list[str]:
    return [name.strip("\"'") for name in re.findall(_NAME, dotted)]


def _table(names: list[str], lists: dict[Path, int], *, new: bool) -> Path:
    """The path of a header; a name that stands for a list means its newest member."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if path in lists:
            path = (*path, lists[path])
    path = (*path, names[-1])
    if new:
        lists[path] = lists.get(path, -1) + 1
    return (*path, lists[path]) if path in lists else path


class _Value:
    """What of a value is still open at the end of a line: a string of several lines, or brackets."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0

    @property
    def goes_on(self) -> bool:
        return bool(self._quote) or self._depth > 0

    def read(self, line: str) -> None:
        at = 0
        while at < len(line):
            if self._quote:
                at = self._inside(line, at)
                continue
            sign = line[at]
            if sign == "#":
                return
            if sign in "\"'":
                self._quote = sign * 3 if line.startswith(sign * 3, at) else sign
                at += len(self._quote)
                continue
            self._depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign, 0)
            at += 1
        if len(self._quote) == 1:  # strings of one line end with it
            self._quote = ""

    def _inside(self, line: str, at: int) -> int:
        """Where reading goes on, inside a string."""
        if line[at] == "\\" and self._quote[0] == '"':
            return at + 2
        if line.startswith(self._quote, at):
            at += len(self._quote)
            self._quote = ""
            return at
        return at + 1
