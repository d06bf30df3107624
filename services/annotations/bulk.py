"""Many changes in one go, in a thread of the server: a page that is left or drawn anew does not break it off.

Each change is journalled under one batch, so what was done before a crash can be undone like all of it.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.annotations.book import Book, NotUndoable, Undone
from services.annotations.change import Change, Kind
from services.annotations.row import Conflict, Gone, Invalid, Row
from services.database import StoreError
from services.dify.errors import DifyError, Unauthorized
from services.identity import Identity, Role

log = logging.getLogger(__name__)
Step = Callable[[str], object]
"""One change, given the batch."""
HOPELESS = 3
"""Failures in a row, of the app's server and not of a row, after which the rest is not tried."""


@dataclass
class Bulk:
    """Read it at any time; it is over once `done` is set."""

    kind: str
    total: int
    batch: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: int = 0
    failed: list[tuple[Row, Exception]] = field(default_factory=list)
    restored: int = 0
    """Deleted rows that are there again."""
    left: int = 0
    """Not tried, because it was stopped or the server would take none."""
    stopped: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """0 to 1."""
        return (self.made + len(self.failed)) / self.total if self.total else 1.0


def delete_all(book: Book, identity: Identity, rows: Sequence[Row]) -> Bulk:
    """Rows that others changed since they were seen stay. Raises Denied."""

    def step(row: Row) -> Step:
        return lambda batch: book.delete(identity, row.id, seen=row, batch=batch)

    return _begun("delete", book, identity, [(row, step(row)) for row in rows])


def change_all(book: Book, identity: Identity, changes: Sequence[tuple[Row, str, str]]) -> Bulk:
    """Each a row as it was seen, and its new question and answer. Raises Denied."""

    def step(row: Row, question: str, answer: str) -> Step:
        return lambda batch: book.change(identity, row.id, question, answer, seen=row, batch=batch)

    return _begun("change", book, identity, [(row, step(row, q, a)) for row, q, a in changes])


def undo_all(book: Book, identity: Identity, changes: Sequence[Change]) -> Bulk:
    """Those of them that can be undone, in the order given. Raises Denied."""

    def step(change: Change) -> Step:
        return lambda own: book.undo(identity, change.id, batch=own)

    return _begun(
        "undo", book, identity, [(_row(change), step(change)) for change in changes if change.undoable]
    )


def made(kind: Kind, batch: str) -> Bulk:
    """A single change that is done already."""
    bulk = Bulk(kind, 1, batch, made=1)
    bulk.done.set()
    return bulk


def _row(change: Change) -> Row:
    return Row(change.annotation_id, *(change.after if change.kind == "add" else change.before))


def _begun(kind: str, book: Book, identity: Identity, steps: Sequence[tuple[Row, Step]]) -> Bulk:
    identity.require(Role.CURATOR)
    bulk = Bulk(kind, len(steps), left=len(steps))
    slug, count = book.app.slug, len(steps)
    book.audit.note(identity, "annotation.bulk", app=slug, about=bulk.batch, kind=kind, count=count)
    threading.Thread(target=_run, args=(bulk, steps), name="bulk", daemon=True).start()
    return bulk


def _run(bulk: Bulk, steps: Sequence[tuple[Row, Step]]) -> None:
    in_vain = 0
    try:
        for row, step in steps:
            if bulk.stopped.is_set() or in_vain == HOPELESS:
                return
            try:
                came = step(bulk.batch)
            except (Conflict, Gone, Invalid, NotUndoable) as error:
                bulk.failed.append((row, error))
            except (DifyError, StoreError, LookupError) as error:
                in_vain = HOPELESS if isinstance(error, Unauthorized) else in_vain + 1
                bulk.failed.append((row, error))
            else:
                in_vain = 0
                bulk.made += 1
                bulk.restored += isinstance(came, Undone) and came.restored
            bulk.left -= 1
    finally:
        bulk.done.set()
