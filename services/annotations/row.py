"""One annotation as curators see it, what one may hold, and why a change of one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.dify.annotations import Annotation

LONGEST_QUESTION = 2_000
LONGEST_ANSWER = 10_000
"""Characters; Dify's own import takes no more, though its API would."""
Field = Literal["question", "answer"]
Reason = Literal["empty", "too_long", "unfit"]


@dataclass(frozen=True, slots=True)
class Row:
    """Texts are "" where the server has null; the other two are None where it does not say."""

    id: str
    question: str = ""
    answer: str = ""
    hit_count: int | None = None
    created_at: float | None = None
    """Unix seconds."""

    @classmethod
    def of(cls, annotation: Annotation) -> Row:
        return cls(
            annotation.id,
            annotation.question,
            annotation.answer,
            annotation.hit_count,
            annotation.created_at,
        )

    @property
    def texts(self) -> tuple[str, str]:
        return self.question, self.answer


class Conflict(Exception):
    """Somebody has changed the row meanwhile; `theirs` is how it now stands."""

    def __init__(self, theirs: Row) -> None:
        super().__init__(theirs.id)
        self.theirs = theirs


class Gone(LookupError):
    """Somebody has deleted the row meanwhile; the argument is its id."""


class Invalid(ValueError):
    """A text that no annotation may have. `reason`: empty, too_long (over `limit` characters), or unfit
    (it holds NUL, which Dify's database does not take)."""

    def __init__(self, field: Field, reason: Reason, limit: int = 0) -> None:
        super().__init__(field, reason)
        self.field, self.reason, self.limit = field, reason, limit


def checked(question: str, answer: str, before: Row | None = None) -> tuple[str, str]:
    """Both texts as they can be sent. Raises Invalid.

    A text that stays as it is in `before` is let pass: others may have put it there.
    """
    question, answer = _sendable(question), _sendable(answer)
    if before is None or question != before.question:
        _check("question", question, LONGEST_QUESTION)
    if before is None or answer != before.answer:
        _check("answer", answer, LONGEST_ANSWER)
    return question, answer


def _sendable(text: str) -> str:
    """Half of a surrogate pair is no text."""
    return text.encode("utf-8", "replace").decode()


def _check(field: Field, text: str, limit: int) -> None:
    if not text.strip():
        raise Invalid(field, "empty")
    if len(text) > limit:
        raise Invalid(field, "too_long", limit)
    if "\0" in text:
        raise Invalid(field, "unfit")
