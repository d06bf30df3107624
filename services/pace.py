"""A number of turns a second, shared among those who take them.

One answer on its way is read and sent as often as a screen can show it. With ten, most of the time would go
into waking up for single words; each then gets more words at a time instead.
"""

from __future__ import annotations

import threading

LATELY = 1.0
"""Seconds; whoever took no turn for so long takes no share."""
COUNTED = 0.25
"""Seconds for which a count holds."""


class Pace:
    """Safe to use from any thread."""

    def __init__(self, least: float, together: float) -> None:
        """`least` are the seconds between two turns of one alone, `together` the turns a second of all."""
        self._least, self._together = least, together
        self._lock = threading.Lock()
        self._last: dict[object, float] = {}
        self._counted_at = 0.0
        self._pause = least

    def pause(self, who: object, now: float) -> float:
        """Seconds until the next turn of somebody who takes one `now` (on time.monotonic() or the like)."""
        with self._lock:
            self._last[who] = now
            if now - self._counted_at > COUNTED or now < self._counted_at:
                self._counted_at = now
                self._last = {each: at for each, at in self._last.items() if now - at <= LATELY}
                self._pause = max(self._least, len(self._last) / self._together)
            return self._pause

    def leave(self, who: object) -> None:
        with self._lock:
            self._last.pop(who, None)
