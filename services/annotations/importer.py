"""One import on its way: row after row, forth into Dify or back out of it, in a thread of the server.

Before a row is added it is written down as "sending", with the ids of rows that look the same already. Should
its answer never come, the list tells whether it arrived: a row of the same texts, neither among those nor
made by another row of this import, is ours. Changes and deletions are looked up before they are made, so
making them twice does no harm.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from services.annotations.book import Book, Conflict, Gone, Invalid, Row
from services.annotations.imported import Import, ImportRow
from services.annotations.ledger import Ledger
from services.annotations.patience import Patience, Told, final
from services.database import StoreError
from services.dify.errors import DifyError, EndpointMissing, Forbidden, RateLimited, Unauthorized
from services.identity import Denied, Identity, Role

log = logging.getLogger(__name__)
FOR_ALL = (Unauthorized, Forbidden, EndpointMissing, RateLimited)
"""Refusals that the next row would meet as well."""
STORE_TRIES = 5
ROLE_HOLDS = 1.0
"""Seconds between two looks whether somebody is still a curator."""


class Importer:
    """`begin` starts its thread. `stop` is set by a person who pauses it, or by the end of the site."""

    def __init__(
        self,
        identity: Identity,
        book: Book,
        ledger: Ledger,
        this: Import,
        pause: float,
        role_of: Callable[[str], Role | None],
    ) -> None:
        self._identity, self._book, self._ledger, self._this = identity, book, ledger, this
        self._role_of, self._seen_at = role_of, -ROLE_HOLDS
        self.stop = threading.Event()
        self.ending = False
        """Whether the site ends: then the import goes on at the next start."""
        self._patience = Patience(self.stop, self._waits, pause)
        self._twins: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.thread = threading.Thread(target=self._run, name="import", daemon=True)

    def begin(self) -> None:
        self.thread.start()

    def _run(self) -> None:
        try:
            self._check_role()
            self._note(state="running", error="")
            if self._this.direction == "back":
                self._all(("undoing", "done"), self._back)
            else:
                self._patience.through(self._look)
                self._all(("sending", "waiting"), self._forth)
            self._note(state="done", error="", retry_at=None)
        except Told:
            if not self.ending:
                self._note(state="paused", error="", retry_at=None)
        except Denied:
            self._note(state="paused", error="no_curator", retry_at=None)
        except DifyError as error:
            self._note(state="paused", error=error.code, retry_at=None)
        except StoreError as error:
            log.warning("an import stands still, for the database fails: %s", error)

    def _all(self, states: tuple[str, str], each: Callable[[ImportRow], None]) -> None:
        """Every row, those whose fate is open first."""
        for state in states:
            for row in self._ledger.all_rows(self._this.id, states=(state,)):
                if self.stop.is_set():
                    raise Told
                self._check_role()
                each(row)

    def _check_role(self) -> None:
        """Raises Denied where the person behind it is no curator any more."""
        if time.monotonic() - self._seen_at >= ROLE_HOLDS:
            role = self._role_of(self._identity.user)
            replace(self._identity, role=self._identity.role if role is None else role).require(Role.CURATOR)
            self._seen_at = time.monotonic()

    # Forth

    def _forth(self, row: ImportRow) -> None:
        open_ = row.state == "sending"

        def attempt() -> str:
            nonlocal open_
            if open_ and row.action == "add" and (there := self._arrived(row)):
                return there
            self._mark(row, state="sending", twins=row.twins or sorted(self._twins[row.question, row.answer]))
            try:
                return self._sent(row)
            except DifyError as error:
                open_ = not final(error)
                raise

        self._settle(row, attempt, "done", "waiting")

    def _sent(self, row: ImportRow) -> str:
        batch = self._this.id
        if row.action == "add":
            made = self._book.add(self._identity, row.question, row.answer, batch=batch)
        else:
            seen = Row(row.other_id, row.other_question, row.other_answer)
            texts = row.question, row.answer
            made = self._book.change(self._identity, row.other_id, *texts, seen=seen, batch=batch)
        return made.id

    def _arrived(self, row: ImportRow) -> str | None:
        """The id of the annotation that this row has become, though nobody said so."""
        self._look()
        known = set(row.twins or ()) | self._ledger.made(self._this.id)
        return next(iter(sorted(self._twins[row.question, row.answer] - known)), None)

    def _look(self) -> None:
        self._twins.clear()
        for row in self._book.rows(self._identity, fresh=True):
            self._twins[row.texts].add(row.id)

    # Back

    def _back(self, row: ImportRow) -> None:
        def attempt() -> str:
            self._mark(row, state="undoing")
            seen, batch = Row(row.annotation_id, row.question, row.answer), f"{self._this.id}-back"[:64]
            if row.action == "update":
                texts = row.other_question, row.other_answer
                self._book.change(self._identity, row.annotation_id, *texts, seen=seen, batch=batch)
            else:
                with suppress(Gone):  # what was to be taken away is away
                    self._book.delete(self._identity, row.annotation_id, seen=seen, batch=batch)
            return row.annotation_id

        self._settle(row, attempt, "undone", "done", refused="kept")

    # Both

    def _settle(
        self,
        row: ImportRow,
        attempt: Callable[[], str],
        made: str,
        before: str,
        refused: str = "failed",
    ) -> None:
        """Make the attempt until its outcome is known, and write that down."""
        try:
            annotation_id = self._patience.through(attempt)
        except Conflict:
            self._mark(row, state=refused, reason="conflict")
        except Gone:
            self._mark(row, state=refused, reason="gone")
        except Invalid as error:
            self._mark(row, state=refused, reason=f"{error.reason}_{error.field}")
        except FOR_ALL:
            self._mark(row, state=before)
            raise
        except DifyError as error:
            if not final(error):
                raise  # its fate stays open
            self._mark(row, state=refused, reason="refused", error=error.message)
        else:
            self._mark(row, state=made, annotation_id=annotation_id, reason="", error="")

    def _mark(self, row: ImportRow, **values: object) -> None:
        self._kept(lambda: self._ledger.change_row(row, **values))

    def _note(self, **values: object) -> None:
        self._kept(lambda: self._ledger.change(self._this.id, **values))

    def _waits(self, until: float | None) -> None:
        self._note(retry_at=until)

    def _kept(self, write: Callable[[], None]) -> None:
        """Another process may hold the database for a moment."""
        for tried in range(STORE_TRIES):
            try:
                return write()
            except StoreError:
                if tried == STORE_TRIES - 1 or self.stop.wait(0.5):
                    raise
