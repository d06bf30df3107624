"""Case files of conversations, saved views of their list, and ready prompts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("cases", *_place(), *_case())
    op.create_index("cases_by_change", "cases", ["app", "changed_at", "user", "conversation_id"])
    op.create_table(
        "case_tags",
        *_place(),
        sa.Column("folded", sa.String(160), primary_key=True),
        sa.Column("tag", sa.String(40), nullable=False),
    )
    op.create_index("case_tags_by_tag", "case_tags", ["app", "folded"])
    op.create_table("case_notes", *_note())
    op.create_index("case_notes_by_case", "case_notes", ["app", "user", "conversation_id"])
    op.create_table(
        "staff",
        sa.Column("user", sa.String(255), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_table(
        "work_views",
        *_kept(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "prompts",
        *_kept(),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )


def _place() -> list[sa.Column[str]]:
    return [
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(255), primary_key=True),
        sa.Column("conversation_id", sa.String(255), primary_key=True),
    ]


def _case() -> list[sa.Column[str] | sa.Column[float]]:
    return [
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("assignee", sa.String(255), nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    ]


def _note() -> list[sa.Column[str] | sa.Column[float] | sa.Column[int]]:
    return [
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted_at", sa.Float),
    ]


def _kept() -> list[sa.Column[str] | sa.Column[bool]]:
    return [
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False, index=True),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
    ]


def downgrade() -> None:
    for table in ("prompts", "work_views", "staff", "case_notes", "case_tags", "cases"):
        op.drop_table(table)
