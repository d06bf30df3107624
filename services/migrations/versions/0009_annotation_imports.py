"""Imports of annotations and the journal of their rows; annotation reply as it was set; test cases, runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("error", sa.String(255), nullable=False),
        sa.Column("retry_at", sa.Float),
    )
    op.create_index("imports_by_time", "imports", ["app", "at"])
    op.create_table(
        "import_rows",
        sa.Column(
            "import_id", sa.String(32), sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("likeness", sa.Integer, nullable=False),
        sa.Column("other_row", sa.Integer),
        sa.Column("other_id", sa.String(255), nullable=False),
        sa.Column("other_question", sa.Text, nullable=False),
        sa.Column("other_answer", sa.Text, nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("twins", sa.JSON),
        sa.Column("annotation_id", sa.String(255), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("import_rows_by_kind", "import_rows", ["import_id", "kind"])
    op.create_index("import_rows_by_state", "import_rows", ["import_id", "state"])
    op.create_table(
        "annotation_reply_jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("provider", sa.String(255), nullable=False),
        sa.Column("model", sa.String(255), nullable=False),
        sa.Column("job_id", sa.String(255), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
    )
    op.create_index("reply_jobs_by_time", "annotation_reply_jobs", ["app", "asked_at"])
    op.create_table(
        "annotation_cases",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False, index=True),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("expected_id", sa.String(255), nullable=False),
        sa.Column("expected_question", sa.Text, nullable=False),
    )
    op.create_table(
        "annotation_case_runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("app", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("cases", sa.Integer, nullable=False),
    )
    op.create_index("case_runs_by_time", "annotation_case_runs", ["app", "at"])
    op.create_table(
        "annotation_case_results",
        sa.Column(
            "run_id",
            sa.String(32),
            sa.ForeignKey("annotation_case_runs.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("case_id", sa.String(32), primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("expected_id", sa.String(255), nullable=False),
        sa.Column("expected_question", sa.Text, nullable=False),
        sa.Column("got_id", sa.String(255), nullable=False),
        sa.Column("got_question", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "annotation_case_results",
        "annotation_case_runs",
        "annotation_cases",
        "annotation_reply_jobs",
        "import_rows",
        "imports",
    ):
        op.drop_table(table)
