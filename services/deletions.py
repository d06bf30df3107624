"""Deleting conversations, with ten seconds in which it can be undone: the wish is a row of the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.apps import App
from services.database import metadata
from services.identity import Identity, Role
from services.store import Store, StoreError

GRACE = 10.0
"""Seconds in which a deletion can be undone."""
TOLD_FOR = 3600.0
"""Seconds for which a refusal is told."""

deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("requested_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("refusal", sa.Text),
)


@dataclass(frozen=True, slots=True)
class Deletion:
    conversation_id: str
    name: str
    due_at: float
    """Unix seconds."""
    tries: int = 0
    """How often Dify was told, without an answer."""
    refusal: str | None = None
    """Dify's code, where it will not delete the conversation."""


class Deletions:
    """What waits, and what came of it; services/deleting.py carries it out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.news = threading.Event()
        """Set when there is more to do."""

    def request(self, identity: Identity, app: App, names: Mapping[str, str]) -> None:
        """Delete these conversations (id -> name) in GRACE seconds. Raises Denied, StoreError."""
        identity.require(Role.AGENT)
        now = time.time()
        rows = [
            {
                "app": app.slug,
                "user": identity.user,
                "conversation_id": conversation_id,
                "name": name,
                "requested_at": now,
                "due_at": now + GRACE,
                "tries": 0,
                "refusal": None,
            }
            for conversation_id, name in names.items()
        ]
        if not rows:
            return
        statement = self._store.database.insert(deletions)
        keys = ["app", "user", "conversation_id"]
        afresh = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_=afresh, where=deletions.c.refusal.is_not(None)
        )
        with self._store.database.begin() as connection:
            connection.execute(statement, rows)
        self.news.set()

    def undo(self, identity: Identity, app: App, ids: Sequence[str]) -> list[str]:
        """Those of them that stay after all: Dify was not told yet. Raises Denied, StoreError."""
        identity.require(Role.AGENT)
        table = deletions.c
        mine = (table.app == app.slug) & (table.user == identity.user) & table.conversation_id.in_(ids)
        with self._store.database.begin() as connection:
            statement = sa.delete(deletions).where(mine & (table.tries == 0))
            return list(connection.execute(statement.returning(table.conversation_id)).scalars())

    def of(self, app: App, user: str) -> list[Deletion]:
        """What waits, soonest first, and what Dify has lately refused. Raises StoreError."""
        table = deletions.c
        told = table.refusal.is_(None) | (table.due_at > time.time() - TOLD_FOR)
        query = sa.select(table.conversation_id, table.name, table.due_at, table.tries, table.refusal)
        query = query.where((table.app == app.slug) & (table.user == user) & told).order_by(table.due_at)
        with self._store.database.begin() as connection:
            return [Deletion(*row) for row in connection.execute(query)]

    def waiting(self, app: App, user: str) -> dict[str, Any]:
        """What lists tell. `pending` [{id, name, left}], `left` in seconds; `trying`, how many Dify was
        told of without an answer; `refused` [{id, name, code}]. Raises StoreError.
        """
        found, now = self.of(app, user), time.time()
        return {
            "pending": [
                {"id": d.conversation_id, "name": d.name, "left": max(0.0, d.due_at - now)}
                for d in found
                if d.refusal is None and d.tries == 0
            ],
            "trying": sum(d.refusal is None and d.tries > 0 for d in found),
            "refused": [
                {"id": d.conversation_id, "name": d.name, "code": d.refusal} for d in found if d.refusal
            ],
        }

    def hidden(self, app: App, user: str) -> set[str]:
        """Ids that no list shows. Empty where the store cannot be read."""
        try:
            return {one.conversation_id for one in self.of(app, user) if one.refusal is None}
        except StoreError:
            return set()
