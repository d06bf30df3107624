"""Annotations of an app, and the jobs that switch annotation reply on and off. Source: recordings 92_*,
93_*."""

from __future__ import annotations

import time
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any
from uuid import uuid4

from embedded.database import Database

MOST_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Annotation:
    """A question with its approved answer."""

    id: str
    question: str
    answer: str
    hit_count: int
    created_at: float

    @classmethod
    def of(cls, row: Row) -> Annotation:
        """A row of the table."""
        return cls(row["id"], row["question"], row["answer"], row["hit_count"], row["created_at"])

    def described(self) -> dict[str, Any]:
        """The item of GET /apps/annotations."""
        return {
            "id": self.id,
            "question": self.question,
            "answer": self.answer,
            "hit_count": self.hit_count,
            "created_at": int(self.created_at),
        }


@dataclass(frozen=True, slots=True)
class ReplySettings:
    """How annotation reply is set: `threshold` 0 to 1, and the embedding model it was asked for with."""

    id: str
    threshold: float
    provider: str
    model: str


class Annotations:
    """The tables `annotations` and `annotation_replies`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, app_id: str, question: str, answer: str) -> Annotation:
        """A new annotation; the same question may be there twice."""
        made = Annotation(str(uuid4()), question, answer, 0, time.time())
        self._database.write(
            "INSERT INTO annotations (id, app_id, question, answer, created_at) VALUES (?, ?, ?, ?, ?)",
            made.id,
            app_id,
            question,
            answer,
            made.created_at,
        )
        return made

    def one(self, app_id: str, annotation_id: str) -> Annotation | None:
        """One annotation, None if this app has no such."""
        sql = "SELECT * FROM annotations WHERE app_id = ? AND id = ?"
        row = self._database.one(sql, app_id, annotation_id)
        return Annotation.of(row) if row else None

    def update(self, annotation_id: str, question: str, answer: str) -> None:
        """Change both texts."""
        sql = "UPDATE annotations SET question = ?, answer = ? WHERE id = ?"
        self._database.write(sql, question, answer, annotation_id)

    def delete(self, annotation_id: str) -> None:
        """Delete an annotation."""
        self._database.write("DELETE FROM annotations WHERE id = ?", annotation_id)

    def hit(self, annotation_id: str) -> None:
        """Count one answer more that was given with it."""
        self._database.write("UPDATE annotations SET hit_count = hit_count + 1 WHERE id = ?", annotation_id)

    def page(self, app_id: str, keyword: str, page: int, limit: int) -> tuple[list[Annotation], int]:
        """A page, newest first, and how many there are in all; `keyword` is looked for in both texts."""
        sought = keyword.casefold()
        rows = self._database.all(
            "SELECT * FROM annotations WHERE app_id = :app ORDER BY seq DESC", {"app": app_id}
        )
        # SQLite's LIKE folds ASCII only.
        found = [
            Annotation.of(row)
            for row in rows
            if sought in row["question"].casefold() or sought in row["answer"].casefold()
        ]
        size = min(limit, MOST_A_PAGE)
        return found[(page - 1) * size : page * size], len(found)

    def all(self, app_id: str) -> list[Annotation]:
        """Every annotation of an app, oldest first."""
        rows = self._database.all(
            "SELECT * FROM annotations WHERE app_id = :app ORDER BY seq", {"app": app_id}
        )
        return [Annotation.of(row) for row in rows]

    def settings(self, app_id: str) -> ReplySettings | None:
        """How annotation reply is set, None while it is off."""
        row = self._database.one("SELECT * FROM annotation_replies WHERE app_id = ?", app_id)
        return ReplySettings(row["id"], row["threshold"], row["provider"], row["model"]) if row else None
