"""Reading the feedback of an app from Dify, in a thread of its own, for as long as it takes.

Dify pages the list by number, newest first, and says neither how many there are nor whether more follow: a
short page is the last one. A rating that is changed keeps its place, one that is taken back is gone without
a word, and whatever comes or goes meanwhile shifts all pages behind it. So the newest pages are read often,
up to one without news; the whole now and then; and what a whole reading did not meet is looked for once more
where it should be, before it is taken to be gone.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from dataclasses import dataclass, field, replace

from services.apps import App
from services.database import StoreError
from services.dify.errors import DifyError
from services.feedback.intake import Intake, Whole

log = logging.getLogger(__name__)
PAGE = 101
"""More than this Dify does not give in one piece."""
NEWS_AGAIN = 5.0
"""Seconds after which the newest pages are read again."""
WHOLE_AGAIN = 900.0
"""Seconds after which the whole is read again."""
SHARE = 20
"""A whole reading is followed by so many times its own duration without one."""
AFTER_FAILURE = 30.0
"""Seconds until it is tried again by itself."""
LOOKED_FOR = 50
"""Rows that were not met and are looked for. Where there are more, the next whole reading says whether they
are gone."""
AT_A_TIME = threading.Semaphore(2)
"""Apps whose feedback is read at once."""


@dataclass(slots=True)
class Reading:
    """One that is under way, or the last one. `pages` counts those read in it."""

    whole: bool
    pages: int = 0
    failure: DifyError | StoreError | None = None
    done: threading.Event = field(default_factory=threading.Event)
    ended_at: float = 0.0


class Reader:
    """Safe to use from any thread."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._lock = threading.Lock()
        self._readings: dict[str, Reading] = {}
        self._ending = threading.Event()

    def look(self, app: App, *, whole: bool = False) -> Reading:
        """Have it read, where what is known may be old; `whole`: in any case, and all. Raises StoreError."""
        state = self._intake.whole(app.slug)
        with self._lock:
            last = self._readings.get(app.slug)
            if last and not (last.done.is_set() and (whole or _old(last))):
                return last
            reading = Reading(whole or _due(state))
            if self._ending.is_set():
                reading.done.set()
                return reading
            self._readings[app.slug] = reading
            threading.Thread(
                target=self._read_aside, args=(app, reading), name="feedback", daemon=True
            ).start()
        return reading

    def close(self) -> None:
        """Threads end after the page they are at."""
        self._ending.set()

    def _read_aside(self, app: App, reading: Reading) -> None:
        try:
            with AT_A_TIME:
                self._read(app, reading)
        except (DifyError, StoreError) as error:
            log.warning("the feedback of %s cannot be read: %s", app.slug, error)
            reading.failure = error
        finally:
            reading.ended_at = time.monotonic()
            reading.done.set()

    def _read(self, app: App, reading: Reading) -> None:
        state = self._intake.whole(app.slug)
        if not reading.whole:
            self._news(app, reading, state.passed, enough=0)
            return
        began = time.time()
        if state.page:
            # What came since it was interrupted; behind that all is known up to where it goes on.
            self._news(app, reading, state.passed, enough=PAGE - 1)
        else:
            state = replace(state, passed=state.passed + 1, page=1)
            self._intake.note(app.slug, state)
        while self._page(app, reading, state.page, state.passed)[1]:
            state = replace(state, page=state.page + 1)
            self._intake.note(app.slug, state)
            if self._ending.is_set():
                return  # the next one goes on from here
        self._intake.forget_before(app.slug, self._met(app, reading, state.passed))
        now = time.time()
        self._intake.note(app.slug, Whole(now, now - began, state.passed))

    def _news(self, app: App, reading: Reading, passed: int, enough: int) -> None:
        """The newest pages, up to one with no more than so many rows that are new or other than before."""
        for number in itertools.count(1):
            news, more = self._page(app, reading, number, passed)
            if news <= enough or not more or self._ending.is_set():
                return

    def _page(self, app: App, reading: Reading, number: int, passed: int) -> tuple[int, bool]:
        """How many rows were news, and whether more may follow."""
        rows = app.client.feedbacks.list(number, PAGE).data
        reading.pages += 1
        return self._intake.put(app.slug, rows, passed), len(rows) >= PAGE

    def _met(self, app: App, reading: Reading, passed: int) -> int:
        """Rows that no whole reading from this one on has met are gone; those missed are looked for first."""
        ranks = self._intake.missed(app.slug, passed, LOOKED_FOR + 1)
        if len(ranks) > LOOKED_FOR:
            return passed - 1
        for number in sorted({1 + rank // PAGE + step for rank in ranks for step in (-1, 0, 1)} - {0}):
            self._page(app, reading, number, passed)
        return passed


def _old(reading: Reading) -> bool:
    pause = AFTER_FAILURE if reading.failure else NEWS_AGAIN
    return time.monotonic() - reading.ended_at > pause


def _due(state: Whole) -> bool:
    """Never read to its end, interrupted, or long ago."""
    return bool(state.page) or time.time() - state.complete_at > max(WHOLE_AGAIN, SHARE * state.took)
