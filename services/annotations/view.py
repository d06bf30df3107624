"""Which rows a curator looks at, in which order: search, filter and sort over the whole list in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.annotations.likeness import Pair
from services.annotations.row import Row

NEW = 7 * 86_400.0
"""Seconds."""
LONG = 1_000
"""Characters of an answer."""
MOST_HIT = 50
PAGE = 50
"""Rows drawn at once."""
FILTERS = ("all", "never", "most", "new", "long", "duplicates")
SORTS: Mapping[str, Callable[[Row], Any]] = {
    "question": lambda row: row.question.casefold(),
    "answer": lambda row: row.answer.casefold(),
    "hits": lambda row: row.hit_count or 0,
    "created": lambda row: row.created_at or 0.0,
    "length": lambda row: len(row.answer),
}


@dataclass(frozen=True, slots=True)
class View:
    query: str = ""
    """Words that must all be in the question or the answer, in any case."""
    kind: str = "all"
    """One of FILTERS."""
    sort: str = "created"
    """One of SORTS."""
    descending: bool = True
    page: int = 0

    @classmethod
    def of(cls, said: Mapping[str, object]) -> View:
        """What a browser says; anything else than a view becomes the plain one."""
        query, kind, sort, page = (said.get(name) for name in ("query", "kind", "sort", "page"))
        return cls(
            query if isinstance(query, str) else "",
            kind if isinstance(kind, str) and kind in FILTERS else "all",
            sort if isinstance(sort, str) and sort in SORTS else "created",
            said.get("descending") is not False,
            page if isinstance(page, int) and page >= 0 else 0,
        )

    @property
    def words(self) -> list[str]:
        return self.query.casefold().split()

    def of_rows(self, rows: Sequence[Row], pairs: Sequence[Pair] | None = None) -> tuple[Row, ...]:
        """The rows that this view shows, in its order; `pairs` are those that are alike, for that filter."""
        words = self.words
        found = [row for row in self._filtered(rows, pairs) if _holds(row, words)]
        if (self.sort, self.descending) != ("created", True):
            found.sort(key=SORTS[self.sort], reverse=self.descending)
        return tuple(found)

    def _filtered(self, rows: Sequence[Row], pairs: Sequence[Pair] | None) -> list[Row]:
        match self.kind:
            case "never":
                return [row for row in rows if not row.hit_count]
            case "most":
                hit = sorted((row for row in rows if row.hit_count), key=SORTS["hits"], reverse=True)
                most = {row.id for row in hit[:MOST_HIT]}
                return [row for row in rows if row.id in most]
            case "new":
                since = time.time() - NEW
                return [row for row in rows if (row.created_at or 0.0) >= since]
            case "long":
                return [row for row in rows if len(row.answer) > LONG]
            case "duplicates":
                alike = {row.id for pair in pairs or () for row in (pair.one, pair.other)}
                return [row for row in rows if row.id in alike]
        return list(rows)


def _holds(row: Row, words: list[str]) -> bool:
    if not words:
        return True
    text = f"{row.question}\n{row.answer}".casefold()
    return all(word in text for word in words)
