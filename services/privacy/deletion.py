"""Deleting at Dify what an erasure wants deleted: as soon as that can be done, and after a restart too.

The wish is written with the erasure itself. Where Dify is away it is tried again and again; what Dify refuses
stays there, and is told.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.apps import App
from services.audit import Audit
from services.database import Database, StoreError
from services.identity import Identity, Role
from services.privacy.at_dify import AtDify, Attempt, erasures

log = logging.getLogger(__name__)
LOOK_AGAIN = 2.0
"""Seconds until a database that failed is asked again."""
AFTER_FAILURE = 300.0
"""Seconds until it goes on after a failure that nobody thought of."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Something of an erased person that is still to be deleted, and what kept it."""

    tag: str
    app: str
    deleted: int
    tries: int
    code: str


class Deletion:
    """Safe to use from any thread; one of its own works as long as there is something to do."""

    def __init__(self, database: Database, audit: Audit, apps: Sequence[App]) -> None:
        self._database, self._audit = database, audit
        self._apps = {app.slug: app for app in apps}
        self._lock, self._news = threading.Lock(), threading.Event()
        self._working = self._ending = False
        self._watched: dict[str, AtDify] = {}

    def want(self, connection: sa.Connection, who: Identity | None, users: Sequence[str], tag: str) -> None:
        """Written in this transaction; `who` will stand in the audit trail."""
        now = time.time()
        row: dict[str, Any] = {
            "tag": tag,
            "by": who.user if who else "",
            "by_name": who.name[:255] if who else "",
        }
        row |= {"asked_at": now, "due_at": now, "tries": 0, "deleted": 0, "code": ""}
        rows = [{"app": app, "user": user, **row} for app in self._apps for user in users]
        connection.execute(sa.insert(erasures), rows)

    def wanted(self, connection: sa.Connection, users: Sequence[str]) -> bool:
        """Whether that is still to be done."""
        query = sa.select(sa.func.count()).select_from(erasures).where(erasures.c.user.in_(users))
        return bool(connection.execute(query).scalar())

    def watch(self, tag: str) -> AtDify:
        """How far it is from now on."""
        with self._lock:
            return self._watched.setdefault(tag, AtDify())

    def start(self) -> None:
        """Do what is to be done; returns at once."""
        with self._lock:
            self._news.set()
            if not self._working and not self._ending:
                self._working = True
                threading.Thread(target=self._live, name="erasing", daemon=True).start()

    def stop(self) -> None:
        """What waits goes on at the next start."""
        self._ending = True
        self._news.set()

    def unfinished(self) -> list[Unfinished]:
        """The oldest first. Raises StoreError."""
        table = erasures.c
        query = sa.select(table.tag, table.app, table.deleted, table.tries, table.code)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(table.asked_at, table.app, table.user))
            return [Unfinished(*row) for row in rows]

    def _live(self) -> None:
        while not self._ending:
            self._news.clear()
            try:
                wait = self._carry_out()
            except StoreError:
                wait = LOOK_AGAIN
            except Exception:  # nothing would be deleted any more if this thread ended
                log.exception("deleting at Dify failed")
                wait = AFTER_FAILURE
            with self._lock:
                if wait is None and not self._news.is_set():
                    self._working = False
                    return
            self._news.wait(wait)

    def _carry_out(self) -> float | None:
        """What is due; seconds until there is more, None where nothing waits. Raises StoreError."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(erasures).order_by(erasures.c.asked_at)).all()
        now = time.time()
        for tag in dict.fromkeys(row.tag for row in rows if row.due_at <= now):
            self._erase(tag, [row for row in rows if row.tag == tag])
            if self._ending:
                return None
        with self._database.begin() as connection:
            due_at = connection.execute(sa.select(sa.func.min(erasures.c.due_at))).scalar()
        return None if due_at is None else max(0.05, due_at - time.time())

    def _erase(self, tag: str, rows: Sequence[Any]) -> None:
        told = self.watch(tag)
        attempts = [Attempt(self._database, row, self._apps.get(row.app)) for row in rows]
        told.left = [left for attempt in attempts for left in attempt.look()]
        told.deleted = sum(row.deleted for row in rows)
        told.total = told.deleted + sum(len(attempt.found) for attempt in attempts)
        for attempt in attempts:
            for conversation_id in attempt.found:
                if self._ending:
                    return
                if left := attempt.delete(conversation_id):
                    told.left.append(left)
                else:
                    told.deleted += 1
        again = [attempt.settle() for attempt in attempts]
        told.again = any(again)
        with suppress(StoreError):  # the next write may take the trace of the external id away
            self._database.forget()
        if not told.again:
            who = Identity(rows[0].by, Role.ADMIN, rows[0].by_name) if rows[0].by else None
            stayed = len(told.left)
            self._audit.note(who, "person.erased_at_dify", about=tag, deleted=told.deleted, left=stayed)
            with self._lock:
                self._watched.pop(tag, None)
        told.over = True
