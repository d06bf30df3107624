"""Whoever passes by is noted: who asks, whose conversations are read, and whom the apps' answers name.

Some sightings bring the external id, some Dify's own; what brings both makes one row of two.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from services.apps import App
from services.conversations import Conversation
from services.database import Database, StoreError
from services.dify.end_users import EndUser
from services.directory import Directory
from services.people.table import Person, people
from services.runs import Runs
from services.tabs import Tabs

log = logging.getLogger(__name__)
AGAIN = 300.0
"""Seconds for which the same is not noted again."""
REMEMBERED = 10_000
"""Sightings for which that is known."""


class Sightings:
    """Safe to use from any thread. A database that fails is told in the log: nobody waits for a directory."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
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
        """Note one end user of the app of a slug, by either id or both."""
        self.heard(app, [EndUser(end_user_id, user, name)], how)

    def heard(self, app: str, found: Sequence[EndUser], how: str) -> None:
        """Note these; `how` as in Person, "" for what says nothing new of that."""
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

    def forget(self, *ids: str) -> None:
        """What was noted lately of these ids counts no more: their rows are gone."""
        with self._lock:
            self._lately = OrderedDict(
                (key, at) for key, at in self._lately.items() if not {key[1], key[2]} & set(ids)
            )

    def _is_news(self, app: str, each: EndUser, how: str, now: float) -> bool:
        key = (app, each.user, each.id, f"{how} {each.name}")
        if now - self._lately.get(key, -AGAIN) < AGAIN:
            return False
        self._lately[key] = now
        while len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)
        return True


def _note(connection: sa.Connection, app: str, found: EndUser, how: str, now: float) -> None:
    known = _known(connection, app, found)
    first = known[0] if known else Person(secrets.token_hex(16), app, first_seen=now)
    person = replace(
        first,
        user=found.user or first.user,
        end_user_id=found.id or first.end_user_id,
        name=found.name or next((each.name for each in known if each.name), ""),
        type=found.type or next((each.type for each in known if each.type), ""),
        anonymous=found.is_anonymous if found.type else first.anonymous,
        how=tuple(sorted({each for person in known for each in person.how} | ({how} if how else set()))),
        first_seen=min((each.first_seen for each in known), default=now),
        last_seen=now,
    )
    if others := [each.id for each in known[1:]]:
        connection.execute(sa.delete(people).where(people.c.id.in_(others)))
    if known:
        connection.execute(sa.update(people).where(people.c.id == first.id).values(person.row))
    else:
        connection.execute(sa.insert(people).values(person.row))


def _known(connection: sa.Connection, app: str, found: EndUser) -> list[Person]:
    """The rows that are this end user's, and become one.

    Dify may have several ids of one `user`, by type of session, each with a row of its own; never several
    users of one id.
    """
    table = people.c
    if not found.id:
        latest = sa.select(people).where((table.app == app) & (table.user == found.user))
        latest = latest.order_by(table.last_seen.desc(), table.id).limit(1)
        return [Person.of(row) for row in connection.execute(latest)]
    nameless = (table.user == found.user) & table.end_user_id.is_(None)
    which = sa.or_(table.end_user_id == found.id, *([nameless] if found.user else []))
    rows = connection.execute(sa.select(people).where((table.app == app) & which))
    # The one with the external id is the one that addresses of pages name.
    return sorted(map(Person.of, rows), key=lambda each: each.user != found.user)
