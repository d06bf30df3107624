"""All annotations of an app, as they were read last: page by page, for the API has no other way.

A reading goes on in a thread of its own and can be looked at meanwhile, so that a page has its first rows
after one request, however many thousands there are. Our own changes are put in at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil

from services.annotations.row import Row
from services.dify.annotations import Annotations
from services.dify.errors import DifyError

PAGE = 100
"""Rows; the server gives no more at once."""
AT_ONCE = 4
"""Pages asked for at the same time."""
FRESH_FOR = 30.0
"""Seconds for which the list is not read again."""
TRY_AGAIN = 5.0
"""Seconds after which a list that could not be read again is asked for once more."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Newest first. `whole` False: a first reading is under way, and these are the newest rows of `total`."""

    rows: tuple[Row, ...] = ()
    total: int = 0
    whole: bool = False
    read_at: float = 0.0
    """time.monotonic() of the reading's end."""
    reading: bool = False
    """These are known, and being read again: look once more."""
    trouble: DifyError | None = None
    """Why these could not be read again: they may be old."""


class Reader:
    """Keeps one Listing. Safe to use from any thread; one reading serves all who come meanwhile."""

    def __init__(self, client: Annotations, after: Callable[[tuple[Row, ...]], None]) -> None:
        """`after` is called with each whole reading, in the thread that made it."""
        self._client, self._after = client, after
        self._lock = threading.Lock()
        self._listing = Listing()
        self._reading: threading.Thread | None = None
        self._failure: DifyError | None = None
        self._failed_at = 0.0
        self._outdated = False
        """The reading under way began before something happened that it may have missed."""
        self._ours: list[Callable[[tuple[Row, ...]], tuple[Row, ...]]] = []
        """Changes of ours since the reading under way began: it may have missed them."""

    @property
    def known(self) -> tuple[Row, ...]:
        """Of the last reading, however old; asks nobody."""
        return self._listing.rows

    def whole(self, *, fresh: bool = False) -> tuple[Row, ...]:
        """All rows, not older than FRESH_FOR, or read from now on where `fresh`. Raises DifyError."""
        while True:
            with self._lock:
                listing = self._listing
                if listing.whole and not fresh and time.monotonic() - listing.read_at < FRESH_FOR:
                    return listing.rows
                joined = self._reading is not None
                reading = self._reading or self._begin()
            reading.join()
            if joined and fresh:
                continue  # that one had begun before we asked
            if self._failure:
                raise self._failure
            return self._listing.rows

    def look(self, patience: float) -> Listing:
        """What there is within `patience` seconds: all rows, or the newest while the rest is being read.

        Raises DifyError where there is nothing to show because the server does not answer.
        """
        with self._lock:
            listing = self._listing
            if listing.whole and time.monotonic() - listing.read_at < FRESH_FOR:
                return listing
            if listing.whole and self._failure and time.monotonic() - self._failed_at < TRY_AGAIN:
                return replace(listing, trouble=self._failure)
            reading = self._reading or self._begin()
        reading.join(patience)
        while reading.is_alive() and not self._listing.rows:
            reading.join(0.05)
        under_way = reading.is_alive()
        failure = None if under_way else self._failure
        if failure and not self._listing.whole:
            raise failure
        return replace(self._listing, reading=under_way, trouble=failure)

    def forget(self) -> None:
        """The next look reads again: something may have happened that is not known here."""
        with self._lock:
            self._listing = Listing(self._listing.rows, self._listing.total, self._listing.whole)
            self._failure, self._outdated = None, True

    def put(self, row: Row) -> None:
        """A row of ours that is new, or has changed."""

        def change(rows: tuple[Row, ...]) -> tuple[Row, ...]:
            if any(known.id == row.id for known in rows):
                return tuple(row if known.id == row.id else known for known in rows)
            return (row, *rows)

        self._change(change)

    def drop(self, row_id: str) -> None:
        self._change(lambda rows: tuple(row for row in rows if row.id != row_id))

    def _change(self, change: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> None:
        with self._lock:
            if self._reading:
                self._ours.append(change)
            if self._listing.whole:
                self._set(change(self._listing.rows), self._listing.read_at)

    def _begin(self) -> threading.Thread:
        self._ours.clear()
        self._failure, self._outdated = None, False
        self._reading = threading.Thread(target=self._read, name="annotations", daemon=True)
        self._reading.start()
        return self._reading

    def _read(self) -> None:
        try:
            rows = self._all()
            with self._lock:
                for change in self._ours:
                    rows = change(rows)
                self._set(rows, 0.0 if self._outdated else time.monotonic())
            self._after(rows)
        except DifyError as error:
            self._failure, self._failed_at = error, time.monotonic()
        finally:
            with self._lock:
                self._reading = None

    def _set(self, rows: tuple[Row, ...], read_at: float) -> None:
        self._listing = Listing(rows, len(rows), whole=True, read_at=read_at)

    def _all(self) -> tuple[Row, ...]:
        """Rows move between pages while others add and delete, so a reading that lacks some is made twice."""
        rows, total = self._pages()
        return rows if len(rows) >= total else self._pages()[0]

    def _pages(self) -> tuple[tuple[Row, ...], int]:
        """All rows, and how many the server says there are."""
        # The first page alone: it tells how many there are, and a screen can be drawn with it.
        first, total = self._page(1)
        found = {row.id: row for row in first}
        if total is None:  # a server that does not count is asked until a page is not full
            rows, number = first, 1
            while len(rows) >= PAGE:
                number += 1
                rows, _ = self._page(number)
                found |= {row.id: row for row in rows}
            return tuple(found.values()), len(found)
        self._show(tuple(found.values()), total)
        pool = ThreadPoolExecutor(AT_ONCE, "annotations-page")
        try:
            for rows, _ in pool.map(self._page, range(2, ceil(total / PAGE) + 1)):
                found |= {row.id: row for row in rows}
                self._show(tuple(found.values()), total)
        finally:
            pool.shutdown(cancel_futures=True)
        return tuple(found.values()), total

    def _show(self, rows: tuple[Row, ...], total: int) -> None:
        with self._lock:
            if not self._listing.whole:
                self._listing = Listing(rows, max(total, len(rows)))

    def _page(self, number: int) -> tuple[tuple[Row, ...], int | None]:
        page = self._client.list(number, PAGE)
        return tuple(Row.of(each) for each in page.data if each.id), page.total
