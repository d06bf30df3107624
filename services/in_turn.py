"""A lock that whoever asks first gets first."""

from __future__ import annotations

import threading
from collections import deque


class InTurn:
    """SQLite itself has those who wait look again and again, with ever longer pauses: whoever comes late may
    be first, and whoever came first may never be.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()
        """One for each who waits, held until it is their turn."""

    def take(self, seconds: float) -> bool:
        """Wait for one's turn; False where it did not come in that time."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it came at the last moment

    def leave(self) -> None:
        """It is the turn of whoever waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
