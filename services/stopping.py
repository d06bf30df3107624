"""Telling Dify that an answer was stopped."""

from __future__ import annotations

import logging
import threading

from services.dify.client import Client
from services.dify.errors import DifyError

log = logging.getLogger(__name__)


class Stopping(threading.Thread):
    """POST …/stop, in a thread of its own, for it may hang."""

    def __init__(self, client: Client, task_id: str, user: str) -> None:
        super().__init__(name=f"stop-{task_id[:8]}", daemon=True)
        self._client, self._task_id, self._user = client, task_id, user

    def run(self) -> None:
        try:
            self._client.chat.stop(self._task_id, self._user)
        except DifyError as error:
            log.warning("Dify did not take the stop of a task: %s", error.code)
