"""The feedback of an app as it is read from Dify: kept row by row, with how far the reading is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.database import Database
from services.dify.feedbacks import Feedback
from services.feedback.tables import HOUR, feedback, feedback_readings
from services.passages import folded

DAY = 86_400.0
"""Seconds."""
KEYS = ("app", "id")


@dataclass(frozen=True, slots=True)
class Whole:
    """How it stands with reading the whole list."""

    complete_at: float = 0.0
    """Unix seconds at which it was last read to its end; 0.0 for never."""
    took: float = 0.0
    """Seconds it took."""
    passed: int = 0
    page: int = 0
    """Where a reading that was interrupted goes on; 0: none was."""


class Intake:
    """Every method raises StoreError where the database cannot be read or written."""

    def __init__(self, database: Database, days: int | None = None) -> None:
        """What is older than so many days is not kept."""
        self._database, self._days = database, days

    def whole(self, app: str) -> Whole:
        table = feedback_readings.c
        query = sa.select(table.complete_at, table.took, table.passed, table.page).where(table.app == app)
        with self._database.begin() as connection:
            row = connection.execute(query).first()
        return Whole(*row) if row else Whole()

    def note(self, app: str, whole: Whole) -> None:
        values = {name: getattr(whole, name) for name in Whole.__slots__}
        statement = self._database.insert(feedback_readings).values(app=app, **values)
        with self._database.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["app"], set_=values))

    def put(self, app: str, rows: Sequence[Feedback], passed: int) -> int:
        """Keep these rows as they now are; how many were new or other than before.

        One that its person has changed since it was handled is open again.
        """
        oldest = time.time() - self._days * DAY if self._days else 0.0
        kept = (row for row in rows if row.id and row.rating and (row.created_at or 0.0) >= oldest)
        fresh = {row.id: _values(app, row, passed) for row in kept}
        if not fresh:
            return 0
        table = feedback.c
        query = sa.select(table.id, table.rating, table.content, table.updated_at, table.passed)
        with self._database.begin() as connection:
            mine = (table.app == app) & table.id.in_(fresh)
            known = {row.id: tuple(row)[1:] for row in connection.execute(query.where(mine))}
            now = {i: (row["rating"], row["content"], row["updated_at"]) for i, row in fresh.items()}
            news = sum(known.get(i, ())[:3] != row for i, row in now.items())
            if news or any(known[i][3] < passed for i in fresh):
                connection.execute(self._kept(), list(fresh.values()))
        return news

    def _kept(self) -> sa.Insert:
        statement, table = self._database.insert(feedback), feedback.c
        new = statement.excluded
        same = (table.rating == new.rating) & (table.content == new.content)
        others: dict[str, Any] = {column.name: new[column.name] for column in table} | {
            "handled_by": sa.case((same, table.handled_by), else_=""),
            "handled_at": sa.case((same, table.handled_at), else_=0.0),
            # News must not undo what a whole reading, here or in another process, has counted.
            "passed": sa.case((table.passed > new.passed, table.passed), else_=new.passed),
        }
        for key in KEYS:
            del others[key]
        return statement.on_conflict_do_update(index_elements=list(KEYS), set_=others)

    def missed(self, app: str, passed: int, most: int) -> list[int]:
        """Where the rows would be that the whole reading `passed` did not meet: how many of those that it
        met are newer. At most so many."""
        met = feedback.alias()
        table = feedback.c
        newer = (met.c.app == app) & (met.c.passed == passed) & (met.c.created_at > table.created_at)
        rank = sa.select(sa.func.count()).select_from(met).where(newer).scalar_subquery()
        lost = (table.app == app) & (table.passed < passed)
        with self._database.begin() as connection:
            return list(connection.execute(sa.select(rank).where(lost).limit(most)).scalars())

    def forget_before(self, app: str, passed: int) -> None:
        """What these whole readings were the last to meet was taken back."""
        gone = (feedback.c.app == app) & (feedback.c.passed < passed)
        with self._database.begin() as connection:
            connection.execute(sa.delete(feedback).where(gone))


def _values(app: str, row: Feedback, passed: int) -> dict[str, Any]:
    created = row.created_at or row.updated_at or 0.0
    return {
        "app": app,
        "id": row.id,
        "conversation_id": row.conversation_id,
        "message_id": row.message_id,
        "rating": row.rating,
        "content": row.content,
        "folded": folded(row.content),
        "source": row.from_source,
        "end_user_id": row.from_end_user_id,
        "created_at": created,
        "updated_at": row.updated_at or created,
        "hour": int(created // HOUR),
        "passed": passed,
        "handled_by": "",
        "handled_at": 0.0,
    }
