"""The accounts of this site: who may come in by which password, and with which role."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable

import sqlalchemy as sa

from services.accounts.attempts import Attempts
from services.accounts.passwords import Passwords, Weakness, one_time, weakness
from services.accounts.register import Register
from services.accounts.sessions import Sessions, SignedIn
from services.accounts.tables import LONGEST_NAME
from services.audit import ADDRESS, Audit
from services.database import Database
from services.identity import Departures, Identity, Role, Secret

NAME = re.compile(rf"[\w.@+-]{{1,{LONGEST_NAME}}}")
RESERVED = re.compile(r"web-.*|.*-test")
"""End users that this site makes for others: hashes, and a curator's test user."""
ONE_TIME = 3 * 24 * 3600.0
"""Seconds for which a one-time password opens anything."""
COMMAND_LINE = "command line"


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
        *,
        plain_user: bool = False,
    ) -> None:
        self._secret, self._plain, self.now = secret, plain_user, clock
        self.passwords = passwords or Passwords()
        self.audit = Audit(database, clock)
        self.register = Register(database, clock)
        self.attempts = Attempts(database, secret, clock)
        self.sessions = Sessions(database, departures, clock)

    @property
    def empty(self) -> bool:
        """Whether nobody can sign in, because there are no accounts."""
        return self.register.empty

    def person(self, name: str, role: Role) -> Identity:
        """Whoever signs in by this account."""
        return Identity(self._secret.user("accounts", name, plain=self._plain), role, name)

    def sign_in(self, name: str, password: str, address: str | None, *, secure: bool) -> str:
        """A new session; returns its token. Raises Wrong, TooMany. Blocks for a tenth of a second."""
        key = folded(name)
        subjects = self.attempts.subjects(key, address)
        self.attempts.begin(*subjects)
        kept = self._kept(key)
        if not self._matches(kept, password) or kept is None:
            self._refused(key, address)
            raise Wrong
        self.attempts.succeeded(*subjects)
        token = self.sessions.begin(key, secure=secure)
        self.audit.note(
            self.person(key, Role(kept["role"])), "sign_in.succeeded", about=key, **_from(address)
        )
        return token

    def sign_out(self, who: SignedIn, *, everywhere: bool = False) -> None:
        """End this session, or all of this person."""
        if everywhere:
            self.sessions.end_all(who.name)
        else:
            self.sessions.end(who.digest)
        self.audit.note(self.person(who.name, who.role), "sign_out", about=who.name, everywhere=everywhere)

    def change_password(
        self, who: SignedIn, current: str, new: str, address: str | None, *, secure: bool
    ) -> str:
        """Give oneself another password; all sessions end, and the token of a new one is returned.

        Raises Wrong where `current` is not the password, TooMany, Weak.
        """
        subjects = self.attempts.subjects(who.name, address)
        self.attempts.begin(*subjects)
        kept = self._kept(who.name)
        if not self._matches(kept, current):
            raise Wrong
        self.attempts.succeeded(*subjects)
        if self._matches(kept, new):
            raise Weak("same")
        if code := weakness(new, who.name):
            raise Weak(code)
        self.register.change(who.name, password=self.passwords.hashed(new), must_change=False)
        self.sessions.end_all(who.name)
        self.audit.note(self.person(who.name, who.role), "account.password", about=who.name)
        return self.sessions.begin(who.name, secure=secure)

    def admit(self, name: str, role: Role) -> str:
        """At the command line: make an account, or give one that is there this role; returns a one-time
        password for it. All its sessions end. Raises BadName, LastAdmin.
        """
        key, given = usable(name), one_time()
        values = {"password": self.passwords.hashed(given), "role": int(role)}
        if role < Role.ADMIN:
            self.register.spare(key)
        self.audit.record(None, "account.admitted", about=key, role=role.name.lower(), via=COMMAND_LINE)
        if not self.register.make(key, **values):
            self.register.change(key, must_change=True, disabled=False, **values)
        self.sessions.end_all(key)
        self.attempts.pardon(key)
        return given

    def roles(self) -> list[tuple[str, Role]]:
        """Of every account that is not disabled."""
        return [(row["name"], Role(row["role"])) for row in self.register.all() if not row["disabled"]]

    def disable(self, name: str) -> bool:
        """At the command line: nobody comes in by this account any more, and whoever is in is out. False:
        there is none. Raises LastAdmin.
        """
        key = folded(name)
        if self.register.one(key) is None:
            return False
        self.register.spare(key)
        self.audit.record(None, "account.disabled", about=key, via=COMMAND_LINE)
        self.register.change(key, disabled=True)
        self.sessions.end_all(key)
        return True

    def _kept(self, key: str) -> sa.RowMapping | None:
        """The account's row, where it can be signed in to at all."""
        row = self.register.one(key)
        if row is None or row["disabled"]:
            return None
        over = row["must_change"] and self.now() >= row["changed_at"] + ONE_TIME
        return None if over else row

    def _matches(self, kept: sa.RowMapping | None, password: str) -> bool:
        return self.passwords.matches(kept["password"] if kept else None, password)

    def _refused(self, key: str, address: str | None) -> None:
        """Told by name only where there is such an account: people type passwords where names belong."""
        until, there = self.attempts.held_until(key), self.register.one(key) is not None
        self.audit.note(None, "sign_in.refused", about=key if there else "", **_from(address))
        if there and until:
            self.audit.note(None, "sign_in.locked_out", about=key, **_from(address))


def _from(address: str | None) -> dict[str, str]:
    return {ADDRESS: address} if address else {}


def usable(name: str) -> str:
    """The folded name. Raises BadName where no account can be called that."""
    key = folded(name)
    if not NAME.fullmatch(key) or RESERVED.fullmatch(key):
        raise BadName(key)
    return key


def folded(name: str) -> str:
    """A name as it is kept: however it is typed, it is the same one."""
    text = unicodedata.normalize("NFKC", name.strip()[: 4 * LONGEST_NAME])
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode().casefold())
