"""When somebody was last seen, and whose a sign-in is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("seen_at", sa.Float))
    op.add_column("sign_ins", sa.Column("user", sa.String(255)))
    op.add_column("sign_ins", sa.Column("name", sa.String(255)))
    op.add_column("sign_ins", sa.Column("began_at", sa.Float))


def downgrade() -> None:
    op.drop_column("sign_ins", "began_at")
    op.drop_column("sign_ins", "name")
    op.drop_column("sign_ins", "user")
    op.drop_column("accounts", "seen_at")
