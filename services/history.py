"""All conversations of a person: page by page as Dify sorts them, or found by words and dates.

Dify's list is paged by the last id and cannot be searched. So what pages are read is kept
(services/listing.py), and a search first has the rest of the list read, in a thread of its own; meanwhile it
finds in what is there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.apps import App
from services.dify.errors import DifyError
from services.dify.records import Conversation
from services.identity import Identity, Role
from services.lately import Lately
from services.listing import Listing
from services.passages import snippet, terms
from services.search import Hit, Search
from services.store import Store, StoreError
from services.titles import Titles

log = logging.getLogger(__name__)
PAGE = 100
"""More than this Dify does not give in one piece."""
SORTS = ("-updated_at", "updated_at", "-created_at", "created_at")
WHOLE_AGAIN = 900.0
"""Seconds after which the whole list is read again, since a conversation may be gone without a word."""
NEWS_AGAIN = 5.0
"""Seconds after which its newest pages are read again, up to the first one without news."""
REMEMBERED = 10_000
"""People of whom it is known when their list was looked at."""
AT_A_TIME = threading.Semaphore(4)
"""Lists that are read at once, whoever's they are."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the list. `since` and `until` are unix seconds and mean what the list is sorted by."""

    sort_by: str = SORTS[0]
    text: str = ""
    since: float | None = None
    until: float | None = None

    @property
    def plain(self) -> bool:
        """Nothing but an order: Dify itself can answer it."""
        return not terms(self.text) and self.since is None and self.until is None


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Conversation, ...]
    after: str | None = None
    """Where the next page begins; None at the end."""
    snippets: Mapping[str, tuple[str, list[tuple[str, bool]]]] = field(default_factory=dict)
    """By conversation id: the message id, and its passage in pieces, each with whether it was sought."""
    reading: bool = False
    """The list is still being read: ask again for more."""
    known: int = 0
    """Conversations looked through."""


class History:
    def __init__(self, store: Store, titles: Titles, search: Search) -> None:
        self._listing, self._search, self._titles = Listing(store), search, titles
        self._lock = threading.Lock()
        self._reading: set[tuple[str, str]] = set()
        self._looked: Lately[tuple[str, str], float] = Lately(REMEMBERED)
        self._failed: Lately[tuple[str, str], DifyError] = Lately(REMEMBERED)

    def page(self, identity: Identity, app: App, query: Query, after: str | None = None) -> Page:
        """The page after the conversation `after`. Raises Denied, DifyError, StoreError (only a search)."""
        identity.require(Role.VIEWER)
        if query.plain:
            return self._as_dify_sorts(app, identity.user, query, after)
        return self._found(app, identity.user, query, after)

    def matching(self, identity: Identity, app: App, query: Query) -> list[str]:
        """Ids of all that a query finds, in its order; the whole list is read first, in this thread.

        Raises Denied, DifyError, StoreError.
        """
        identity.require(Role.VIEWER)
        self._read(app, identity.user, whole=True)
        return [row.id for row in self._matches(app, identity.user, query)]

    def rows(self, app: App, user: str, ids: Sequence[str]) -> list[Conversation]:
        """What the list last said of them; nearly empty where it has never said anything of one."""
        try:
            known = {row.id: row for row in self._listing.rows(app.slug, user, ids)}
        except StoreError:
            known = {}
        known |= {row.id: row for row in self._titles.of(app, user, PAGE) or ()}
        return [known.get(each, Conversation(each)) for each in ids]

    def keep(self, app: App, user: str, conversation_id: str) -> None:
        """Remember what the list says of this one, for when it is no longer among the newest.

        Raises StoreError.
        """
        rows = self.rows(app, user, [conversation_id])
        self._listing.put(app.slug, user, [row for row in rows if row.created_at], 0)

    def gone(self, app_slug: str, user: str, conversation_id: str) -> None:
        """Dify has said that there is no such conversation (any more)."""
        self._titles.forget(app_slug, user)
        try:
            self._listing.forget(app_slug, user, conversation_id)
        except StoreError as error:
            log.warning("a list cannot be kept: %s", error)

    def _as_dify_sorts(self, app: App, user: str, query: Query, after: str | None) -> Page:
        page = app.client.conversations.list(user, last_id=after, limit=PAGE, sort_by=query.sort_by)
        try:
            self._listing.put(app.slug, user, page.data, self._listing.state(app.slug, user)[1])
        except StoreError as error:
            log.warning("a list cannot be kept: %s", error)
        return Page(page.data, page.data[-1].id if page.has_more and page.data else None)

    def _found(self, app: App, user: str, query: Query, after: str | None) -> Page:
        reading = self._have_read(app, user)
        rows = self._matches(app, user, query, after=after, limit=PAGE + 1)
        shown, words = rows[:PAGE], terms(query.text)
        hits = self._search.hits(app.slug, user, words, [row.id for row in shown])
        return Page(
            tuple(shown),
            shown[-1].id if len(rows) > PAGE else None,
            {
                each: (hit.message_id, passage)
                for each, hit in hits.items()
                if (passage := _passage(hit, words))
            },
            reading,
            self._listing.count(app.slug, user),
        )

    def _matches(self, app: App, user: str, query: Query, **part: Any) -> list[Conversation]:
        limits = {"since": query.since, "until": query.until, **part}
        return self._listing.found(app.slug, user, terms(query.text), query.sort_by, **limits)

    def _have_read(self, app: App, user: str) -> bool:
        """See to it that the list is read; whether that is still going on. Raises DifyError if it failed."""
        key = (app.slug, user)
        complete_at, _ = self._listing.state(*key)
        with self._lock:
            if key in self._reading:
                return True
            if failed := self._failed.pop(key):
                if not complete_at:
                    raise failed
                return False
            now = time.monotonic()
            if complete_at > time.time() - WHOLE_AGAIN and now - (self._looked.get(key) or 0.0) < NEWS_AGAIN:
                return False
            self._reading.add(key)
        whole = complete_at < time.time() - WHOLE_AGAIN
        threading.Thread(
            target=self._read_aside, args=(app, user, whole), name="listing", daemon=True
        ).start()
        return whole

    def _read_aside(self, app: App, user: str, whole: bool) -> None:
        key = (app.slug, user)
        try:
            with AT_A_TIME:
                self._read(app, user, whole=whole)
        except DifyError as error:
            self._failed.put(key, error)
        except StoreError as error:
            log.warning("a list cannot be kept: %s", error)
        finally:
            with self._lock:
                self._looked.put(key, time.monotonic())
                self._reading.discard(key)

    def _read(self, app: App, user: str, *, whole: bool) -> None:
        """All pages, or those with news."""
        _, passed = self._listing.state(app.slug, user)
        passed, after = passed + whole, None
        while True:
            page = app.client.conversations.list(user, last_id=after, limit=PAGE)
            news = self._listing.put(app.slug, user, page.data, passed)
            if not (page.has_more and page.data) or not (news or whole) or page.data[-1].id == after:
                break
            after = page.data[-1].id
        if whole:
            self._listing.completed(app.slug, user, passed)


def _passage(hit: Hit, words: Sequence[str]) -> list[tuple[str, bool]] | None:
    return snippet(hit.answer, words) or snippet(hit.query, words)
