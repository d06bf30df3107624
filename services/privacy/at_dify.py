"""A person's conversations at Dify, deleted one by one: how far that is, and what would not go.

The wish is a row for each app and goes when it is fulfilled: only as long is the external id kept. What is
left is what Dify lists, so whoever goes on after a kill has nothing to remember.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from services.apps import App
from services.database import Database, metadata
from services.dify.errors import (
    DifyError,
    RateLimited,
    Unreachable,
)

PAGE = 100
"""More Dify does not give in one piece."""
PAUSES = (5.0, 15.0, 60.0, 300.0, 3_600.0)
"""Seconds between attempts at a Dify that cannot be reached; the last one stays."""
GIVEN_UP = 30 * 86_400.0
"""Seconds after which it is no longer tried."""
NOT_CONFIGURED = "app_not_configured"
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("tag", sa.String(32), nullable=False),
    sa.Column("by", sa.String(255), nullable=False),
    sa.Column("by_name", sa.String(255), nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("deleted", sa.Integer, nullable=False),
    sa.Column("code", sa.String(255), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Left:
    """What stayed: a conversation, or with no id the list of an app's conversations."""

    app: str
    conversation_id: str
    code: str


@dataclass(slots=True)
class AtDify:
    """How far it is, for pages to read while a thread works."""

    total: int | None = None
    """Conversations; None until they are counted."""
    deleted: int = 0
    left: list[Left] = field(default_factory=list)
    again: bool = False
    """Some of it will be tried again by itself."""
    over: bool = False
    """Nothing is being done just now."""


class Attempt:
    """At one app (None where it is not configured now), for one row. Raises StoreError."""

    def __init__(self, database: Database, row: Any, app: App | None) -> None:
        self._database, self._row, self._app = database, row, app
        self._kept_by = ""
        self._away = False
        self.found: list[str] = []

    def look(self) -> list[Left]:
        """Find the conversations; what is left already, since they cannot be listed."""
        if self._app is None:
            self._kept_by = NOT_CONFIGURED
            return [Left(self._row.app, "", NOT_CONFIGURED)]
        conversations, user = self._app.client.conversations, self._row.user
        try:
            while True:
                last = self.found[-1] if self.found else None
                page = conversations.list(user, last_id=last, limit=PAGE)
                fresh = [row.id for row in page.data if row.id not in self.found[-PAGE:]]
                self.found += fresh
                if not (page.has_more and fresh):
                    return []
        except DifyError as error:
            return [self._left("", error)]

    def delete(self, conversation_id: str) -> Left | None:
        """None where it is gone."""
        if self._app is None or self._away:
            return Left(self._row.app, conversation_id, self._kept_by)
        try:
            self._app.client.conversations.delete(conversation_id, self._row.user)
        except DifyError as error:
            if not error.gone:
                return self._left(conversation_id, error)
        with self._database.begin() as connection:
            connection.execute(self._change(deleted=erasures.c.deleted + 1))
        return None

    def settle(self) -> bool:
        """Whether it is to be tried again."""
        now, tries = time.time(), self._row.tries
        again = bool(self._kept_by) and now < self._row.asked_at + GIVEN_UP
        due_at = now + PAUSES[min(tries, len(PAUSES) - 1)]
        change = self._change(tries=tries + 1, due_at=due_at, code=self._kept_by[:255])
        with self._database.begin() as connection:
            connection.execute(change if again else sa.delete(erasures).where(self._is()))
        return again

    def _left(self, conversation_id: str, error: DifyError) -> Left:
        if not error.refused or isinstance(error, RateLimited):
            self._kept_by = error.code
            self._away = isinstance(error, Unreachable | RateLimited)
        return Left(self._row.app, conversation_id, error.code)

    def _is(self) -> sa.ColumnElement[bool]:
        row, table = self._row, erasures.c
        # By its time too: what is wanted anew meanwhile is another wish.
        return sa.and_(table.app == row.app, table.user == row.user, table.asked_at == row.asked_at)

    def _change(self, **values: Any) -> sa.Update:
        return sa.update(erasures).where(self._is()).values(values)
