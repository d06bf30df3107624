"""An import and the rows of its file, as they are kept: what was read, what is meant, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from services.database import metadata

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("direction", sa.String(8), nullable=False),
    sa.Column("error", sa.String(255), nullable=False),
    sa.Column("retry_at", sa.Float),
    sa.Index("imports_by_time", "app", "at"),
)
import_rows = sa.Table(
    "import_rows",
    metadata,
    sa.Column("import_id", sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("likeness", sa.Integer, nullable=False),
    sa.Column("other_row", sa.Integer),
    sa.Column("other_id", sa.String(255), nullable=False),
    sa.Column("other_question", sa.Text, nullable=False),
    sa.Column("other_answer", sa.Text, nullable=False),
    sa.Column("action", sa.String(8), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("twins", sa.JSON),
    sa.Column("annotation_id", sa.String(255), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("import_rows_by_kind", "import_id", "kind"),
    sa.Index("import_rows_by_state", "import_id", "state"),
)
State = Literal["reading", "prepared", "running", "paused", "done"]


@dataclass(frozen=True, slots=True)
class Import:
    id: str
    app: str
    user: str
    name: str
    """Of the file."""
    at: float
    """Unix seconds."""
    state: State
    direction: Literal["forth", "back"] = "forth"
    """back: it is being rolled back, or was."""
    error: str = ""
    """Code of what made it pause."""
    retry_at: float | None = None
    """Unix seconds: the server asked to wait until then."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """`state`: waiting, invalid, skipped, sending, done, failed; rolling back: undoing, undone, kept."""

    import_id: str
    number: int
    question: str
    answer: str
    kind: str
    """As services.annotations.comparing says."""
    reason: str = ""
    """Why it is invalid, or why it failed."""
    likeness: int = 0
    other_row: int | None = None
    other_id: str = ""
    other_question: str = ""
    other_answer: str = ""
    action: str = ""
    """add, update, skip; "" before the choice."""
    state: str = "waiting"
    twins: Any = None
    """Ids of annotations with the same texts that were there before this row was sent."""
    annotation_id: str = ""
    error: str = ""
    """The server's own words."""
