"""Answers for which no annotation is wanted: curators are not shown them again as suggestions."""

from __future__ import annotations

import time

import sqlalchemy as sa

from services.database import Database, metadata
from services.identity import Identity, Role

dismissed_suggestions = sa.Table(
    "dismissed_suggestions",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("message_id", sa.String(255), primary_key=True),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)


class Dismissals:
    """Of one app. Every method needs the role curator, and raises Denied and StoreError."""

    def __init__(self, app: str, database: Database) -> None:
        self._app, self._database = app, database

    def add(self, identity: Identity, message_id: str) -> None:
        """Until the answer is disliked anew."""
        identity.require(Role.CURATOR)
        row = {"app": self._app, "message_id": message_id, "user": identity.user, "at": time.time()}
        statement = self._database.insert(dismissed_suggestions).values(row)
        with self._database.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["app", "message_id"], set_=row)
            )

    def remove(self, identity: Identity, message_id: str) -> None:
        identity.require(Role.CURATOR)
        table = dismissed_suggestions.c
        with self._database.begin() as connection:
            it = (table.app == self._app) & (table.message_id == message_id)
            connection.execute(sa.delete(dismissed_suggestions).where(it))
