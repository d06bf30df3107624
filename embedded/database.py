"""Database: the SQLite file, its schema, and one connection behind a lock.

Statements take well under a millisecond and endpoints call from threads, so one connection is enough. WAL
with synchronous=NORMAL keeps every committed write through a kill of the process.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded.migrations import MIGRATIONS


class Database:
    """The file, brought to the newest version when opened."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=5)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self._db.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row, None if there is none."""
        with self._lock:
            row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return row

    def all(self, sql: str, values: Mapping[str, object]) -> list[sqlite3.Row]:
        """Every row."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Several statements that happen together or not at all."""
        with self._lock, self._db:
            yield self._db

    def write(self, sql: str, *values: object) -> None:
        """One statement, committed."""
        with self.change() as db:
            db.execute(sql, values)
