"""Questions that are nearly the same: annotation reply takes one of them, and the other is never given.

An estimate by their words alone (rapidfuzz); how near two questions are for Dify is its embedding's matter.
Five thousand questions take about a second, which another thread spends.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from services.annotations.row import Row

NEAR = 85
"""Percent of characters that two questions share, their words sorted."""
SLICE = 500
"""Questions compared with all at once: bounds the memory of it."""
LONGEST = 200
"""Characters of a question that are compared: time grows with their square."""
WORDS = re.compile(r"\w+")
MOST = 2_000
"""Pairs told; a set with more has other troubles."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows whose questions are alike, the older one second; `score` in percent."""

    one: Row
    other: Row
    score: int


def pairs(rows: Sequence[Row]) -> tuple[Pair, ...]:
    """Nearest first, at most MOST."""
    rows = [row for row in rows if row.question.strip()]
    keys = [_key(row.question) for row in rows]
    nearest = np.empty((0, 3), dtype=np.int64)
    for start in range(0, len(rows), SLICE):
        scores = process.cdist(
            keys[start : start + SLICE], keys, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8
        )
        # Each pair once: what stands right of the diagonal. A set of look-alikes has millions of them.
        one, other = np.nonzero(np.triu(scores, start + 1))
        found = np.column_stack((one + start, other, scores[one, other]))
        both = np.concatenate((nearest, found))
        nearest = both[np.argsort(-both[:, 2], kind="stable")[:MOST]]
    return tuple(Pair(rows[one], rows[other], int(score)) for one, other, score in nearest)


def _key(question: str) -> str:
    beginning = question[:LONGEST]
    return " ".join(sorted(WORDS.findall(beginning.casefold()))) or beginning


class Likeness:
    """The pairs of one list, found once for each version of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: tuple[tuple[str, str], ...] | None = None
        self._pairs: tuple[Pair, ...] = ()
        self._search: threading.Thread | None = None

    def of(self, rows: tuple[Row, ...], patience: float | None = None) -> tuple[Pair, ...] | None:
        """None where they are not found within `patience` seconds: ask again."""
        version = tuple((row.id, row.question) for row in rows)
        with self._lock:
            if version == self._of:
                return self._pairs
            search = self._search
            if search is None:
                search = threading.Thread(target=self._find, args=(version, rows), daemon=True)
                self._search = search
                search.start()
        search.join(patience)
        with self._lock:
            return self._pairs if version == self._of else None

    def _find(self, version: tuple[tuple[str, str], ...], rows: tuple[Row, ...]) -> None:
        try:
            found = pairs(rows)
            with self._lock:
                self._of, self._pairs = version, found
        finally:
            with self._lock:
                self._search = None
