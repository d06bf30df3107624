"""The feedback of an app as this site keeps it: found, counted, marked as handled."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from services.database import Database
from services.feedback.query import Page, Query, Row, placed
from services.feedback.tables import feedback
from services.people.table import people

FIELDS = tuple(feedback.c[name] for name in Row.__slots__ if name not in {"user", "name"})


class Ledger:
    """Every method raises StoreError where the database cannot be read or written."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
