"""The feedback of an app as this site keeps it: written as it is read, found, counted, marked as handled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.database import Database
from services.dify.feedbacks import Feedback
from services.feedback.query import Page, Query, Row, placed
from services.feedback.tables import HOUR, feedback, feedback_readings
from services.passages import folded
from services.people.table import people

DAY = 86_400.0

KEYS = ("app", "id")
FIELDS = tuple(feedback.c[name] for name in Row.__slots__ if name not in {"user", "name"})


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


class Ledger:
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

    def count(self, app: str) -> int:
        query = sa.select(sa.func.count()).select_from(feedback).where(feedback.c.app == app)
        with self._database.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def row(self, app: str, row_id: str) -> Row | None:
        with self._database.begin() as connection:
            found = connection.execute(_selected().where((feedback.c.app == app) & (feedback.c.id == row_id)))
            return next((Row(*each) for each in found), None)

    def page(self, app: str, query: Query, after: str | None, limit: int) -> Page:
        """Newest first. Raises ValueError for an `after` that no page has said."""
        which = _which(app, query)
        place = sa.tuple_(feedback.c.created_at, feedback.c.id)
        selected = _selected().where(which)
        if after:
            selected = selected.where(place < sa.tuple_(*placed(after)))
        selected = selected.order_by(feedback.c.created_at.desc(), feedback.c.id.desc()).limit(limit + 1)
        with self._database.begin() as connection:
            rows = [Row(*each) for each in connection.execute(selected)]
            counted = sa.select(sa.func.count()).select_from(feedback).where(which)
            found = 0 if after else int(connection.execute(counted).scalar_one())
        shown = rows[:limit]
        return Page(tuple(shown), shown[-1].place if len(rows) > limit else None, found)

    def before(self, app: str, query: Query, place: str) -> Row | None:
        """The row that stands before this place."""
        columns = sa.tuple_(feedback.c.created_at, feedback.c.id)
        selected = _selected().where(_which(app, query) & (columns > sa.tuple_(*placed(place))))
        selected = selected.order_by(feedback.c.created_at, feedback.c.id).limit(1)
        with self._database.begin() as connection:
            return next((Row(*each) for each in connection.execute(selected)), None)

    def mark(self, app: str, row_id: str, handled_by: str) -> bool:
        """As handled; "" as open again. Whether it was not so before."""
        other = feedback.c.handled_at == 0 if handled_by else feedback.c.handled_at > 0
        which = (feedback.c.app == app) & (feedback.c.id == row_id) & other
        at = time.time() if handled_by else 0.0
        with self._database.begin() as connection:
            change = sa.update(feedback).where(which).values(handled_by=handled_by, handled_at=at)
            return connection.execute(change).rowcount > 0

    def end_user_beside(self, app: str, conversation_id: str) -> str:
        """Of another rating in this conversation; "" where none is known."""
        table = feedback.c
        which = (table.app == app) & (table.conversation_id == conversation_id) & (table.end_user_id != "")
        with self._database.begin() as connection:
            found = connection.execute(sa.select(table.end_user_id).where(which).limit(1)).scalar()
        return str(found or "")


def _selected() -> sa.Select[Any]:
    same = (people.c.app == feedback.c.app) & (people.c.end_user_id == feedback.c.end_user_id)
    known = sa.func.coalesce(people.c.user, ""), sa.func.coalesce(people.c.name, "")
    return sa.select(*FIELDS, *known).select_from(feedback.outerjoin(people, same))


def _which(app: str, query: Query) -> sa.ColumnElement[bool]:
    table = feedback.c
    asked = [table.app == app]
    if query.rating:
        asked.append(table.rating == query.rating)
    if query.source:
        asked.append(table.source == query.source)
    if query.handled is not None:
        asked.append(table.handled_at > 0 if query.handled else table.handled_at == 0)
    if query.since is not None:
        asked.append(table.created_at >= query.since)
    if query.until is not None:
        asked.append(table.created_at < query.until)
    asked += [table.folded.contains(word, autoescape=True) for word in query.words]
    return sa.and_(*asked)


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
