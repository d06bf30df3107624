"""What the history page needs: the list as Dify told it, pins, words to search, deletions to come, shares.

`seen` is filled from the turns that are there; their words are indexed by services/search.py at its start.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def _whose() -> list[sa.Column[str]]:
    return [
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(64), primary_key=True),
    ]


def upgrade() -> None:
    op.create_table(
        "listed",
        *_whose(),
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("introduction", sa.Text, nullable=False),
        sa.Column("inputs", sa.JSON, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
    )
    op.create_table(
        "listings",
        *_whose(),
        sa.Column("complete_at", sa.Float, nullable=False),
        sa.Column("passed", sa.Integer, nullable=False),
    )
    op.create_table(
        "marks",
        *_whose(),
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("pinned_at", sa.Float),
        sa.Column("name", sa.Text),
        sa.Column("named_at", sa.Float),
    )
    op.create_table(
        "seen",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("indexed", sa.Boolean, nullable=False),
        sa.UniqueConstraint("app", "user", "message_id", name="one_row_per_message"),
    )
    op.create_index("seen_conversation", "seen", ["app", "user", "conversation_id"])
    op.create_index("seen_indexed", "seen", ["indexed"])
    if op.get_bind().dialect.name == "sqlite":
        _words_of_what_is_there()
    else:  # PostgreSQL came later: there is nothing to be filled in
        op.execute(
            "CREATE TABLE seen_words ("
            "id integer PRIMARY KEY REFERENCES seen (id) ON DELETE CASCADE, words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX seen_words_words ON seen_words USING gin (words)")
    op.create_table(
        "deletions",
        *_whose(),
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("requested_at", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("refusal", sa.Text),
    )
    op.create_table(
        "shares",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False, index=True),
        sa.Column("conversation_id", sa.String(255), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("turns", sa.JSON, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
    )


def _words_of_what_is_there() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE seen_words USING fts5("
        "owner, query, answer, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(
        "INSERT OR IGNORE INTO seen "
        "(app, user, conversation_id, message_id, asked_at, query, answer, indexed) "
        "SELECT c.app, c.user, c.conversation_id, t.message_id, t.asked_at, substr(t.query, 1, 100000), "
        "substr(t.answer, 1, 100000), 0 FROM turns t JOIN conversations c ON c.key = t.key "
        "WHERE c.conversation_id IS NOT NULL AND t.message_id != '' "
        "AND t.state IN ('complete', 'stopped', 'failed', 'incomplete')"
    )


def downgrade() -> None:
    for table in ("shares", "deletions", "seen_words", "seen", "marks", "listings", "listed"):
        op.drop_table(table)
