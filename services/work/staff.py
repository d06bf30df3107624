"""Who works here: everybody with the role agent or higher who has come by, whichever way people sign in."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from services.database import metadata
from services.identity import Identity, Role
from services.lately import Lately
from services.store import Store

AGAIN = 3600.0
"""Seconds after which it is written anew that somebody has come by."""
LONGEST_NAME = 200
REMEMBERED = 10_000
"""People of whom that is known without asking the database."""

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Integer, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Person:
    user: str
    name: str
    """Empty where nobody has told one."""


class Staff:
    """Every method raises StoreError where the database cannot be read or written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._met: Lately[str, tuple[str, int, float]] = Lately(REMEMBERED)

    def met(self, identity: Identity) -> None:
        """This person has come by."""
        name, role, now = identity.name[:LONGEST_NAME], int(identity.role), time.time()
        known = self._met.get(identity.user)
        if known and known[:2] == (name, role) and now - known[2] < AGAIN:
            return
        values = {"name": name, "role": role, "seen_at": now}
        statement = self._store.database.insert(staff).values(user=identity.user, **values)
        with self._store.database.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["user"], set_=values))
        self._met.put(identity.user, (name, role, now))

    def people(self) -> list[Person]:
        """By name."""
        query = sa.select(staff.c.user, staff.c.name).where(staff.c.role >= int(Role.AGENT))
        with self._store.database.begin() as connection:
            found = [Person(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda person: (person.name.casefold(), person.user))

    def has(self, user: str) -> bool:
        with self._store.database.begin() as connection:
            return connection.execute(sa.select(staff.c.user).where(staff.c.user == user)).first() is not None
