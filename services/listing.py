"""The list of a person's conversations as Dify last told it: Dify sorts and pages, but finds nothing.

`passed` numbers the times the whole list was read; a row that the latest whole reading did not meet is gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from services.database import metadata
from services.dify.records import Conversation
from services.passages import folded
from services.search import matching, seen
from services.store import Store

listed = sa.Table(
    "listed",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("status", sa.String(64), nullable=False),
    sa.Column("introduction", sa.Text, nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("passed", sa.Integer, nullable=False),
)
listings = sa.Table(
    "listings",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("complete_at", sa.Float, nullable=False),
    sa.Column("passed", sa.Integer, nullable=False),
)
KEYS = ["app", "user", "conversation_id"]
CHUNK = 500
"""Ids in one statement."""


class Listing:
    """Every method raises StoreError where the database cannot be read or written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def state(self, app: str, user: str) -> tuple[float, int]:
        """When the whole list was last read (unix seconds, 0.0 for never), and how often it was."""
        query = sa.select(listings).where((listings.c.app == app) & (listings.c.user == user))
        with self._store.database.begin() as connection:
            row = connection.execute(query).first()
        return (row.complete_at, row.passed) if row else (0.0, 0)

    def put(self, app: str, user: str, rows: Sequence[Conversation], passed: int) -> bool:
        """Keep these rows as they now are; whether any of them was new or other than before."""
        fresh = [_values(app, user, row, passed) for row in rows if row.id]
        if not fresh:
            return False
        ids = [row["conversation_id"] for row in fresh]
        table = listed.c
        mine = (table.app == app) & (table.user == user) & table.conversation_id.in_(ids)
        with self._store.database.begin() as connection:
            query = sa.select(table.conversation_id, table.name, table.updated_at).where(mine)
            known = {row.conversation_id: (row.name, row.updated_at) for row in connection.execute(query)}
            statement = self._store.database.insert(listed)
            others: dict[str, Any] = {n: statement.excluded[n] for n in fresh[0] if n not in KEYS}
            # A page that somebody looks at must not undo what a whole reading has just counted.
            newest = statement.excluded.passed
            others["passed"] = sa.case((table.passed > newest, table.passed), else_=newest)
            connection.execute(statement.on_conflict_do_update(index_elements=KEYS, set_=others), fresh)
        return any(known.get(r["conversation_id"]) != (r["name"], r["updated_at"]) for r in fresh)

    def completed(self, app: str, user: str, passed: int) -> None:
        """The whole list was read: what it did not hold is gone."""
        table = listed.c
        gone = (table.app == app) & (table.user == user) & (table.passed < passed)
        values = {"complete_at": time.time(), "passed": passed}
        statement = self._store.database.insert(listings).values(app=app, user=user, **values)
        with self._store.database.begin() as connection:
            connection.execute(sa.delete(listed).where(gone))
            connection.execute(statement.on_conflict_do_update(index_elements=["app", "user"], set_=values))

    def count(self, app: str, user: str) -> int:
        mine = (listed.c.app == app) & (listed.c.user == user)
        with self._store.database.begin() as connection:
            return int(connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one())

    def forget(self, app: str, user: str, conversation_id: str) -> None:
        """Dify has it no more."""
        table = listed.c
        it = (table.app == app) & (table.user == user) & (table.conversation_id == conversation_id)
        with self._store.database.begin() as connection:
            connection.execute(sa.delete(listed).where(it))

    def rows(self, app: str, user: str, ids: Iterable[str]) -> list[Conversation]:
        """Those of these ids that are listed."""
        wanted, table = list(ids), listed.c
        found: list[Conversation] = []
        with self._store.database.begin() as connection:
            for at in range(0, len(wanted), CHUNK):
                some = table.conversation_id.in_(wanted[at : at + CHUNK])
                query = sa.select(listed).where((table.app == app) & (table.user == user) & some)
                found += map(_conversation, connection.execute(query).mappings())
        return found

    def found(
        self,
        app: str,
        user: str,
        words: Sequence[str],
        sort_by: str,
        *,
        since: float | None = None,
        until: float | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Conversation]:
        """Those in whose name, or in one of whose messages, all `words` are; in the order of `sort_by`.

        `sort_by` as Dify takes it; `since` and `until` (not included) in unix seconds mean the same time.
        """
        table = listed.c
        when, newest_first = table[sort_by.lstrip("-")], sort_by.startswith("-")
        query = sa.select(listed).where((table.app == app) & (table.user == user))
        if words:
            named = sa.and_(*(table.folded.contains(folded(word), autoescape=True) for word in words))
            matches = matching(self._store.database.dialect, app, user, words)
            said = sa.select(seen.c.conversation_id).where(seen.c.id.in_(matches))
            query = query.where(named | table.conversation_id.in_(said))
        if since is not None:
            query = query.where(when >= since)
        if until is not None:
            query = query.where(when < until)
        place = sa.tuple_(when, table.conversation_id)
        if after:
            mine = (table.app == app) & (table.user == user) & (table.conversation_id == after)
            last = sa.select(when, table.conversation_id).where(mine).correlate(None).scalar_subquery()
            query = query.where(place < last if newest_first else place > last)
        order = (when.desc(), table.conversation_id.desc()) if newest_first else (when, table.conversation_id)
        with self._store.database.begin() as connection:
            rows = connection.execute(query.order_by(*order).limit(limit)).mappings()
            return list(map(_conversation, rows))


def _values(app: str, user: str, row: Conversation, passed: int) -> dict[str, Any]:
    return {
        "app": app,
        "user": user,
        "conversation_id": row.id,
        "name": row.name,
        "folded": folded(row.name),
        "status": row.status,
        "introduction": row.introduction,
        "inputs": dict(row.inputs),
        "created_at": row.created_at or 0.0,
        "updated_at": row.updated_at or row.created_at or 0.0,
        "passed": passed,
    }


def _conversation(row: Any) -> Conversation:
    return Conversation(
        id=row["conversation_id"],
        name=row["name"],
        inputs=row["inputs"],
        status=row["status"],
        introduction=row["introduction"],
        created_at=row["created_at"] or None,
        updated_at=row["updated_at"] or None,
    )
