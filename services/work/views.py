"""Saved views of the list: a name and what it is narrowed to, for oneself or for the whole team."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from services.database import metadata
from services.identity import Identity, Role
from services.store import Store
from services.work.case import Filters
from services.work.reach import Reach

LONGEST = 60
"""Characters of a name."""
MOST = 50
"""Views of one person in one app."""

work_views = sa.Table(
    "work_views",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False, index=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("filters", sa.JSON, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
)


class NoSuchView(LookupError):
    """There is none, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class View:
    id: str
    name: str
    filters: Filters
    shared: bool
    mine: bool


class Views:
    """Every method raises Denied, and StoreError where the database cannot be read or written."""

    def __init__(self, store: Store, reach: Reach) -> None:
        self._store, self._reach = store, reach

    def of(self, identity: Identity, app: str) -> list[View]:
        """One's own and those of the team, the oldest first."""
        identity.require(Role.AGENT)
        c = work_views.c
        theirs = c.shared | (c.owner == identity.user)
        query = sa.select(work_views).where((c.app == app) & ~c.deleted & theirs)
        with self._store.database.begin() as connection:
            rows = connection.execute(query.order_by(c.created_at, c.id)).mappings()
            return [_view(row, identity) for row in rows]

    def save(self, identity: Identity, app: str, name: str, filters: Filters, *, shared: bool) -> View:
        """Only curators share. Raises ValueError for an empty or too long name, and for one view too many."""
        identity.require(Role.CURATOR if shared else Role.AGENT)
        name = " ".join(name.replace("\x00", "").split())
        if not 0 < len(name) <= LONGEST:
            raise ValueError(f"a name has 1 to {LONGEST} characters")
        if sum(view.mine for view in self.of(identity, app)) >= MOST:
            raise ValueError(f"at most {MOST} views")
        row = {"id": uuid.uuid4().hex, "app": app, "owner": identity.user, "name": name, "shared": shared}
        row |= {"filters": filters.said, "created_at": time.time(), "deleted": False}
        with self._store.database.begin() as connection:
            connection.execute(sa.insert(work_views).values(row))
        self._reach.audit.note(identity, "view.save", app=app, about=str(row["id"]), shared=shared)
        return View(str(row["id"]), name, filters, shared, mine=True)

    def delete(self, identity: Identity, app: str, view_id: str) -> None:
        """One's own; curators also those of the team. Raises NoSuchView."""
        self._mark(identity, app, view_id, deleted=True)

    def restore(self, identity: Identity, app: str, view_id: str) -> None:
        """Have a deleted one back. Raises NoSuchView."""
        self._mark(identity, app, view_id, deleted=False)

    def _mark(self, identity: Identity, app: str, view_id: str, *, deleted: bool) -> None:
        identity.require(Role.AGENT)
        c = work_views.c
        it = (c.id == view_id) & (c.app == app) & (c.deleted != deleted)
        allowed = c.owner == identity.user
        if identity.role >= Role.CURATOR:
            allowed |= c.shared
        with self._store.database.begin() as connection:
            done = connection.execute(sa.update(work_views).where(it & allowed).values(deleted=deleted))
        if not done.rowcount:
            raise NoSuchView
        action = "view.delete" if deleted else "view.restore"
        self._reach.audit.note(identity, action, app=app, about=view_id)


def _view(row: sa.RowMapping, identity: Identity) -> View:
    mine = row["owner"] == identity.user
    return View(row["id"], row["name"], Filters.of(row["filters"]), row["shared"], mine)
