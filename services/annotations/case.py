"""A test case of an app, a run of all of them, and what came of each: as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from services.database import metadata

OUTCOMES: Final = ("hit", "miss", "wrong", "error")
annotation_cases = sa.Table(
    "annotation_cases",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False, index=True),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("expected_id", sa.String(255), nullable=False),
    sa.Column("expected_question", sa.Text, nullable=False),
)
annotation_case_runs = sa.Table(
    "annotation_case_runs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Column("cases", sa.Integer, nullable=False),
    sa.Index("case_runs_by_time", "app", "at"),
)
annotation_case_results = sa.Table(
    "annotation_case_results",
    metadata,
    sa.Column("run_id", sa.ForeignKey("annotation_case_runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("case_id", sa.String(32), primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("expected_id", sa.String(255), nullable=False),
    sa.Column("expected_question", sa.Text, nullable=False),
    sa.Column("got_id", sa.String(255), nullable=False),
    sa.Column("got_question", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and the annotation that should answer it; "" where none should."""

    id: str
    app: str
    user: str
    at: float
    """Unix seconds."""
    question: str
    expected_id: str
    expected_question: str


@dataclass(frozen=True, slots=True)
class CaseRun:
    """`ended_at` None: it goes on, was stopped, or its process died."""

    id: str
    app: str
    user: str
    at: float
    ended_at: float | None
    cases: int


@dataclass(frozen=True, slots=True)
class CaseResult:
    """`outcome`, of OUTCOMES: hit (what was expected, also nothing), miss (nothing), wrong (another one)."""

    case_id: str
    question: str
    expected_id: str
    expected_question: str
    outcome: str
    error: str = ""
    got_id: str = ""
    got_question: str = ""
