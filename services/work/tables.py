"""The tables of case files: one row for a conversation, its tags, its notes."""

from __future__ import annotations

import sqlalchemy as sa

from services.database import metadata

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("assignee", sa.String(255), nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Index("cases_by_change", "app", "changed_at", "user", "conversation_id"),
)
case_tags = sa.Table(
    "case_tags",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("folded", sa.String(160), primary_key=True),
    sa.Column("tag", sa.String(40), nullable=False),
    sa.Index("case_tags_by_tag", "app", "folded"),
)
case_notes = sa.Table(
    "case_notes",
    metadata,
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
    sa.Index("case_notes_by_case", "app", "user", "conversation_id"),
)
