"""Changes of case files as they were made, so that they can be taken back: also after a restart.

They are bounded by age and by number; a change of many conversations goes as a whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from services.database import metadata
from services.variable_log import Place
from services.work.case import Before, Case

KEPT_FOR = 7 * 86_400.0
"""Seconds for which a change can be taken back."""
MOST = 20_000
"""Conversations, of the changes of all people together."""
case_undos = sa.Table(
    "case_undos",
    metadata,
    sa.Column("token", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("by", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    # Null where no file was kept before.
    sa.Column("status_before", sa.String(16)),
    sa.Column("assignee_before", sa.String(255), nullable=False),
    sa.Column("tags_before", sa.JSON, nullable=False),
    sa.Column("changed_before", sa.Float, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("assignee", sa.String(255), nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Index("case_undos_by_time", "at"),
)


def keep(connection: sa.Connection, by: str, at: float, done: Sequence[Before]) -> str:
    """Write down what this person did; the token takes it back. The oldest go."""
    token = secrets.token_urlsafe(12)
    connection.execute(sa.delete(case_undos).where(case_undos.c.at < at - KEPT_FOR))
    newest = sa.select(case_undos.c.at).order_by(case_undos.c.at.desc())
    if last := connection.execute(newest.offset(MOST - len(done)).limit(1)).scalar():
        connection.execute(sa.delete(case_undos).where(case_undos.c.at <= last))
    connection.execute(sa.insert(case_undos), [_row(token, by, at, each) for each in done])
    return token


def kept(connection: sa.Connection, by: str, token: str) -> list[Before]:
    """What this person did; empty where it is not known (any more)."""
    rows = connection.execute(sa.select(case_undos).where(_is(by, token)))
    return [_before(row) for row in rows.mappings()]


def drop(connection: sa.Connection, by: str, token: str) -> bool:
    """False where it is gone: somebody was quicker."""
    return connection.execute(sa.delete(case_undos).where(_is(by, token))).rowcount > 0


def _is(by: str, token: str) -> sa.ColumnElement[bool]:
    return (case_undos.c.token == token) & (case_undos.c.by == by)


def _row(token: str, by: str, at: float, each: Before) -> dict[str, object]:
    before, after = each.before, each.after
    return asdict(after.place) | {
        "token": token,
        "by": by,
        "at": at,
        "status_before": before.status if before else None,
        "assignee_before": before.assignee if before else "",
        "tags_before": list(before.tags) if before else [],
        "changed_before": before.changed_at if before else 0.0,
        "status": after.status,
        "assignee": after.assignee,
        "tags": list(after.tags),
    }


def _before(row: sa.RowMapping) -> Before:
    place = Place(row["app"], row["user"], row["conversation_id"])
    tags = tuple(row["tags_before"])
    before = Case(place, "", row["status_before"], row["assignee_before"], tags, row["changed_before"])
    after = Case(place, "", row["status"], row["assignee"], tuple(row["tags"]), row["at"])
    return Before(before if row["status_before"] else None, after)
