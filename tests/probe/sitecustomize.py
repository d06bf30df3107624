"""What is alive in a process: Python imports this by its name, where a test puts its folder on PYTHONPATH.

SIGUSR1 has the process write it down, to `<process id>.json` in the folder that PROBED names. With
PYTHONTRACEMALLOC set, that also says where memory was taken.
"""

import gc
import json
import os
import signal
import tracemalloc
from collections import Counter
from pathlib import Path
from types import FrameType


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _write(_number: int, _frame: FrameType | None) -> None:
    for _ in range(3):
        gc.collect()
    told = {"objects": Counter(_name(type(each)) for each in gc.get_objects())}
    if tracemalloc.is_tracing():
        lines = tracemalloc.take_snapshot().statistics("lineno")
        told["lines"] = Counter({str(line.traceback[0]): line.size for line in lines})
    path = Path(os.environ["PROBED"], f"{os.getpid()}.json")
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(told), encoding="utf-8")
    draft.replace(path)


signal.signal(signal.SIGUSR1, _write)
