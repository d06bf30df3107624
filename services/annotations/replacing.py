"""Find and replace over many rows: what would become of each, before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.annotations.row import Invalid, Row, checked


@dataclass(frozen=True, slots=True)
class Replacement:
    """A row that would change, and what it would be; `problem` where it then could not be saved."""

    row: Row
    question: str
    answer: str
    problem: Invalid | None = None


def planned(
    rows: Sequence[Row], find: str, put: str, *, questions: bool, answers: bool, any_case: bool
) -> tuple[Replacement, ...]:
    """Only rows that would change. `find` is plain text, and so is `put`."""
    if not find:
        return ()
    pattern = re.compile(re.escape(find), re.IGNORECASE if any_case else 0)
    plans: list[Replacement] = []
    for row in rows:
        question = pattern.sub(lambda _: put, row.question) if questions else row.question
        answer = pattern.sub(lambda _: put, row.answer) if answers else row.answer
        if (question, answer) == row.texts:
            continue
        try:
            checked(question, answer, row)
        except Invalid as problem:
            plans.append(Replacement(row, question, answer, problem))
        else:
            plans.append(Replacement(row, question, answer))
    return tuple(plans)
