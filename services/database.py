"""The file behind the store: opened when it is first needed, and opened anew after a failure.

A file that is not a sound database is never written to: it is checked by a reader that cannot write, before
anything that could opens it. Whoever mends or replaces it while the site runs need not restart the site.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

LOCK_WAIT = 1.0
"""Seconds to wait for another process's lock: a question must not hang on it."""
MAGIC = b"SQLite format 3\0"
PAUSE = 0.4
"""Seconds after an attempt to open it for which further ones fail at once: pages must not wait in turn."""
PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_CONSTRAINT")
"""How the names of SQLite's errors begin after which the connection is as good as before."""


metadata = sa.MetaData()
"""Every table of the database registers here; services/migrations makes them."""


class StoreError(Exception):
    """The database cannot be read or written now."""


class Database:
    """One SQLite file; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._file: tuple[int, int] | None = None
        """Which file is open; another one of the same name is not it."""
        self._failed_at = -PAUSE
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": LOCK_WAIT})
        sa.event.listen(self._engine, "connect", _in_wal)

    def open(self) -> None:
        """Make the file if there is none, and bring its tables up to date. Raises StoreError."""
        if self._is_open():
            return
        with self._opening:
            if self._is_open():
                return
            if time.monotonic() - self._failed_at < PAUSE:
                raise StoreError("it could not be opened just now")
            try:
                self._prepare()
            except StoreError:
                self._failed_at = time.monotonic()
                raise
            self._file = _identity(self._path)

    def _prepare(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _check(self._path)
            # Older connections may be of a file that is gone, or that could not be written then.
            self._engine.dispose()
            with self._engine.begin() as connection:
                _migrate(connection)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise StoreError(_reason(error)) from error

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction. Raises StoreError."""
        self.open()
        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, UnicodeError) as error:
            name = str(getattr(getattr(error, "orig", None), "sqlite_errorname", ""))
            if name and not name.startswith(PASSING):
                self._file = None
            raise StoreError(_reason(error)) from error

    def forget(self) -> None:
        """Leave no trace of what was overwritten: until now the journal holds it. Raises StoreError."""
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        except SQLAlchemyError as error:
            raise StoreError(_reason(error)) from error

    def close(self) -> None:
        self._engine.dispose()

    def _is_open(self) -> bool:
        return self._file is not None and self._file == _identity(self._path)


class Memory:
    """For tests: gone with the process."""

    def __init__(self) -> None:
        self._engine = sa.create_engine(
            "sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False}
        )
        # All threads share its one connection, and so would share their transactions.
        self._turn = threading.Lock()
        metadata.create_all(self._engine)

    def open(self) -> None:
        """It always is."""

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        try:
            with self._turn, self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, UnicodeError) as error:
            raise StoreError(_reason(error)) from error

    def forget(self) -> None:
        """It has no file."""

    def close(self) -> None:
        with self._turn:  # to close the one connection under a thread that uses it ends the process
            self._engine.dispose()


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


def _reason(error: Exception) -> str:
    """For the log: never SQLAlchemy's own words, which quote what was to be written."""
    said = getattr(error, "orig", None) or (error if isinstance(error, sqlite3.Error | OSError) else None)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _migrate(connection: sa.Connection) -> None:
    # Imported here: Alembic costs a sixth of the start and is needed once.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:  # the file is of a later version of this site
        raise StoreError(str(error)) from error
