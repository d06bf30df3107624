"""What the database keeps of accounts: no password and no token, only what they can be checked by."""

from __future__ import annotations

import sqlalchemy as sa

from services.database import metadata

LONGEST_NAME = 64

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.String(LONGEST_NAME), primary_key=True),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("role", sa.Integer, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(LONGEST_NAME), sa.ForeignKey("accounts.name"), nullable=False, index=True),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
)
attempts = sa.Table(
    "attempts",
    metadata,
    # A digest: people type passwords where names belong.
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
