"""The annotations of one app, as curators keep them: rows, their changes, and the way back from each change.

An undo is a change too: it is in the journal, and can itself be undone.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.annotations.change import Change, NoSuchChange
from services.annotations.keeping import Keeping
from services.annotations.row import Conflict, Gone, Invalid, Row
from services.identity import Identity, Role

__all__ = ["Book", "Conflict", "Gone", "Invalid", "NoSuchChange", "NotUndoable", "Row", "Undone"]


class NotUndoable(Exception):
    """It was never made, or has been undone already."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of undoing one change. `row` is None where one was taken away."""

    change: Change
    row: Row | None = None
    restored: bool = False
    """A deleted row is there again: Dify gave it a new id, and its hits start at 0."""


class Book(Keeping):
    """One per app and process; safe to use from any thread. Every method needs the role curator."""

    def undo(self, identity: Identity, change_id: str, *, batch: str = "") -> Undone:
        """Raises NotUndoable, NoSuchChange, Conflict where the row was changed since, Gone, DifyError."""
        identity.require(Role.CURATOR)
        change = self._journal.one(change_id)
        if not change.undoable:
            raise NotUndoable(change_id)
        row_id = self._journal.present_id(change)
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

    def history(self, identity: Identity, row_id: str) -> tuple[Change, ...]:
        """All that happened to this annotation on this site, under every id it has had; newest first."""
        identity.require(Role.CURATOR)
        return self._journal.of_row(row_id)

    def changes(
        self, identity: Identity, limit: int = 100, before: float | None = None
    ) -> tuple[Change, ...]:
        """Of all annotations, newest first; `before` (Unix seconds) begins further back."""
        identity.require(Role.CURATOR)
        return self._journal.newest(limit, before)

    def batch(self, identity: Identity, batch: str) -> tuple[Change, ...]:
        """All changes of one go, newest first."""
        identity.require(Role.CURATOR)
        return self._journal.of_batch(batch)

    def last_change(self, identity: Identity) -> Change | None:
        """The newest one of this person that is in force and was no undo."""
        identity.require(Role.CURATOR)
        return self._journal.last_of(identity.user)

    def made_from(self, identity: Identity, message_id: str) -> tuple[Change, ...]:
        """What was added from this answer; newest first."""
        identity.require(Role.CURATOR)
        return self._journal.made_from(message_id)
