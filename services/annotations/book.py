"""The annotations of one app, as curators keep them: rows, their changes, and the way back from each change.

An undo is a change too: it is in the journal, and can itself be undone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from services.annotations.journal import Change, NoSuchChange
from services.annotations.keeping import Keeping
from services.annotations.row import Conflict, Gone, Invalid, Row
from services.dify.errors import DifyError
from services.identity import Identity, Role

__all__ = ["Book", "Conflict", "Gone", "Invalid", "NoSuchChange", "NotUndoable", "Row", "Undone"]
Progress = Callable[[int, int], None]


class NotUndoable(Exception):
    """It was never made, or has been undone already."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of undoing one change. `row` is None where a row was taken away, or where it failed."""

    change: Change
    row: Row | None = None
    restored: bool = False
    """A deleted row is there again: Dify gave it a new id, and its hits start at 0."""
    error: Exception | None = None
    """Conflict, Gone, NotUndoable or DifyError."""


class Book(Keeping):
    """One per app and process; safe to use from any thread. Every method needs the role curator."""

    def undo(self, identity: Identity, change_id: str, *, batch: str = "") -> Undone:
        """Raises NotUndoable, NoSuchChange, Conflict where the row was changed since, Gone, DifyError."""
        identity.require(Role.CURATOR)
        change = self.journal.one(change_id)
        if not change.undoable:
            raise NotUndoable(change_id)
        row_id = self.journal.present_id(change)
        if change.kind == "add":
            self.delete(identity, row_id, seen=Row(row_id, *change.after), batch=batch, undoes=change)
            return Undone(change)
        question, answer = change.before
        if change.kind == "delete":
            row = self.add(identity, question, answer, batch=batch, undoes=change)
            return Undone(change, row, restored=True)
        seen = Row(row_id, *change.after)
        row = self.change(identity, row_id, question, answer, seen=seen, batch=batch, undoes=change)
        return Undone(change, row)

    def undo_batch(
        self, identity: Identity, batch: str, progress: Progress | None = None
    ) -> tuple[Undone, ...]:
        """Everything of a batch that is still to be undone, newest first; `progress(done, of)` after each.

        What cannot be undone is told of and does not hold up the rest. All are one batch of their own.
        """
        identity.require(Role.CURATOR)
        changes = [change for change in self.journal.of_batch(batch) if change.undoable]
        own = uuid.uuid4().hex
        results: list[Undone] = []
        for number, change in enumerate(changes, 1):
            try:
                results.append(self.undo(identity, change.id, batch=own))
            except (Conflict, Gone, NotUndoable, DifyError) as error:
                results.append(Undone(change, error=error))
            if progress:
                progress(number, len(changes))
        return tuple(results)

    def history(self, identity: Identity, row_id: str) -> tuple[Change, ...]:
        """All that happened to this annotation on this site, under every id it has had; newest first."""
        identity.require(Role.CURATOR)
        return self.journal.of_row(row_id)

    def changes(
        self, identity: Identity, limit: int = 100, before: float | None = None
    ) -> tuple[Change, ...]:
        """Of all annotations, newest first; `before` (Unix seconds) begins further back."""
        identity.require(Role.CURATOR)
        return self.journal.newest(limit, before)

    def batch(self, identity: Identity, batch: str) -> tuple[Change, ...]:
        """All changes of one go, newest first."""
        identity.require(Role.CURATOR)
        return self.journal.of_batch(batch)

    def last_change(self, identity: Identity) -> Change | None:
        """The newest one of this person that is in force and was no undo."""
        identity.require(Role.CURATOR)
        return self.journal.last_of(identity.user)

    def made_from(self, identity: Identity, message_id: str) -> tuple[Change, ...]:
        """What was added from this answer; newest first."""
        identity.require(Role.CURATOR)
        return self.journal.made_from(message_id)
