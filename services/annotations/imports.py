"""Importing annotations: a dry run that touches nothing, then row by row in a thread, and all the way back.

What is prepared, under way or done is in the database: a reload, a kill and a restart find it again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from services.annotations import dry_run
from services.annotations.book import Book
from services.annotations.imported import Import, ImportRow
from services.annotations.importer import Importer
from services.annotations.ledger import Ledger
from services.annotations.sheet import Sheet
from services.annotations.standing import ACTIONS, Standing
from services.apps import App
from services.audit import Audit
from services.database import Database
from services.identity import Identity, Role

PAUSE = 0.5
"""Seconds before a failed request is made again, doubled each time."""
ENDS_WITHIN = 0.5
"""Seconds; a row whose answer is not there by then is looked for when it goes on."""


class Busy(Exception):
    """Another import of this app is under way."""


class NoSuchImport(LookupError):
    """None of that id, or not one that this can be done with."""


class Imports:
    """Of all apps of the site. Every method needs the role curator, and raises StoreError."""

    def __init__(
        self,
        book: Callable[[App], Book],
        database: Database,
        pause: float = PAUSE,
        role_of: Callable[[str], Role | None] = lambda _: None,
    ) -> None:
        """`role_of` the end user who has begun it, as it is now; None where that is not known."""
        self._book, self._database, self._pause, self._role_of = book, database, pause, role_of
        self._audit = Audit(database)
        self._lock = threading.Lock()
        self._importers: dict[str, tuple[str, Importer]] = {}

    def prepare(self, identity: Identity, app: App, name: str, sheet: Sheet, columns: tuple[int, int]) -> str:
        """The dry run: every row of the file compared with what is there. The id of the import it may become.

        `columns`: where the questions stand, and the answers. Raises BadSheet, DifyError.
        """
        identity.require(Role.CURATOR)
        there = self._book(app).rows(identity, fresh=True)
        return dry_run.of(self._ledger(app), identity.user, name, sheet.pairs(*columns), there)

    def mend(self, identity: Identity, app: App, import_id: str, texts: dry_run.Texts) -> None:
        """Other texts for rows that are invalid or failed, by row number; they are compared anew."""
        ledger, about = self._still(identity, app, import_id)
        dry_run.mend(ledger, about.id, texts, self._book(app).rows(identity, fresh=True))

    def start(self, identity: Identity, app: App, import_id: str, choices: Mapping[str, str]) -> None:
        """Carry it out; `choices` (of ACTIONS, by kind) say what becomes of the rows. Raises Busy."""
        _, about = self._still(identity, app, import_id)
        wanted = {kind: choices.get(kind, actions[0]) for kind, actions in ACTIONS.items()}
        if any(action not in ACTIONS[kind] for kind, action in wanted.items()):
            raise ValueError("no such choice")
        self._audit.record(identity, "import.begun", app=app.slug, about=about.id, file=about.name)
        self._begin(identity, app, replace(about, direction="forth"), wanted)

    def resume(self, identity: Identity, app: App, import_id: str) -> None:
        """Go on with one that was paused, in the direction it had. Raises Busy."""
        _, about = self._still(identity, app, import_id)
        self._begin(identity, app, about)

    def roll_back(self, identity: Identity, app: App, import_id: str) -> None:
        """Take away what it has added, and change back what it has changed; not what was changed since."""
        _, about = self._still(identity, app, import_id)
        self._audit.record(identity, "import.rolled_back", app=app.slug, about=about.id, file=about.name)
        self._begin(identity, app, replace(about, direction="back"))

    def pause(self, identity: Identity, app: App, import_id: str) -> None:
        """After the row that is on its way."""
        identity.require(Role.CURATOR)
        with self._lock:
            name, importer = self._importers.get(app.slug, ("", None))
        if importer and name == import_id:
            importer.stop.set()
            importer.thread.join(ENDS_WITHIN)

    def discard(self, identity: Identity, app: App, import_id: str) -> None:
        """Forget an import that was never begun."""
        ledger, about = self._still(identity, app, import_id)
        if about.state != "prepared":
            raise NoSuchImport(import_id)
        ledger.drop(import_id)

    def newest(self, identity: Identity, app: App) -> list[Import]:
        identity.require(Role.CURATOR)
        return self._ledger(app).newest()

    def standing(self, identity: Identity, app: App, import_id: str) -> Standing:
        """Raises NoSuchImport."""
        identity.require(Role.CURATOR)
        ledger = self._ledger(app)
        about = ledger.one(import_id)
        if about is None:
            raise NoSuchImport(import_id)
        with self._lock:
            alive = self._working(app) == import_id
        return Standing(about, ledger.counts(import_id), alive)

    def rows(
        self,
        identity: Identity,
        app: App,
        import_id: str,
        *,
        kinds: tuple[str, ...] = (),
        states: tuple[str, ...] = (),
        limit: int = 100,
    ) -> list[ImportRow]:
        """The first rows of these kinds and in these states, in the order of the file."""
        self.standing(identity, app, import_id)
        return self._ledger(app).rows(import_id, kinds=kinds, states=states, limit=limit)

    def all_rows(self, identity: Identity, app: App, import_id: str) -> Iterator[ImportRow]:
        """For the report."""
        self.standing(identity, app, import_id)
        return self._ledger(app).all_rows(import_id)

    def go_on(self, app: App) -> None:
        """At the start of the site: what was under way when the last process ended."""
        ledger = self._ledger(app)
        ledger.drop_unread()
        for about in ledger.running():
            with suppress(Busy):  # one after the other: the next is paused for a person to take up
                # Who began it was a curator then; the importer asks whether that is still so.
                self._begin(Identity(about.user, Role.CURATOR), app, about)

    def close(self) -> None:
        """Nothing is sent any more once this returns, or soon after; `go_on` takes up the rest."""
        with self._lock:
            working = [importer for _, importer in self._importers.values()]
        for importer in working:
            importer.ending = True
            importer.stop.set()
        for importer in working:
            importer.thread.join(ENDS_WITHIN)

    def _ledger(self, app: App) -> Ledger:
        return Ledger(app.slug, self._database)

    def _still(self, identity: Identity, app: App, import_id: str) -> tuple[Ledger, Import]:
        """An import that nobody is working on. Raises NoSuchImport, Busy."""
        standing = self.standing(identity, app, import_id)
        if standing.alive:
            raise Busy
        return self._ledger(app), standing.about

    def _begin(
        self, identity: Identity, app: App, about: Import, choices: Mapping[str, str] | None = None
    ) -> None:
        ledger = self._ledger(app)
        with self._lock:
            if self._working(app):
                raise Busy
            ledger.decide(about.id, choices or {})
            # Written before it begins: a kill in this moment must not forget that it was wanted.
            ledger.change(about.id, state="running", direction=about.direction, error="")
            importer = Importer(identity, self._book(app), ledger, about, self._pause, self._role_of)
            importer.begin()
            self._importers[app.slug] = about.id, importer

    def _working(self, app: App) -> str | None:
        """The id of the import whose thread runs; the lock is held."""
        name, importer = self._importers.get(app.slug, ("", None))
        return name if importer and importer.thread.is_alive() else None
