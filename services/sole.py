"""One process at a time is the site of a data folder and of a database.

Running answers, live streams, and who has just signed out are in its memory alone, and at its start it takes
up what a dead process left: a second one would take up what the first is at.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from services.database import Database, StoreError
from services.settings_error import SettingsError

log = logging.getLogger(__name__)
PATIENCE = 6.0
"""Seconds for which a process that is ending is waited for."""
LOOK_AGAIN = 0.2
"""Seconds."""
CLAIM_AGAIN = 5.0
"""Seconds: a server that was started again has forgotten whose the database is."""
TAKEN = (
    "Another process of this site uses {}. A site is one process: stop the other one, then start this again."
)


class Taken(SettingsError):
    """Another process is the site; says so."""


_held: IO[bytes] | None = None


def take(data_dir: Path) -> None:
    """The folder is this process's until it ends, however that comes. Raises Taken, OSError."""
    global _held  # noqa: PLW0603 - one process, one site; the lock goes with the file
    if _held:
        _held.close()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = _held = os.fdopen(os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600), "rb")
    _await(lambda: _locked(file), f"the data folder {data_dir}")


def claim(database: Database) -> None:
    """The same for the database; one that is away is nobody's. Raises Taken."""
    try:
        _await(database.claim, "the database that DATABASE_URL names")
    except StoreError as error:
        log.warning("whether another process uses the database is not known yet: %s", error)


def watch(database: Database, ending: threading.Event, taken: Callable[[str], None]) -> None:
    """Call `taken` with the reason should the database become another process's; returns at once."""

    def look() -> None:
        while not ending.wait(CLAIM_AGAIN):
            try:
                if database.claim():
                    continue
            except StoreError:
                continue
            reason = TAKEN.format("the database that DATABASE_URL names")
            log.error(reason)
            return taken(reason)

    threading.Thread(target=look, name="claim", daemon=True).start()


def _await(mine: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not mine():
        if time.monotonic() > deadline:
            raise Taken(TAKEN.format(what))
        time.sleep(LOOK_AGAIN)


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a network disk that knows no locks
        log.warning("whether another process uses the data folder is not known: %s", error.strerror)
    return True
