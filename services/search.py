"""Words of questions and answers that this site has seen, found again: SQLite FTS5 beside a table of texts.

Words are matched as they begin ("stream" finds "streaming"), without regard to case and accents. Scripts that
write no spaces (Chinese, Japanese, Thai …) are indexed letter by letter, so that any part of a text is found,
one letter too. Every entry carries its owner as a word of its own: nobody's search meets another's text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.conversations import Conversation
from services.database import metadata
from services.passages import apart
from services.store import Store
from services.turn import Turn

LONGEST = 100_000
"""Characters of a text that are kept for searching."""
BATCH = 200
seen = sa.Table(
    "seen",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("indexed", sa.Boolean, nullable=False, index=True),
    sa.UniqueConstraint("app", "user", "message_id", name="one_row_per_message"),
    sa.Index("seen_conversation", "app", "user", "conversation_id"),
)
WORDS_TABLE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS seen_words USING fts5("
    "owner, query, answer, content='', tokenize='unicode61 remove_diacritics 2')"
)
# For the tables that metadata makes itself, in memory; a file gets it by migration.
sa.event.listen(
    seen, "after_create", lambda _table, connection, **_: connection.execute(sa.text(WORDS_TABLE))
)


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
        if not rows:
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

    def hits(self, app: str, user: str, words: Sequence[str], ids: Sequence[str]) -> dict[str, Hit]:
        """The newest hit of each of these conversations, by its id; `words` are those of `terms`.

        Raises StoreError.
        """
        if not words:
            return {}
        table = seen.c
        those = table.id.in_(matching(app, user, words)) & table.conversation_id.in_(ids)
        query = sa.select(table.conversation_id, table.message_id, table.query, table.answer)
        with self._store.database.begin() as connection:
            rows = connection.execute(query.where(those).order_by(table.asked_at))
            return {row.conversation_id: Hit(*row) for row in rows}


def matching(app: str, user: str, words: Sequence[str]) -> sa.TextualSelect:
    """Selects the ids of this person's rows of `seen` that hold all words."""
    found = sa.text("SELECT rowid AS id FROM seen_words WHERE seen_words MATCH :match")
    return found.bindparams(match=_match(app, user, words)).columns(id=sa.Integer)


def unindex(connection: sa.Connection, row: Any) -> None:
    """Take a row of `seen` out of the index: it must be told the very words that it was given."""
    if row["indexed"]:
        words = sa.text(
            "INSERT INTO seen_words (seen_words, rowid, owner, query, answer)"
            " VALUES ('delete', :id, :owner, :query, :answer)"
        )
        connection.execute(words, _entry(row))


def _index(connection: sa.Connection, row: Any) -> None:
    words = sa.text(
        "INSERT INTO seen_words (rowid, owner, query, answer) VALUES (:id, :owner, :query, :answer)"
    )
    connection.execute(words, _entry(row))


def _entry(row: Any) -> dict[str, Any]:
    owner = _owner(row["app"], row["user"])
    return {"id": row["id"], "owner": owner, "query": apart(row["query"]), "answer": apart(row["answer"])}


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


def _owner(app: str, user: str) -> str:
    return "o" + hashlib.sha256(f"{app}\0{user}".encode()).hexdigest()[:24]


def _match(app: str, user: str, words: Sequence[str]) -> str:
    """FTS5's own language; words hold letters and digits alone, so nothing of it can be in them."""
    wanted = " AND ".join(f'"{apart(word).strip()}"*' for word in words)
    return f"owner:{_owner(app, user)} AND {{query answer}}:({wanted})"
