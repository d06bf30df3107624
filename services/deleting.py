"""Carrying out what is to be deleted, as soon as it can no longer be undone.

What is to be deleted is a row of the store, so neither a reload nor a kill -9 changes anything about it. When
its time has come Dify is told, again and again until it says that the conversation is gone (204, 200 or 404),
and only then everything that this site knows of it goes, in one transaction. A refusal puts the conversation
back into the lists, and is told. After a restart everything that waited gets its full time anew: nobody could
press Undo meanwhile.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from services import deletions as waiting
from services.apps import App, NoSuchApp
from services.audit import Audit
from services.conversations import Conversation
from services.database import metadata
from services.deletions import Deletions, deletions
from services.dify.errors import (
    DifyError,
    RateLimited,
    Unreachable,
)
from services.identity import Identity, Role
from services.pending import PendingFiles
from services.queued import queued
from services.search import seen, unindex
from services.store import Store, StoreError, conversations, turns

log = logging.getLogger(__name__)
PAUSES = (5.0, 15.0, 60.0, 300.0)
"""Seconds between attempts at a Dify that cannot be reached; the last one stays."""
LOOK_AGAIN = 2.0
"""Seconds until a store that could not be read is asked again."""
WAITS = deletions.c.refusal.is_(None)


class Deleting:
    """`app` gives the app of a slug (raises NoSuchApp), `place` an open conversation; `gone` is told of each
    that is deleted. The latter two by app slug, user and conversation id. `pending` holds unsent files.
    """

    def __init__(
        self,
        store: Store,
        wanted: Deletions,
        app: Callable[[str], App],
        place: Callable[[str, str, str], Conversation | None],
        gone: Callable[[str, str, str], None],
        pending: PendingFiles,
    ) -> None:
        self._store, self._deletions, self._app, self._place, self._gone = store, wanted, app, place, gone
        self._pending = pending
        self._audit = Audit(store.database)
        self.ending = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._live, name="deletions", daemon=True).start()

    def stop(self) -> None:
        """What waits stays in the store; what is on its way to Dify is repeated at the next start."""
        self.ending.set()
        self._deletions.news.set()

    def _live(self) -> None:
        while not self.ending.is_set():
            try:
                self._begin_anew()
                break
            except StoreError:
                self.ending.wait(LOOK_AGAIN)
        while not self.ending.is_set():
            self._deletions.news.clear()
            try:
                wait = self.carry_out()
            except StoreError:
                wait = LOOK_AGAIN
            except Exception:  # nothing would ever be deleted any more if this thread ended
                log.exception("deleting failed")
                wait = LOOK_AGAIN
            self._deletions.news.wait(wait)

    def _begin_anew(self) -> None:
        soonest = time.time() + waiting.GRACE
        with self._store.database.begin() as connection:
            statement = sa.update(deletions).where(WAITS & (deletions.c.due_at < soonest))
            connection.execute(statement.values(due_at=soonest))

    def carry_out(self) -> float | None:
        """Delete what is due; seconds until there is more to do, None if nothing waits. Raises StoreError."""
        query = sa.select(deletions).where(WAITS).order_by(deletions.c.due_at)
        with self._store.database.begin() as connection:
            rows = connection.execute(query).mappings().all()
        away: set[str] = set()
        for row in rows:
            if row["due_at"] > time.time():
                return max(0.05, float(row["due_at"]) - time.time())
            if self.ending.is_set():
                return None
            if row["app"] in away:
                self._later(_key(row), row["tries"])
            elif not self._delete(row):
                away.add(row["app"])
        return 0.0 if rows else None

    def _delete(self, row: Any) -> bool:
        """False where the app is away: what else is to be deleted there would keep other apps waiting."""
        key = _key(row)
        if not self._claimed(key, row["requested_at"]):
            return True
        try:
            self._app(row["app"]).client.conversations.delete(row["conversation_id"], row["user"])
        except NoSuchApp:  # until it is configured again
            self._later(key, row["tries"])
            return False
        except DifyError as error:
            if not error.gone:
                final = error.refused and not isinstance(error, RateLimited)
                self._refused(key, error.code) if final else self._later(key, row["tries"])
                return not isinstance(error, Unreachable)
        self._drop_files(key)
        self._forget(key)
        # Whoever wanted it was an agent then.
        who = Identity(row["user"], Role.AGENT)
        self._audit.note(who, "conversation.deleted", app=row["app"], about=row["conversation_id"])
        self._gone(*key)
        return True

    def _claimed(self, key: tuple[str, str, str], requested_at: float) -> bool:
        """False where it was undone, or where something was asked in it meanwhile: then it is wanted."""
        place = self._place(*key)
        asked = sa.select(sa.func.max(turns.c.asked_at)).join(conversations).where(_is(conversations, key))
        told = sa.update(deletions).where(_is(deletions, key) & WAITS).values(tries=deletions.c.tries + 1)
        with self._store.database.begin() as connection:
            if not connection.execute(told).rowcount:  # an Undo comes before this, or too late
                return False
            latest = connection.execute(asked).scalar_one_or_none() or 0.0
            if (place and place.busy) or latest > requested_at:
                connection.execute(sa.delete(deletions).where(_is(deletions, key)))
                return False
        return True

    def _later(self, key: tuple[str, str, str], tries: int) -> None:
        due_at = time.time() + PAUSES[min(tries, len(PAUSES) - 1)]
        with self._store.database.begin() as connection:
            connection.execute(sa.update(deletions).where(_is(deletions, key)).values(due_at=due_at))

    def _refused(self, key: tuple[str, str, str], code: str) -> None:
        with self._store.database.begin() as connection:
            values = {"refusal": code, "due_at": time.time()}
            connection.execute(sa.update(deletions).where(_is(deletions, key)).values(values))

    def _drop_files(self, key: tuple[str, str, str]) -> None:
        """Picked for a question that will not be asked; they are known by our key alone."""
        with self._store.database.begin() as connection:
            query = sa.select(conversations.c.key).where(_is(conversations, key))
            ours = set(connection.execute(query).scalars())
        if place := self._place(*key):
            ours.add(place.key)
        for each in ours:
            self._pending.drop(key[1], each)

    def _forget(self, key: tuple[str, str, str]) -> None:
        """All that any table holds of a conversation: by its id, or by our key of it."""
        with self._store.database.begin() as connection:
            for row in connection.execute(sa.select(seen).where(_is(seen, key))).mappings():
                unindex(connection, row)
            ours = sa.select(conversations.c.key).where(_is(conversations, key))
            # A question may wait before its conversation has a row, so that its key refers to none.
            connection.execute(sa.delete(queued).where(queued.c.key.in_(ours)))
            for table in reversed(metadata.sorted_tables):
                owners = [c for c in table.c if any(f.column is conversations.c.key for f in c.foreign_keys)]
                if owners:
                    connection.execute(sa.delete(table).where(owners[0].in_(ours)))
                if {"app", "user", "conversation_id"} <= set(table.c.keys()):
                    connection.execute(sa.delete(table).where(_is(table, key)))


def _key(row: Any) -> tuple[str, str, str]:
    return row["app"], row["user"], row["conversation_id"]


def _is(table: sa.Table, key: tuple[str, str, str]) -> sa.ColumnElement[bool]:
    app, user, conversation_id = key
    return (table.c.app == app) & (table.c.user == user) & (table.c.conversation_id == conversation_id)
