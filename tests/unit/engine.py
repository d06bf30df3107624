"""An engine that does what a test wants, run as `python -m tests.unit.engine` by a Worker."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from embedded.engines.serving import Handle, Missing, Unusable, serve


def handle(values: dict[str, Any], body: bytes) -> bytes:
    match values["do"]:
        case "pid":
            return str(os.getpid()).encode()
        case "echo":
            return body
        case "print":
            print("a library says hello", flush=True)
            os.write(1, b"and so does its C part")
            return b"done"
        case "unusable":
            raise Unusable("because")
        case "missing":
            raise Missing("because")
        case "die":
            with Path(values["log"]).open("a") as log:
                log.write("x")
            os._exit(1)
        case "hang":
            time.sleep(600)
        case "environment":
            return json.dumps(dict(os.environ)).encode()
    raise ValueError("because")


def prepare() -> Handle:
    return handle


if __name__ == "__main__":
    serve(prepare, float(sys.argv[1]))
