"""How long the client waits, and how often it asks again."""

from __future__ import annotations

from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, but for `repeats`."""

    connect: float = 5
    pool: float = 5
    write: float = 30
    upload: float = 120
    """Writing, where a file is sent."""
    read: float = 30
    """Until the next byte of a plain answer."""
    answer: float = 60
    """A whole plain answer, once its headers are there."""
    headers: float = 60
    """Until a generated answer begins: a basic chat sends nothing before its first token or ping."""
    blocking: float = 100
    """Until a blocking answer is there; gateways give up then (API documents, "Send Chat Message")."""
    stall: float = 30
    """Between two bytes of a stream: three of Dify's pings."""
    generation: float = 1200
    """A whole stream; Dify's own limit (APP_MAX_EXECUTION_TIME)."""
    repeats: int = 2
    pause: float = 0.5
    """Before the first repeat; doubled for each later one, up to `longest_pause`, less up to a quarter."""
    longest_pause: float = 8

    def timeout(self, *, read: float | None = None, write: float | None = None) -> httpx.Timeout:
        return httpx.Timeout(
            connect=self.connect, pool=self.pool, read=read or self.read, write=write or self.write
        )

    def pause_before(self, repeat: int) -> float:
        """`repeat` counts from 0."""
        return float(min(self.pause * 2**repeat, self.longest_pause))
