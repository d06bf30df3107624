"""Annotations as a file: CSV that a spreadsheet runs no formula of, XLSX, JSONL, and JSONL for fine-tuning.

What is exported as CSV, XLSX or JSONL and imported again is the same, character for character.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from services.annotations.row import Row
from services.annotations.sheet import OURS
from services.spreadsheet import STARTS

LONGEST_CELL = 32_767
"""Characters; a workbook holds no more in one cell."""
RISKY = re.compile(rf"'*\s*[{re.escape(STARTS)}]")
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML does not hold, or turns into something else; and what would be read as one of these."""


def as_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets want it."""
    return table(OURS, map(_cells, rows))


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV of any columns. A cell that begins like a formula gets an apostrophe before it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    writer.writerows([f"'{cell}" if RISKY.match(cell) else cell for cell in cells] for cells in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def as_xlsx(rows: Iterable[Row]) -> bytes:
    """One worksheet of text cells; a text over LONGEST_CELL characters is cut off there."""
    # Imported here, as in sheet_xlsx.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    book = Workbook(write_only=True)
    sheet = book.create_sheet("annotations")
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDE", (60, 90, 10, 22, 38), strict=True):
        sheet.column_dimensions[column].width = width
    wrapped = Alignment(wrap_text=True, vertical="top")
    for cells in _lines(rows):
        line = []
        for text in cells:
            cell = WriteOnlyCell(sheet, value=_escaped(text[:LONGEST_CELL]))
            cell.data_type, cell.quotePrefix = "s", True  # never a formula, whatever it begins with
            cell.alignment = wrapped
            line.append(cell)
        sheet.append(line)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def as_jsonl(rows: Iterable[Row]) -> bytes:
    return _jsonl(dict(zip(OURS, _cells(row), strict=True)) for row in rows)


def as_tuning(rows: Iterable[Row]) -> bytes:
    """A conversation of two messages per line, as fine-tuning wants it, and as Dify's own export has it."""

    def messages(row: Row) -> Mapping[str, object]:
        roles = (("system", ""), ("user", row.question), ("assistant", row.answer))
        return {"messages": [{"role": role, "content": content} for role, content in roles]}

    return _jsonl(map(messages, rows))


FORMATS: Final[Mapping[str, tuple[str, str, Callable[[Iterable[Row]], bytes]]]] = {
    "csv": ("annotations.csv", "text/csv", as_csv),
    "xlsx": (
        "annotations.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_xlsx,
    ),
    "jsonl": ("annotations.jsonl", "application/jsonl", as_jsonl),
    "tuning": ("annotations-fine-tuning.jsonl", "application/jsonl", as_tuning),
}
"""File name, media type and maker of each."""


def _lines(rows: Iterable[Row]) -> Iterator[Sequence[str]]:
    yield OURS
    yield from map(_cells, rows)


def _cells(row: Row) -> Sequence[str]:
    made = datetime.fromtimestamp(row.created_at, UTC).isoformat() if row.created_at is not None else ""
    hits = "" if row.hit_count is None else str(row.hit_count)
    return row.question, row.answer, hits, made, row.id


def _jsonl(lines: Iterable[Mapping[str, object]]) -> bytes:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    return text.encode("utf-8", "replace")


def _escaped(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return UNFIT.sub(lambda found: f"_x{ord(found[0]):04X}_", whole)
