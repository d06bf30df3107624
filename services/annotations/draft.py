"""An annotation on its way to Dify: what is kept of it, and the states it goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from services.annotations.row import Row
from services.database import metadata

annotation_drafts = sa.Table(
    "annotation_drafts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False, index=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("annotation_id", sa.String(255), nullable=False),
    sa.Column("seen_question", sa.Text, nullable=False),
    sa.Column("seen_answer", sa.Text, nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),
    sa.Column("author", sa.String(255), nullable=False),
    sa.Column("checked_by", sa.String(255), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)
State = Literal["draft", "checked", "publishing", "live", "dropped"]
OPEN: tuple[State, ...] = ("draft", "checked", "publishing")


@dataclass(frozen=True, slots=True)
class Draft:
    id: str
    app: str
    question: str
    answer: str
    state: State
    annotation_id: str
    """Of the live row it is another text for, or has become; "" before that."""
    seen_question: str
    seen_answer: str
    """That row as the author saw it."""
    message_id: str
    """The answer it was made from."""
    author: str
    checked_by: str
    created_at: float
    updated_at: float
    """Unix seconds."""

    @property
    def seen(self) -> Row | None:
        return Row(self.annotation_id, self.seen_question, self.seen_answer) if self.annotation_id else None
