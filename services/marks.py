"""What a person has marked a conversation with: pins, and names given by hand. Dify knows neither."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.database import metadata
from services.store import Store

marks = sa.Table(
    "marks",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("pinned_at", sa.Float),
    sa.Column("name", sa.Text),
    sa.Column("named_at", sa.Float),
)


@dataclass(frozen=True, slots=True)
class Mark:
    pinned_at: float | None = None
    name: str | None = None
    """Given by hand, None where the name is Dify's."""
    named_at: float | None = None


class Marks:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, app: str, user: str) -> dict[str, Mark]:
        """By conversation id. Raises StoreError."""
        mine = (marks.c.app == app) & (marks.c.user == user)
        with self._store.database.begin() as connection:
            rows = connection.execute(sa.select(marks).where(mine))
            return {row.conversation_id: Mark(row.pinned_at, row.name, row.named_at) for row in rows}

    def pin(self, app: str, user: str, conversation_id: str, pinned: bool) -> None:
        """Raises StoreError."""
        self._set(app, user, conversation_id, pinned_at=time.time() if pinned else None)

    def name(self, app: str, user: str, conversation_id: str, name: str | None) -> None:
        """Remember a name given by hand, or that it is Dify's again. Raises StoreError."""
        self._set(app, user, conversation_id, name=name, named_at=time.time() if name else None)

    def _set(self, app: str, user: str, conversation_id: str, **values: Any) -> None:
        keys = {"app": app, "user": user, "conversation_id": conversation_id}
        statement = self._store.database.insert(marks).values(**keys, **values)
        with self._store.database.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))
