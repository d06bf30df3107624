"""The embedded backend as a real process on a free loopback port, for whatever test needs one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.contract.overhearing import HELD

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds until a start or an end counts as failed


@dataclass(frozen=True)
class Embedded:
    base_url: str
    """Ends in /v1."""
    api_key: str
    process: subprocess.Popen[str]

    def client(self, **options: Any) -> httpx.Client:
        """A client with the key, whose every answer is held against the API document."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return httpx.Client(base_url=self.base_url, headers=headers, event_hooks=HELD, timeout=30, **options)

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextmanager
def running(data: Path, *arguments: str, **options: Any) -> Iterator[Embedded]:
    """`python -m embedded` on a port of its own choice, ready to answer; killed if still there after."""
    key = "app-contract"
    process = subprocess.Popen(
        [sys.executable, "-m", "embedded", "--port", "0", "--api-key", key, "--data", data, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout is not None
    with process, process.stdout:
        try:
            base_url = process.stdout.readline().split()[-1]
            _wait_until_ready(base_url.removesuffix("/v1"))
            yield Embedded(base_url, key, process)
        finally:
            process.kill()


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.02)
