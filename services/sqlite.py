"""The store's file.

A file that is not a sound database is never written to: it is checked by a reader that cannot write, before
anything that could opens it. Whoever mends or replaces it while the site runs need not restart the site.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.database import LOCK_WAIT, Database, StoreError, migrate
from services.in_turn import InTurn

MAGIC = b"SQLite format 3\0"
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
"""How statements begin before which Python's sqlite3 begins a transaction."""
PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_CONSTRAINT")
"""How the names of SQLite's errors begin after which the connection is as good as before."""


class File(Database):
    """One SQLite file, in WAL."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        waiting = {"timeout": LOCK_WAIT}
        # Else an error, and so perhaps a traceback, would quote what people wrote.
        super().__init__(sa.create_engine(f"sqlite:///{path}", connect_args=waiting, hide_parameters=True))
        self._path = path
        self._file: tuple[int, int] | None = None
        """Which file is open; another one of the same name is not it."""
        self._writing = InTurn()
        """Held from the first change of a transaction to its end: a file has one writer at a time."""
        self._writer: sa.Connection | None = None
        sa.event.listen(self._engine, "connect", _in_wal)
        sa.event.listen(self._engine, "before_cursor_execute", self._before)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """As of any Database; whoever writes in this process waits for a turn instead of a lock."""
        with self._in_turn(super().begin()) as connection:
            yield connection

    def forget(self) -> None:
        """Until now the journal holds it. Raises StoreError."""
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        except SQLAlchemyError as error:
            raise StoreError(self._reason(error)) from error

    def _is_open(self) -> bool:
        return self._file is not None and self._file == _identity(self._path)

    def _prepare(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check(self._path)
            # Older connections may be of a file that is gone, or that could not be written then.
            self._engine.dispose()
            with self._in_turn(self._engine.begin()) as connection:
                migrate(connection)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(self._reason(error)) from error
        except sqlite3.Error as error:
            raise StoreError(f"{type(error).__name__}: {error}") from error
        self._file = _identity(self._path)

    def _before(self, connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if self._writer is not connection and statement.lstrip()[:7].upper().startswith(CHANGES):
            if not self._writing.take(LOCK_WAIT):
                raise StoreError("others write")
            self._writer = connection

    @contextmanager
    def _in_turn(self, transaction: AbstractContextManager[sa.Connection]) -> Iterator[sa.Connection]:
        connection: sa.Connection | None = None
        try:
            with transaction as connection:
                yield connection
        finally:
            if connection is not None and self._writer is connection:
                self._writer = None
                self._writing.leave()

    def _failed(self, error: Exception) -> None:
        name = str(getattr(getattr(error, "orig", None), "sqlite_errorname", ""))
        if name and not name.startswith(PASSING):
            self._file = None


def _check(path: Path) -> None:
    """Raises sqlite3.DatabaseError for what is no sound database, and leaves every byte of it alone."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as file:
        # SQLite itself would not look where a journal of the file before it holds the same page.
        if file.read(len(MAGIC)) != MAGIC:
            raise sqlite3.DatabaseError("the file is not a database")
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=LOCK_WAIT)) as reader:
        ((said,),) = reader.execute("PRAGMA quick_check(1)").fetchall()
    if said != "ok":
        raise sqlite3.DatabaseError(said)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _in_wal(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is overwritten or deleted is gone from the file too: moderated answers, deleted conversations.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
