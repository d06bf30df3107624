"""Asking each app what it is, at the start and until it answers, so that no visitor has to wait for that.

Apps are asked side by side: one that hangs holds up nobody but its own visitors. Those of the embedded
backend share one small process, which has the first visitor to serve too, and are asked one after the other.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from contextlib import suppress

from services.apps import App, NotServed
from services.backend import Backend
from services.dify.errors import DifyError
from services.standing import Standing

log = logging.getLogger(__name__)
PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds until an app that does not answer is asked again; doubled each time."""
LOOK_AGAIN = 0.1
"""Seconds between two looks at a backend that is starting."""


def begin(apps: tuple[App, ...], backend: Backend | None, ending: threading.Event) -> None:
    """Returns at once; the threads end with their work, or soon after `ending` is set."""
    for lane in [apps] if backend else [(app,) for app in apps]:
        threading.Thread(target=_ask, args=(lane, backend, ending), name="roll call", daemon=True).start()


def _ask(lane: Iterable[App], backend: Backend | None, ending: threading.Event) -> None:
    while backend and not backend.ready:
        if ending.wait(LOOK_AGAIN):
            return
    pause, left = PAUSE, list(lane)
    told: dict[str, Standing] = {}
    while left:
        for app in left:
            if ending.is_set():
                return
            with suppress(DifyError, NotServed, RuntimeError):  # the last of a client that was closed
                app.profile()
            _tell(app, told)
        left = [app for app in left if not app.standing.answers]
        if left and ending.wait(pause):
            return
        pause = min(pause * 2, LONGEST_PAUSE)


def _tell(app: App, told: dict[str, Standing]) -> None:
    """Once for each state; the operator also learns when an app that did not answer does."""
    last, now = told.get(app.slug), app.standing
    if last and (last.code, last.detail) == (now.code, now.detail):
        return
    told[app.slug] = now
    log.log(logging.INFO if now.code == "fine" and not last else logging.WARNING, "app %s %s", app.slug, now)
