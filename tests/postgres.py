"""A real PostgreSQL server, in a folder of its own on a free port, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg
import sqlalchemy as sa

from services.database import metadata
from services.store import Store, StoreError
from tests.site import until

QUICK = ("fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=16MB")
"""No disk is waited for; a crash of the server, not of the machine, still loses nothing."""
NAMES = ("postgres", "nobody")
"""Users that the server may be, where the tests are run by root, which it refuses to be."""


def programs() -> Path | None:
    """The folder of initdb and postgres."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


class Server:
    """With a password, as servers have; tests of what a log tells look for it."""

    def __init__(self, bin_: Path, folder: Path) -> None:
        self._bin, self._data = bin_, folder / "data"
        self.password = secrets.token_hex(8)
        self._numbers = count()
        self._tables: sa.URL | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _port()
        user = next(pwd.getpwnam(name) for name in NAMES if _known(name)) if os.geteuid() == 0 else None
        self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        given = folder / "password"
        given.write_text(self.password)
        given.chmod(0o644)
        options = ("-U", "console", "-A", "scram-sha-256", f"--pwfile={given}", "-E", "UTF8", "--locale=C")
        self._run("initdb", "-D", str(self._data), "-N", *options)

    def start(self) -> None:
        options = [part for each in QUICK for part in ("-c", each)]
        options += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command = [self._bin / "postgres", "-D", self._data, "-p", str(self.port), *options]
        with (self._data / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._as)
        until(self._takes_connections, "a PostgreSQL server")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGQUIT: at once, as by a crash."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def hang(self, hanging: bool) -> None:
        """It takes connections and questions, and answers none."""
        assert self._process
        told = signal.SIGSTOP if hanging else signal.SIGCONT
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for process in (self._process.pid, *map(int, children)):
            os.kill(process, told)

    def url(self, name: str) -> sa.URL:
        where = {"username": "console", "password": self.password, "host": "127.0.0.1", "port": self.port}
        return sa.URL.create("postgresql", **where, database=name)

    def database(self) -> sa.URL:
        """The one with the tables of this version, emptied; another one where a test has dropped any."""
        if self._tables and not self._emptied(self._tables):
            self._tables = None
        self._tables = self._tables or self.empty()
        return self._tables

    def _emptied(self, url: sa.URL) -> bool:
        store = Store.on(url)
        try:
            with store.database.begin() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(sa.delete(table))
        except StoreError:
            return False
        finally:
            store.close()
        return True

    def empty(self) -> sa.URL:
        """A new one without tables."""
        name = f"tests{next(self._numbers)}"
        self.tell(f"CREATE DATABASE {name}")
        return self.url(name)

    def tell(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        address = self.url(name).render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True, connect_timeout=30) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def _takes_connections(self) -> bool:
        assert self._process
        assert self._process.poll() is None, (self._data / "log").read_text()
        try:
            self.tell("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", **self._as)
        assert done.returncode == 0, done.stderr


@contextmanager
def running(bin_: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="console-postgres-"))
    folder.chmod(0o755)
    try:
        server = Server(bin_, folder)
        server.start()
        yield server
        server.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _port() -> int:
    """A free one that the system gives to nobody: a server is long in the making, and is started again."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
