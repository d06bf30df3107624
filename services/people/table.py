"""What is kept of an end user: Dify's id of them, their own, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.database import metadata
from services.passages import folded

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255)),
    sa.Column("end_user_id", sa.String(255)),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("anonymous", sa.Boolean),
    sa.Column("how", sa.String(255), nullable=False),
    sa.Column("first_seen", sa.Float, nullable=False),
    sa.Column("last_seen", sa.Float, nullable=False),
    sa.UniqueConstraint("app", "end_user_id", name="one_person_per_end_user"),
    sa.Index("people_by_user", "app", "user"),
    sa.Index("people_by_last_seen", "app", "last_seen", "id"),
    sa.Index("people_by_first_seen", "app", "first_seen", "id"),
    sa.Index("people_by_name", "app", "folded", "id"),
)
sa.Index(
    "one_person_without_end_user",
    people.c.app,
    people.c.user,
    unique=True,
    sqlite_where=people.c.end_user_id.is_(None),
    postgresql_where=people.c.end_user_id.is_(None),
)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    """Ours; it says nothing about the person."""
    app: str
    user: str = ""
    """The external id: the `user` of requests. "" where only Dify's id is known."""
    end_user_id: str = ""
    """Dify's UUID; "" where no upload, rating or look-up has told it."""
    name: str = ""
    type: str = ""
    anonymous: bool | None = None
    how: tuple[str, ...] = ()
    """question, reading, upload, feedback, lookup: how this site came to know them."""
    first_seen: float = 0.0
    last_seen: float = 0.0
    conversations: int = 0
    """That this site knows of."""

    @property
    def shown(self) -> str:
        """What to call them."""
        return self.name or self.user or self.end_user_id

    @property
    def row(self) -> dict[str, Any]:
        words = folded(" ".join(filter(None, (self.name, self.user, self.end_user_id))))
        return {
            "id": self.id,
            "app": self.app,
            "user": self.user or None,
            "end_user_id": self.end_user_id or None,
            "name": self.name,
            "folded": words,
            "type": self.type[:64],
            "anonymous": self.anonymous,
            "how": " ".join(self.how),
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
        }

    @classmethod
    def of(cls, row: Any, conversations: int = 0) -> Person:
        return cls(
            row.id,
            row.app,
            row.user or "",
            row.end_user_id or "",
            row.name,
            row.type,
            row.anonymous,
            tuple(row.how.split()),
            row.first_seen,
            row.last_seen,
            conversations,
        )
