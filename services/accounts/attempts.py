"""What slows guessing down: failed attempts are counted by name and by address, and the next one has to wait.

An attempt counts as failed from its beginning until it has succeeded, so that many at once gain nothing.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from services.accounts.tables import attempts
from services.database import Database
from services.identity import Secret

FIRST, LONGEST = 30.0, 900.0
"""Seconds of the first wait, which doubles, and of the longest."""
FORGOTTEN = 24 * 3600.0
"""Seconds after which failures count no more."""
FREE_OF_NAME, FREE_OF_ADDRESS = 5, 30
"""Failures without a wait. An office often has one address for all."""


class TooMany(Exception):
    """Too many attempts have failed; `seconds` until the next one is looked at."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Subject:
    """A name or an address that attempts are counted for."""

    digest: str
    free: int


class Attempts:
    def __init__(self, database: Database, secret: Secret, clock: Callable[[], float] = time.time) -> None:
        self._database, self._secret, self._clock = database, secret, clock
        self._turn = threading.Lock()

    def subjects(self, name: str, address: str | None) -> tuple[Subject, Subject]:
        """For any name, whether there is such an account or not."""
        return (
            Subject(self._secret.digest("attempt-name", name), FREE_OF_NAME),
            Subject(self._secret.digest("attempt-address", _network(address)), FREE_OF_ADDRESS),
        )

    def begin(self, *subjects: Subject) -> None:
        """Count one more failure for all of these. Raises TooMany, and then counts nothing; StoreError."""
        now = self._clock()
        with self._turn, self._database.begin() as connection:
            failed = {subject: self._failed(connection, subject, now) for subject in subjects}
            if wait := max(self._wait(connection, subject, failed[subject], now) for subject in subjects):
                raise TooMany(wait)
            for subject in subjects:
                row = {"subject": subject.digest, "failed": failed[subject] + 1, "at": now}
                connection.execute(sa.delete(attempts).where(attempts.c.subject == subject.digest))
                connection.execute(sa.insert(attempts).values(row))
            connection.execute(sa.delete(attempts).where(attempts.c.at < now - FORGOTTEN))

    def succeeded(self, name: Subject, address: Subject) -> None:
        """Nothing is held against the name any more; of the address only this one attempt."""
        less = {"failed": attempts.c.failed - 1}
        with self._turn, self._database.begin() as connection:
            connection.execute(sa.delete(attempts).where(attempts.c.subject == name.digest))
            connection.execute(sa.update(attempts).where(attempts.c.subject == address.digest).values(less))

    def held_until(self, name: str) -> float | None:
        """Until when (unix seconds) no password of this name is looked at; None where the next one is."""
        subject, now = self.subjects(name, None)[0], self._clock()
        with self._database.begin() as connection:
            wait = self._wait(connection, subject, self._failed(connection, subject, now), now)
        return now + wait if wait else None

    def pardon(self, name: str) -> None:
        """Somebody vouches for whoever comes by that name."""
        digest = self.subjects(name, None)[0].digest
        with self._turn, self._database.begin() as connection:
            connection.execute(sa.delete(attempts).where(attempts.c.subject == digest))

    @staticmethod
    def _failed(connection: sa.Connection, subject: Subject, now: float) -> int:
        where = (attempts.c.subject == subject.digest, attempts.c.at >= now - FORGOTTEN)
        return connection.execute(sa.select(attempts.c.failed).where(*where)).scalar() or 0

    @staticmethod
    def _wait(connection: sa.Connection, subject: Subject, failed: int, now: float) -> float:
        if failed < subject.free:
            return 0.0
        last = connection.execute(
            sa.select(attempts.c.at).where(attempts.c.subject == subject.digest)
        ).scalar()
        pause = min(LONGEST, FIRST * 2.0 ** min(failed - subject.free, 16))
        return max(0.0, (last or 0.0) + pause - now)


def _network(address: str | None) -> str:
    """Whoever has one IPv6 address has 2^64 of them."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(known, ipaddress.IPv6Address) and not known.ipv4_mapped:
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(getattr(known, "ipv4_mapped", None) or known)
