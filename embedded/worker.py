"""Worker: one engine in a process of its own, started when first needed.

It ends when nobody has asked for a while, when it takes too long, and when this process ends, however that
comes about: the pipe between them closes. A request is only a question, so one that an engine died over is
asked again, once.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from embedded.engines.serving import DONE, LENGTH, MISSING, UNUSABLE

ROOT = Path(__file__).parents[1]
IDLE = 60.0  # seconds without a request after which an engine gives its memory back
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # the cores are for answers


class Broken(Exception):
    """The engine failed: it died, took too long, or reports an error of its own."""


class Ended(Broken):
    """The engine was told to end, because the backend does."""


class Unusable(Exception):
    """The engine cannot work on what it was given."""


class Missing(Exception):
    """What the engine needs is not installed."""


class Worker:
    """The engine in `module`; one request at a time, from any thread. `patience`: seconds for one request."""

    def __init__(self, module: str, idle: float = IDLE, patience: float = 60.0) -> None:
        self._command = [sys.executable, "-m", module, str(idle)]
        self._patience = patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id while the engine runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, values: dict[str, Any], body: bytes = b"") -> bytes:
        """The engine's answer. Raises Broken, Unusable or Missing."""
        head = json.dumps(values).encode()
        request = LENGTH.pack(len(head)) + head + LENGTH.pack(len(body)) + body
        with self._lock:
            answer = self._answer(request)
            if answer is None:
                answer = self._answer(request)
        if answer is None:
            raise Broken("the engine died twice over the same request")
        kind, result = answer[:1], answer[1:]
        if kind == DONE:
            return result
        failure = {UNUSABLE: Unusable, MISSING: Missing}.get(kind, Broken)
        raise failure(result.decode())

    def close(self) -> None:
        """End the engine at once and for good: who waits for it, or asks later, gets Ended."""
        self._closed = True
        if process := self._process:
            process.kill()
        with self._lock:
            self._end()

    def _answer(self, request: bytes) -> bytes | None:
        """None: the engine is gone; it may have ended of itself just now, having been idle."""
        process = self._running()
        if self._closed:
            self._end()
            raise Ended("the engine was ended")
        assert process.stdin is not None
        deadline = time.monotonic() + self._patience
        try:
            process.stdin.write(request)
            process.stdin.flush()
            (length,) = LENGTH.unpack(self._read(process, LENGTH.size, deadline))
            return self._read(process, length, deadline)
        except (BrokenPipeError, EOFError):
            self._end()
            return None
        except TimeoutError:
            self._end()
            raise Broken(f"the engine took longer than {self._patience:g} s") from None

    @staticmethod
    def _read(process: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
        assert process.stdout is not None
        pipe, content = process.stdout.fileno(), b""
        while len(content) < length:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(pipe, length - len(content))
            if not part:
                raise EOFError
            content += part
        return content

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # Keys stay here; and a session of its own, so that Ctrl+C in a terminal ends only us.
            environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**environment, **ONE_THREAD},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            # Collects it whenever it ends, so that no zombie is left.
            threading.Thread(target=self._process.wait, daemon=True).start()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # what was not sent yet is of no use to anybody
