"""Answers that are being written now, so that they can be stopped, and all cut when the server ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from embedded.errors import invalid


@dataclass(slots=True)
class Task:
    """One running answer. `stopped`: its user wants no more of it. `cut`: the server is going away."""

    user: str
    id: str = field(default_factory=lambda: str(uuid4()))
    stopped: bool = False
    cut: bool = False
    anyone: bool = False
    """Whether any user may stop it, as with a chatflow's run (recording 41_stop_flow_wrong_user_stream)."""


class Tasks:
    """The running answers by task id. Used from the event loop; only `close` from elsewhere too."""

    def __init__(self) -> None:
        self._running: dict[str, Task] = {}
        self._busy: Counter[str] = Counter()
        self._later: set[asyncio.Task[None]] = set()
        self._closed = False

    @contextmanager
    def running(self, user: str, task_id: str = "", anyone: bool = False) -> Iterator[Task]:
        """A new task, known by its id until the block ends."""
        task = Task(user, task_id or str(uuid4()), cut=self._closed, anyone=anyone)
        self._running[task.id] = task
        try:
            yield task
        finally:
            del self._running[task.id]

    def admit(self, app_id: str, most: int | None) -> None:
        """Raises Refused 400 if an app gives as many answers as it may (recording
        57_rate_limit_second_blocking)."""
        if most is not None and self._busy[app_id] >= most:
            raise invalid(
                "Too many requests. Please try again later. The current maximum concurrent requests allowed "
                f"for {app_id} is {most}."
            )

    @contextmanager
    def busy(self, app_id: str) -> Iterator[None]:
        """Counts one answer of an app until the block ends."""
        self._busy[app_id] += 1
        try:
            yield
        finally:
            self._busy[app_id] -= 1

    def stop(self, task_id: str, user: str) -> None:
        """Ask a task to end. Unknown tasks and other users' tasks are left alone, silently
        (recordings 41_stop_unknown_task, 41_stop_wrong_user_*)."""
        task = self._running.get(task_id)
        if task is not None and (task.anyone or task.user == user):
            task.stopped = True

    def later(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` after a while, without anybody waiting for it; dropped if the server ends first."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work()

        self.start(wait())

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` now, without anybody waiting for it."""
        pending = asyncio.create_task(work)
        self._later.add(pending)
        pending.add_done_callback(self._later.discard)

    def close(self) -> None:
        """Cut every running answer, and every one that is still to start."""
        self._closed = True
        for task in list(self._running.values()):
            task.cut = True
