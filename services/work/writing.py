"""Case files as they are written: whole, with their tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa

from services.database import Database
from services.passages import folded
from services.variable_log import Place
from services.work import tags
from services.work.case import Case
from services.work.tables import case_notes, case_tags, cases


def write(database: Database, connection: sa.Connection, changed: Sequence[Case]) -> None:
    """Put them in the place of what was kept of their conversations."""
    rows = [
        asdict(case.place)
        | {
            "title": case.title,
            "folded": folded(case.title),
            "status": case.status,
            "assignee": case.assignee,
            "changed_at": case.changed_at,
        }
        for case in changed
    ]
    if not rows:
        return
    keys = ["app", "user", "conversation_id"]
    statement = database.insert(cases)
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)
    _tag(connection, changed)


def drop_empty(connection: sa.Connection, place: Place) -> None:
    """A file that only a change had made, taken back, is none; unless somebody wrote a note meanwhile."""
    noted = sa.exists().where(*_of(case_notes, place))
    connection.execute(sa.delete(cases).where(*_of(cases, place), ~noted))


def _tag(connection: sa.Connection, changed: Sequence[Case]) -> None:
    for case in changed:
        connection.execute(sa.delete(case_tags).where(*_of(case_tags, case.place)))
    rows = [
        asdict(case.place) | {"folded": tags.fold(tag), "tag": tag} for case in changed for tag in case.tags
    ]
    if rows:
        connection.execute(sa.insert(case_tags), rows)


def _of(table: sa.Table, place: Place) -> list[sa.ColumnElement[bool]]:
    c = table.c
    return [c.app == place.app, c.user == place.user, c.conversation_id == place.conversation_id]
