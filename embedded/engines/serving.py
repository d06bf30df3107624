"""The engine's side of the pipe: requests from standard input, answers to standard output.

A message is its length (4 bytes, big-endian) and so many bytes. A request is two messages, JSON and raw
bytes; an answer is one, whose first byte says what it is.
"""

from __future__ import annotations

import json
import os
import queue
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, TypeAlias

LENGTH = struct.Struct(">I")
DONE, UNUSABLE, MISSING, FAILED = b"+", b"?", b"-", b"!"
"""First bytes of an answer: the result; the input cannot be used; no engine is installed; something broke."""

Request: TypeAlias = tuple[dict[str, Any], bytes]
Handle: TypeAlias = Callable[[dict[str, Any], bytes], bytes]


class Unusable(Exception):
    """What was sent is nothing that this engine can work on."""


class Missing(Exception):
    """What the engine needs is not installed."""


def serve(prepare: Callable[[], Handle], idle: float) -> None:
    """Answer requests until there was none for `idle` seconds, or the parent is gone.

    `prepare` loads the engine, at the first request; it may raise Missing.
    """
    # Whatever a library prints must not end up among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    requests: queue.Queue[Request] = queue.Queue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    handle: Handle | None = None
    while True:
        try:
            values, body = requests.get(timeout=idle)
        except queue.Empty:
            return
        try:
            handle = handle or prepare()
            answer = DONE + handle(values, body)
        except Unusable as error:
            answer = UNUSABLE + str(error).encode()
        except Missing as error:
            answer = MISSING + str(error).encode()
        except Exception as error:  # noqa: BLE001 - the parent has to hear of it, whatever it is
            answer = FAILED + f"{type(error).__name__}: {error}".encode()
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _read(requests: queue.Queue[Request]) -> None:
    # A thread of its own, so that the end of the parent is noticed in the middle of long work.
    with os.fdopen(0, "rb", closefd=False) as stream:
        while (values := _message(stream)) is not None and (body := _message(stream)) is not None:
            requests.put((json.loads(values), body))
    os._exit(0)


def _message(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None
