"""What admins do with accounts: each is written down before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from services.accounts.book import ONE_TIME, Accounts, folded, usable
from services.accounts.passwords import one_time
from services.identity import Identity, Role

Status = Literal["active", "must_change", "expired", "disabled"]
"""`must_change`: a one-time password waits to be used; `expired`: it has waited too long."""


class Taken(ValueError):
    """There is an account of that name."""


class NoSuchAccount(LookupError):
    """There is no account of that name (any more)."""


class Oneself(Exception):
    """Nobody takes away what they are signed in by: one's own role, account and password."""


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    role: Role
    status: Status
    locked_until: float | None
    """Unix seconds; None where passwords are looked at."""
    seen_at: float | None
    """None for somebody who was never here."""
    person: Identity
    """Whoever signs in by it."""


class AccountsDesk:
    """Every method needs the role admin, and raises StoreError; those that change an account also
    NoSuchAccount.
    """

    def __init__(self, book: Accounts) -> None:
        self._book, self._register, self._audit = book, book.register, book.audit

    def all(self, identity: Identity) -> list[Account]:
        """By name."""
        identity.require(Role.ADMIN)
        return [self._account(row) for row in self._register.all()]

    def make(self, identity: Identity, name: str, role: Role) -> str:
        """Returns the one-time password. Raises BadName, Taken."""
        identity.require(Role.ADMIN)
        key, given = usable(name), one_time()
        if self._register.one(key):
            raise Taken(key)
        self._audit.record(identity, "account.made", about=key, role=role.name.lower())
        if not self._register.make(key, password=self._book.passwords.hashed(given), role=int(role)):
            raise Taken(key)
        return given

    def change_role(self, identity: Identity, name: str, role: Role) -> None:
        """It counts at once, in open tabs too. Raises Oneself, LastAdmin."""
        account = self._other(identity, name)
        if account.role is role:
            return
        if role < Role.ADMIN:
            self._register.spare(account.name)
        before, after = account.role.name.lower(), role.name.lower()
        self._audit.record(identity, "account.role", about=account.name, before=before, after=after)
        self._register.change(account.name, role=int(role))
        self._book.sessions.forget()

    def new_password(self, identity: Identity, name: str) -> str:
        """A one-time password in the place of the present one; its sessions end. Raises Oneself."""
        account, given = self._other(identity, name), one_time()
        self._audit.record(identity, "account.one_time_password", about=account.name)
        hashed = self._book.passwords.hashed(given)
        self._register.change(account.name, password=hashed, must_change=True)
        self._book.sessions.end_all(account.name)
        self._book.attempts.pardon(account.name)
        return given

    def disable(self, identity: Identity, name: str) -> None:
        """Its sessions end. Raises Oneself, LastAdmin."""
        account = self._other(identity, name)
        self._register.spare(account.name)
        self._audit.record(identity, "account.disabled", about=account.name)
        self._register.change(account.name, disabled=True)
        self._book.sessions.end_all(account.name)

    def enable(self, identity: Identity, name: str) -> None:
        """With the password that it had."""
        account = self._one(identity, name)
        self._audit.record(identity, "account.enabled", about=account.name)
        self._register.change(account.name, disabled=False)

    def unlock(self, identity: Identity, name: str) -> None:
        """Failed attempts by this name count no more."""
        account = self._one(identity, name)
        self._audit.record(identity, "account.unlocked", about=account.name)
        self._book.attempts.pardon(account.name)

    def _one(self, identity: Identity, name: str) -> Account:
        identity.require(Role.ADMIN)
        row = self._register.one(folded(name))
        if row is None:
            raise NoSuchAccount(name)
        return self._account(row)

    def _other(self, identity: Identity, name: str) -> Account:
        account = self._one(identity, name)
        if account.person.user == identity.user:
            raise Oneself
        return account

    def _account(self, row: sa.RowMapping) -> Account:
        status: Status = "must_change" if row["must_change"] else "active"
        if row["must_change"] and self._book.now() >= row["changed_at"] + ONE_TIME:
            status = "expired"
        name, role = row["name"], Role(row["role"])
        return Account(
            name,
            role,
            "disabled" if row["disabled"] else status,
            self._book.attempts.held_until(name),
            row["seen_at"],
            self._book.person(name, role),
        )
