"""The processes that are measured, and what /proc says of them. Only what was started here is ended."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.site import free_port

ROOT = Path(__file__).parents[1]
KEY = "app-bench"
PATIENCE = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    url: str

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far, all threads, without children."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> float:
        """MB that are this process's own: its resident set without what it shares with others."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        private = (int(line.split()[1]) for line in lines if line.startswith("Private_"))
        return sum(private) / 1024


@contextmanager
def upstream() -> Iterator[str]:
    """The scripted Dify; its address, ending in /v1."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.upstream", str(port)]
    with _started(command, ROOT, f"http://127.0.0.1:{port}", "/v1/info") as process:
        yield f"{process.url}/v1"


@contextmanager
def ours(dify: str, data: str = "") -> Iterator[Process]:
    """This site, started as `make run` does, with an empty data folder, or with this one."""
    with (
        tempfile.TemporaryDirectory() as empty,
        _streamlit(ROOT, dify, "/healthz", DATA_DIR=data or empty) as process,
    ):
        yield process


@contextmanager
def plain(dify: str) -> Iterator[Process]:
    """The page in benchmarks/plain."""
    with _streamlit(ROOT / "benchmarks" / "plain", dify, "/_stcore/health") as process:
        yield process


SITES = {"plain": plain, "ours": ours}


@contextmanager
def _streamlit(folder: Path, dify: str, ready: str, **environ: str) -> Iterator[Process]:
    port = free_port()
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    environ |= {"DIFY_BASE_URL": dify, "DIFY_API_KEY": KEY}
    with _started(command, folder, f"http://127.0.0.1:{port}", ready, **environ) as process:
        yield process


@contextmanager
def _started(command: list[str], folder: Path, url: str, ready: str, **environ: str) -> Iterator[Process]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIFY_", "STREAMLIT_"))}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=clean | environ, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _answers(url + ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"{' '.join(command)}:\n{log.read().decode(errors='replace')}")
                time.sleep(0.01)
            yield Process(process.pid, url)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False
