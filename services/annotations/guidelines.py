"""How annotations are to be written, in the curators' own words; every version of it is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from services.database import Database, metadata
from services.identity import Identity, Role

annotation_guidelines = sa.Table(
    "annotation_guidelines",
    metadata,
    sa.Column("app", sa.String(64), primary_key=True),
    sa.Column("at", sa.Float, primary_key=True),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
LONGEST = 20_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Version:
    at: float
    """Unix seconds."""
    user: str
    text: str


class Guidelines:
    """Of one app, by its slug. Raises Denied below curator, and StoreError."""

    def __init__(self, app: str, database: Database) -> None:
        self._app, self._database = app, database

    def text(self, identity: Identity) -> str:
        """As they stand; "" where nobody has written any."""
        versions = self.versions(identity, 1)
        return versions[0].text if versions else ""

    def write(self, identity: Identity, text: str) -> None:
        """Raises ValueError for more than LONGEST characters."""
        identity.require(Role.CURATOR)
        if len(text) > LONGEST:
            raise ValueError(f"{len(text):,} characters")
        row = {"app": self._app, "at": time.time(), "user": identity.user, "text": text}
        with self._database.begin() as connection:
            connection.execute(sa.insert(annotation_guidelines).values(row))

    def versions(self, identity: Identity, limit: int = 20) -> tuple[Version, ...]:
        """Newest first."""
        identity.require(Role.CURATOR)
        table = annotation_guidelines.c
        query = sa.select(table.at, table.user, table.text).where(table.app == self._app)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(table.at.desc()).limit(limit))
            return tuple(Version(row.at, row.user, row.text) for row in rows)
