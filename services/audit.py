"""The audit trail: who did what of weight, when, and to whom. Rows are added and never changed.

A row holds ids, names and small values before and after: no text of a message, no key and no password.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import sqlalchemy as sa

from services.database import Database, StoreError, metadata
from services.identity import Identity

log = logging.getLogger(__name__)
LONGEST = 255
table = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("user", sa.String(LONGEST), nullable=False, index=True),
    sa.Column("name", sa.String(LONGEST), nullable=False),
    sa.Column("role", sa.Integer, nullable=False),
    sa.Column("action", sa.String(64), nullable=False, index=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("about", sa.String(LONGEST), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)
ADDRESS = "address"
"""The detail that says where a sign-in came from."""
Detail = str | int | float | bool | None


class Audit:
    """Safe to use from any thread."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def record(
        self, who: Identity | None, action: str, *, app: str = "", about: str = "", **details: Detail
    ) -> None:
        """Add a row. Raises StoreError: what must not go unseen is then not done.

        `who` is None for what nobody signed in did (the site itself, the command line, a refused sign-in);
        `about` is the id or name of what it was done to.
        """
        row = {
            "at": self._clock(),
            "user": who.user[:LONGEST] if who else "",
            "name": who.name[:LONGEST] if who else "",
            "role": int(who.role) if who else 0,
            "action": action,
            "app": app,
            "about": about[:LONGEST],
            "details": details,
        }
        with self._database.begin() as connection:
            connection.execute(sa.insert(table).values(row))

    def note(
        self, who: Identity | None, action: str, *, app: str = "", about: str = "", **details: Detail
    ) -> None:
        """The same for what happened already: where it cannot be written, the log says so."""
        try:
            self.record(who, action, app=app, about=about, **details)
        except StoreError as error:
            log.warning("%s is missing in the audit trail: %s", action, error)
