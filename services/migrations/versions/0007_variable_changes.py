"""How the variables of a conversation changed, answer by answer and edit by edit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "variable_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("turn", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
    )
    columns = ["app", "user", "conversation_id"]
    op.create_index("variable_changes_of_a_conversation", "variable_changes", columns)


def downgrade() -> None:
    op.drop_table("variable_changes")
