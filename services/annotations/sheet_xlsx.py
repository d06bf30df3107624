"""XLSX: the first worksheet, read as a stream; a formula is the text that was typed, never its result."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from services.annotations.sheet_error import BadSheet

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
"""Excel before 2007, and workbooks under a password."""
LARGEST = 128_000_000
"""Bytes of a workbook unpacked; a bomb is told by what its own directory says."""
FURTHEST = 200_000
"""Rows that are looked through; a workbook can name a million empty ones in no space."""
WIDEST = 100
"""Columns that are looked at; one cell at the far end of each row would make sixteen thousand of it."""
ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a workbook holds a character that XML does not."""


def rows(data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows with anything in them. Raises BadSheet."""
    # Imported here: it costs 15 MB, which a site without such files does not need.
    import openpyxl

    _check(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 - anything may be raised by what is no workbook
        raise BadSheet("broken_workbook") from None
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what it says of its own size is often wrong
        for number, values in enumerate(sheet.iter_rows(max_col=WIDEST, values_only=True), start=1):
            if number > FURTHEST:
                raise BadSheet("too_many_rows", limit=FURTHEST)
            cells = list(map(_text, values))
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield number, tuple(cells)
    except BadSheet:
        raise
    except Exception:  # noqa: BLE001 - as above: rows are parsed as they are asked for
        raise BadSheet("broken_workbook") from None
    finally:
        book.close()


def _check(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise BadSheet("broken_workbook") from None
    if not any(entry.filename.startswith("xl/") for entry in entries):
        raise BadSheet("not_a_table", kind="ZIP")
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise BadSheet("too_large", limit=LARGEST // 1_000_000)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            # A formula over many cells is an object that holds its text.
            return str(getattr(value, "text", value))
