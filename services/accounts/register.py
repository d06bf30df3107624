"""The rows of the accounts: made, read and changed; one admin at least stays, whoever changes what."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from services.accounts.tables import accounts
from services.database import Database
from services.identity import Role


class LastAdmin(Exception):
    """No admin would be left."""


class Register:
    """Names are folded ones. Safe to use from any thread. Everything may raise StoreError."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    @property
    def empty(self) -> bool:
        with self._database.begin() as connection:
            return connection.execute(sa.select(accounts.c.name).limit(1)).first() is None

    def one(self, name: str) -> sa.RowMapping | None:
        with self._database.begin() as connection:
            query = sa.select(accounts).where(accounts.c.name == name)
            return connection.execute(query).mappings().first()

    def all(self) -> Sequence[sa.RowMapping]:
        with self._database.begin() as connection:
            return connection.execute(sa.select(accounts).order_by(accounts.c.name)).mappings().all()

    def make(self, name: str, **values: Any) -> bool:
        """False where there is one of that name."""
        row = {"name": name, "must_change": True, "disabled": False, "changed_at": self._clock(), **values}
        statement = self._database.insert(accounts).values(row).on_conflict_do_nothing()
        with self._database.begin() as connection:
            return connection.execute(statement.returning(accounts.c.name)).first() is not None

    def change(self, name: str, **values: Any) -> bool:
        """False where there is none of that name. Raises LastAdmin, and then changes nothing."""
        if "password" in values:
            values["changed_at"] = self._clock()
        with self._database.begin() as connection:
            # Two admins who take each other's role at the same time: PostgreSQL has the second one wait here,
            # SQLite at the update, which looks for itself.
            connection.execute(sa.select(accounts.c.name).where(_is_admin(accounts)).with_for_update()).all()
            which = accounts.c.name == name
            if values.get("disabled") or values.get("role", Role.ADMIN) < Role.ADMIN:
                which &= sa.not_(_is_admin(accounts)) | _another(name)
            if connection.execute(sa.update(accounts).where(which).values(values)).rowcount:
                return True
            there = sa.select(accounts.c.name).where(accounts.c.name == name)
            if connection.execute(there).first():
                raise LastAdmin
            return False

    def spare(self, name: str) -> None:
        """Raise LastAdmin where this is the only one; for those who write down first what they will do."""
        with self._database.begin() as connection:
            found = connection.execute(sa.select(accounts.c.name).where(_is_admin(accounts))).scalars()
            if list(found) == [name]:
                raise LastAdmin


def _is_admin(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return (table.c.role == int(Role.ADMIN)) & table.c.disabled.is_(False)


def _another(name: str) -> sa.ColumnElement[bool]:
    others = accounts.alias()
    return sa.exists().where((others.c.name != name) & _is_admin(others))
