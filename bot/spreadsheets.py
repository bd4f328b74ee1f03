"""XLSX, for commands only: the library takes 40 MB, and the running desk never imports it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence

from conference.model.errors import Misconfigured
from conference.model.sheets import Formula

MOST_COLUMNS = 30
MOST_UNPACKED = 50_000_000  # bytes; a small file may hold a very large sheet


def from_xlsx(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of the first sheet with their numbers; a computed cell is a `Formula`. Raises Misconfigured."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Misconfigured(f"{name}: unpacked it has more than {MOST_UNPACKED:,} bytes")
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            yield number, [_text(cell.data_type, cell.value) for cell in cells]
    except Misconfigured:
        raise
    except Exception as error:
        raise Misconfigured(f"{name}: cannot be read as XLSX ({type(error).__name__})") from error


def _text(kind: str, value: object) -> str:
    """A number as it is written: 422823100, not 422823100.0."""
    if value is None:
        return ""
    if kind == "f":
        return Formula(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def as_xlsx(lines: Sequence[Sequence[str]]) -> bytes:
    """A workbook with one sheet of typed text: whatever a cell begins with, nothing is computed."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.freeze_panes = "A2"
    for number, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            cell = sheet.cell(number, column, ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
            cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
