"""The list of keys as a page for people: docs/profiles.md holds it, and a test holds the page against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .keys import FAMILIES, LISTS, NOTES, REQUIRED, TABLES, Key


def reference() -> str:
    """Markdown: a table for each table of a profile."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for name, keys in TABLES.items():
        yield from _table(f"`[{name}]`", keys)
    for name, keys in LISTS.items():
        yield from _table(f"`[[{name}]]`, one for each", keys)
    for name, (members, keys) in FAMILIES.items():
        yield from _table(f"`[[{name}.NAME]]`, one for each step; NAME: {', '.join(members)}", keys)
    yield f"### `[{NOTES}]`"
    yield ""
    yield "Any keys with text, numbers, true or false: facts from elsewhere, for people. The program does not read them."
    yield ""


def _table(title: str, keys: Mapping[str, Key]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield "| key | means | allowed | if absent |"
    yield "|---|---|---|---|"
    for key in keys.values():
        yield f"| `{key.name}` | {_cell(key.means)} | {_cell(key.check.allowed)} | {_default(key.default)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(default: Any) -> str:
    if default is REQUIRED:
        return "**needed**"
    if default in ("", (), None):
        return "-"
    if isinstance(default, tuple):
        return ", ".join(f"`{each}`" for each in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
