"""Who rated anything: an app's ratings name end users by Dify's id, which it explains one by one."""

from __future__ import annotations

import logging
import threading
import time

from services.apps import App
from services.database import StoreError
from services.dify.errors import DifyError, NotFound
from services.people.people import People

log = logging.getLogger(__name__)
AGAIN = 300.0
"""Seconds after which the ratings are read again."""
PAGE = 101
"""More Dify does not give in one piece."""
MOST_PAGES = 100
EXPLAINED = 200
"""End users asked for, one by one, in a reading."""


class Harvest:
    """Reads in a thread of its own, one app's ratings at a time. What the client hears is noted by People."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._lock = threading.Lock()
        self._begun: dict[str, float] = {}
        self._stranger: set[str] = set()
        """Ids that the app does not explain."""
        self.ending = threading.Event()

    def begin(self, app: App) -> None:
        """Unless that was just done. Returns at once."""
        with self._lock:
            now = time.monotonic()
            if now - self._begun.get(app.slug, -AGAIN) < AGAIN:
                return
            self._begun[app.slug] = now
        threading.Thread(target=self._read_aside, args=(app,), name="people", daemon=True).start()

    def read(self, app: App) -> None:
        """The pages of ratings up to one with nobody new, then who they are. Raises DifyError, StoreError."""
        known: set[str] = set()
        for number in range(1, MOST_PAGES + 1):
            page = app.client.feedbacks.list(number, PAGE)
            there = {row.from_end_user_id for row in page.data if row.from_end_user_id}
            if len(page.data) < PAGE or self.ending.is_set() or (number > 1 and there <= known):
                break
            known |= there
        for end_user_id in self._people.unexplained(app.slug, EXPLAINED + len(self._stranger)):
            if self.ending.is_set():
                return
            if end_user_id not in self._stranger:
                self._explain(app, end_user_id)

    def _explain(self, app: App, end_user_id: str) -> None:
        try:
            app.client.end_users.get(end_user_id)
        except NotFound:
            self._stranger.add(end_user_id)

    def _read_aside(self, app: App) -> None:
        try:
            self.read(app)
        except (DifyError, StoreError) as error:
            log.info("ratings of %s cannot be read: %s", app.slug, error)
