"""What waits to be asked, in the database: it is there again after a restart."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from services.database import metadata
from services.dify.parts import File
from services.draft import Draft, Waiting
from services.store import Owned, Store, StoreError

log = logging.getLogger(__name__)

queued = sa.Table(
    "queued",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, index=True),
    sa.Column("draft", sa.JSON, nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
)


class Queued:
    """The rows of the questions that wait; what cannot be written waits in memory alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, owned: Owned, waiting: Sequence[Waiting]) -> None:
        """In their order, behind what waits already."""
        now = time.time()
        rows = [
            {
                "id": each.id,
                "key": owned.key,
                "draft": asdict(each.draft),
                "asked_at": now + place / 1000,  # the order of left()
            }
            for place, each in enumerate(waiting)
        ]
        try:
            self._store.add(owned)  # or left() would not know whose they are
        except StoreError as error:
            log.warning("a waiting question is in memory alone: %s", error)
            return
        self._write(sa.insert(queued).values(rows))

    def drop(self, waiting_id: str) -> None:
        self._write(sa.delete(queued).where(queued.c.id == waiting_id))

    def left(self) -> list[tuple[Owned, Waiting]]:
        """What waited when the process before this one ended, in the order of asking. Raises StoreError."""
        found = []
        with self._store.database.begin() as connection:
            rows = connection.execute(sa.select(queued).order_by(queued.c.asked_at)).mappings().all()
        for row in rows:
            owner = self._store.owner(row["key"])
            if self._store.turn(row["id"]):  # it was sent, and the process died before it forgot that
                self.drop(row["id"])
            elif owner:
                found.append((owner, Waiting(row["id"], _draft(row["draft"]))))
        return found

    def _write(self, statement: sa.Executable) -> None:
        try:
            with self._store.database.begin() as connection:
                connection.execute(statement)
        except StoreError as error:
            log.warning("a waiting question is in memory alone: %s", error)


def _draft(kept: dict[str, Any]) -> Draft:
    names = {field.name for field in fields(File)}
    files = (File(**{k: v for k, v in row.items() if k in names}) for row in kept.get("files", ()))
    known = {name: kept[name] for name in ("attempt_of", "whole", "auto_name") if name in kept}
    return Draft(kept["query"], kept.get("inputs") or {}, tuple(files), **known)
