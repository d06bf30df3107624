"""Questions that are nearly the same: annotation reply takes one of them, and the other is never given.

An estimate by their words alone (rapidfuzz); how near two questions are for Dify is its embedding's matter.
Five thousand questions take about a second, which another thread spends; one more takes a millisecond.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


Known = Mapping[str, str]
"""Questions by the ids of their rows."""


def pairs(rows: Sequence[Row], known: Known | None = None, before: Sequence[Pair] = ()) -> tuple[Pair, ...]:
    """Nearest first, at most MOST. Where the list was compared before, `known` are the questions that it had
    then and `before` what was found: only rows that are new or changed since are compared with all."""
    # Imported where they are needed: a fifth of the start, and memory that most sites never use.
    import numpy as np
    from rapidfuzz import fuzz, process

    rows = [row for row in rows if row.question.strip()]
    kept = [] if known is None else _still(rows, known, before)
    full = len(before) == MOST and len(kept) < MOST  # what had no room among them would have some now
    if known is None or full:
        known, kept = {}, []
    new = np.array([known.get(row.id) != row.question for row in rows], dtype=bool)
    keys = [_key(row.question) for row in rows]
    nearest = np.array(kept, dtype=np.int64).reshape(-1, 3)
    places = np.flatnonzero(new)
    for start in range(0, len(places), SLICE):
        here = places[start : start + SLICE]
        scores = process.cdist(
            [keys[place] for place in here], keys, scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.uint8
        )
        # Each pair once, that of two new rows from the first of them. Look-alikes have millions of pairs.
        scores[new & (np.arange(len(rows)) <= here[:, None])] = 0
        at, other = np.nonzero(scores)
        one = here[at]
        found = np.column_stack((np.minimum(one, other), np.maximum(one, other), scores[at, other]))
        both = np.concatenate((nearest, found))
        nearest = both[np.argsort(-both[:, 2], kind="stable")[:MOST]]
    return tuple(Pair(rows[one], rows[other], int(score)) for one, other, score in nearest)


def _still(rows: Sequence[Row], known: Known, before: Sequence[Pair]) -> list[tuple[int, int, int]]:
    """The pairs of before whose rows are there with the same questions, by their places in the list."""
    place = {row.id: place for place, row in enumerate(rows) if known.get(row.id) == row.question}
    found = ((place.get(pair.one.id), place.get(pair.other.id), pair.score) for pair in before)
    return [(min(a, b), max(a, b), score) for a, b, score in found if a is not None and b is not None]


def _key(question: str) -> str:
    beginning = question[:LONGEST]
    return " ".join(sorted(WORDS.findall(beginning.casefold()))) or beginning


class Likeness:
    """The pairs of one list, found once for each version of it; of the next version only what is new."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: tuple[Row, ...] | None = None
        self._known: Known | None = None
        self._pairs: tuple[Pair, ...] = ()
        self._search: threading.Thread | None = None

    def of(self, rows: tuple[Row, ...], patience: float | None = None) -> tuple[Pair, ...] | None:
        """None where they are not found within `patience` seconds: ask again."""
        with self._lock:
            if self._is_of(rows):
                return self._pairs
            search = self._search
            if search is None:
                search = threading.Thread(target=self._find, args=(rows,), daemon=True)
                self._search = search
                search.start()
        search.join(patience)
        with self._lock:
            return self._pairs if self._is_of(rows) else None

    def _is_of(self, rows: tuple[Row, ...]) -> bool:
        """Whether these have the questions that were compared last; the lock is held."""
        if rows is self._rows:
            return True
        if self._known != {row.id: row.question for row in rows}:
            return False
        by_id = {row.id: row for row in rows}  # their answers may be others
        self._pairs = tuple(Pair(by_id[p.one.id], by_id[p.other.id], p.score) for p in self._pairs)
        self._rows = rows
        return True

    def _find(self, rows: tuple[Row, ...]) -> None:
        try:
            found = pairs(rows, self._known, self._pairs)
            with self._lock:
                self._rows, self._pairs = rows, found
                self._known = {row.id: row.question for row in rows}
        finally:
            with self._lock:
                self._search = None
