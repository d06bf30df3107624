"""Room for every end user that Dify keeps: whoever is named plainly may have 255 characters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = (
    ("annotation_case_runs", "user"),
    ("annotation_cases", "user"),
    ("annotation_changes", "user"),
    ("annotation_drafts", "author"),
    ("annotation_drafts", "checked_by"),
    ("annotation_guidelines", "user"),
    ("annotation_reply_jobs", "user"),
    ("conversations", "user"),
    ("deletions", "user"),
    ("imports", "user"),
    ("listed", "user"),
    ("listings", "user"),
    ("marks", "user"),
    ("preferences", "user"),
    ("ratings", "user"),
    ("seen", "user"),
    ("shares", "user"),
    ("variable_changes", "user"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # which takes texts of any length
        return
    for table, column in COLUMNS:
        op.alter_column(table, column, type_=sa.String(255), existing_nullable=False)


def downgrade() -> None:
    """Back to columns that may be too short would need users to be cut: they stay."""
