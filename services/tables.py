"""The tables of conversations, turns, preferences and ratings; those of other services stand beside these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.database import metadata

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("conversation_id", sa.String(255)),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.UniqueConstraint("app", "user", "conversation_id", name="one_key_per_conversation"),
)
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("key", sa.ForeignKey("conversations.key"), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("rest", sa.JSON, nullable=False),
)
preferences = sa.Table(
    "preferences",
    metadata,
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("message_id", sa.String(255), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("rating", sa.String(16), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose conversation a key is. conversation_id is None until Dify has named it."""

    key: str
    app: str
    user: str
    conversation_id: str | None

    @classmethod
    def of(cls, row: Any) -> Owned:
        """Of a row with the columns of `conversations`."""
        data = getattr(row, "_mapping", row)
        return cls(data["key"], data["app"], data["user"], data["conversation_id"])
