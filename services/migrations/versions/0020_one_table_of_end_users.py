"""End users stand in one table: those that ratings were explained with go to the other people.

Dify may have several ids of one `user`, each with a row of its own.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

import sqlalchemy as sa
from alembic import op

from services.passages import folded

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXTS = ("id", "app", "user", "end_user_id", "name", "folded", "type", "how")
people = sa.table("people", *map(sa.column, TEXTS), *map(sa.column, ("anonymous", "first_seen", "last_seen")))
raters = sa.table(
    "feedback_people", *map(sa.column, ("app", "end_user_id", "user", "name", "type", "anonymous"))
)
feedback = sa.table("feedback", *map(sa.column, ("app", "end_user_id", "created_at")))


def upgrade() -> None:
    with op.batch_alter_table("people") as table:
        table.drop_constraint("one_person_per_user", type_="unique")
    op.create_index("people_by_user", "people", ["app", "user"])
    no_id = people.c.end_user_id.is_(None)
    op.create_index(
        "one_person_without_end_user",
        "people",
        ["app", "user"],
        unique=True,
        sqlite_where=no_id,
        postgresql_where=no_id,
    )
    connection = op.get_bind()
    seen = {
        (row.app, row.end_user_id): (row.first, row.last)
        for row in connection.execute(
            sa.select(
                feedback.c.app,
                feedback.c.end_user_id,
                sa.func.min(feedback.c.created_at).label("first"),
                sa.func.max(feedback.c.created_at).label("last"),
            ).group_by(feedback.c.app, feedback.c.end_user_id)
        )
    }
    now = time.time()
    for row in connection.execute(sa.select(raters)).all():
        _take_over(connection, row, *seen.get((row.app, row.end_user_id), (now, now)))
    op.drop_table("feedback_people")


def _take_over(connection: sa.Connection, row: Any, first: float, last: float) -> None:
    same = (people.c.app == row.app) & (people.c.end_user_id == row.end_user_id)
    unnamed = (people.c.app == row.app) & (people.c.user == row.user) & people.c.end_user_id.is_(None)
    theirs, noted = (connection.execute(sa.select(people).where(which)).first() for which in (same, unnamed))
    known = [each for each in (noted, theirs) if each]
    values: dict[str, Any] = {
        "app": row.app,
        "user": row.user or (theirs.user if theirs else None),
        "end_user_id": row.end_user_id,
        "name": row.name or next((each.name for each in known if each.name), ""),
        "type": row.type,
        "anonymous": row.anonymous,
        "how": " ".join(sorted({"feedback"}.union(*(each.how.split() for each in known)))),
        "first_seen": min(first, *(each.first_seen for each in known)) if known else first,
        "last_seen": max(last, *(each.last_seen for each in known)) if known else last,
    }
    told = (values["name"], values["user"], values["end_user_id"])
    values["folded"] = folded(" ".join(filter(None, told)))
    if not known:
        connection.execute(sa.insert(people).values(id=secrets.token_hex(16), **values))
        return
    if len(known) > 1:
        connection.execute(sa.delete(people).where(people.c.id == known[1].id))
    connection.execute(sa.update(people).where(people.c.id == known[0].id).values(values))


def downgrade() -> None:
    op.create_table(
        "feedback_people",
        sa.Column("app", sa.String(64), primary_key=True),
        sa.Column("end_user_id", sa.String(255), primary_key=True),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("anonymous", sa.Boolean, nullable=False),
    )
    connection, later = op.get_bind(), people.alias()
    columns = ("app", "end_user_id", "user", "name", "type", "anonymous")
    told = people.c.end_user_id.is_not(None) & people.c.anonymous.is_not(None)
    rows = sa.select(
        people.c.app,
        people.c.end_user_id,
        sa.func.coalesce(people.c.user, ""),
        people.c.name,
        people.c.type,
        people.c.anonymous,
    ).where(told)
    connection.execute(sa.insert(raters).from_select(columns, rows))
    # One row of a `user` may stay: the one that was seen last.
    newer = (later.c.last_seen > people.c.last_seen) | (
        (later.c.last_seen == people.c.last_seen) & (later.c.id > people.c.id)
    )
    same = (later.c.app == people.c.app) & (later.c.user == people.c.user)
    connection.execute(sa.delete(people).where(sa.exists().where(same & newer)))
    op.drop_index("one_person_without_end_user", "people")
    op.drop_index("people_by_user", "people")
    with op.batch_alter_table("people") as table:
        table.create_unique_constraint("one_person_per_user", ["app", "user"])
