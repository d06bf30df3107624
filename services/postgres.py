"""A PostgreSQL database in the place of the file, where DATABASE_URL names one.

Nothing that asks it waits for long: neither for a server that is away, nor for one that has taken the
question and never answers (stopped, or beyond a dead network), nor for another's lock. Whoever starts it
again need not restart the site.
"""

from __future__ import annotations

import select
import threading
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import Buffer, PQGen
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumper, StrDumperUnknown, StrDumperVarchar, TextLoader
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError

from services.database import LOCK_WAIT, Database, StoreError, migrate

T = TypeVar("T")
CONNECT_WAIT = 2
"""Seconds until a server that does not answer counts as away; psycopg knows no shorter time."""
ANSWER_WAIT = 1.5
"""Seconds for one statement."""
MIGRATION_WAIT = 600.0
CONNECTIONS, MORE = 5, 15
"""Kept open, and added while many pages ask at once."""
NUL = "\ufdd0"
"""Stands for a zero in a text, which PostgreSQL takes none of; Unicode keeps this sign for such uses."""
MIGRATING = 4_736_251
"""Of the lock that lets one process at a time bring the tables up to date."""
SITE = 4_736_252
"""Of the lock that the process holds which is the site."""
ANSWERED = ("22", "23", "40", "55", "57014")
"""How the codes of PostgreSQL's errors begin after which the connection is as good as before."""


class Postgres(Database):
    """One database on a server."""

    dialect = "postgresql"
    open_wait = LOCK_WAIT

    def __init__(self, url: sa.URL) -> None:
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=CONNECTIONS,
            max_overflow=MORE,
            pool_timeout=LOCK_WAIT,
            hide_parameters=True,
        )
        super().__init__(engine)
        self._opened = self._closed = False
        self._claiming = threading.Lock()
        self._claimed: sa.Connection | None = None
        """Holds the lock of SITE, for as long as it stands."""
        sa.event.listen(engine, "do_connect", _connect)
        sa.event.listen(engine, "checkout", _look)

    def claim(self) -> bool:
        mine = sa.select(sa.func.pg_try_advisory_lock(SITE, sa.func.hashtext(sa.func.current_schema())))
        with self._claiming:
            claimed = False
            try:
                self._claimed = self._claimed or self._apart()
                claimed = bool(self._claimed.execute(mine).scalar())
            except SQLAlchemyError as error:
                raise StoreError(self._reason(error)) from error
            finally:
                if not claimed:
                    self._let_go()
        return claimed

    def close(self) -> None:
        """For good."""
        self._closed, self._opened = True, False
        with self._claiming:
            self._let_go()
        super().close()

    def _apart(self) -> sa.Connection:
        """A connection outside of the pool. Of a machine that is gone the server learns within a minute."""
        if self._closed:
            raise StoreError("it was closed")
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        for name, seconds in (("idle", 30), ("interval", 10), ("count", 3)):
            connection.exec_driver_sql(f"SET tcp_keepalives_{name} = {seconds}")
        return connection

    def _let_go(self) -> None:
        if self._claimed is not None:
            with suppress(SQLAlchemyError):
                self._claimed.close()
            self._claimed = None

    def _is_open(self) -> bool:
        return self._opened

    def _prepare(self) -> None:
        if self._closed:
            raise StoreError("it was closed")
        try:
            self._engine.dispose()
            with self._engine.begin() as connection:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
                connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
                raw: Any = connection.connection.dbapi_connection
                raw.wait_for = MIGRATION_WAIT
                try:
                    migrate(connection)
                finally:
                    raw.wait_for = ANSWER_WAIT
        except SQLAlchemyError as error:
            raise StoreError(self._reason(error)) from error
        self._opened = True

    def _failed(self, error: Exception) -> None:
        said = getattr(error, "orig", None)
        if isinstance(said, psycopg.Error) and not (said.sqlstate or "").startswith(ANSWERED):
            self._opened = False

    @staticmethod
    def _reason(error: Exception) -> str:
        """Never the details, which quote what was to be written."""
        said = getattr(error, "orig", None)
        if not isinstance(said, psycopg.Error):
            return type(error).__name__
        return f"{type(said).__name__}: {said.diag.message_primary or str(said).partition(chr(10))[0]}"


class _Connection(psycopg.Connection[Any]):
    """One that does not wait for ever for a server that says nothing."""

    wait_for = ANSWER_WAIT

    def __del__(self, *_: Any) -> None:
        """A thread had it while the others of its pool were closed."""
        if pgconn := getattr(self, "pgconn", None):
            pgconn.finish()

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, timeout or self.wait_for)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # its answer may still come, to a question that nobody asks any more
            raise


class _Text(TextLoader):
    def load(self, data: Buffer) -> str:
        return str(data, "utf-8").replace(NUL, "\0")


def _connect(_dialect: Any, _record: Any, arguments: Any, options: dict[str, Any]) -> _Connection:
    known: dict[str, Any] = {
        "connect_timeout": CONNECT_WAIT,
        "client_encoding": "utf8",
        "application_name": "dify-console",
    }
    connection = _Connection.connect(*arguments, **known | options)
    try:
        _prepared(connection)
    except psycopg.Error:
        connection.close()
        raise
    return connection


def _prepared(connection: _Connection) -> None:
    for dumper in (StrDumperVarchar, StrDumper, StrDumperUnknown):  # the last one is the usual one
        connection.adapters.register_dumper(str, _zeros_kept(dumper))
    for name in ("text", "varchar"):
        connection.adapters.register_loader(name, _Text)
    wait = f"{ANSWER_WAIT * 1000:.0f}", f"{LOCK_WAIT * 1000:.0f}"
    connection.execute(f"SET statement_timeout = {wait[0]}; SET lock_timeout = {wait[1]}")
    connection.commit()


def _zeros_kept(dumper: Any) -> Any:
    def dump(self: Any, text: str) -> Buffer | None:
        dumped: Buffer | None = dumper.dump(self, text.replace("\0", NUL))
        return dumped

    return type(dumper.__name__, (dumper,), {"dump": dump})


def _look(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection that has something to say though nobody asked was closed by the server."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise InvalidatePoolError("the server has closed it")
