"""The local database: what Dify does not keep. Conversations by our own key, and turns as they streamed.

SQLAlchemy Core over SQLite or PostgreSQL; Alembic brings older tables up to date when it is opened. A method
raises StoreError where the database cannot be read or written: chat goes on without it, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services import saved
from services.database import Database, Memory, StoreError
from services.outcome import FINAL, Rating
from services.sqlite import File
from services.tables import Owned, conversations, preferences, ratings, turns
from services.turn import Turn

__all__ = ["Owned", "Store", "StoreError", "conversations", "ratings", "turns"]

OPEN_STATES = ("waiting", "streaming", "recovering")


class Store:
    """One database; safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        """Shared with the services that keep tables of their own."""

    @classmethod
    def at(cls, path: Path) -> Store:
        """Open or make the file, and bring its tables up to date. Raises StoreError; never overwrites."""
        store = cls.behind(path)
        store.ready()
        return store

    @classmethod
    def behind(cls, path: Path) -> Store:
        """The same file, opened when it is first needed and as soon as it can be."""
        return cls(File(path))

    @classmethod
    def on(cls, url: sa.URL) -> Store:
        """A PostgreSQL database, connected when it is first needed and as soon as it can be."""
        from services.postgres import Postgres  # psycopg is there only where somebody wants it

        return cls(Postgres(url))

    @classmethod
    def in_memory(cls) -> Store:
        """For tests."""
        return cls(Memory())

    def ready(self) -> None:
        """Raises StoreError where the database cannot be opened, or failed and cannot be opened again."""
        self.database.open()

    def close(self) -> None:
        self.database.close()

    def owner(self, key: str) -> Owned | None:
        with self._begin() as connection:
            row = connection.execute(sa.select(conversations).where(conversations.c.key == key)).first()
        return Owned.of(row) if row else None

    def by_conversation(self, app: str, user: str, conversation_id: str) -> Owned | None:
        table = conversations.c
        claim = (table.app == app) & (table.user == user) & (table.conversation_id == conversation_id)
        with self._begin() as connection:
            row = connection.execute(sa.select(conversations).where(claim)).first()
        return Owned.of(row) if row else None

    def add(self, owned: Owned) -> str:
        """Keep a conversation; one that is there already, under this or another key, stays as it is.

        Returns the key under which it is kept: a conversation that was opened while the database could not
        be read may have been given a second one. Raises StoreError for a key of another person.
        """
        table = conversations.c
        row = {
            "key": owned.key,
            "app": owned.app,
            "user": owned.user,
            "conversation_id": owned.conversation_id,
            "created_at": time.time(),
        }
        same = (table.key == owned.key) | (table.conversation_id == owned.conversation_id)
        theirs = (table.app == owned.app) & (table.user == owned.user)
        with self._begin() as connection:
            connection.execute(self.database.insert(conversations).values(row).on_conflict_do_nothing())
            keys = connection.execute(sa.select(table.key).where(theirs & same)).scalars().all()
        if not keys:
            raise StoreError("this key is another person's")
        return owned.key if owned.key in keys else str(keys[0])

    def name(self, key: str, conversation_id: str) -> None:
        """Dify has named the conversation; a second name is ignored, and one that another key holds."""
        table = conversations.c
        unnamed = (table.key == key) & table.conversation_id.is_(None)
        other = conversations.alias()
        theirs = (other.c.app == table.app) & (other.c.user == table.user)
        held = sa.exists().where(theirs & (other.c.conversation_id == conversation_id))
        with self._begin() as connection:
            statement = sa.update(conversations).where(unnamed & ~held)
            connection.execute(statement.values(conversation_id=conversation_id))

    def save(self, key: str, turn: Turn) -> None:
        """Write the Turn as it now is. A final Turn in the database is not overwritten by a running one.

        Of an answer that moderation replaced the file keeps no trace.
        """
        row = {"key": key, "updated_at": time.time(), **saved.to_row(turn)}
        statement = self.database.insert(turns).values(row)
        where = None if turn.final else turns.c.state.not_in(FINAL)
        with self._begin() as connection:
            void = turn.replaced and _says_more(connection, turn)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row, where=where))
        if void:
            self.database.forget()

    def turn(self, turn_id: str) -> Turn | None:
        with self._begin() as connection:
            row = connection.execute(sa.select(turns).where(turns.c.id == turn_id)).mappings().first()
        return saved.from_row(row) if row else None

    def turns(self, key: str) -> list[Turn]:
        """Oldest first."""
        query = sa.select(turns).where(turns.c.key == key).order_by(turns.c.asked_at)
        with self._begin() as connection:
            return [saved.from_row(row) for row in connection.execute(query).mappings()]

    def first_query(self, key: str) -> str:
        """The first question of a conversation; "" where none is kept."""
        query = sa.select(turns.c.query).where(turns.c.key == key).order_by(turns.c.asked_at).limit(1)
        with self._begin() as connection:
            return connection.execute(query).scalar_one_or_none() or ""

    def unfinished(self) -> list[tuple[Owned, Turn]]:
        """What a process that died left behind."""
        query = sa.select(turns, conversations).join(conversations).where(turns.c.state.in_(OPEN_STATES))
        query = query.with_only_columns(
            turns, conversations.c.app, conversations.c.user, conversations.c.conversation_id
        )
        with self._begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [(Owned.of(row), saved.from_row(row)) for row in rows]

    def preferences(self, user: str) -> dict[str, Any]:
        """What this person has set, by name."""
        query = sa.select(preferences.c.name, preferences.c.value).where(preferences.c.user == user)
        with self._begin() as connection:
            return {row.name: row.value for row in connection.execute(query)}

    def prefer(self, user: str, name: str, value: Any) -> None:
        statement = self.database.insert(preferences).values(user=user, name=name, value=value)
        keys = ["user", "name"]
        with self._begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"value": value}))

    def ratings(self, user: str, message_ids: Sequence[str]) -> dict[str, Rating]:
        """By message id; Dify itself never tells the words of a rating again."""
        table = ratings.c
        query = sa.select(ratings).where((table.user == user) & table.message_id.in_(message_ids))
        with self._begin() as connection:
            return {row.message_id: Rating(row.rating, row.content) for row in connection.execute(query)}

    def rate(self, user: str, message_id: str, rating: Rating | None) -> None:
        """Keep a rating, or forget it."""
        table = ratings.c
        which = (table.user == user) & (table.message_id == message_id)
        with self._begin() as connection:
            connection.execute(sa.delete(ratings).where(which))
            if rating:
                known = {"message_id": message_id, "user": user, "updated_at": time.time()}
                row = {**known, "rating": rating.rating, "content": rating.content}
                connection.execute(sa.insert(ratings).values(row))

    def _begin(self) -> AbstractContextManager[sa.Connection]:
        return self.database.begin()


def _says_more(connection: sa.Connection, turn: Turn) -> bool:
    """Whether what is kept of this turn holds words that moderation has taken back."""
    columns = turns.c.answer, turns.c.rest
    known = connection.execute(sa.select(*columns).where(turns.c.id == turn.id)).first()
    return known is not None and not (known.rest.get("replaced") and turn.answer.startswith(known.answer))
