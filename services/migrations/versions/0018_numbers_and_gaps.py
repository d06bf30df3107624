"""What is counted of each question, and what curators made of the questions that got no good answer.

`measures` is filled by services/numbers/counting.py, in the background: no start waits for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measures",
        sa.Column("turn_id", sa.String(64), primary_key=True),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("first_ms", sa.Integer),
        sa.Column("prompt_tokens", sa.Integer),
        sa.Column("completion_tokens", sa.Integer),
        sa.Column("total_tokens", sa.Integer),
        sa.Column("price", sa.BigInteger),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("annotated", sa.Integer, nullable=False),
    )
    counted = "state first_ms prompt_tokens completion_tokens total_tokens price currency annotated"
    op.create_index("measures_summed", "measures", ["at", "app", "user", "place", *counted.split()])
    op.create_table(
        "gap_marks",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False, index=True),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("phrasings", sa.JSON, nullable=False),
        sa.Column("misses", sa.JSON, nullable=False),
        sa.Column("annotation_id", sa.String(255), nullable=False),
        sa.Column("draft_id", sa.String(32), nullable=False),
    )
    op.create_table(
        "gap_phrases",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("phrases", sa.Text, nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "dismissed_suggestions",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("message_id", sa.String(255), primary_key=True),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in ("dismissed_suggestions", "gap_phrases", "gap_marks", "measures"):
        op.drop_table(table)
