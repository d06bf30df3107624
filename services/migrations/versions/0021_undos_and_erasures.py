"""What outlives a restart: undoing changes of case files, what Dify is to delete, meanings of questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_undos",
        sa.Column("token", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(255), primary_key=True),
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("status_before", sa.String(16)),
        sa.Column("assignee_before", sa.String(255), nullable=False),
        sa.Column("tags_before", sa.JSON, nullable=False),
        sa.Column("changed_before", sa.Float, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("assignee", sa.String(255), nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
    )
    op.create_index("case_undos_by_time", "case_undos", ["at"])
    op.create_table(
        "erasures",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(255), primary_key=True),
        sa.Column("tag", sa.String(32), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("by_name", sa.String(255), nullable=False),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Integer, nullable=False),
        sa.Column("code", sa.String(255), nullable=False),
    )
    op.create_table(
        "gap_vectors",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("gap_vectors_by_time", "gap_vectors", ["at"])


def downgrade() -> None:
    op.drop_table("gap_vectors")
    op.drop_table("erasures")
    op.drop_table("case_undos")
