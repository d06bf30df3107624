"""Knowledge: the manual cut into segments, and the search that finds the ones a question is about.

SQLite FTS5 (bm25, Porter stemming) ranks. What decides whether anything was found at all is *coverage*: how
much of the question's weight occurs in a segment, where a rare word weighs more than a common one and a word
that the manual does not know weighs most. bm25 alone cannot tell: it gives every question some best segment.
How much of a heading the question names decides between segments that cover it equally well.
"""

from __future__ import annotations

import math
import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from embedded.records import Resource

LONGEST_QUESTION = 24  # distinct words that are looked at
TITLE, HEADING, ALSO, BODY = 2.0, 6.0, 4.0, 1.0  # bm25 weights of the columns, in their order

# Words that say nothing about the subject of a question.
STOP_WORDS = frozenset(
    """
    a about all am an and any anything are as ask at be been best but by can could d did do does doing
    done else everything explain for from get gets give go goes going got had happen happens has have
    having hello help here hey hi how i if in into is it its just know like ll m makes many may me mean
    meaning means might mine more most much must my need no not nothing now of off on one or other our
    out over own please possible re s say says see shall should show so some something t tell than thank
    thanks that the their them then there these they thing things this those to today tomorrow too try
    up us use used using ve very want was way we well were what when where which while who whose why
    will with work working works would yes you your yours
    """.split()  # noqa: SIM905 - a quoted list of 150 words reads worse
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One passage: what stands under one heading of one document."""

    id: str
    document: str
    document_id: str
    dataset: str
    heading: str
    also: str
    body: str
    position: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment and how well it fits, 0 to 1."""

    segment: Segment
    score: float

    def cited(self, position: int) -> Resource:
        """The hit as an item of `retriever_resources`; `position` counts from 1."""
        segment = self.segment
        return {
            "position": position,
            "dataset_id": str(uuid5(NAMESPACE_URL, segment.dataset)),
            "dataset_name": segment.dataset,
            "document_id": segment.document_id,
            "document_name": segment.document,
            "data_source_type": "upload_file",
            "segment_id": segment.id,
            "retriever_from": "api",
            "score": round(self.score, 4),
            "content": f"{segment.heading}\n\n{segment.body}",
        }


def words(text: str) -> list[str]:
    """The distinct words of a text that may be about something, in order."""
    found = dict.fromkeys(word for word in re.findall(r"\w+", text.lower()) if word not in STOP_WORDS)
    return list(found)[:LONGEST_QUESTION]


class Knowledge:
    """The manual in `folder` (`*.md`), searchable from any thread."""

    def __init__(self, folder: Path, dataset: str) -> None:
        self.segments = [each for path in sorted(folder.glob("*.md")) for each in cut(path, dataset)]
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute(
            "CREATE VIRTUAL TABLE segments USING fts5"
            " (title, heading, also, body, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        self._db.executemany(
            "INSERT INTO segments (rowid, title, heading, also, body) VALUES (?, ?, ?, ?, ?)",
            (
                (number, each.document, each.heading, each.also, each.body)
                for number, each in enumerate(self.segments)
            ),
        )

    def search(self, question: str, limit: int = 3) -> list[Hit]:
        """The best segments for a question, best first; none if no word of it is in the manual."""
        terms = words(question)
        if not terms:
            return []
        with self._lock:
            holders = {term: self._holders(f'"{term}"') for term in terms}
            headed = [self._holders(f'heading : "{term}"') for term in terms]
            ranks = self._ranks(terms)
        if not ranks:
            return []
        weights = {term: self._weight(len(held)) for term, held in holders.items()}
        total, best = sum(weights.values()), min(ranks.values())
        hits = []
        for number, rank in ranks.items():
            coverage = sum(weight for term, weight in weights.items() if number in holders[term]) / total
            segment = self.segments[number]
            named = sum(number in each for each in headed) / max(1, len(words(segment.heading)))
            hits.append(Hit(segment, coverage * (0.5 + 0.3 * rank / best + 0.2 * min(1.0, named))))
        hits.sort(key=lambda hit: hit.score, reverse=True)
        return hits[:limit]

    def beside(self, segment: Segment) -> Iterator[Segment]:
        """The other segments of its document, in order, then those of the documents that follow."""
        start = next((i for i, each in enumerate(self.segments) if each.document == segment.document), 0)
        for each in self.segments[start:] + self.segments[:start]:
            if each.id != segment.id:
                yield each

    def _holders(self, sought: str) -> set[int]:
        rows = self._db.execute("SELECT rowid FROM segments WHERE segments MATCH ?", (sought,))
        return {number for (number,) in rows}

    def _ranks(self, terms: list[str]) -> dict[int, float]:
        # bm25() is negative; the lower, the better.
        rows = self._db.execute(
            "SELECT rowid, bm25(segments, ?, ?, ?, ?) FROM segments WHERE segments MATCH ?",
            (TITLE, HEADING, ALSO, BODY, " OR ".join(f'"{term}"' for term in terms)),
        )
        return dict(rows.fetchall())

    def _weight(self, held: int) -> float:
        return math.log(1 + (len(self.segments) - held + 0.5) / (held + 0.5))


def cut(path: Path, dataset: str) -> Iterator[Segment]:
    """The segments of one document: `# Title`, then `## Heading` after `## Heading`, each with its text.

    A comment `<!-- also: … -->` under a heading holds other words people ask with; it is searched, not shown.
    """
    title, *parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    document = title.removeprefix("# ").partition("\n")[0].strip()
    for position, part in enumerate(parts, 1):
        heading, _, body = part.partition("\n")
        also = " ".join(re.findall(r"<!-- also: (.*?) -->", body, re.DOTALL))
        body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL).strip()
        name = f"{dataset}/{path.name}"
        yield Segment(
            id=str(uuid5(NAMESPACE_URL, f"{name}#{heading}")),
            document=document,
            document_id=str(uuid5(NAMESPACE_URL, name)),
            dataset=dataset,
            heading=heading.strip(),
            also=also,
            body=body,
            position=position,
        )
