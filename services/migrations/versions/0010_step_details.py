"""What went into the steps of workflow runs, and what came out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "step_details",
        sa.Column("turn_id", sa.String(64), primary_key=True),
        sa.Column("step_id", sa.String(255), primary_key=True),
        sa.Column("key", sa.String(64), sa.ForeignKey("conversations.key"), nullable=False),
        sa.Column("parts", sa.JSON, nullable=False),
    )
    op.create_index("ix_step_details_key", "step_details", ["key"])


def downgrade() -> None:
    op.drop_table("step_details")
