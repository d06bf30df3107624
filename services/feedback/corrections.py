"""What a curator was typing about a rating, until it is saved or given up: a reload loses nothing of it."""

from __future__ import annotations

import sqlalchemy as sa

from services.database import Database
from services.feedback.tables import feedback_corrections

Texts = tuple[str, str, str]
"""Question, answer, and the id of the annotation they are to replace, "" for a new one."""


class Corrections:
    """Of each curator by themselves. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, app: str, user: str, row_id: str) -> Texts | None:
        table = feedback_corrections.c
        query = sa.select(table.question, table.answer, table.annotation_id)
        with self._database.begin() as connection:
            found = connection.execute(query.where(_which(app, user, row_id))).first()
        return (found.question, found.answer, found.annotation_id) if found else None

    def keep(self, app: str, user: str, row_id: str, texts: Texts | None) -> None:
        """None: nothing is being typed any more."""
        with self._database.begin() as connection:
            if texts is None:
                connection.execute(sa.delete(feedback_corrections).where(_which(app, user, row_id)))
                return
            values = dict(zip(("question", "answer", "annotation_id"), map(_storable, texts), strict=True))
            row = self._database.insert(feedback_corrections).values(
                app=app, user=user, feedback_id=row_id, **values
            )
            keys = ["app", "user", "feedback_id"]
            connection.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


def _which(app: str, user: str, row_id: str) -> sa.ColumnElement[bool]:
    table = feedback_corrections.c
    return (table.app == app) & (table.user == user) & (table.feedback_id == row_id)


def _storable(text: str) -> str:
    """Half of a surrogate pair is no text."""
    return text.encode("utf-8", "replace").decode()
