"""Bytes on their way from Dify to readers: written down as they come, so that any part can be read any time.

Dify ignores Range, and a player that jumps asks for ranges; so each file is fetched once, into a temporary
file without a name, and everybody reads from there, also while it still grows.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

from services.dify.errors import DifyError, Unreachable

ROOM = 512 * 1024 * 1024
"""Bytes kept at the most, besides what is being fetched."""
MOST = 100
"""Files kept at the most: each is open, and a process may have a thousand open files or so."""
PATIENCE = 120.0
"""Seconds that a reader waits for the next byte; the client's own patience ends sooner."""


class Shelved:
    """One file. One thread adds, any number read."""

    def __init__(self) -> None:
        self._handle, path = tempfile.mkstemp(prefix="console-")
        Path(path).unlink()
        self._news = threading.Condition()
        self.here = 0
        """Bytes that have come."""
        self.done = False
        self.failure: DifyError | None = None

    def __del__(self) -> None:
        os.close(self._handle)

    def add(self, chunk: bytes) -> None:
        with self._news:
            os.pwrite(self._handle, chunk, self.here)
            self.here += len(chunk)
            self._news.notify_all()

    def end(self, failure: DifyError | None = None) -> None:
        with self._news:
            self.done, self.failure = True, failure
            self._news.notify_all()

    def read(self, offset: int, most: int) -> bytes:
        """What stands there, at least one byte; nothing at the end. Raises DifyError where it never came."""
        with self._news:
            came = self._news.wait_for(lambda: self.here > offset or self.done, PATIENCE)
            if not came:
                raise Unreachable("timed_out", "The file did not arrive in time.")
            if self.here <= offset:
                if self.failure:
                    raise self.failure
                return b""
            return os.pread(self._handle, min(most, self.here - offset), offset)

    def head(self, size: int) -> bytes:
        """The first bytes; fewer only where there are no more. Raises DifyError."""
        found = b""
        while len(found) < size and (more := self.read(len(found), size - len(found))):
            found += more
        return found

    @property
    def size(self) -> int:
        """Of the whole, waited for. Raises DifyError."""
        with self._news:
            if not self._news.wait_for(lambda: self.done, PATIENCE):
                raise Unreachable("timed_out", "The file did not arrive in time.")
            if self.failure:
                raise self.failure
            return self.here


class Shelf:
    """Files that somebody looked at lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Shelved] = OrderedDict()

    def get(self, key: Hashable, fetch: Callable[[Shelved], DifyError | None]) -> Shelved:
        """The file of a key; where there is none, `fetch` fills it, in a thread of its own, and says why it
        could not."""
        with self._lock:
            known = self._kept.get(key)
            if known is None or known.failure:
                known = self._kept[key] = Shelved()
                threading.Thread(target=_fill, args=(known, fetch), name="file", daemon=True).start()
            self._kept.move_to_end(key)
            self._make_room()
        return known

    def clear(self) -> None:
        """Whoever still reads a file keeps it until then."""
        with self._lock:
            self._kept.clear()

    def _make_room(self) -> None:
        """Whoever still reads a file that goes keeps it until then."""
        taken = sum(file.here for file in self._kept.values())
        for key in list(self._kept)[:-1]:
            if taken <= ROOM and len(self._kept) <= MOST:
                break
            if self._kept[key].done:
                taken -= self._kept.pop(key).here


def _fill(file: Shelved, fetch: Callable[[Shelved], DifyError | None]) -> None:
    failure: DifyError | None = DifyError("internal_error", "The site failed while it read the file.")
    try:
        failure = fetch(file)
    finally:
        file.end(failure)
