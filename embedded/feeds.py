"""Feeds: the frames of chatflow runs while they are under way, for whoever reads along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from embedded.frames import PING
from embedded.pacing import PING_AFTER
from embedded.responses import ConnectionCut

KEPT_AFTER = 30.0  # seconds that a finished run can still be read
MOST_EXPECTED = 1000  # paused runs that somebody waits for
LONGEST_SILENCE = 300.0  # seconds without an event until a reader is sent away


class Feed:
    """One run's frames since it began, or since it was resumed. Used from the event loop only."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._ended = False
        self._cut = False
        self._news = asyncio.Event()
        self.resumed = False

    @property
    def length(self) -> int:
        """Frames so far."""
        return len(self._frames)

    def put(self, frame: bytes) -> None:
        """One frame more."""
        self._frames.append(frame)
        self._wake()

    def end(self, cut: bool = False) -> None:
        """No more frames; with `cut`, readers lose their connection."""
        self._ended, self._cut = True, cut
        self._wake()

    async def read(self, start: int = 0, ping_after: float = PING_AFTER) -> AsyncIterator[bytes]:
        """Frames from number `start` on until the run ends or pauses, with pings while there are none."""
        place, silent = start, 0.0
        while True:
            if place < len(self._frames):
                whole = b"".join(self._frames[place:])
                place, silent = len(self._frames), 0.0
                yield whole
            elif self._ended:
                if self._cut:
                    raise ConnectionCut
                return
            elif silent >= LONGEST_SILENCE:
                return
            else:
                news = self._news
                try:
                    await asyncio.wait_for(news.wait(), ping_after)
                except TimeoutError:
                    silent += ping_after
                    yield PING

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Feeds:
    """The feeds by run id."""

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}

    def get(self, run_id: str) -> Feed | None:
        """The feed of a run, None if it is not under way."""
        return self._feeds.get(run_id)

    def expect(self, run_id: str) -> Feed:
        """The feed of a run, opened if there is none: somebody waits for a run that is paused."""
        waiting = [each for each, feed in self._feeds.items() if not feed.length]
        if len(waiting) >= MOST_EXPECTED and run_id not in self._feeds:
            self._feeds.pop(waiting[0]).end()
        return self._feeds.setdefault(run_id, Feed())

    def begin(self, run_id: str, resumed: bool = False) -> Feed:
        """A feed for a run that goes on now; who waits for it already is served from it."""
        known = self._feeds.get(run_id)
        if known is None or known.length:
            known = self._feeds[run_id] = Feed()
        known.resumed = resumed
        return known

    def forget(self, run_id: str, feed: Feed) -> None:
        """Let go of a feed in a while, when late readers have had their chance."""

        def drop() -> None:
            if self._feeds.get(run_id) is feed:
                del self._feeds[run_id]

        asyncio.get_running_loop().call_later(KEPT_AFTER, drop)

    def close(self) -> None:
        """Send every reader away: the server ends."""
        for feed in list(self._feeds.values()):
            feed.end(cut=True)
