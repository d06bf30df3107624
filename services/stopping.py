"""Telling Dify that an answer was stopped."""

from __future__ import annotations

import logging
import threading

from services.dify.client import Client
from services.dify.errors import DifyError
from services.turn import Turn

log = logging.getLogger(__name__)


class Stopping:
    """POST …/stop for one answer, once, as soon as its task id is known."""

    def __init__(self, client: Client, user: str) -> None:
        self._client, self._user = client, user
        self._lock = threading.Lock()
        self._told = False

    def tell(self, turn: Turn) -> bool:
        """Whether Dify is told now; in a thread of its own, for it may hang.

        The task id of an answer in one piece comes with its end, when there is nothing left to stop.
        """
        with self._lock:
            if self._told or not turn.task_id or turn.whole:
                return False
            self._told = True
        name = f"stop-{turn.task_id[:8]}"
        threading.Thread(target=self._post, args=(turn.task_id,), name=name, daemon=True).start()
        return True

    def _post(self, task_id: str) -> None:
        try:
            self._client.chat.stop(task_id, self._user)
        except DifyError as error:
            log.warning("Dify did not take the stop of a task: %s", error.code)
