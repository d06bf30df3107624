"""A file of questions and answers, read row by row: CSV, XLSX or JSONL, whoever wrote it.

Nothing of it is trusted: not its name, not its size, not that it is a table. What cannot be read at all
raises BadSheet; a row that cannot be used is read, with the reason, so that a person can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.annotations import encodings, sheet_csv, sheet_jsonl, sheet_xlsx
from services.annotations.pair import Pair, problem
from services.annotations.sheet_error import BadSheet
from services.spreadsheet import STARTS

__all__ = ["BadSheet", "Sheet", "read"]

LARGEST = 32_000_000
"""Bytes of a file: 10,000 rows of 3,200 characters."""
MOST_ROWS = 10_000
MOST_COLUMNS = 50
SHOWN = 5
SAMPLE = 1 << 12
"""Bytes by which a file that is no text is told."""
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
QUESTIONS = frozenset(
    {"question", "questions", "q", "query", "ask", "prompt", "frage", "pregunta", "domanda"}
    | {"问题", "提问", "問題", "質問"}
)
ANSWERS = frozenset(
    {"answer", "answers", "a", "reply", "response", "completion", "antwort", "respuesta", "réponse"}
    | {"答案", "回答", "答え"}
)
OURS = ("question", "answer", "hit_count", "created_at", "id")
"""The columns of our own export, in their order."""
GUARDED = re.compile(rf"'+\s*[{re.escape(STARTS)}]")
"""A cell of our own CSV that a spreadsheet would otherwise run as a formula."""
FORBIDDEN = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"<!DOCTYPE", "HTML"),
    (b"<html", "HTML"),
)
Cells = tuple[str, ...]
Record = tuple[int, Cells]
"""The number of the row as a spreadsheet counts it, from 1, and its cells."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that can be read again and again, at most MOST_ROWS long."""

    kind: str
    """csv, xlsx, jsonl."""
    encoding: str
    delimiter: str
    """"" but for CSV."""
    header: bool
    """Whether the first row holds the names of the columns."""
    columns: Cells
    """Their names; "" where they have none."""
    first: tuple[Record, ...]
    rows: Callable[[], Iterator[Record]]
    """All rows with anything in them, the first one too. Raises BadSheet."""

    @property
    def question(self) -> int | None:
        """The column that holds the questions by its name; None where none does, or several do."""
        return _only(self.columns, QUESTIONS)

    @property
    def answer(self) -> int | None:
        return _only(self.columns, ANSWERS)

    @property
    def repeated(self) -> tuple[str, ...]:
        """Names that several columns have."""
        named = [name.strip().casefold() for name in self.columns if name.strip()]
        return tuple(sorted({name for name in named if named.count(name) > 1}))

    def pairs(self, question: int, answer: int) -> Iterator[Pair]:
        """Every row below the header, by the columns given. Raises BadSheet."""
        ours = self.kind == "csv" and self.columns == OURS
        for place, (number, cells) in enumerate(self.rows()):
            if self.header and place == 0:
                continue
            asked, said = _cell(cells, question), _cell(cells, answer)
            if ours:
                asked, said = _unguarded(asked), _unguarded(said)
            yield Pair(number, asked, said, self._problem(cells, asked, said))

    def _problem(self, cells: Cells, question: str, answer: str) -> str:
        if any(cells[len(self.columns) :]):
            return "cells"
        return "broken" if encodings.broken(self.encoding, question + answer) else problem(question, answer)


def read(
    name: str, data: bytes, *, encoding: str = "", delimiter: str = "", header: bool | None = None
) -> Sheet:
    """What kind of table it is and how it begins; what is given in words overrides what was found.

    Raises BadSheet for what is none, before anything of it is kept.
    """
    if len(data) > LARGEST:
        raise BadSheet("too_large", limit=LARGEST // 1_000_000)
    if not re.search(rb"[^\0\s\xef\xbb\xbf\xff\xfe]", data):
        raise BadSheet("empty")
    head = data[:SAMPLE].lstrip()
    if kind := next((kind for mark, kind in FORBIDDEN if head.startswith(mark)), ""):
        raise BadSheet("not_a_table", kind=kind)
    if data.startswith(sheet_xlsx.OLE):
        raise BadSheet("old_excel")
    if data.startswith(sheet_xlsx.ZIP):
        return _sheet("xlsx", "utf-8", "", lambda: sheet_xlsx.rows(data), header)
    encoding = encoding or encodings.found(data)
    sample = data[:SAMPLE].decode(encoding, "replace")
    if 10 * len(CONTROL.findall(sample)) > len(sample):
        raise BadSheet("not_a_table", kind="")
    if name.lower().endswith((".jsonl", ".ndjson", ".json")) or sample.lstrip("\ufeff \r\n").startswith("{"):
        names = sheet_jsonl.columns(data, encoding)
        return _sheet("jsonl", encoding, "", lambda: sheet_jsonl.rows(data, encoding, names), True)
    delimiter = delimiter or sheet_csv.delimiter(data, encoding)
    return _sheet("csv", encoding, delimiter, lambda: sheet_csv.rows(data, encoding, delimiter), header)


def _sheet(
    kind: str, encoding: str, delimiter: str, rows: Callable[[], Iterator[Record]], header: bool | None
) -> Sheet:
    first = tuple(record for record, _ in zip(rows(), range(SHOWN + 1), strict=False))
    if not first:
        raise BadSheet("empty")
    number, names = first[0]
    width = len(names)
    if width > MOST_COLUMNS:
        raise BadSheet("too_many_columns", row=number, limit=MOST_COLUMNS)
    if width < 2 and not any(len(cells) > 1 for _, cells in first):
        raise BadSheet("one_column", row=number)
    if header is None:
        header = any(_meaning(name) in QUESTIONS | ANSWERS for name in names)
    if not header:
        width = max(len(cells) for _, cells in first)
        names = ("",) * width
    return Sheet(kind, encoding, delimiter, header, names, first, lambda: _bounded(rows()))


def _bounded(rows: Iterator[Record]) -> Iterator[Record]:
    for count, record in enumerate(rows):
        if count > MOST_ROWS:
            raise BadSheet("too_many_rows", limit=MOST_ROWS)
        yield record


def _meaning(name: str) -> str:
    return name.strip().strip("\ufeff\"'*:").casefold()


def _only(columns: Cells, names: frozenset[str]) -> int | None:
    found = [place for place, name in enumerate(columns) if _meaning(name) in names]
    return found[0] if len(found) == 1 else None


def _cell(cells: Cells, column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _unguarded(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell
