"""Who has signed in and not out again, by the digest of what the browser shows for it.

A signed cookie alone would be good until it is too old, whoever has copied it and whoever has signed out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from services.audit import Audit
from services.database import Database, StoreError, metadata
from services.identity import Departures, Identity
from services.open_sessions import OpenSession

log = logging.getLogger(__name__)
table = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column("user", sa.String(255)),
    sa.Column("name", sa.String(255)),
    sa.Column("began_at", sa.Float),
)
ENDED = 0.0


class SignIns:
    """In memory, since every request asks; in the database, so that a restart signs nobody out.

    Safe to use from any thread.
    """

    def __init__(
        self,
        database: Database,
        departures: Departures,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._departures = departures
        self._now = now
        self.audit = Audit(database, now)
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._whose: dict[str, str] = {}
        """Of those that have begun since the start."""
        self._loaded = False

    def begin(self, digest: str, seconds: float, who: Identity) -> None:
        now = self._now()
        self._let_go(now)
        self._until[digest], self._whose[digest] = now + seconds, who.user
        row = {"digest": digest, "until": now + seconds, "began_at": now, "user": who.user, "name": who.name}
        old = sa.or_(table.c.digest == digest, table.c.until < now)
        self._write(sa.delete(table).where(old), sa.insert(table).values(row))

    def open(self) -> list[OpenSession]:
        """All that hold, newest first. Raises StoreError."""
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(table).where(table.c.until > self._now())).all()
        found = [OpenSession(row.digest, row.user or "", row.name or "", row.began_at) for row in rows]
        return sorted(found, key=lambda each: each.since or 0.0, reverse=True)

    def end(self, digest: str) -> None:
        self._until[digest] = ENDED
        self._whose.pop(digest, None)
        self._departures.ring()
        self._write(sa.delete(table).where(table.c.digest == digest))

    def end_all(self, person: str) -> None:
        """Of this end user; also those that could not be written down. Raises StoreError."""
        theirs = {session.id for session in self.open() if session.person == person}
        for digest in theirs | {digest for digest, user in list(self._whose.items()) if user == person}:
            self.end(digest)

    def holds(self, digest: str) -> bool:
        """Whether it has begun here, has not ended, and is not over."""
        self._load()
        return self._now() < self._until.get(digest, ENDED)

    def _let_go(self, now: float) -> None:
        """Of those that are over."""
        if self._loaded:  # until then what is read now may not know of an end yet
            for digest in [digest for digest, until in list(self._until.items()) if until <= now]:
                self._until.pop(digest, None)
                self._whose.pop(digest, None)

    def _load(self) -> None:
        if self._loaded:
            return
        with self._lock:
            try:
                with self._database.begin() as connection:
                    rows = connection.execute(sa.select(table.c.digest, table.c.until)).all()
            except StoreError:
                return  # known are those who have signed in since the start; the next question looks again
            self._until = {row.digest: row.until for row in rows} | self._until
            self._loaded = True

    def _write(self, *statements: sa.Executable) -> None:
        try:
            with self._database.begin() as connection:
                for statement in statements:
                    connection.execute(statement)
        except StoreError as error:
            log.warning("a sign-in or sign-out is known until the next start alone: %s", error)
