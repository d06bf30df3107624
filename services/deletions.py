"""Deleting conversations, with ten seconds in which it can be undone.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from services.apps import App
from services.conversations import Conversation
from services.database import metadata
from services.dify.errors import DifyError, EndpointMissing, NotFound, RateLimited, Refused, ServerFailed
from services.identity import Identity, Role
from services.search import seen, unindex
from services.store import Store, StoreError, conversations, turns

log = logging.getLogger(__name__)
GRACE = 10.0
"""Seconds in which a deletion can be undone."""
PAUSES = (5.0, 15.0, 60.0, 300.0)
"""Seconds between attempts at a Dify that cannot be reached; the last one stays."""
LOOK_AGAIN = 2.0
"""Seconds until a store that could not be read is asked again."""
TOLD_FOR = 3600.0
"""Seconds for which a refusal is told."""

deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(255), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("requested_at", sa.Float, nullable=False),
    sa.Column("due_at", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("refusal", sa.Text),
)
WAITS = deletions.c.refusal.is_(None)


@dataclass(frozen=True, slots=True)
class Deletion:
    conversation_id: str
    name: str
    due_at: float
    """Unix seconds."""
    tries: int = 0
    """How often Dify was told, without an answer."""
    refusal: str | None = None
    """Dify's code, where it will not delete the conversation."""


class Deletions:
    """`gone` is told of each conversation that is deleted: (app slug, user, conversation id)."""

    def __init__(
        self,
        store: Store,
        app: Callable[[str], App],
        place: Callable[[str, str, str], Conversation | None],
        gone: Callable[[str, str, str], None],
    ) -> None:
        self._store, self._app, self._place, self._gone = store, app, place, gone
        self._news, self.ending = threading.Event(), threading.Event()
        self._working = threading.Lock()

    def request(self, identity: Identity, app: App, names: Mapping[str, str]) -> None:
        """Delete these conversations (id -> name) in GRACE seconds. Raises Denied, StoreError."""
        identity.require(Role.AGENT)
        now = time.time()
        rows = [
            {
                "app": app.slug,
                "user": identity.user,
                "conversation_id": conversation_id,
                "name": name,
                "requested_at": now,
                "due_at": now + GRACE,
                "tries": 0,
                "refusal": None,
            }
            for conversation_id, name in names.items()
        ]
        if not rows:
            return
        statement = insert(deletions)
        keys = ["app", "user", "conversation_id"]
        afresh = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        statement = statement.on_conflict_do_update(
            index_elements=keys, set_=afresh, where=deletions.c.refusal.is_not(None)
        )
        with self._store.database.begin() as connection:
            connection.execute(statement, rows)
        self._news.set()

    def undo(self, identity: Identity, app: App, ids: Sequence[str]) -> list[str]:
        """Those of them that stay after all: Dify was not told yet. Raises Denied, StoreError."""
        identity.require(Role.AGENT)
        table = deletions.c
        mine = (table.app == app.slug) & (table.user == identity.user) & table.conversation_id.in_(ids)
        with self._working, self._store.database.begin() as connection:
            statement = sa.delete(deletions).where(mine & (table.tries == 0))
            return list(connection.execute(statement.returning(table.conversation_id)).scalars())

    def of(self, app: App, user: str) -> list[Deletion]:
        """What waits, soonest first, and what Dify has lately refused. Raises StoreError."""
        table = deletions.c
        told = table.refusal.is_(None) | (table.due_at > time.time() - TOLD_FOR)
        query = sa.select(table.conversation_id, table.name, table.due_at, table.tries, table.refusal)
        query = query.where((table.app == app.slug) & (table.user == user) & told).order_by(table.due_at)
        with self._store.database.begin() as connection:
            return [Deletion(*row) for row in connection.execute(query)]

    def waiting(self, app: App, user: str) -> dict[str, Any]:
        """What lists tell. `pending` [{id, name, left}], `left` in seconds; `trying`, how many Dify was
        told of without an answer; `refused` [{id, name, code}]. Raises StoreError.
        """
        found, now = self.of(app, user), time.time()
        return {
            "pending": [
                {"id": d.conversation_id, "name": d.name, "left": max(0.0, d.due_at - now)}
                for d in found
                if d.refusal is None and d.tries == 0
            ],
            "trying": sum(d.refusal is None and d.tries > 0 for d in found),
            "refused": [
                {"id": d.conversation_id, "name": d.name, "code": d.refusal} for d in found if d.refusal
            ],
        }

    def hidden(self, app: App, user: str) -> set[str]:
        """Ids that no list shows. Empty where the store cannot be read."""
        try:
            return {one.conversation_id for one in self.of(app, user) if one.refusal is None}
        except StoreError:
            return set()

    def start(self) -> None:
        threading.Thread(target=self._live, name="deletions", daemon=True).start()

    def stop(self) -> None:
        """What waits stays in the store; what is on its way to Dify is repeated at the next start."""
        self.ending.set()
        self._news.set()

    def _live(self) -> None:
        while not self.ending.is_set():
            try:
                self._begin_anew()
                break
            except StoreError:
                self.ending.wait(LOOK_AGAIN)
        while not self.ending.is_set():
            self._news.clear()
            try:
                wait = self.carry_out()
            except StoreError:
                wait = LOOK_AGAIN
            except Exception:  # nothing would ever be deleted any more if this thread ended
                log.exception("deleting failed")
                wait = LOOK_AGAIN
            self._news.wait(wait)

    def _begin_anew(self) -> None:
        soonest = time.time() + GRACE
        with self._store.database.begin() as connection:
            statement = sa.update(deletions).where(WAITS & (deletions.c.due_at < soonest))
            connection.execute(statement.values(due_at=soonest))

    def carry_out(self) -> float | None:
        """Delete what is due; seconds until there is more to do, None if nothing waits. Raises StoreError."""
        query = sa.select(deletions).where(WAITS).order_by(deletions.c.due_at)
        with self._store.database.begin() as connection:
            rows = connection.execute(query).mappings().all()
        for row in rows:
            if row["due_at"] > time.time():
                return max(0.05, float(row["due_at"]) - time.time())
            if self.ending.is_set():
                return None
            self._delete(row)
        return 0.0 if rows else None

    def _delete(self, row: Any) -> None:
        key = (row["app"], row["user"], row["conversation_id"])
        with self._working:  # an Undo comes before this, or too late
            if not self._claimed(key, row["requested_at"]):
                return
        try:
            self._app(row["app"]).client.conversations.delete(row["conversation_id"], row["user"])
        except DifyError as error:
            if not isinstance(error, NotFound) or isinstance(error, EndpointMissing):
                final = isinstance(error, Refused) and not isinstance(error, ServerFailed | RateLimited)
                self._refused(key, error.code) if final else self._later(key, row["tries"])
                return
        self._forget(key)
        self._gone(*key)

    def _claimed(self, key: tuple[str, str, str], requested_at: float) -> bool:
        """False where it was undone, or where something was asked in it meanwhile: then it is wanted."""
        place = self._place(*key)
        asked = sa.select(sa.func.max(turns.c.asked_at)).join(conversations).where(_is(conversations, key))
        with self._store.database.begin() as connection:
            if not connection.execute(sa.select(deletions).where(_is(deletions, key) & WAITS)).first():
                return False
            latest = connection.execute(asked).scalar_one_or_none() or 0.0
            if (place and place.busy) or latest > requested_at:
                connection.execute(sa.delete(deletions).where(_is(deletions, key)))
                return False
            told = sa.update(deletions).where(_is(deletions, key)).values(tries=deletions.c.tries + 1)
            connection.execute(told)
        return True

    def _later(self, key: tuple[str, str, str], tries: int) -> None:
        due_at = time.time() + PAUSES[min(tries, len(PAUSES) - 1)]
        with self._store.database.begin() as connection:
            connection.execute(sa.update(deletions).where(_is(deletions, key)).values(due_at=due_at))

    def _refused(self, key: tuple[str, str, str], code: str) -> None:
        with self._store.database.begin() as connection:
            values = {"refusal": code, "due_at": time.time()}
            connection.execute(sa.update(deletions).where(_is(deletions, key)).values(values))

    def _forget(self, key: tuple[str, str, str]) -> None:
        """All that any table holds of a conversation: by its id, or by our key of it."""
        with self._store.database.begin() as connection:
            for row in connection.execute(sa.select(seen).where(_is(seen, key))).mappings():
                unindex(connection, row)
            ours = sa.select(conversations.c.key).where(_is(conversations, key))
            for table in reversed(metadata.sorted_tables):
                owners = [c for c in table.c if any(f.column is conversations.c.key for f in c.foreign_keys)]
                if owners:
                    connection.execute(sa.delete(table).where(owners[0].in_(ours)))
                if {"app", "user", "conversation_id"} <= set(table.c.keys()):
                    connection.execute(sa.delete(table).where(_is(table, key)))


def _is(table: sa.Table, key: tuple[str, str, str]) -> sa.ColumnElement[bool]:
    app, user, conversation_id = key
    return (table.c.app == app) & (table.c.user == user) & (table.c.conversation_id == conversation_id)
