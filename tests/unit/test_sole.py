"""A second process on the same folder or database says so and does nothing; one that is gone is no matter."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import sole
from services.database import Database, StoreError
from services.postgres import Postgres
from services.sole import Taken
from services.store import Store
from tests.postgres import Server
from tests.site import ROOT, until

HOLDING = """
import sys, time
from pathlib import Path
from services import sole
sole.take(Path(sys.argv[1]))
print("mine", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sole, "PATIENCE", 0.3)
    monkeypatch.setattr(sole, "CLAIM_AGAIN", 0.05)
    yield tmp_path / "data"
    if sole._held:
        sole._held.close()
        sole._held = None


def another(folder: Path) -> subprocess.Popen[str]:
    """A process that has the folder."""
    command = [sys.executable, "-c", HOLDING, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "mine\n"
    return process


def test_a_folder_is_one_processs_until_it_ends(folder: Path) -> None:
    with another(folder) as other:
        try:
            with pytest.raises(Taken, match=r"uses the data folder .*/data"):
                sole.take(folder)
        finally:
            other.send_signal(signal.SIGKILL)
            other.wait()
    sole.take(folder)
    sole.take(folder)  # by the process whose it is


def test_a_process_that_is_ending_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sole, "PATIENCE", 30.0)
    with another(folder) as other:
        threading.Timer(0.3, other.kill).start()
        sole.take(folder)
        assert other.wait() == -signal.SIGKILL


def test_a_file_or_memory_needs_no_claim() -> None:
    sole.claim(Store.in_memory().database)


def test_a_database_is_one_processs_until_it_ends(postgresql: Server, folder: Path) -> None:
    url = postgresql.empty()
    first, second = Postgres(url), Postgres(url)
    neighbour = Postgres(postgresql.empty())
    for _ in range(3):  # asked again and again
        sole.claim(first)
        sole.claim(neighbour)
    with pytest.raises(Taken, match="DATABASE_URL"):
        sole.claim(second)
    first.close()
    sole.claim(second)
    with pytest.raises(StoreError):
        first.claim()
    second.close()
    neighbour.close()


def test_a_server_that_was_started_again_is_told_again(postgresql: Server, folder: Path) -> None:
    url = postgresql.empty()
    first, second = Postgres(url), Postgres(url)
    sole.claim(first)
    postgresql.stop()
    sole.claim(second)  # of a server that is away nothing is known: the site starts all the same
    postgresql.start()
    until(lambda: _claimed(first), "the first one's claim")
    with pytest.raises(Taken):
        sole.claim(second)
    first.close()
    second.close()


def test_whoever_lost_the_database_is_the_site_no_more(postgresql: Server, folder: Path) -> None:
    url, ending = postgresql.empty(), threading.Event()
    first, second = Postgres(url), Postgres(url)
    sole.claim(first)
    postgresql.stop()
    postgresql.start()
    until(lambda: _claimed(second), "the claim of one that was quicker")
    told: list[str] = []
    sole.watch(first, ending, told.append)
    until(lambda: told, "the end of the first one")
    assert told == [sole.TAKEN.format("the database that DATABASE_URL names")]
    ending.set()
    first.close()
    second.close()


def _claimed(database: Database) -> bool:
    try:
        return database.claim()
    except StoreError:
        return False
