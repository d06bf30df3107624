"""Ratings with their words, which Dify takes and never tells again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("message_id", sa.String(255), primary_key=True),
        sa.Column("user", sa.String(64), primary_key=True),
        sa.Column("rating", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("ratings")
