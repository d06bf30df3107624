"""Threads that wait for Dify, counted for each app: one that hangs takes none from the others."""

from __future__ import annotations

from anyio import CapacityLimiter


class Lanes:
    """A limiter for each app, of `most` threads; used in the event loop's thread alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limiters: dict[str, CapacityLimiter] = {}

    def of(self, slug: str) -> CapacityLimiter:
        if slug not in self._limiters:
            self._limiters[slug] = CapacityLimiter(self._most)
        return self._limiters[slug]
