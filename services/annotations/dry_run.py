"""A file compared with the annotations that are there, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from services.annotations.comparing import Comparison
from services.annotations.imported import ImportRow
from services.annotations.ledger import AT_ONCE, Ledger
from services.annotations.pair import Pair, problem
from services.annotations.row import Row

LONGEST = 20_000
"""Characters of a text that are kept; longer ones are invalid anyway."""
Texts = Mapping[int, tuple[str, str]]
"""Question and answer by the number of the row."""


def of(ledger: Ledger, user: str, name: str, pairs: Iterator[Pair], there: Iterable[Row]) -> str:
    """Writes the rows down with what they are; the id of the import. Raises BadSheet and leaves none then."""
    comparison = Comparison(there)
    made = ledger.begin(user, name)
    try:
        # Some at a time: neither the rows in memory nor a transaction grow with the file.
        while some := list(islice(pairs, AT_ONCE)):
            ledger.write([_row(made.id, pair, comparison) for pair in some])
    except Exception:
        ledger.drop(made.id)
        raise
    ledger.change(made.id, state="prepared")
    return made.id


def mend(ledger: Ledger, import_id: str, texts: Texts, there: Iterable[Row]) -> None:
    """Compare rows that are invalid or failed once more, with the texts given."""
    comparison = Comparison(there)
    wanted: list[Pair] = []
    for row in ledger.all_rows(import_id):
        if row.number in texts and row.state in {"invalid", "failed"}:
            question, answer = texts[row.number]
            wanted.append(Pair(row.number, question, answer, problem(question, answer)))
        elif row.state not in {"invalid", "failed"}:
            comparison.saw(Pair(row.number, row.question, row.answer))
    ledger.write([_row(import_id, pair, comparison) for pair in wanted])


def _row(import_id: str, pair: Pair, comparison: Comparison) -> ImportRow:
    verdict = comparison.of(pair)
    other = verdict.other or Row("")
    return ImportRow(
        import_id,
        pair.number,
        _storable(pair.question),
        _storable(pair.answer),
        verdict.kind,
        reason=pair.problem,
        likeness=verdict.likeness,
        other_row=verdict.other_row,
        other_id=other.id,
        other_question=other.question,
        other_answer=other.answer,
        state="invalid" if pair.problem else "waiting",
    )


def _storable(text: str) -> str:
    """As it is, but for what no database takes: such rows are invalid, and shown so far as they can be."""
    return text[:LONGEST].encode("utf-8", "replace").decode().replace("\0", "�")
