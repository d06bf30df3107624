"""What a row of a file is beside the annotations that are there: new, changed, identical, doubled or near."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.annotations.pair import Pair
from services.annotations.row import Row

KINDS: Final = ("new", "changed", "near", "identical", "duplicate", "invalid")
COMPARED = 200
"""Characters of a question: ten thousand long ones against five thousand others would take half an hour."""
NEAR = 90
"""Percent of equal letters from which two questions are thought to mean the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`other` is the annotation that is there, `other_row` the number of the earlier row of the file."""

    kind: str
    """One of KINDS."""
    other: Row | None = None
    other_row: int | None = None
    likeness: int = 0
    """Percent."""


@dataclass(frozen=True, slots=True)
class Near:
    """An annotation whose question resembles another one, by its letters: an estimate, since Dify compares
    by meaning."""

    row: Row
    likeness: int
    """Percent."""


class Comparison:
    """With all annotations of an app, and with the rows of the file that came before."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._there: dict[str, list[Row]] = {}
        for row in rows:
            self._there.setdefault(meaning(row.question), []).append(row)
        self._beginnings = [question[:COMPARED] for question in self._there]
        self._rows = [same[0] for same in self._there.values()]
        self._seen: dict[str, int] = {}

    def of(self, pair: Pair) -> Verdict:
        if pair.problem:
            return Verdict("invalid")
        question = meaning(pair.question)
        if (earlier := self._seen.get(question)) is not None:
            return Verdict("duplicate", None, earlier, 100)
        self.saw(pair)
        if same := self._there.get(question):
            equal = next((row for row in same if row.texts == (pair.question, pair.answer)), None)
            return Verdict("identical" if equal else "changed", equal or same[0], None, 100)
        found = self.nearest(pair.question, 1, NEAR)
        return Verdict("near", found[0].row, None, found[0].likeness) if found else Verdict("new")

    def saw(self, pair: Pair) -> None:
        """Later rows of the same question are duplicates of this one."""
        self._seen.setdefault(meaning(pair.question), pair.number)

    def nearest(self, question: str, most: int, least: int) -> list[Near]:
        """The annotations whose questions resemble this one by at least so many percent, nearest first."""
        # Imported here: a site that compares nothing does not need it.
        from rapidfuzz import fuzz, process

        found = process.extract(
            meaning(question)[:COMPARED], self._beginnings, scorer=fuzz.ratio, limit=most, score_cutoff=least
        )
        return [Near(self._rows[place], int(score)) for _, score, place in found]


def meaning(question: str) -> str:
    """The same for questions that differ in spaces and capitals alone."""
    return " ".join(question.split()).casefold()
