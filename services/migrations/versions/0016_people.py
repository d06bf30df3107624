"""The end users that have passed through this site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
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
        sa.UniqueConstraint("app", "user", name="one_person_per_user"),
        sa.UniqueConstraint("app", "end_user_id", name="one_person_per_end_user"),
    )
    op.create_index("people_by_last_seen", "people", ["app", "last_seen", "id"])
    op.create_index("people_by_first_seen", "people", ["app", "first_seen", "id"])
    op.create_index("people_by_name", "people", ["app", "folded", "id"])


def downgrade() -> None:
    op.drop_table("people")
