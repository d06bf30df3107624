"""Variables and their changes as files: JSON, and CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from services.dify.variables import Variable
from services.spreadsheet import guarded
from services.variable_log import Place
from services.variable_states import Kept, Point
from services.variable_types import brief
from services.variables import Listing

HIDDEN = "secret"
"""A type of variables whose values nobody is shown."""
VALUES = ("name", "type", "value", "description", "created_at", "updated_at")
CHANGES = ("at", "cause", "question", "name", "type", "before", "after")


def as_json(place: Place, listing: Listing, points: Sequence[Point]) -> bytes:
    """Everything: typed values, times as ISO 8601; secrets as null."""
    whole = {
        "app": place.app,
        "conversation_id": place.conversation_id,
        "incomplete": listing.cut,
        "variables": [dict(zip(VALUES, _values(each), strict=True)) for each in listing.variables],
        "changes": [dict(zip(CHANGES, row, strict=True)) for row in _changes(points)],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2, default=repr).encode()


def values_csv(listing: Listing) -> bytes:
    """A row for each variable as it now is."""
    return _csv(VALUES, (_values(each) for each in listing.variables))


def changes_csv(points: Sequence[Point]) -> bytes:
    """A row for each variable that a point changed, oldest first."""
    return _csv(CHANGES, _changes(points))


def cell(value: Any) -> Any:
    """What a spreadsheet shows as it is: text that it would calculate gets an apostrophe in front."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return guarded(brief(value))


def _values(each: Variable) -> tuple[Any, ...]:
    value = None if each.value_type == HIDDEN else each.value
    return each.name, each.value_type, value, each.description, _iso(each.created_at), _iso(each.updated_at)


def _changes(points: Sequence[Point]) -> Iterable[tuple[Any, ...]]:
    for point in points:
        for each in point.differences:
            kept = each.either
            before, after = _value(each.before), _value(each.after)
            yield _iso(point.at), point.cause, point.query, kept.name, kept.value_type, before, after


def _value(kept: Kept | None) -> Any:
    return kept.value if kept else None


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    # Without the mark at the beginning Excel takes UTF-8 for something else.
    return file.getvalue().encode("utf-8-sig", "replace")
