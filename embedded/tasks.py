"""Answers that are being written now, so that they can be stopped, and all cut when the server ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(slots=True)
class Task:
    """One running answer. `stopped`: its user wants no more of it. `cut`: the server is going away."""

    user: str
    id: str = field(default_factory=lambda: str(uuid4()))
    stopped: bool = False
    cut: bool = False


class Tasks:
    """The running answers by task id. Used from the event loop; only `close` from elsewhere too."""

    def __init__(self) -> None:
        self._running: dict[str, Task] = {}
        self._later: set[asyncio.Task[None]] = set()
        self._closed = False

    @contextmanager
    def running(self, user: str) -> Iterator[Task]:
        """A new task, known by its id until the block ends."""
        task = Task(user, cut=self._closed)
        self._running[task.id] = task
        try:
            yield task
        finally:
            del self._running[task.id]

    def stop(self, task_id: str, user: str) -> None:
        """Ask a task to end. Unknown tasks and other users' tasks are left alone, silently
        (recordings 41_stop_unknown_task, 41_stop_wrong_user_*)."""
        task = self._running.get(task_id)
        if task is not None and task.user == user:
            task.stopped = True

    def later(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` after a while, without anybody waiting for it; dropped if the server ends first."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work()

        pending = asyncio.create_task(wait())
        self._later.add(pending)
        pending.add_done_callback(self._later.discard)

    def close(self) -> None:
        """Cut every running answer, and every one that is still to start."""
        self._closed = True
        for task in list(self._running.values()):
            task.cut = True
