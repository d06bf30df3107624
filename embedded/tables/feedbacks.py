"""Feedbacks: what end users and the app's owner think of an answer, one of each kind a message. Source:
recordings 62_*."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any, Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid4, uuid5

from embedded.database import Database

ACCOUNT = {"id": str(uuid5(NAMESPACE_URL, "embedded owner")), "name": "Embedded backend"}

MOST = 2**63 - 1  # what SQLite can count to

Source: TypeAlias = Literal["user", "admin"]


class Feedbacks:
    """The table `feedbacks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rate(self, app_id: str, message_id: str, source: Source, rating: str, content: str | None) -> None:
        """Set or replace a rating, its text included."""
        now = time.time()
        self._database.write(
            "INSERT INTO feedbacks (id, app, message_id, source, rating, content, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id, source) DO UPDATE"
            " SET rating = excluded.rating, content = excluded.content, updated_at = excluded.updated_at",
            str(uuid4()),
            app_id,
            message_id,
            source,
            rating,
            content,
            now,
            now,
        )

    def unrate(self, message_id: str, source: Source) -> bool:
        """Take a rating back; False if there was none."""
        with self._database.change() as db:
            sql = "DELETE FROM feedbacks WHERE message_id = ? AND source = ?"
            return db.execute(sql, (message_id, source)).rowcount > 0

    def of_app(self, app_id: str, page: int, limit: int) -> list[dict[str, Any]]:
        """A page of the app's feedbacks, newest first; pages count from 1."""
        # Cut out of the index before anything is joined to it: the last page of a thousand is as quick.
        sql = """
            SELECT feedbacks.*, conversations.id AS conversation_id, end_users.id AS end_user_id
            FROM feedbacks JOIN messages ON messages.id = feedbacks.message_id
            JOIN conversations ON conversations.id = messages.conversation_id
            LEFT JOIN end_users ON end_users.app_id = conversations.app_id
                AND end_users.user = conversations.user
            WHERE feedbacks.id IN (
                SELECT id FROM feedbacks WHERE app = :app
                ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :skipped
            ) ORDER BY feedbacks.created_at DESC, feedbacks.id DESC
        """
        values = {"app": app_id, "limit": limit, "skipped": min((page - 1) * limit, MOST)}
        return [_described(app_id, row) for row in self._database.all(sql, values)]


def _described(app_id: str, row: Row) -> dict[str, Any]:
    by_user = row["source"] == "user"
    return {
        "id": row["id"],
        "app_id": app_id,
        "conversation_id": row["conversation_id"],
        "message_id": row["message_id"],
        "rating": row["rating"],
        "content": row["content"],
        "from_source": row["source"],
        "from_end_user_id": row["end_user_id"] if by_user else None,
        "from_account_id": None if by_user else ACCOUNT["id"],
        "created_at": _iso(row["created_at"], "seconds"),
        "updated_at": _iso(row["updated_at"], "microseconds"),
    }


def _iso(seconds: float, precision: str) -> str:
    # Without a zone, as a real server writes them; it is UTC.
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec=precision)
