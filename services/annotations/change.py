"""One change of one annotation, as the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from services.database import metadata

annotation_changes = sa.Table(
    "annotation_changes",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("batch", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("annotation_id", sa.String(255), nullable=False),
    sa.Column("origin", sa.String(255), nullable=False),
    sa.Column("before_question", sa.Text, nullable=False),
    sa.Column("before_answer", sa.Text, nullable=False),
    sa.Column("before_hits", sa.Integer),
    sa.Column("after_question", sa.Text, nullable=False),
    sa.Column("after_answer", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("message_id", sa.String(255), nullable=False),
    sa.Column("undoes", sa.String(32), nullable=False),
    sa.Column("undone_by", sa.String(32), nullable=False),
    sa.Index("changes_by_time", "app", "at"),
    sa.Index("changes_by_batch", "app", "batch"),
    sa.Index("changes_by_origin", "app", "origin"),
    sa.Index("changes_by_annotation", "app", "annotation_id"),
)
Kind = Literal["add", "change", "delete"]
State = Literal["begun", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one annotation. `annotation_id` is "" for an addition that is not done."""

    id: str
    app: str
    batch: str
    """What was done in one go; "" for a change of its own."""
    user: str
    at: float
    """Unix seconds."""
    kind: Kind
    annotation_id: str
    origin: str
    """The id this annotation first had: one that is restored after its deletion gets another from Dify."""
    before_question: str
    before_answer: str
    before_hits: int | None
    """Lost with a deletion."""
    after_question: str
    after_answer: str
    state: State
    """begun: on its way, or it is not known whether it arrived; a later reading of the list settles it."""
    error: str
    message_id: str
    """The answer this annotation was made from."""
    undoes: str
    undone_by: str
    """Ids of changes."""

    @property
    def before(self) -> tuple[str, str]:
        return self.before_question, self.before_answer

    @property
    def after(self) -> tuple[str, str]:
        return self.after_question, self.after_answer

    @property
    def undoable(self) -> bool:
        return self.state == "done" and not self.undone_by


class NoSuchChange(LookupError):
    """No change of that id in this app's journal."""
