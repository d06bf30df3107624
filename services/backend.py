"""The embedded Dify-compatible backend as a child process: started, watched, restarted, and gone with us.

A process of its own means an interpreter of its own, a real network between the two, and that its speech
parts, which are GPL, never load into the site. It notices our end by the end of its standard input.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

log = logging.getLogger(__name__)
PAUSE = 1.0
"""Seconds before a backend that died is started again; doubled each time up to LONGEST_PAUSE."""
LONGEST_PAUSE = 30.0


APPS = {
    "app": "",
    "agent": "agent",
    "chatflow": "flow",
    "speaking": "speaking",
    "moderated": "moderated",
    "reader": "reader",
    "plain": "off",
}
"""Slug of an app -> what its key has behind the first one's (docs/embedded.md)."""


class Backend:
    """`root` is the project's folder, `data` where the backend keeps its own data."""

    def __init__(self, root: Path, data: Path) -> None:
        self._root, self._data = root, data
        self._port = _free_port()
        self.api_key = f"app-{secrets.token_urlsafe(24)}"
        self.base_url = f"http://127.0.0.1:{self._port}/v1"
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="embedded-backend", daemon=True)

    @property
    def keys(self) -> dict[str, str]:
        """Slug of each of its apps -> API key."""
        return {slug: f"{self.api_key}-{ending}" if ending else self.api_key for slug, ending in APPS.items()}

    def start(self) -> None:
        """Returns at once: pages say "starting" until it answers."""
        self._keeper.start()

    def stop(self) -> None:
        """End the child; returns when it is gone, after a second at the most."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def ready(self) -> bool:
        """It answers now. httpx would read all trusted certificates before it asks, for 30 ms."""
        try:
            with closing(HTTPConnection("127.0.0.1", self._port, timeout=1)) as connection:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False

    def _keep(self) -> None:
        pause = PAUSE
        while not self._stopping.is_set():
            self._process = self._launch()
            code = self._process.wait()
            if self._stopping.wait(0.05):
                return
            log.warning("the embedded backend ended with code %s; it is started again", code)
            if self._stopping.wait(pause):
                return
            pause = min(pause * 2, LONGEST_PAUSE)

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "embedded", "--host", "127.0.0.1", "--port", str(self._port)]
        command += ["--data", str(self._data), "--end-with-stdin"]
        # The key goes by environment, for `ps` shows arguments to everybody on the machine.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("DIFY_", "DATABASE_"))}
        environment["EMBEDDED_API_KEY"] = self.api_key
        # stdin is a pipe that only we hold: its end is the child's sign that we are gone, even by kill -9.
        return subprocess.Popen(
            command,
            cwd=self._root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # its address would look like a second one to visit
            start_new_session=True,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
