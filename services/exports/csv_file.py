"""CSV: one row for each question and its answer, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from services.exports.document import Document, moment, value
from services.spreadsheet import guarded

COLUMNS = (
    "conversation_id",
    "title",
    "message_id",
    "asked_at",
    "question",
    "answer",
    "state",
    "rating",
    "reason",
    "files",
    "sources",
    "tools",
    "thoughts",
    "total_tokens",
    "total_price",
    "currency",
    "inputs",
    "variables",
)
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""


class CsvFile:
    media_type = "text/csv; charset=utf-8"
    extension = "csv"

    def head(self, _title: str) -> str:
        return BYTE_ORDER_MARK + _line(COLUMNS)

    def one(self, document: Document) -> Iterator[str]:
        row = document.row
        variables = _json({v.name: value(v) for v in document.variables})
        for turn in document.turns:
            usage = turn.usage
            yield _line(
                (
                    row.id,
                    document.title,
                    turn.message_id,
                    moment(turn.asked_at),
                    turn.query,
                    turn.answer,
                    turn.state,
                    turn.rating.rating if turn.rating else "",
                    turn.rating.content if turn.rating else "",
                    "; ".join(f.name or f.id for f in (*turn.attachments, *turn.files)),
                    "; ".join(c.document_name for c in turn.citations),
                    "; ".join(t.tool for t in turn.thoughts if t.tool),
                    "\n".join(t.thought for t in turn.thoughts if t.thought),
                    usage.total_tokens if usage else "",
                    usage.total_price if usage else "",
                    usage.currency if usage else "",
                    _json(dict(row.inputs)),
                    variables,
                )
            )
        if document.problem:
            yield _line((row.id, document.title, "", "", "", document.problem, "unread"))

    def foot(self) -> str:
        return ""


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([guarded(cell) for cell in cells])
    return text.getvalue()


def _json(held: dict[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False) if held else ""
