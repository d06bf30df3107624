"""What stands beside every page: a person's newest conversations, the pinned ones, and what waits to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.apps import App
from services.deletions import Deletions
from services.directory import Directory
from services.history import History
from services.identity import Identity, Role
from services.marks import Marks
from services.naming import Naming
from services.store import StoreError
from services.titles import Titles

SHOWN = 30
"""Of the newest; pinned ones are shown besides, however old."""
LONGEST_NAME = 120
"""Characters that a row may need; more would only travel."""


@dataclass(frozen=True, slots=True)
class Newest:
    directory: Directory
    titles: Titles
    history: History
    naming: Naming
    marks: Marks
    deletions: Deletions

    def rows(self, identity: Identity, app: App) -> list[dict[str, Any]] | None:
        """Each with its id, name, and when it was last used (unix seconds); `pinned` and `running` where that
        is so. None where Dify's list cannot be read. Blocks on Dify. Raises Denied.
        """
        identity.require(Role.VIEWER)
        user = identity.user
        newest = self.titles.of(app, user, SHOWN)
        if newest is None:
            return None
        try:
            marks = self.marks.of(app.slug, user)
            pinned = {each: mark.pinned_at for each, mark in marks.items() if mark.pinned_at}
            waiting = self.deletions.of(app, user)
            trying = {one.conversation_id for one in waiting if one.tries and not one.refusal}
        except StoreError:
            pinned, trying = {}, set()
        listed = {row.id for row in newest}
        older = self.history.rows(app, user, [each for each in pinned if each not in listed])
        running = self.directory.running(app, user)
        return [
            {
                "id": row.id,
                "name": row.name[:LONGEST_NAME],
                "at": row.updated_at or row.created_at,
                **({"pinned": True} if row.id in pinned else {}),
                **({"running": True} if row.id in running else {}),
            }
            for row in self.naming.shown(app, user, (*newest, *older))
            if row.created_at and row.id not in trying
        ]

    def waiting(self, identity: Identity, app: App) -> dict[str, Any] | None:
        """What waits to be deleted; None where the database cannot be read."""
        try:
            return self.deletions.waiting(app, identity.user)
        except StoreError:
            return None
