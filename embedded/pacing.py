"""Pacing: a reply's chunks handed out when they fall due, by one clock and without a thread.

Chunks are due at fixed times from the start, so a busy moment is caught up with, and whatever is due together
is handed out together: fifty answers at once cost fifty short wake-ups per tick, not one per word.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from embedded.reply import Reply
from embedded.responses import ConnectionCut
from embedded.tasks import Task

TICK = 0.02  # seconds; the shortest sleep
LOOK = 0.1  # seconds; the longest time a stop goes unnoticed
PING_AFTER = 10.0  # seconds of silence
TOGETHER = 64  # chunks at most in one batch, so that others get their turn


async def paced(reply: Reply, task: Task, ping_after: float = PING_AFTER) -> AsyncIterator[list[str]]:
    """Batches of chunks as they fall due; an empty batch is a ping. Ends early when the task is stopped.

    Raises ConnectionCut when the server is going away.
    """
    clock = asyncio.get_running_loop().time
    spoken = clock()
    start = spoken + reply.silence
    batch: list[str] = []
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
