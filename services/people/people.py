"""The directory of end users: who was seen, found again by id and name, and what Dify says of one.

Whatever passes by is noted by `heard`: questions, readings, uploads, ratings. Some bring the external id,
some Dify's own; what brings both makes one person of two.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sqlalchemy as sa

from services.apps import App
from services.audit import Audit
from services.conversations import Conversation
from services.database import Database, StoreError
from services.dify.end_users import EndUser
from services.directory import Directory
from services.identity import Denied, Identity, Role
from services.listing import listed
from services.passages import MOST_WORDS, folded
from services.people.table import Person, people
from services.runs import Runs
from services.search import seen
from services.tables import conversations
from services.tabs import Tabs

log = logging.getLogger(__name__)
PAGE = 50
SORTS = ("-last_seen", "last_seen", "-first_seen", "first_seen", "name")
AGAIN = 300.0
"""Seconds for which the same is not noted again."""
REMEMBERED = 10_000
"""Sightings for which that is known."""
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
        self._database, self._audit, self._allowed, self._clock = database, audit, allowed, clock
        self._lock = threading.Lock()
        self._lately: OrderedDict[tuple[str, str, str, str], float] = OrderedDict()

    def follow(self, apps: Iterable[App], directory: Directory, runs: Runs, tabs: Tabs) -> None:
        """Note whoever asks, whose conversations are read, and whom the apps' answers name.

        While answers cannot be saved nobody is noted: a database in trouble has enough to do.
        """

        def asked(place: Conversation) -> None:
            if runs.saver.trouble is None:
                self.saw(place.app, user=place.user, name=tabs.name(place.user), how="question")

        def was_read(app: str, user: str) -> None:
            if runs.saver.trouble is None:
                self.saw(app, user=user, how="reading")

        runs.on_end.append(asked)
        directory.was_read = was_read
        for app in apps:
            app.client.tell(partial(self.heard, app.slug))

    def saw(self, app: str, *, how: str, user: str = "", end_user_id: str = "", name: str = "") -> None:
        """Note one end user of the app of a slug, by either id or both. Never raises."""
        self.heard(app, [EndUser(end_user_id, user, name)], how)

    def heard(self, app: str, found: Sequence[EndUser], how: str) -> None:
        """Note these; `how` as in Person, "" for what says nothing new of that.

        A database that fails is told in the log: nobody waits for a directory.
        """
        now = self._clock()
        with self._lock:
            fresh = [each for each in found if (each.id or each.user) and self._is_news(app, each, how, now)]
            if not fresh:
                return
            try:
                with self._database.begin() as connection:
                    for each in fresh:
                        _note(connection, app, each, how, now)
            except StoreError as error:
                self._lately.clear()
                log.warning("people cannot be noted: %s", error)

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
        self.heard(app.slug, [replace(found, id=end_user_id)], "lookup")
        which = (people.c.app == app.slug) & (people.c.end_user_id == end_user_id)
        with self._database.begin() as connection:
            return Person.of(connection.execute(sa.select(people).where(which)).one())

    def unexplained(self, app: str, most: int) -> list[str]:
        """Dify's ids of people whose external id nobody has told yet, the latest first. Raises StoreError."""
        which = (people.c.app == app) & people.c.user.is_(None)
        query = sa.select(people.c.end_user_id).where(which).order_by(people.c.last_seen.desc())
        with self._database.begin() as connection:
            return list(connection.execute(query.limit(most)).scalars())

    def forget(self, *ids: str) -> None:
        """What was noted lately of these ids counts no more: their rows are gone."""
        with self._lock:
            self._lately = OrderedDict(
                (key, at) for key, at in self._lately.items() if not {key[1], key[2]} & set(ids)
            )

    def _require(self, identity: Identity) -> None:
        if not self._allowed(identity):
            raise Denied("needs the right to look at other people's conversations")

    def _is_news(self, app: str, each: EndUser, how: str, now: float) -> bool:
        key = (app, each.user, each.id, f"{how} {each.name}")
        if now - self._lately.get(key, -AGAIN) < AGAIN:
            return False
        self._lately[key] = now
        while len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)
        return True


def _note(connection: sa.Connection, app: str, found: EndUser, how: str, now: float) -> None:
    table = people.c
    either = [table.user == found.user] if found.user else []
    either += [table.end_user_id == found.id] if found.id else []
    rows = connection.execute(sa.select(people).where((table.app == app) & sa.or_(*either))).all()
    everyone = [Person.of(row) for row in rows]
    # Dify may have several ids of one `user`, by type of session; never several users of one id.
    known = [each for each in everyone if not (each.user and found.user) or each.user == found.user]
    known.sort(key=lambda person: person.user != found.user)
    first = known[0] if known else Person(secrets.token_hex(16), app, first_seen=now)
    person = replace(
        first,
        user=first.user or found.user,
        end_user_id=found.id or first.end_user_id,
        name=found.name or first.name,
        type=found.type or first.type,
        anonymous=found.is_anonymous if found.type else first.anonymous,
        how=tuple(sorted({each for person in known for each in person.how} | ({how} if how else set()))),
        first_seen=min((each.first_seen for each in known), default=now),
        last_seen=now,
    )
    if others := [each.id for each in everyone if each is not first]:
        connection.execute(sa.delete(people).where(table.id.in_(others)))
    if known:
        connection.execute(sa.update(people).where(table.id == first.id).values(person.row))
    else:
        connection.execute(sa.insert(people).values(person.row))


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
