"""The accounts of this site: who may come in by which password, and with which role."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from services.accounts.attempts import Attempts
from services.accounts.passwords import Passwords, Weakness, one_time, weakness
from services.accounts.sessions import Sessions, SignedIn
from services.accounts.tables import LONGEST_NAME, accounts
from services.database import Database
from services.identity import Departures, Role, Secret

NAME = re.compile(rf"[\w.@+-]{{1,{LONGEST_NAME}}}")
RESERVED = re.compile(r"web-.*|.*-test")
"""End users that this site makes for others: hashes, and a curator's test user."""
ONE_TIME = 3 * 24 * 3600.0
"""Seconds for which a one-time password opens anything."""


class BadName(ValueError):
    """No account can be called that."""


class Wrong(Exception):
    """The name or the password is wrong, or the account is disabled: nobody is told which."""


class Weak(ValueError):
    """The new password is not good enough; `code` says why."""

    def __init__(self, code: Weakness) -> None:
        super().__init__(code)
        self.code: Weakness = code


class Accounts:
    """Safe to use from any thread. Everything may raise StoreError."""

    def __init__(
        self,
        database: Database,
        secret: Secret,
        departures: Departures,
        passwords: Passwords | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._clock = database, clock
        self._passwords = passwords or Passwords()
        self._attempts = Attempts(database, secret, clock)
        self.sessions = Sessions(database, departures, clock)

    @property
    def empty(self) -> bool:
        """Whether nobody can sign in, because there are no accounts."""
        with self._database.begin() as connection:
            return connection.execute(sa.select(accounts.c.name).limit(1)).first() is None

    def sign_in(self, name: str, password: str, address: str | None, *, secure: bool) -> str:
        """A new session; returns its token. Raises Wrong, TooMany. Blocks for a tenth of a second."""
        key = folded(name)
        subjects = self._attempts.subjects(key, address)
        self._attempts.begin(*subjects)
        kept = self._kept(key)
        if not self._passwords.matches(kept["password"] if kept else None, password):
            raise Wrong
        self._attempts.succeeded(*subjects)
        return self.sessions.begin(key, secure=secure)

    def change_password(
        self, who: SignedIn, current: str, new: str, address: str | None, *, secure: bool
    ) -> str:
        """Give oneself another password; all sessions end, and the token of a new one is returned.

        Raises Wrong where `current` is not the password, TooMany, Weak.
        """
        subjects = self._attempts.subjects(who.name, address)
        self._attempts.begin(*subjects)
        kept = self._kept(who.name)
        if not self._passwords.matches(kept["password"] if kept else None, current):
            raise Wrong
        self._attempts.succeeded(*subjects)
        if self._passwords.matches(kept["password"] if kept else None, new):
            raise Weak("same")
        if code := weakness(new, who.name):
            raise Weak(code)
        self._write(who.name, password=self._passwords.hashed(new), must_change=False)
        return self.sessions.begin(who.name, secure=secure)

    def admit(self, name: str, role: Role) -> str:
        """Make an account, or give one that is there this role; returns a one-time password for it.

        All its sessions end. Raises BadName.
        """
        key, given = folded(name), one_time()
        if not NAME.fullmatch(key) or RESERVED.fullmatch(key):
            raise BadName(key)
        values = {
            "password": self._passwords.hashed(given),
            "role": int(role),
            "must_change": True,
            "disabled": False,
        }
        with self._database.begin() as connection:
            if connection.execute(sa.select(accounts.c.name).where(accounts.c.name == key)).first() is None:
                connection.execute(sa.insert(accounts).values(name=key, changed_at=0.0, **values))
        self._write(key, **values)
        self._attempts.pardon(key)
        return given

    def roles(self) -> list[tuple[str, Role]]:
        """Of every account that is not disabled."""
        query = sa.select(accounts.c.name, accounts.c.role).where(~accounts.c.disabled)
        with self._database.begin() as connection:
            return [(row.name, Role(row.role)) for row in connection.execute(query)]

    def disable(self, name: str) -> bool:
        """Nobody comes in by this account any more, and whoever is in is out. False: there is none."""
        return self._write(folded(name), disabled=True)

    def _kept(self, key: str) -> sa.RowMapping | None:
        """The account's row, where it can be signed in to at all."""
        with self._database.begin() as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.name == key)).mappings().first()
        if row is None or row["disabled"]:
            return None
        over = row["must_change"] and self._clock() >= row["changed_at"] + ONE_TIME
        return None if over else row

    def _write(self, key: str, **values: Any) -> bool:
        """Change an account and end its sessions."""
        changed = values | {"changed_at": self._clock()}
        with self._database.begin() as connection:
            done = connection.execute(sa.update(accounts).where(accounts.c.name == key).values(changed))
        self.sessions.end_all(key)
        return done.rowcount > 0


def folded(name: str) -> str:
    """A name as it is kept: however it is typed, it is the same one."""
    text = unicodedata.normalize("NFKC", name.strip()[: 4 * LONGEST_NAME])
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode().casefold())
