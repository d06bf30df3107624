"""What Dify does not keep of annotations: every change, drafts on their way to it, and the guidelines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annotation_changes",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("batch", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
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
    )
    op.create_index("changes_by_time", "annotation_changes", ["app", "at"])
    op.create_index("changes_by_batch", "annotation_changes", ["app", "batch"])
    op.create_index("changes_by_origin", "annotation_changes", ["app", "origin"])
    op.create_index("changes_by_annotation", "annotation_changes", ["app", "annotation_id"])
    op.create_table(
        "annotation_drafts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False, index=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("annotation_id", sa.String(255), nullable=False),
        sa.Column("seen_question", sa.Text, nullable=False),
        sa.Column("seen_answer", sa.Text, nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("checked_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
    )
    op.create_table(
        "annotation_guidelines",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("at", sa.Float, primary_key=True),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("annotation_guidelines")
    op.drop_table("annotation_drafts")
    op.drop_table("annotation_changes")
