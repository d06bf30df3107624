"""The process that the site is: what memory it keeps, how many connections it may have, how it ends."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

log = logging.getLogger(__name__)
M_MMAP_THRESHOLD = -3
"""Of mallopt(3)."""
ENOUGH = 65_536
"""Files."""
GRACE = 3.0
"""Seconds between the signal and an end without asking anybody. uvicorn waits for every open request, and a
client can keep one open for ever."""


def give_memory_back() -> None:
    """Blocks of over a megabyte go back to the system when they are freed.

    glibc would keep what was once needed: after one answer of 10 MB, another 70.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)


def give_way() -> None:
    """A thread that works gives way after 1 ms instead of 5: words on their way would wait that long for each
    page that is run, and the last ones for what their own thread still does."""
    sys.setswitchinterval(0.001)


def take_all_connections() -> None:
    """As many files at once as the system allows this process; many systems begin with 1,024 of them.

    An open tab takes two. Where none is left nobody is answered, and the database cannot be opened.
    """
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if most == resource.RLIM_INFINITY else min(most, ENOUGH)
    if now != resource.RLIM_INFINITY and now < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


@contextmanager
def told_to_end(at_once: Callable[[], None], at_last: Callable[[], None] | None) -> Iterator[None]:
    """At SIGTERM and SIGINT call `at_once` in the loop's thread, before whoever else waits for the signal.

    Where the process still lives GRACE later, `at_last` writes what must not be lost, and it ends.
    """
    loop = asyncio.get_running_loop()

    def end() -> None:
        log.warning("a request would not end, so the site ends without it")
        if at_last:
            at_last()
        os._exit(0)

    guard = threading.Timer(GRACE, end)
    guard.daemon = True

    def told() -> None:
        at_once()
        if not guard.is_alive():
            guard.start()

    kept = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        before = kept[number] = signal.getsignal(number)

        def handler(received: int, frame: FrameType | None, before: object = before) -> None:
            loop.call_soon_threadsafe(told)
            if callable(before):
                before(received, frame)

        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, before in kept.items():
            signal.signal(number, before)
