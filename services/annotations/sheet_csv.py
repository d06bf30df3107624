"""CSV, with whichever delimiter; one row in memory at a time."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from services.annotations import encodings
from services.annotations.sheet_error import BadSheet

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 1 << 16
"""Characters from which the delimiter is found out."""
LOOKED_AT = 30
"""Rows of them."""

# Python refuses cells over 128 kB, for the whole process; ours are measured, and told by their row.
csv.field_size_limit(1 << 30)


def rows(data: bytes, encoding: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows with anything in them. Raises BadSheet where quotation marks make no sense."""
    reader = csv.reader(_text(data, encoding), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "open_quote" if "end of data" in str(error) else "stray_quote"
            raise BadSheet(code, row=number) from None
        if any(cells):
            yield number, tuple(cells)


def delimiter(data: bytes, encoding: str) -> str:
    """The one that parts most rows into the same number of cells."""
    sample = _text(data, encoding).read(SAMPLE)
    return max(DELIMITERS, key=lambda each: _fit(sample, each))


def _fit(sample: str, delimiter: str) -> tuple[bool, float, int]:
    widths: list[int] = []
    # Not strict: the sample may end within a cell.
    for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
        if cells:
            widths.append(len(cells))
        if len(widths) > LOOKED_AT:
            break
    if len(widths) > 1:
        widths.pop()  # perhaps cut off
    width, rows = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return width > 1, rows / max(len(widths), 1), width


def _text(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding, encodings.errors(encoding), newline="")
