"""The uvicorn server, made to end at once although answers are still being written."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from embedded.tasks import Tasks

LAST_RESORT = 3.0  # seconds that an orphan may take to end before it is ended


def _is_news(record: logging.LogRecord) -> bool:
    # A connection cut on purpose (shutting down, `demo: cut`) is what this sentence of uvicorn's is about.
    return "returned without completing response" not in record.getMessage()


class Server(uvicorn.Server):
    """Serves on a socket that is already listening; `stop` may be called from any thread."""

    def __init__(self, app: ASGIApp, tasks: Tasks) -> None:
        # No access log: URLs hold `user`.
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._tasks = tasks
        logging.getLogger("uvicorn.error").addFilter(_is_news)

    def stop(self) -> None:
        """Cut the running answers and end."""
        self._tasks.close()
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        # uvicorn's own raises the signal again after a clean end, which would report the end as a death.
        self.stop()

    def serve_on(self, listener: socket.socket) -> None:
        """Serve until stopped."""
        asyncio.run(self.serve(sockets=[listener]))

    def end_with_stdin(self) -> None:
        """Wait for the end of standard input, then stop; for a thread.

        The parent holds the other end of a pipe: however it dies, the kernel closes that end.
        """
        # os.read, not sys.stdin: a thread inside the buffered reader would abort the interpreter's shutdown.
        while os.read(0, 4096):
            pass
        self.stop()
        time.sleep(LAST_RESORT)
        os._exit(1)
