"""The site as a real process on a free loopback port, in front of whichever Dify a test wants.

    with served(folder) as site:                        # nothing configured: the embedded backend
    with served(folder, dify=(dify.url, dify.key)):     # a scripted server, or a relay in front of one

Only processes started here are ended, by their id; a site that leaves a child behind fails the test.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0
"""Seconds until something that must happen counts as failed; a busy machine gets them all."""
LOG = "site.log"
running: list[Site] = []
"""All sites of this process that have not been ended yet."""


def until(true: Callable[[], object], what: str = "it") -> None:
    """Return once `true()` is true; for what no page tells."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"{what} never came true"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def processes() -> dict[int, int]:
    """Parent of each process that runs; a zombie, which only waits to be collected, does not."""
    return dict(_from_proc() if Path("/proc/self/stat").exists() else _from_ps())


def _from_proc() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            # The name, in brackets, may hold anything.
            state, parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                yield int(folder.name), int(parent)


def _from_ps() -> Iterator[tuple[int, int]]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    for pid, parent, state in map(str.split, listed.stdout.splitlines()):
        if not state.startswith("Z"):
            yield int(pid), int(parent)


def alive(pid: int) -> bool:
    return pid in processes()


def children(pid: int) -> set[int]:
    """Ids of the processes that this one started and that run still."""
    return {child for child, parent in processes().items() if parent == pid}


@dataclass
class Site:
    """One running site. `folder` holds its data and its log."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        """What it has written to its terminal, of earlier starts in the same folder too."""
        return (self.folder / LOG).read_text(encoding="utf-8", errors="replace")

    @property
    def children(self) -> set[int]:
        return children(self.process.pid)

    def health(self) -> httpx.Response:
        return httpx.get(f"{self.url}/healthz", trust_env=False, timeout=PATIENCE)

    def end(self, number: int = signal.SIGTERM) -> float:
        """Send a signal; the seconds until the process was gone. A child must be gone by then."""
        left = self.children
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        took = time.monotonic() - began
        until(lambda: not any(map(alive, left)), f"the end of {left}")
        return took

    def _answers(self) -> bool:
        code = self.process.poll()
        assert code is None, f"the site ended with status {code}:\n{self.log}"
        try:
            health = self.health()
        except httpx.TransportError:
            return False
        return health.status_code != 200 or health.json()["embedded_backend"] in {None, "ready"}


@contextmanager
def served(
    folder: Path, dify: tuple[str, str] | None = None, *arguments: str, port: int = 0, **environ: str
) -> Iterator[Site]:
    """Started, ready to answer, and ended with the block. The same folder means the same data again."""
    site = started(folder, dify, *arguments, port=port, **environ)
    running.append(site)
    try:
        until(site._answers, "a healthy site")
        yield site
    finally:
        running.remove(site)
        if site.process.poll() is None:
            site.end()


def started(
    folder: Path, dify: tuple[str, str] | None = None, *arguments: str, port: int = 0, **environ: str
) -> Site:
    """Only started: the caller waits, and ends it."""
    port = port or free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DIFY_", "STREAMLIT_"))}
    ours |= {"DATA_DIR": str(folder / "data"), "PYTHONUNBUFFERED": "1"}
    if dify:
        ours |= {"DIFY_BASE_URL": dify[0], "DIFY_API_KEY": dify[1]}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *arguments]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=ours | environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A Ctrl-C at the tests must not reach it before the test's own end of it.
            start_new_session=True,
        )
    return Site(process, port, folder)
