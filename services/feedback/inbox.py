"""The feedback of all apps, as curators work through it."""

from __future__ import annotations

from dataclasses import dataclass

from services.apps import App
from services.audit import Audit
from services.database import StoreError
from services.dify.errors import DifyError
from services.directory import Directory
from services.feedback.corrections import Corrections, Texts
from services.feedback.intake import Intake
from services.feedback.ledger import Ledger
from services.feedback.query import Page, Query, Row
from services.feedback.reaching import Reached, Reaching
from services.feedback.reader import Reader
from services.feedback.tally import Tally, tally
from services.identity import Identity, Role
from services.looks import Looks
from services.people.people import People
from services.store import Store

SHOWN = 100
"""Rows of a page."""
SOON = 0.3
"""Seconds that whoever has just come waits for the newest ones to be read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the reading is. `known` rows are kept; `whole`: all of them are being read, not the news."""

    reading: bool
    whole: bool
    known: int
    pages: int
    complete_at: float
    """Unix seconds at which it was last read to its end; 0.0 for never."""
    failure: DifyError | StoreError | None
    """Why the last reading ended before its end; what it read stays."""


class Inbox:
    """Every method needs the role curator, and raises Denied and StoreError."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        looks: Looks,
        people: People,
        audit: Audit,
        days: int | None = None,
    ) -> None:
        """Ratings older than so many `days` are not kept."""
        self._database = store.database
        self._ledger, self._intake = Ledger(store.database), Intake(store.database, days)
        self._reader = Reader(self._intake)
        self._reaching = Reaching(store, self._ledger, looks, directory, people)
        self._corrections = Corrections(store.database)
        self._audit = audit

    def standing(self, identity: Identity, app: App, *, wait: bool = False) -> Standing:
        """What is known may be old: then it is being read from now on; `wait` a moment for the newest."""
        identity.require(Role.CURATOR)
        reading = self._reader.look(app)
        if wait and not reading.whole:
            reading.done.wait(SOON)
        complete_at = self._intake.whole(app.slug).complete_at
        going = not reading.done.is_set()
        return Standing(
            going, reading.whole, self._ledger.count(app.slug), reading.pages, complete_at, reading.failure
        )

    def read_again(self, identity: Identity, app: App) -> None:
        """All of it, now."""
        identity.require(Role.CURATOR)
        self._reader.look(app, whole=True)

    def page(self, identity: Identity, app: App, query: Query, after: str | None = None) -> Page:
        """Newest first, the rows behind `after` (Page.after). Raises ValueError for another `after`."""
        identity.require(Role.CURATOR)
        return self._ledger.page(app.slug, query, after, SHOWN)

    def row(self, identity: Identity, app: App, row_id: str) -> Row | None:
        identity.require(Role.CURATOR)
        return self._ledger.row(app.slug, row_id)

    def beside(self, identity: Identity, app: App, query: Query, row: Row) -> tuple[str | None, str | None]:
        """Ids of the rows before and after this one among what the query finds."""
        identity.require(Role.CURATOR)
        before = self._ledger.before(app.slug, query, row.place)
        after = self._ledger.page(app.slug, query, row.place, 1).rows
        return before.id if before else None, after[0].id if after else None

    def tally(self, identity: Identity, app: App, since: float | None = None, hours: int = 0) -> Tally:
        """How many since then (unix seconds), by days of a time zone so many hours ahead of UTC."""
        identity.require(Role.CURATOR)
        return tally(self._database, app.slug, since, hours)

    def handle(self, identity: Identity, app: App, row_id: str, handled: bool) -> Row | None:
        """Mark it as handled, which whoever did so first has done, or open it again; the row as it now is.

        None: it was taken back.
        """
        identity.require(Role.CURATOR)
        if self._ledger.mark(app.slug, row_id, identity.user if handled else ""):
            action = "feedback.handled" if handled else "feedback.reopened"
            self._audit.note(identity, action, app=app.slug, about=row_id)
        return self._ledger.row(app.slug, row_id)

    def reach(self, identity: Identity, app: App, row: Row) -> Reached:
        """The conversation, at its message. Raises Unreached, DifyError."""
        identity.require(Role.CURATOR)
        return self._reaching.reach(identity, app, row)

    def typed(self, identity: Identity, app: App, row_id: str) -> Texts | None:
        """What this curator was typing about it."""
        identity.require(Role.CURATOR)
        return self._corrections.of(app.slug, identity.user, row_id)

    def keep_typed(self, identity: Identity, app: App, row_id: str, texts: Texts | None) -> None:
        """None: it is saved, or given up."""
        identity.require(Role.CURATOR)
        self._corrections.keep(app.slug, identity.user, row_id, texts)

    def close(self) -> None:
        self._reader.close()
