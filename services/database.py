"""The database behind the store: opened when it is first needed, and opened anew after a failure.

It is a SQLite file (services/sqlite.py) or a PostgreSQL database (services/postgres.py); the services know
only what stands here.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

LOCK_WAIT = 1.0
"""Seconds to wait for another process's lock: a question must not hang on it."""
PAUSE = 0.4
"""Seconds after an attempt to open it for which further ones fail at once: pages must not wait in turn."""

metadata = sa.MetaData()
"""Every table of the database registers here; services/migrations makes them."""


class StoreError(Exception):
    """The database cannot be read or written now."""


class Database(ABC):
    """Safe to use from any thread."""

    dialect: Literal["sqlite", "postgresql"]
    open_wait = -1.0
    """Seconds to wait while another thread opens it; -1 until that is done."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._opening = threading.Lock()
        self._failed_at = -PAUSE

    def open(self) -> None:
        """Make what is not there, and bring the tables up to date. Raises StoreError."""
        if self._is_open():
            return
        if not self._opening.acquire(timeout=self.open_wait):
            raise StoreError("it is being opened")
        try:
            if self._is_open():
                return
            if time.monotonic() - self._failed_at < PAUSE:
                raise StoreError("it could not be opened just now")
            try:
                self._prepare()
            except StoreError:
                self._failed_at = time.monotonic()
                raise
        finally:
            self._opening.release()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction. Raises StoreError."""
        self.open()
        try:
            with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, UnicodeError, OverflowError) as error:  # the last two are SQLite's own
            self._failed(error)
            raise StoreError(self._reason(error)) from error

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """One that may say what becomes of a row which is there already."""
        return postgresql.insert(table) if self.dialect == "postgresql" else sqlite.insert(table)

    def forget(self) -> None:  # noqa: B027 - only a file has a trace that can be taken away
        """Leave no trace of what was overwritten, as far as that can be done. Raises StoreError."""

    def claim(self) -> bool:
        """Whether no other process is the site of this database; from now on this one is, until it ends.
        To be asked again and again. Raises StoreError.
        """
        return True  # a file is in the data folder, which is one process's

    def close(self) -> None:
        self._engine.dispose()

    @abstractmethod
    def _is_open(self) -> bool: ...

    @abstractmethod
    def _prepare(self) -> None:
        """Make it open. Raises StoreError."""

    @abstractmethod
    def _failed(self, error: Exception) -> None:
        """A transaction has failed: is it still open?"""

    @staticmethod
    def _reason(error: Exception) -> str:
        """For the log: never SQLAlchemy's own words, which quote what was to be written."""
        said = getattr(error, "orig", None) or (error if isinstance(error, OSError) else None)
        return f"{type(error).__name__}: {said}" if said else type(error).__name__


class Memory(Database):
    """For tests: gone with the process."""

    dialect = "sqlite"

    def __init__(self) -> None:
        shared = {"check_same_thread": False}
        super().__init__(
            sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args=shared, hide_parameters=True)
        )
        # All threads share its one connection, and so would share their transactions.
        self._turn = threading.Lock()
        metadata.create_all(self._engine)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        with self._turn, super().begin() as connection:
            yield connection

    def close(self) -> None:
        with self._turn:  # to close the one connection under a thread that uses it ends the process
            super().close()

    def _is_open(self) -> bool:
        return True

    def _prepare(self) -> None:
        """It always is."""

    def _failed(self, error: Exception) -> None:
        """It stays."""


def migrate(connection: sa.Connection) -> None:
    """Bring the tables up to date. Raises StoreError where they are of a later version of this site."""
    # Imported here: Alembic costs a sixth of the start and is needed once.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(str(error)) from error
