"""Entries of the journal from their beginning to their end, also where nobody saw what became of a change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.annotations.change import Change, Kind
from services.annotations.journal import Journal
from services.annotations.row import Gone, Row
from services.database import StoreError
from services.dify.errors import DifyError
from services.identity import Identity

log = logging.getLogger(__name__)
CLOCKS = 300.0
"""Seconds by which the server's clock may be behind ours."""


@dataclass
class Entry:
    """A change under way; whoever makes it says which row came of it."""

    change: Change
    row_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.row_id = self.change.annotation_id


class Entries:
    """Of one app. `unsure` is called where a change may have arrived, `gone` with the id of a row that Dify
    has no more."""

    def __init__(self, journal: Journal, unsure: Callable[[], None], gone: Callable[[str], None]) -> None:
        self._journal, self._unsure, self._gone = journal, unsure, gone
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    @contextmanager
    def one(
        self,
        identity: Identity,
        kind: Kind,
        before: Row | None,
        after: tuple[str, str] = ("", ""),
        *,
        batch: str,
        message_id: str = "",
        undoes: Change | None,
    ) -> Iterator[Entry]:
        """Written down before, and afterwards what came of it. Raises Gone for a row that Dify has not."""
        entry = Entry(
            self._journal.begin(
                identity, kind, before, after, batch=batch, message_id=message_id, undoes=undoes
            )
        )
        change = entry.change
        with self._lock:
            self._under_way.add(change.id)
        try:
            yield entry
            self._journal.done(change, entry.row_id)
        except DifyError as error:
            self._note_failure(change, error, known=error.undone)
            if error.gone and before:
                self._gone(before.id)
                raise Gone(before.id) from error
            raise
        finally:
            with self._lock:
                self._under_way.discard(change.id)

    def settle(self, rows: tuple[Row, ...]) -> None:
        """What became of changes that nobody saw the end of: the list tells."""
        try:
            open_ones = [change for change in self._journal.unsettled() if change.id not in self._under_way]
            for change in open_ones:
                made = self._made(change, rows)
                if made is None:
                    self._journal.failed(change, change.error or "It never reached the app.")
                else:
                    self._journal.done(change, made)
        except StoreError as trouble:
            log.warning("open changes of annotations cannot be settled: %s", trouble)

    def _note_failure(self, change: Change, error: DifyError, *, known: bool) -> None:
        if not known:
            self._unsure()
        try:
            self._journal.failed(change, str(error), known=known)
        except StoreError as trouble:
            log.warning("a failed change stays open in the journal: %s", trouble)

    def _made(self, change: Change, rows: tuple[Row, ...]) -> str | None:
        """The id of the row that shows this change to have arrived; None where it did not."""
        if change.kind == "delete":
            there = any(row.id == change.annotation_id for row in rows)
            return None if there else change.annotation_id
        same = [row for row in rows if row.texts == change.after]
        if change.kind == "change":
            return next((row.id for row in same if row.id == change.annotation_id), None)
        since = change.at - CLOCKS
        young = [row.id for row in same if row.created_at is None or row.created_at >= since]
        claimed = self._journal.claimed(young)
        return next((row_id for row_id in young if row_id not in claimed), None)
