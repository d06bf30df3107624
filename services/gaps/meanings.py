"""What questions mean, as vectors: made in the background, kept by a digest of the question.

Nobody waits for them: a look at the gaps takes those that there are, and the next one those made meanwhile.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import sqlalchemy as sa

from services.database import Database, StoreError, metadata
from services.gaps.engine import Engine, Unusable

log = logging.getLogger(__name__)
MOST = 3_000
"""Questions of one look that are compared by meaning, the most asked ones."""
KEPT = 20_000
"""Vectors in the database, the newest ones: 8 MB."""
KEPT_FOR = 90 * 86_400.0
"""Seconds after which a vector is made anew."""
TOGETHER = 8
"""Questions that the engine is asked at once."""
CHUNK = 500
"""Digests in one statement."""
MADE_BY: Final = "all-MiniLM-L6-v2 int8"
gap_vectors = sa.Table(
    "gap_vectors",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Index("gap_vectors_by_time", "at"),
)
Way = Literal["letters", "learning", "meaning"]
"""How questions are compared: by letters, soon also by meaning, or by both."""


class Meanings:
    """Safe to use from any thread."""

    def __init__(self, database: Database, engine: Callable[[], Engine] | None) -> None:
        """`engine` starts one; None where there is none."""
        self._database, self._engine = database, engine
        self._lock = threading.Lock()
        self._wanted: dict[str, None] = {}
        self._running: Engine | None = None
        self._working = self._ending = False

    @property
    def way(self) -> Way:
        """Of the latest look."""
        if self._engine is None:
            return "letters"
        return "learning" if self._working else "meaning"

    def of(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The vectors of those questions, most asked first, that there are; the others are made from now on.

        Raises StoreError.
        """
        if self._engine is None:
            return {}
        found = self._kept(keys[:MOST])
        self._make(key for key in keys[:MOST] if key not in found)
        return {key: vector for key, vector in found.items() if any(vector)}

    def let_go(self) -> None:
        """Nobody's question stays in memory."""
        with self._lock:
            self._wanted = {}

    def close(self) -> None:
        with self._lock:
            self._ending = True
            if self._running:
                self._running.close()

    def _kept(self, keys: Sequence[str]) -> dict[str, bytes]:
        digests, found = {digest(key): key for key in keys}, dict[str, bytes]()
        query = sa.select(gap_vectors.c.digest, gap_vectors.c.vector)
        with self._database.begin() as connection:
            for some in _chunks(list(digests)):
                for row in connection.execute(query.where(gap_vectors.c.digest.in_(some))):
                    found[digests[row.digest]] = row.vector
        return found

    def _make(self, keys: Iterable[str]) -> None:
        with self._lock:
            self._wanted = dict.fromkeys(keys)
            if self._wanted and not self._working and not self._ending:
                self._working = True
                threading.Thread(target=self._work, name="meanings", daemon=True).start()

    def _work(self) -> None:
        engine: Engine | None = None
        try:
            assert self._engine
            engine = self._engine()
            with self._lock:
                self._running = engine
            while some := self._next():
                self._write(dict(zip(some, engine.vectors(some), strict=True)))
            return
        except Unusable as error:
            if not self._ending:
                log.warning("questions are compared by letters alone: %s", error)
            self._engine = None
        except StoreError as error:
            log.info("what questions mean cannot be kept now: %s", error)
        finally:
            if engine:
                engine.close()
        with self._lock:
            self._running, self._working = None, False

    def _next(self) -> list[str]:
        """Those to be made now. Empty: the work is over, and whoever wants more begins anew."""
        with self._lock:
            some = [] if self._ending else list(self._wanted)[:TOGETHER]
            for key in some:
                del self._wanted[key]
            if not some:
                self._running, self._working = None, False
        return some

    def _write(self, made: Mapping[str, bytes]) -> None:
        now, table = time.time(), gap_vectors.c
        rows = [{"digest": digest(key), "vector": vector, "at": now} for key, vector in made.items()]
        statement = self._database.insert(gap_vectors).on_conflict_do_nothing()
        newest = sa.select(table.at).order_by(table.at.desc()).offset(KEPT - len(rows)).limit(1)
        with self._database.begin() as connection:
            last = connection.execute(newest).scalar() or 0.0
            connection.execute(sa.delete(gap_vectors).where(table.at <= max(last, now - KEPT_FOR)))
            connection.execute(statement, rows)


def forget(connection: sa.Connection, keys: Iterable[str]) -> None:
    """What is kept of these questions goes."""
    for some in _chunks([digest(key) for key in keys]):
        connection.execute(sa.delete(gap_vectors).where(gap_vectors.c.digest.in_(some)))


def digest(key: str) -> str:
    return hashlib.sha256(f"{MADE_BY}:{key}".encode(errors="replace")).hexdigest()


def _chunks(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    return (digests[at : at + CHUNK] for at in range(0, len(digests), CHUNK))
