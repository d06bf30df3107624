"""The tables of the feedback: Dify's rows as they were last told, and what curators are typing about them.

`passed` numbers the times the whole list was read; a row that a whole reading did not meet was taken back.
"""

from __future__ import annotations

import sqlalchemy as sa

from services.database import metadata

HOUR = 3_600
"""Seconds of the column `hour`, which is the time of the rating."""
feedback = sa.Table(
    "feedback",
    metadata,
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
    # All that is filtered by, the words excepted: a filter that finds little reads the index alone.
    sa.Index("feedback_by_time", "app", "created_at", "id", "rating", "source", "handled_at"),
    sa.Index("feedback_by_hour", "app", "hour", "rating", "handled_at"),
    sa.Index("feedback_by_conversation", "app", "conversation_id"),
    sa.Index("feedback_by_end_user", "app", "end_user_id"),
)
feedback_readings = sa.Table(
    "feedback_readings",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("complete_at", sa.Float, nullable=False),
    sa.Column("took", sa.Float, nullable=False),
    sa.Column("passed", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
)
feedback_corrections = sa.Table(
    "feedback_corrections",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("feedback_id", sa.String(255), primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("annotation_id", sa.String(255), nullable=False),
)
