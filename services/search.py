"""Words of questions and answers that this site has seen, found again: a table of texts, and an index of
their words beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.conversations import Conversation
from services.database import metadata
from services.store import Store
from services.turn import Turn
from services.word_index import INDEXES, Fts5

LONGEST = 100_000
"""Characters of a text that are kept for searching."""
BATCH = 200
BEGINNING = 300
"""Characters of a question that a list shows."""
seen = sa.Table(
    "seen",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("indexed", sa.Boolean, nullable=False, index=True),
    sa.UniqueConstraint("app", "user", "message_id", name="one_row_per_message"),
    sa.Index("seen_conversation", "app", "user", "conversation_id"),
)
# For the tables that metadata makes itself, in memory; other databases get it by migration.
sa.event.listen(seen, "after_create", sa.DDL(Fts5.TABLE))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Hit:
    """The newest message of a conversation in which all words were found."""

    conversation_id: str
    message_id: str
    query: str
    answer: str


class Search:
    def __init__(self, store: Store) -> None:
        self._store = store

    def saw(self, conversation: Conversation, conversation_id: str, turns: Iterable[Turn]) -> None:
        """Have these turns found from now on. Raises StoreError."""
        app, user = conversation.app, conversation.user
        rows = {t.message_id: _row(app, user, conversation_id, t) for t in turns if t.message_id and t.final}
        if not rows or conversation.erased:
            return
        mine = (seen.c.app == app) & (seen.c.user == user) & seen.c.message_id.in_(rows)
        with self._store.database.begin() as connection:
            known = {
                row["message_id"]: row for row in connection.execute(sa.select(seen).where(mine)).mappings()
            }
            for message_id, row in rows.items():
                before = known.get(message_id)
                if before and not row["answer"]:
                    row["answer"] = before["answer"]  # Dify forgets what was stopped; here it was seen
                if before is None:
                    key = connection.execute(sa.insert(seen).values(row)).inserted_primary_key
                    _index(connection, {**row, "id": key[0] if key else None})
                elif (before["query"], before["answer"]) != (row["query"], row["answer"]):
                    unindex(connection, before)
                    connection.execute(sa.update(seen).where(seen.c.id == before["id"]).values(row))
                    _index(connection, {**row, "id": before["id"]})

    def catch_up(self) -> bool:
        """Index what a migration brought, a batch at a time; False when all is done. Raises StoreError."""
        waiting = sa.select(seen).where(seen.c.indexed.is_(False)).limit(BATCH)
        with self._store.database.begin() as connection:
            rows = connection.execute(waiting).mappings().all()
            for row in rows:
                _index(connection, row)
            ids = [row["id"] for row in rows]
            connection.execute(sa.update(seen).where(seen.c.id.in_(ids)).values(indexed=True))
        return bool(rows)

    def last_asked(self, app: str, user: str, ids: Sequence[str]) -> dict[str, str]:
        """How the newest question of each of these conversations begins, by its id, where this site saw one.

        Raises StoreError.
        """
        mine = (seen.c.app == app) & (seen.c.user == user) & seen.c.conversation_id.in_(ids)
        at = sa.func.max(seen.c.asked_at).label("at")
        newest = sa.select(seen.c.conversation_id, at).where(mine).group_by(seen.c.conversation_id).subquery()
        same = (seen.c.conversation_id == newest.c.conversation_id) & (seen.c.asked_at == newest.c.at)
        query = sa.select(seen.c.conversation_id, sa.func.substr(seen.c.query, 1, BEGINNING))
        with self._store.database.begin() as connection:
            return {row[0]: row[1] for row in connection.execute(query.join(newest, same).where(mine))}

    def hits(self, app: str, user: str, words: Sequence[str], ids: Sequence[str]) -> dict[str, Hit]:
        """The newest hit of each of these conversations, by its id; `words` are those of `terms`.

        Raises StoreError.
        """
        if not words:
            return {}
        table = seen.c
        found = matching(self._store.database.dialect, app, user, words)
        those = table.id.in_(found) & table.conversation_id.in_(ids)
        query = sa.select(table.conversation_id, table.message_id, table.query, table.answer)
        with self._store.database.begin() as connection:
            rows = connection.execute(query.where(those).order_by(table.asked_at))
            return {row.conversation_id: Hit(*row) for row in rows}


def matching(dialect: str, app: str, user: str, words: Sequence[str]) -> sa.TextualSelect:
    """Selects the ids of this person's rows of `seen` that hold all words."""
    return INDEXES[dialect].matching(app, user, words)


def unindex(connection: sa.Connection, row: Any) -> None:
    """Take a row of `seen` out of the index."""
    if row["indexed"]:
        INDEXES[connection.dialect.name].remove(connection, row)


def _index(connection: sa.Connection, row: Any) -> None:
    INDEXES[connection.dialect.name].add(connection, row)


def _row(app: str, user: str, conversation_id: str, turn: Turn) -> dict[str, Any]:
    return {
        "app": app,
        "user": user,
        "conversation_id": conversation_id,
        "message_id": turn.message_id,
        "asked_at": turn.asked_at or 0.0,
        "query": turn.query[:LONGEST].strip(),
        "answer": turn.answer[:LONGEST].strip(),
        "indexed": True,
    }
