"""Who is signed in: a session is a random token in a cookie; the database knows its digest alone."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from services.accounts.tables import accounts, sessions
from services.database import Database, StoreError
from services.identity import Departures, Role
from services.open_sessions import OpenSession

COOKIE, SECURE_COOKIE = "console_session", "__Host-console_session"
"""Over HTTPS the second one, which no other host and no plain page can set."""
IDLE, LONGEST = 12 * 3600.0, 7 * 24 * 3600.0
"""Seconds without a sign of the person, and since the password was given, after which a session is over."""
FRESH = 1.0
"""Seconds for which what the database said is believed: another process may end a session too."""
SEEN_EVERY = 600.0
"""Seconds; a write at each request would be too much."""
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that holds, and the account behind it."""

    digest: str
    name: str
    role: Role
    must_change: bool
    """The password was given by somebody else: nothing but changing it is allowed."""


@dataclass(frozen=True, slots=True)
class _Known:
    signed_in: SignedIn
    read_at: float
    until: float


class Sessions:
    """Safe to use from any thread; `departures` hear of every session that is ended here."""

    def __init__(
        self, database: Database, departures: Departures, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._departures, self._clock = database, departures, clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._generation = 0

    def begin(self, account: str, *, secure: bool) -> str:
        """A new session of this account; returns what goes into the cookie. Raises StoreError."""
        token, now = secrets.token_urlsafe(32), self._clock()
        row = {"digest": _digest(token, secure), "account": account, "created_at": now, "seen_at": now}
        over = sa.or_(sessions.c.seen_at < now - IDLE, sessions.c.created_at < now - LONGEST)
        with self._database.begin() as connection:
            connection.execute(sa.delete(sessions).where(over))
            connection.execute(sa.insert(sessions).values(row))
            connection.execute(_seen(account, now))
        return token

    def of(self, cookies: Mapping[str, str]) -> SignedIn | None:
        """Whose session a request brings. While the database cannot be read, what it said last counts."""
        for name in (SECURE_COOKIE, COOKIE):
            token = cookies.get(name)
            if token and (found := self._of(_digest(token, name == SECURE_COOKIE))):
                return found
        return None

    def open(self) -> list[OpenSession]:
        """All that hold, newest first. Raises StoreError."""
        now, table = self._clock(), sessions.c
        held = (table.seen_at > now - IDLE) & (table.created_at > now - LONGEST)
        query = sa.select(sessions).where(held).order_by(table.created_at.desc())
        with self._database.begin() as connection:
            rows = connection.execute(query).all()
        return [
            OpenSession(row.digest, row.account, row.account, row.created_at, row.seen_at) for row in rows
        ]

    def end(self, digest: str) -> None:
        """Raises StoreError, and then the session goes on."""
        self._end(sessions.c.digest == digest)

    def end_all(self, account: str) -> None:
        """Of one person, everywhere. Raises StoreError."""
        self._end(sessions.c.account == account)

    def _end(self, which: sa.ColumnElement[bool]) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.delete(sessions).where(which))
        self.forget()

    def forget(self) -> None:
        """Ask the database again for everybody, and have open streams do so at once."""
        with self._lock:
            self._generation += 1  # what is being read meanwhile may be of before
            self._known.clear()
        self._departures.ring()

    def _of(self, digest: str) -> SignedIn | None:
        now = self._clock()
        with self._lock:
            known, generation = self._known.get(digest), self._generation
        if known and now >= known.until:
            known = None
        elif known and now - known.read_at < FRESH:
            return known.signed_in
        try:
            fresh = self._read(digest, now)
        except StoreError:
            return known.signed_in if known else None
        with self._lock:
            if generation == self._generation:
                self._known.pop(digest, None)
                if fresh:
                    self._known[digest] = fresh
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return fresh.signed_in if fresh else None

    def _read(self, digest: str, now: float) -> _Known | None:
        wanted = sa.select(sessions, accounts.c.role, accounts.c.must_change).join_from(sessions, accounts)
        held = (sessions.c.digest == digest, accounts.c.disabled.is_(False))
        with self._database.begin() as connection:
            row = connection.execute(wanted.where(*held)).mappings().first()
            if row is None:
                return None
            until = min(row["seen_at"] + IDLE, row["created_at"] + LONGEST)
            if now >= until:
                return None
            if now - row["seen_at"] >= SEEN_EVERY:
                seen = sa.update(sessions).where(sessions.c.digest == digest).values(seen_at=now)
                connection.execute(seen)
                connection.execute(_seen(row["account"], now))
        signed_in = SignedIn(digest, row["account"], Role(row["role"]), row["must_change"])
        return _Known(signed_in, now, until)


def _seen(account: str, now: float) -> sa.Update:
    return sa.update(accounts).where(accounts.c.name == account).values(seen_at=now)


def _digest(token: str, secure: bool) -> str:
    """A token counts in the cookie alone that it was made for: a plain one could be set by others."""
    return hashlib.sha256(
        f"{SECURE_COOKIE if secure else COOKIE}:{token}".encode(errors="replace")
    ).hexdigest()
