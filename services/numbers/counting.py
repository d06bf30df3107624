"""Counting: in the transaction that keeps a final turn; and once, in the background, what was there before.

A turn has one row, by its id. So nothing is counted twice, whenever the process dies, and a turn of which
more becomes known later (usage after a stop) is counted as it then is.
"""

from __future__ import annotations

import logging
import threading
import time

import sqlalchemy as sa

from services import saved
from services.database import StoreError
from services.numbers.measure import measured, measures, owned
from services.outcome import FINAL
from services.store import Store, conversations, turns
from services.turn import Turn

log = logging.getLogger(__name__)
BATCH = 200
BREATH = 0.05
"""Seconds between two batches, for those who chat meanwhile."""
LOOK_AGAIN = 2.0
"""Seconds until a store that could not be read is asked again."""


class Counting:
    def __init__(self, store: Store) -> None:
        self._store = store
        store.on_final.append(self._count)

    def catch_up(self, after: str = "") -> str:
        """Count a batch of final turns that are not counted, by id from `after` on.

        Returns the last id of it, "" where there was none. Raises StoreError.
        """
        missing = (
            sa.select(turns, conversations.c.app, conversations.c.user)
            .join(conversations, conversations.c.key == turns.c.key)
            .outerjoin(measures, measures.c.turn_id == turns.c.id)
            .where(turns.c.state.in_(FINAL) & measures.c.turn_id.is_(None) & (turns.c.id > after))
            .order_by(turns.c.id)
            .limit(BATCH)
        )
        with self._store.database.begin() as connection:
            found = connection.execute(missing).mappings().all()
            rows = [
                owned(measured(saved.from_row(row), row["updated_at"]), row["key"], row["app"], row["user"])
                for row in found
            ]
            if rows:
                statement = self._store.database.insert(measures)
                connection.execute(statement.on_conflict_do_nothing(), rows)
        return rows[-1]["turn_id"] if rows else ""

    def run(self, ending: threading.Event) -> None:
        """All of it, as soon as the database can be read; for a thread."""
        after = ""
        while not ending.is_set():
            try:
                after = self.catch_up(after)
            except StoreError as error:
                log.info("earlier questions are not counted yet: %s", error)
                ending.wait(LOOK_AGAIN)
                continue
            if not after:
                return
            ending.wait(BREATH)

    def _count(self, connection: sa.Connection, key: str, turn: Turn) -> None:
        whose = sa.select(conversations.c.app, conversations.c.user).where(conversations.c.key == key)
        owner = connection.execute(whose).first()
        if owner is None:
            return  # its conversation is deleted just now
        row = owned(measured(turn, time.time()), key, owner.app, owner.user)
        statement = self._store.database.insert(measures).values(row)
        connection.execute(statement.on_conflict_do_update(index_elements=["turn_id"], set_=row))
