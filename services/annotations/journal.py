"""The journal of annotations: every change as it was meant, before it is made, and what came of it.

Nothing is ever taken out of it. It is what makes every change one that can be undone, also after a restart.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from services.annotations.change import Change, Kind, NoSuchChange, annotation_changes
from services.annotations.row import Row
from services.database import Database
from services.identity import Identity

MOST_HITS = 2**31
"""From where on a database counts no further."""


class Journal:
    """Of one app, by its slug. Every method raises StoreError where the database fails."""

    def __init__(self, app: str, database: Database) -> None:
        self._app, self._database = app, database

    def begin(
        self,
        identity: Identity,
        kind: Kind,
        before: Row | None,
        after: tuple[str, str] = ("", ""),
        *,
        batch: str = "",
        message_id: str = "",
        undoes: Change | None = None,
    ) -> Change:
        """Written before the change is made; `before` is None for an addition."""
        row = before or Row("")
        change = Change(
            id=uuid.uuid4().hex,
            app=self._app,
            batch=batch,
            user=identity.user,
            at=time.time(),
            kind=kind,
            annotation_id=row.id,
            origin=undoes.origin if undoes else self.origin(row.id) if row.id else "",
            before_question=row.question,
            before_answer=row.answer,
            before_hits=row.hit_count if abs(row.hit_count or 0) < MOST_HITS else None,
            after_question=after[0],
            after_answer=after[1],
            state="begun",
            error="",
            message_id=message_id,
            undoes=undoes.id if undoes else "",
            undone_by="",
        )
        with self._database.begin() as connection:
            values = {name: getattr(change, name) for name in Change.__slots__}
            connection.execute(sa.insert(annotation_changes).values(values))
        return change

    def done(self, change: Change, annotation_id: str) -> None:
        """It was made; `annotation_id` is the row's, which an addition learns only now."""
        table = annotation_changes.c
        made = {
            "state": "done",
            "error": "",
            "annotation_id": annotation_id,
            "origin": change.origin or annotation_id,
        }
        with self._database.begin() as connection:
            connection.execute(sa.update(annotation_changes).where(table.id == change.id).values(made))
            if change.undoes:
                mark = sa.update(annotation_changes).where(table.id == change.undoes)
                connection.execute(mark.values(undone_by=change.id))
                # What the undone change had undone itself is in force again.
                again = sa.update(annotation_changes).where(table.undone_by == change.undoes)
                connection.execute(again.values(undone_by=""))

    def failed(self, change: Change, error: str, *, known: bool = True) -> None:
        """It was refused; not `known`: whether it arrived is open."""
        values = {"error": error[:500], **({"state": "failed"} if known else {})}
        with self._database.begin() as connection:
            update = sa.update(annotation_changes).where(annotation_changes.c.id == change.id)
            connection.execute(update.values(values))

    def one(self, change_id: str) -> Change:
        """Raises NoSuchChange."""
        found = self._select(annotation_changes.c.id == change_id, 1)
        if not found:
            raise NoSuchChange(change_id)
        return found[0]

    def of_batch(self, batch: str) -> tuple[Change, ...]:
        """Newest first."""
        return self._select(annotation_changes.c.batch == batch)

    def of_row(self, row_id: str) -> tuple[Change, ...]:
        """All that happened to this annotation, under every id it has had; newest first."""
        return self._select(annotation_changes.c.origin == self.origin(row_id))

    def newest(self, limit: int, before: float | None = None) -> tuple[Change, ...]:
        """Newest first; `before` (Unix seconds) begins further back."""
        older = annotation_changes.c.at < before if before is not None else sa.true()
        return self._select(older, limit)

    def last_of(self, user: str) -> Change | None:
        """The newest change of this person that is in force and was no undo."""
        table = annotation_changes.c
        mine = (table.user == user) & (table.state == "done") & (table.undone_by == "") & (table.undoes == "")
        return next(iter(self._select(mine, 1)), None)

    def made_from(self, message_id: str) -> tuple[Change, ...]:
        """Annotations that were made of this answer; newest first."""
        return self._select(annotation_changes.c.message_id == message_id)

    def unsettled(self) -> tuple[Change, ...]:
        return self._select(annotation_changes.c.state == "begun")

    def origin(self, row_id: str) -> str:
        """The first id of the annotation that now has this one."""
        table = annotation_changes.c
        query = sa.select(table.origin).where(
            (table.app == self._app) & (table.annotation_id == row_id) & (table.origin != "")
        )
        with self._database.begin() as connection:
            return connection.execute(query.limit(1)).scalar() or row_id

    def present_id(self, change: Change) -> str:
        """The id that this change's annotation was last known by."""
        table = annotation_changes.c
        same = (table.app == self._app) & (table.origin == change.origin) & (table.annotation_id != "")
        query = sa.select(table.annotation_id).where(same & (table.state == "done"))
        with self._database.begin() as connection:
            newest = connection.execute(query.order_by(table.at.desc()).limit(1)).scalar()
        return newest or change.annotation_id

    def claimed(self, row_ids: Sequence[str]) -> set[str]:
        """Those of them that a change is known to have made or touched."""
        table = annotation_changes.c
        query = sa.select(table.annotation_id).where((table.app == self._app) & (table.state == "done"))
        with self._database.begin() as connection:
            return set(connection.execute(query.where(table.annotation_id.in_(row_ids))).scalars())

    def _select(self, which: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Change, ...]:
        query = sa.select(annotation_changes).where(annotation_changes.c.app == self._app).where(which)
        query = query.order_by(annotation_changes.c.at.desc()).limit(limit)
        with self._database.begin() as connection:
            return tuple(Change(**row) for row in connection.execute(query).mappings())
