"""Vectors: annotations' questions as sentence embeddings, kept so that a restart need not make them again."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from embedded.database import Database
from embedded.likeness import Vector


class Vectors:
    """The table `vectors`. One is good for the model that made it and the question as it was then."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def missing(self, app_id: str, model: str, most: int) -> list[tuple[str, str]]:
        """Up to `most` annotations that have none: id and question, oldest first."""
        sql = """
            SELECT annotations.id, annotations.question FROM annotations LEFT JOIN vectors
                ON annotation_id = id AND model = :model AND vectors.question = annotations.question
            WHERE app_id = :app AND annotation_id IS NULL ORDER BY seq LIMIT :most
        """
        rows = self._database.all(sql, {"app": app_id, "model": model, "most": most})
        return [(row["id"], row["question"]) for row in rows]

    def keep(self, model: str, made: Iterable[tuple[str, str, Vector]]) -> None:
        """Write vectors down: the annotation's id, its question, the vector. Deleted ones are passed over."""
        sql = """
            INSERT OR REPLACE INTO vectors (annotation_id, model, question, content)
            SELECT id, ?, ?, ? FROM annotations WHERE id = ?
        """
        with self._database.change() as db:
            db.executemany(
                sql,
                [
                    (model, question, vector.tobytes(), annotation_id)
                    for annotation_id, question, vector in made
                ],
            )

    def of_app(self, app_id: str, model: str) -> list[tuple[str, Vector]]:
        """The annotations of an app that have one, oldest first; those without a question are left out."""
        sql = """
            SELECT id, annotations.question, content FROM annotations JOIN vectors
                ON annotation_id = id AND model = :model AND vectors.question = annotations.question
            WHERE app_id = :app ORDER BY seq
        """
        rows = self._database.all(sql, {"app": app_id, "model": model})
        return [(row["id"], array("f", row["content"])) for row in rows if row["question"].strip()]
