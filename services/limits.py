"""What one person may take of a site that others use too. Counted in memory: a restart begins anew.

Nobody who types reaches these; a script, or a key that got stuck, does.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.dify.errors import DifyError
from services.settings_error import SettingsError

MB = 1_000_000
MINUTE, HOUR = 60.0, 3600.0
ROUNDING = 1e-6
"""Seconds; whoever waited as long as told must not miss by the last bit of a float."""
FORGET = 1_000
"""People after whom the ones that took nothing lately are forgotten."""
What = Literal["sends", "uploads", "held"]


@dataclass(frozen=True)
class Limits:
    """For each person; 0 lifts a limit."""

    sends: int = 60
    """Questions a minute."""
    runs: int = 10
    """Answers on their way at once, in all conversations together."""
    uploads: int = 500 * MB
    """Bytes an hour; as many are taken into memory before they are anybody's question."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Limits:
        """From LIMIT_SENDS, LIMIT_RUNS and LIMIT_UPLOADS_MB. Raises SettingsError."""
        return cls(
            _number(environ, "LIMIT_SENDS", cls.sends),
            _number(environ, "LIMIT_RUNS", cls.runs),
            _number(environ, "LIMIT_UPLOADS_MB", cls.uploads // MB) * MB,
        )


class TooMuch(DifyError):
    """Refused by us: `code` is limit_sends, limit_runs or limit_uploads; `retry_after` are the seconds until
    there is room again, where that is known."""

    def __init__(self, what: str, wait: int | None = None) -> None:
        super().__init__(
            f"limit_{what}", "That is more than one person may take of this site.", retry_after=wait
        )


class Meter:
    """Counts what people take. Safe to use from any thread."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits, self._clock = limits, clock
        self._lock = threading.Lock()
        self._taken: dict[tuple[What, str], deque[tuple[float, int]]] = {}

    def send(self, user: str, running: int) -> None:
        """One question more, while `running` answers are on their way. Raises TooMuch, and counts nothing."""
        if self.limits.runs and running >= self.limits.runs:
            raise TooMuch("runs")
        self._take("sends", user, 1, self.limits.sends, MINUTE)

    def upload(self, user: str, size: int) -> None:
        """So many bytes more. Raises TooMuch, and counts nothing."""
        self._take("uploads", user, size, self.limits.uploads, HOUR)

    def hold(self, user: str, size: int) -> None:
        """So many bytes more in this process's memory, whether they go on from there or not. Raises TooMuch,
        and counts nothing."""
        self._take("held", user, size, self.limits.uploads, HOUR)

    def _take(self, what: What, user: str, amount: int, most: int, period: float) -> None:
        if not most:
            return
        now = self._clock()
        with self._lock:
            taken = self._taken.setdefault((what, user), deque())
            _forget(taken, now - period)
            room = most - sum(each for _, each in taken)
            if amount > room and taken:
                wait = _wait(taken, amount - room, now - period)
                raise TooMuch("uploads" if what == "held" else what, wait)
            taken.append((now, amount))
            if len(self._taken) > FORGET:
                self._taken = {key: kept for key, kept in self._taken.items() if kept[-1][0] > now - HOUR}


def _number(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    given = environ.get(name, "").strip()
    if not given:
        return otherwise
    if not (given.isascii() and given.isdigit()):
        raise SettingsError(f"{name} must be a whole number; 0 lifts the limit.")
    return int(given)


def _forget(taken: deque[tuple[float, int]], before: float) -> None:
    while taken and taken[0][0] <= before + ROUNDING:
        taken.popleft()


def _wait(taken: deque[tuple[float, int]], missing: int, before: float) -> int:
    """Whole seconds until enough of what was taken is so long ago that it counts no more."""
    freed = itertools.accumulate(amount for _, amount in taken)
    at = next((at for (at, _), sum_ in zip(taken, freed, strict=True) if sum_ >= missing), taken[-1][0])
    return math.ceil(at - before)
