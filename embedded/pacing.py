"""Pacing: a reply's chunks handed out when they fall due, by one clock and without a thread.

Chunks are due at fixed times from the start, so a busy moment is caught up with, and whatever is due together
is handed out together: fifty answers at once cost fifty short wake-ups per tick, not one per word.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from embedded.reply import Chunk, Reply
from embedded.responses import ConnectionCut
from embedded.tasks import Task

TICK = 0.02  # seconds; the shortest sleep
LOOK = 0.1  # seconds; the longest time a stop goes unnoticed
PING_AFTER = 10.0  # seconds of silence
TOGETHER = 64  # chunks at most in one batch, so that others get their turn


async def paced(reply: Reply, task: Task, ping_after: float = PING_AFTER) -> AsyncIterator[list[Chunk]]:
    """Batches of chunks as they fall due; an empty batch is a ping. Ends early when the task is stopped.

    Raises ConnectionCut when the server is going away, and what the model behind `reply.live` raises.
    """
    clock = asyncio.get_running_loop().time
    spoken = clock()
    start = spoken + reply.silence
    batch: list[Chunk] = []
    for number, chunk in enumerate(reply.chunks):
        due = start + number * reply.gap
        while (wait := due - clock()) > 0 or len(batch) == TOGETHER:
            if batch:
                yield batch
                batch, spoken = [], clock()
            elif clock() - spoken >= ping_after:
                yield []
                spoken = clock()
            await asyncio.sleep(min(max(wait, TICK), LOOK) if wait > 0 else 0)
            if task.cut:
                raise ConnectionCut
            if task.stopped:
                return
        batch.append(chunk)
    if batch:
        yield batch
    if reply.live is not None:
        async for piece in _written(reply.live, task, ping_after):
            yield piece


async def _written(live: AsyncIterator[str], task: Task, ping_after: float) -> AsyncIterator[list[Chunk]]:
    # A model may think for long: the next piece is waited for in small steps, to see a stop meanwhile.
    clock = asyncio.get_running_loop().time
    spoken = clock()
    coming: asyncio.Future[str] = asyncio.ensure_future(_next(live))
    try:
        while True:
            await asyncio.wait({coming}, timeout=LOOK)
            if task.cut:
                raise ConnectionCut
            if task.stopped:
                return
            if coming.done():
                try:
                    yield [coming.result()]
                except StopAsyncIteration:
                    return
                spoken = clock()
                coming = asyncio.ensure_future(_next(live))
            elif clock() - spoken >= ping_after:
                yield []
                spoken = clock()
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        close = getattr(live, "aclose", None)
        if close is not None:
            await close()


async def _next(live: AsyncIterator[str]) -> str:
    return await anext(live)


async def idle(seconds: float, task: Task) -> None:
    """Let time pass, unless the task is stopped meanwhile. Raises ConnectionCut like `paced`."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while (left := end - clock()) > 0 and not task.stopped:
        await asyncio.sleep(min(left, LOOK))
        if task.cut:
            raise ConnectionCut
