"""What end users think of answers, as Dify last told it, and who they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("rating", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("end_user_id", sa.String(255), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("handled_by", sa.String(255), nullable=False),
        sa.Column("handled_at", sa.Float, nullable=False),
    )
    for name, columns in (
        ("feedback_by_time", ["app", "created_at", "id", "rating", "source", "handled_at"]),
        ("feedback_by_hour", ["app", "hour", "rating", "handled_at"]),
        ("feedback_by_conversation", ["app", "conversation_id"]),
        ("feedback_by_end_user", ["app", "end_user_id"]),
    ):
        op.create_index(name, "feedback", columns)
    op.create_table(
        "feedback_readings",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("complete_at", sa.Float, nullable=False),
        sa.Column("took", sa.Float, nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
    )
    op.create_table(
        "feedback_people",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("end_user_id", sa.String(255), primary_key=True),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
    )
    op.create_table(
        "feedback_corrections",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(255), primary_key=True),
        sa.Column("feedback_id", sa.String(255), primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("annotation_id", sa.String(255), nullable=False),
    )


def downgrade() -> None:
    for table in ("feedback_corrections", "feedback_people", "feedback_readings", "feedback"):
        op.drop_table(table)
