"""Cells that go out to spreadsheets and come back from them: no text that somebody wrote is ever computed.

A cell is dangerous if its first character after spaces and controls is one of = + - @ in any width, or if it starts with a
tab or a line end. Going out it gets an apostrophe in front; coming back it loses it. Source: security T19.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

MARK = "'"
BOM = "\ufeff"
_COMPUTED = frozenset("=+-@")
_STARTS = ("\t", "\r", "\n")


class Formula(str):
    """A cell that a spreadsheet would compute, as it stands there."""

    __slots__ = ()


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet might take this text for a formula."""
    first = next((c for c in text if unicodedata.category(c)[0] not in "ZC"), "")
    return text.startswith(_STARTS) or (first != "" and unicodedata.normalize("NFKC", first)[:1] in _COMPUTED)


def guarded(text: str) -> str:
    """The text as a cell of a CSV. `unguarded` gives it back unchanged."""
    return MARK + text if is_dangerous(text.lstrip(MARK)) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith(MARK) and is_dangerous(cell.lstrip(MARK)) else cell


def is_gbk(raw: bytes) -> bool:
    """Whether bytes that are no UTF-8 may be what Excel saves in China."""
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """A CSV in UTF-8 as spreadsheets open it: with a byte order mark, every cell quoted and guarded."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerows([guarded(cell) for cell in line] for line in lines)
    return (BOM + written.getvalue()).encode("utf-8", "replace")


def from_csv(text: str) -> Iterable[tuple[int, list[str]]]:
    """Each line with the number of its first line in the file; a dangerous cell without its mark is a `Formula`. Raises csv.Error."""
    reader = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), strict=True)
    last = 0
    for cells in reader:
        yield last + 1, [Formula(cell) if is_dangerous(cell) else unguarded(cell) for cell in cells]
        last = reader.line_num
