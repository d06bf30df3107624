"""Asking a server that may be busy, restarting or away: waiting as it says, and giving up in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from services.dify.errors import DifyError, RateLimited, ServerFailed, Unreachable

T = TypeVar("T")
MOST_TRIES = 6
"""In a row that failed, and not by the server's own wish to wait."""
MOST_WAITS = 100
"""In a row that the server answered with a wish to wait."""
LONGEST = 900.0
"""Seconds; a server that wants more is told of, and asked when a person says so."""


class Told(Exception):
    """Somebody asked to stop while we were waiting."""


class Patience:
    """`stop` ends every wait at once. `waits` is told until when (Unix seconds), and None when it is over."""

    def __init__(
        self, stop: threading.Event, waits: Callable[[float | None], None], pause: float = 0.5
    ) -> None:
        self._stop, self._waits, self._pause = stop, waits, pause

    def through(self, attempt: Callable[[], T]) -> T:
        """What `attempt` returns, tried again after a failure that may pass. Raises Told, DifyError.

        An attempt whose outcome is not known is made again too: it has to find out first what came of it.
        """
        tries = waits = 0
        while True:
            try:
                return attempt()
            except RateLimited as error:
                waits += 1
                wait = self._pause * 2 ** min(waits, 6) if error.retry_after is None else error.retry_after
                if waits > MOST_WAITS or wait > LONGEST:
                    raise
            except (Unreachable, ServerFailed):
                tries += 1
                if tries == MOST_TRIES:
                    raise
                wait = min(self._pause * 2 ** (tries - 1), 8.0)
            self._rest(wait)

    def _rest(self, seconds: float) -> None:
        self._waits(time.time() + seconds)
        stopped = self._stop.wait(seconds)
        self._waits(None)
        if stopped:
            raise Told


def final(error: DifyError) -> bool:
    """Whether the server has said no, so that nothing came of what was asked."""
    return not isinstance(error, Unreachable | ServerFailed)
