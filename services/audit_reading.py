"""The audit trail as admins read it: newest first, filtered, page by page, and as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from services.audit import Audit, table
from services.database import Database
from services.identity import Denied, Identity, Role
from services.spreadsheet import guarded

PAGE = 50
IN_ONE_READING = 500
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""
COLUMNS = ("id", "at", "user", "name", "role", "action", "app", "about", "details")


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    at: float
    """Unix seconds."""
    user: str
    """The end user at Dify; empty for what nobody signed in did."""
    name: str
    role: Role | None
    """The one that they had then."""
    action: str
    app: str
    about: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is empty or None lets all through. Times in unix seconds."""

    person: str = ""
    """Part of a name, or a whole user."""
    action: str = ""
    """One action, or those that begin with it and a dot."""
    app: str = ""
    about: str = ""
    """Part of what it was done to."""
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    entries: tuple[Entry, ...]
    before: int | None = None
    """Where the next page begins; None where this is the last one."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom the trail names."""

    user: str
    name: str
    role: Role


class Trail:
    """Every method needs the role admin, and raises StoreError."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit

    def entries(
        self, identity: Identity, wanted: Wanted, before: int | None = None, most: int = PAGE
    ) -> Entries:
        """Newest first; those that were added before the id `before`."""
        identity.require(Role.ADMIN)
        found = self._read(wanted, before, most + 1)
        shown = found[:most]
        return Entries(tuple(shown), shown[-1].id if len(found) > most else None)

    def actions(self, identity: Identity) -> list[str]:
        identity.require(Role.ADMIN)
        return self._different(table.c.action)

    def apps(self, identity: Identity) -> list[str]:
        """Slugs."""
        identity.require(Role.ADMIN)
        return [slug for slug in self._different(table.c.app) if slug]

    def people(self, identity: Identity, role: Role) -> list[Known]:
        """Those who had this role when they were last seen doing something, by name."""
        identity.require(Role.ADMIN)
        newest = sa.select(sa.func.max(table.c.id)).where(table.c.user != "").group_by(table.c.user)
        query = sa.select(table).where(table.c.id.in_(newest) & (table.c.role == int(role)))
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(table.c.name, table.c.user)).all()
        return [Known(row.user, row.name, Role(row.role)) for row in rows]

    def export(self, identity: Identity, wanted: Wanted) -> Iterator[bytes]:
        """A CSV file, piece by piece; that it was asked for is its newest row. Raises Denied, at once."""
        try:
            identity.require(Role.ADMIN)
        except Denied:
            self._audit.note(identity, "audit.refused")
            raise
        filters = (f"{name}={value}" for name, value in asdict(wanted).items() if value not in ("", None))
        self._audit.record(identity, "audit.exported", filter=", ".join(filters))
        return self._written(wanted)

    def _written(self, wanted: Wanted) -> Iterator[bytes]:
        yield BYTE_ORDER_MARK.encode() + _lines([COLUMNS])
        before: int | None = None
        while found := self._read(wanted, before, IN_ONE_READING):
            yield _lines([_cells(entry) for entry in found])
            before = found[-1].id

    def _read(self, wanted: Wanted, before: int | None, most: int) -> list[Entry]:
        which = _which(wanted)
        if before is not None:
            which.append(table.c.id < before)
        query = sa.select(table).where(*which).order_by(table.c.id.desc()).limit(most)
        with self._database.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [Entry(**{**row, "role": Role(row["role"]) if row["role"] else None}) for row in rows]

    def _different(self, column: sa.Column[str]) -> list[str]:
        with self._database.begin() as connection:
            return list(connection.execute(sa.select(column).distinct().order_by(column)).scalars())


def _which(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    its = table.c
    which: list[sa.ColumnElement[bool]] = []
    if wanted.person:
        # A deletion is carried out when whoever wanted it is gone: its row tells the user alone.
        named = table.alias().c
        users = sa.select(named.user).where(named.name.icontains(wanted.person, autoescape=True))
        whole = its.user == wanted.person
        which.append(whole | its.name.icontains(wanted.person, autoescape=True) | _of(its.user, users))
    if wanted.action:
        which.append(
            (its.action == wanted.action) | its.action.startswith(f"{wanted.action}.", autoescape=True)
        )
    if wanted.app:
        which.append(its.app == wanted.app)
    if wanted.about:
        which.append(its.about.icontains(wanted.about, autoescape=True))
    if wanted.since is not None:
        which.append(its.at >= wanted.since)
    if wanted.until is not None:
        which.append(its.at < wanted.until)
    return which


def _of(user: sa.ColumnElement[str], users: sa.Select[tuple[str]]) -> sa.ColumnElement[bool]:
    return (user != "") & user.in_(users)


def _cells(entry: Entry) -> tuple[object, ...]:
    return (
        entry.id,
        datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds"),
        entry.user,
        entry.name,
        entry.role.name.lower() if entry.role else "",
        entry.action,
        entry.app,
        entry.about,
        json.dumps(dict(entry.details), ensure_ascii=False) if entry.details else "",
    )


def _lines(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")
