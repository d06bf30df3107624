"""How long the site keeps what it stores: what is older goes, some rows at a time, several times a day.

Pinned is no exception; an answer that is still running is. What Dify keeps is Dify's: whoever opens an old
conversation reads it from there, and it stays here until the next sweep.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from services.database import StoreError
from services.deletions import deletions
from services.pending import PendingFiles
from services.privacy.holdings import Holding, whose
from services.queued import queued
from services.search import seen, unindex
from services.step_details import step_details
from services.store import OPEN_STATES, Store
from services.tables import conversations, turns
from services.word_index import INDEXES

log = logging.getLogger(__name__)
DAY = 24 * 3600.0
EVERY = DAY / 4
"""Seconds between two sweeps."""
LOOK_AGAIN = 60.0
"""Seconds until a database that failed is swept after all."""
BATCH = 500
"""Rows in one transaction: who chats does not wait for more."""
PAUSE = 0.02
"""Seconds between two transactions, for whoever waits to write."""


@dataclass(frozen=True, slots=True)
class Sweep:
    at: float
    """Unix seconds."""
    counts: Mapping[str, int]
    """Rows that went, by kind (services/privacy/holdings.py; `files` besides)."""


class Retention:
    def __init__(
        self,
        store: Store,
        pending: PendingFiles,
        days: int | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.days = days
        self.last: Sweep | None = None
        """Since the site was started."""
        self._store, self._pending, self._clock = store, pending, clock
        self._ending = threading.Event()

    def start(self) -> None:
        """Sweep now, and every few hours; nothing at all without a number of days."""
        if self.days:
            threading.Thread(target=self._live, name="retention", daemon=True).start()

    def stop(self) -> None:
        self._ending.set()

    def sweep(self) -> Sweep:
        """All that is too old goes. Raises StoreError, with what went so far gone."""
        assert self.days
        now, longest = self._clock(), self.days * DAY
        counts: dict[str, int] = {}
        for each in whose():
            if each.at:
                gone = self._let_go(each, now - longest)
                counts[each.kind] = counts.get(each.kind, 0) + gone
        counts["files"] = self._pending.let_go(longest)
        if counts.get("searched"):
            with self._store.database.begin() as connection:
                INDEXES[connection.dialect.name].forget(connection)
        if any(counts.values()):
            self._store.database.forget()
        self.last = Sweep(now, {kind: count for kind, count in counts.items() if count})
        return self.last

    def _let_go(self, holding: Holding, before: float) -> int:
        gone = 0
        while not self._ending.is_set():
            with self._store.database.begin() as connection:
                batch = _batch(connection, holding, before)
            gone += batch
            if batch < BATCH:
                break
            self._ending.wait(PAUSE)
        return gone

    def _live(self) -> None:
        wait = 0.0
        while not self._ending.wait(wait):
            wait = EVERY
            try:
                counts = self.sweep().counts
                if counts:
                    log.info("older than %s days and gone: %s", self.days, dict(counts))
            except StoreError as error:
                log.warning("what is too old could not be let go: %s", error)
                wait = LOOK_AGAIN
            except Exception:  # nothing would ever be let go any more if this thread ended
                log.exception("retention failed")


def _batch(connection: sa.Connection, holding: Holding, before: float) -> int:
    """Some of the rows that are too old, and what hangs on them; how many those were."""
    table = holding.table
    key = list(table.primary_key.columns)
    ages = ((table.c[at] < before) | table.c[at].is_(None) for at in holding.at)
    old = sa.select(*key).where(sa.and_(*ages) & _free(table)).limit(BATCH)
    rows = [tuple(row) for row in connection.execute(old)]
    if not rows:
        return 0
    these = sa.tuple_(*key).in_(rows)
    if table is seen:
        for row in connection.execute(sa.select(seen).where(these)).mappings():
            unindex(connection, row)
    for each in whose():
        name, columns = each.under
        if name == table.name:
            hanging = sa.tuple_(*(each.table.c[column] for column in columns))
            connection.execute(sa.delete(each.table).where(hanging.in_(rows)))
    connection.execute(sa.delete(table).where(these))
    return len(rows)


def _free(table: sa.Table) -> sa.ColumnElement[bool]:
    """What age alone does not let go."""
    if table is turns:
        return turns.c.state.not_in(OPEN_STATES)
    if table is deletions:
        return deletions.c.refusal.is_not(None)  # what still waits is to be done, however late
    if table is conversations:
        held = (turns, step_details, queued)
        said = (sa.exists().where(other.c.key == conversations.c.key) for other in held)
        return ~sa.or_(*said)
    return sa.true()
