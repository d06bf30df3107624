"""What went into a step of a workflow run and what came out: kept apart from the Turn.

A node's data may be as long as a book, and there may be hundreds of nodes. So they travel in no frame and are
written once each, by the saver; of each text the first LONGEST characters, of each turn about MOST.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from services.database import Database, metadata

PARTS = ("inputs", "process_data", "outputs", "data")
"""Of a node the first three; of a line of an agent's log the last."""
LONGEST = 20_000
"""Characters of each part that are kept."""
MOST = 2_000_000
"""Characters of one turn."""

step_details = sa.Table(
    "step_details",
    metadata,
    sa.Column("turn_id", sa.String(64), primary_key=True),
    sa.Column("step_id", sa.String(255), primary_key=True),
    sa.Column("key", sa.ForeignKey("conversations.key"), nullable=False, index=True),
    sa.Column("parts", sa.JSON, nullable=False),
)

Parts = dict[str, dict[str, Any]]
"""By name: `text`, indented JSON that may be cut off, and `size`, the characters there were."""


class StepDetails:
    """Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._unwritten: dict[str, dict[str, Parts]] = {}
        """By turn id and step id."""
        self._taken: dict[str, int] = {}
        """Characters by turn, while it runs."""

    def take(self, turn_id: str, step_id: str, data: Mapping[str, Any]) -> None:
        """Keep what an event says of a step; waits for no disk."""
        parts = {name: _part(data[name]) for name in PARTS if data.get(name)}
        size = sum(len(part["text"]) for part in parts.values())
        with self._lock:
            taken = self._taken.get(turn_id, 0)
            if parts and taken + size <= MOST:
                self._taken[turn_id] = taken + size
                steps = self._unwritten.setdefault(turn_id, {})
                steps[step_id] = steps.get(step_id, {}) | parts

    def of(self, turn_id: str, step_id: str) -> Parts:
        """What is known of a step; empty for nothing. Raises StoreError."""
        with self._lock:
            fresh = self._unwritten.get(turn_id, {}).get(step_id, {})
        with self._database.begin() as connection:
            return _kept(connection, turn_id, [step_id]).get(step_id, {}) | fresh

    def write(self, key: str, turn_id: str) -> None:
        """Bring what is new into the database. Raises StoreError, and is then to be tried again."""
        with self._lock:
            fresh = dict(self._unwritten.get(turn_id, {}))
        if not fresh:
            return
        statement = self._database.insert(step_details)
        news = {"key": statement.excluded.key, "parts": statement.excluded.parts}
        upsert = statement.on_conflict_do_update(index_elements=["turn_id", "step_id"], set_=news)
        with self._database.begin() as connection:
            kept = _kept(connection, turn_id, fresh)
            rows = [
                {"turn_id": turn_id, "step_id": step, "key": key, "parts": kept.get(step, {}) | parts}
                for step, parts in fresh.items()
            ]
            connection.execute(upsert, rows)
        with self._lock:
            steps = self._unwritten.get(turn_id, {})
            for step_id, parts in fresh.items():
                if steps.get(step_id) is parts:
                    del steps[step_id]
            if not steps:
                self._unwritten.pop(turn_id, None)

    def ended(self, turn_id: str) -> None:
        """No event of this turn comes any more."""
        with self._lock:
            self._taken.pop(turn_id, None)

    def forget(self, turn_id: str) -> None:
        """Moderation took the answer back, and the steps that made it hold its words. Raises StoreError."""
        with self._lock:
            self._unwritten.pop(turn_id, None)
        with self._database.begin() as connection:
            gone = connection.execute(sa.delete(step_details).where(step_details.c.turn_id == turn_id))
        if gone.rowcount:
            self._database.forget()


def _kept(connection: sa.Connection, turn_id: str, step_ids: Iterable[str]) -> dict[str, Parts]:
    """By step id."""
    table = step_details.c
    which = (table.turn_id == turn_id) & table.step_id.in_(list(step_ids))
    return {row.step_id: row.parts for row in connection.execute(sa.select(step_details).where(which))}


def _part(value: Any) -> dict[str, Any]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return {"text": text[:LONGEST], "size": len(text)}
