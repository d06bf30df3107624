"""A question and its answer, as a file has them."""

from __future__ import annotations

from dataclasses import dataclass

from services.annotations.row import LONGEST_ANSWER, LONGEST_QUESTION


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer, as they stand in row `number` of the file.

    `problem`: "" or why it cannot be imported: empty_question, empty_answer, long_question, long_answer, nul,
    broken (a character that is none) or cells (more of them than there are columns).
    """

    number: int
    question: str
    answer: str
    problem: str = ""


def problem(question: str, answer: str) -> str:
    """Why these cannot be an annotation, as Pair says it."""
    if "\0" in question + answer:
        return "nul"
    if not question.strip():
        return "empty_question"
    if not answer.strip():
        return "empty_answer"
    if len(question) > LONGEST_QUESTION:
        return "long_question"
    return "long_answer" if len(answer) > LONGEST_ANSWER else ""
