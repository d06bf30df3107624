"""The directory of end users: who was seen, found again by id and name, and what Dify says of one."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from services.apps import App
from services.audit import Audit
from services.database import Database
from services.dify.end_users import EndUser
from services.identity import Denied, Identity, Role
from services.listing import listed
from services.passages import MOST_WORDS, folded
from services.people.sightings import Sightings
from services.people.table import Person, people
from services.search import seen
from services.tables import conversations

PAGE = 50
SORTS = ("-last_seen", "last_seen", "-first_seen", "first_seen", "name")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class NoId(ValueError):
    """What was typed is no UUID."""


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Person, ...]
    after: str | None = None
    """Where the next page begins; None at the end."""
    total: int = 0
    """All that match."""


class People:
    """Safe to use from any thread."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        allowed: Callable[[Identity], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`allowed` says who may see who is here; raises StoreError."""
        self._database, self._audit, self._allowed = database, audit, allowed
        self.sightings = Sightings(database, clock)

    def page(
        self, identity: Identity, app: App, words: str = "", sort: str = SORTS[0], after: str | None = None
    ) -> Page:
        """Those in whose ids or name all words are, after the person `after`. Raises Denied, StoreError."""
        self._require(identity)
        table = people.c
        wanted = table.app == app.slug
        for word in words.split()[:MOST_WORDS]:
            wanted &= table.folded.contains(folded(word), autoescape=True)
        column = table.folded if sort == "name" else table[sort.lstrip("-")]
        down = sort.startswith("-")
        query, place = sa.select(people).where(wanted), sa.tuple_(column, table.id)
        if after:
            last = sa.select(column, table.id).where(table.id == after).correlate(None).scalar_subquery()
            query = query.where(place < last if down else place > last)
        order = (column.desc(), table.id.desc()) if down else (column, table.id)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(*order).limit(PAGE + 1)).all()
            total = connection.execute(sa.select(sa.func.count()).select_from(people).where(wanted)).scalar()
            known = _conversations(connection, app.slug, [row.user for row in rows[:PAGE] if row.user])
        shown = tuple(Person.of(row, known.get(row.user, 0)) for row in rows[:PAGE])
        return Page(shown, shown[-1].id if len(rows) > PAGE else None, total or 0)

    def get(self, identity: Identity, app: App, person_id: str) -> Person | None:
        """Raises Denied, StoreError."""
        self._require(identity)
        which = (people.c.app == app.slug) & (people.c.id == person_id)
        with self._database.begin() as connection:
            row = connection.execute(sa.select(people).where(which)).first()
            known = _conversations(connection, app.slug, [row.user]) if row and row.user else {}
        return Person.of(row, known.get(row.user, 0)) if row else None

    def described(self, identity: Identity, app: App, person: Person) -> EndUser:
        """What Dify says of them now; what is new of it is noted. Raises Denied, StoreError, DifyError.

        `person.end_user_id` must be known.
        """
        self._require(identity)
        return app.client.end_users.get(person.end_user_id)

    def look_up(self, identity: Identity, app: App, typed: str) -> Person:
        """The end user of a UUID, whom nobody need have seen here; written down first.

        Raises Denied, NoId, StoreError, DifyError: NotFound for no end user of this app, EndpointMissing for
        a Dify that is older than the endpoint.
        """
        identity.require(Role.ADMIN)
        if not UUID.fullmatch(typed.strip()):
            raise NoId(typed)
        end_user_id = typed.strip().lower()
        self._audit.record(identity, "person.looked_up", app=app.slug, about=end_user_id)
        found = app.client.end_users.get(end_user_id)
        self.sightings.heard(app.slug, [replace(found, id=end_user_id)], "lookup")
        which = (people.c.app == app.slug) & (people.c.end_user_id == end_user_id)
        with self._database.begin() as connection:
            return Person.of(connection.execute(sa.select(people).where(which)).one())

    def explained(self, app: App, end_user_id: str) -> EndUser:
        """Who that is: as far as it is known, else asked of Dify, and noted.

        Raises StoreError, DifyError: NotFound for another app's end user, EndpointMissing where the server
        cannot tell.
        """
        known = people.c.user.is_not(None) | (people.c.type != "")
        which = (people.c.app == app.slug) & (people.c.end_user_id == end_user_id) & known
        with self._database.begin() as connection:
            row = connection.execute(sa.select(people).where(which)).first()
        if row is None:
            return app.client.end_users.get(end_user_id)
        return EndUser(end_user_id, row.user or "", row.name, row.type, bool(row.anonymous))

    def unexplained(self, app: str, most: int) -> list[str]:
        """Dify's ids of people of whom nobody has told who they are, the latest first. Raises StoreError."""
        which = (people.c.app == app) & people.c.user.is_(None) & (people.c.type == "")
        query = sa.select(people.c.end_user_id).where(which).order_by(people.c.last_seen.desc())
        with self._database.begin() as connection:
            return list(connection.execute(query.limit(most)).scalars())

    def _require(self, identity: Identity) -> None:
        if not self._allowed(identity):
            raise Denied("needs the right to look at other people's conversations")


def _conversations(connection: sa.Connection, app: str, users: Sequence[str]) -> dict[str, int]:
    """How many conversations of each are known here, by external id."""
    sources: list[Any] = [
        sa.select(table.c.user, table.c.conversation_id)
        .where((table.c.app == app) & table.c.user.in_(users) & table.c.conversation_id.is_not(None))
        .distinct()
        for table in (conversations, seen, listed)
    ]
    known = sa.union(*sources).subquery()
    query = sa.select(known.c.user, sa.func.count()).group_by(known.c.user)
    return {row[0]: row[1] for row in connection.execute(query)}
