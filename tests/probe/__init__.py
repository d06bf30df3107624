"""Looks into a process of the product from outside.

probed = Probed(folder)
with served(folder, **probed.environ) as site:
    before = probed.look(site.process.pid)
    ...
    grown = probed.look(site.process.pid).beyond(before)
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.site import until


@dataclass(frozen=True)
class Seen:
    """One process at one moment."""

    memory: int
    """Bytes of it that are in the machine's memory."""
    threads: int
    files: int
    objects: Counter[str]
    """How many there are of each type, by its name: what cannot be part of a cycle is not counted."""
    lines: Counter[str]
    """Bytes by the line that took them, where tracemalloc traces."""

    def beyond(self, before: Seen) -> Seen:
        """What there is more of."""
        return Seen(
            self.memory - before.memory,
            self.threads - before.threads,
            self.files - before.files,
            self.objects - before.objects,
            self.lines - before.lines,
        )

    def __str__(self) -> str:
        most = ", ".join(f"{name} {count}" for name, count in self.objects.most_common(12))
        lines = "".join(f"\n    {size:>12,} {line}" for line, size in self.lines.most_common(25))
        where = f"{self.memory / 1e6:.1f} MB, {self.threads} threads, {self.files} files"
        return f"{where}, {self.objects.total():,} objects: {most}{lines}"


class Probed:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)

    @property
    def environ(self) -> dict[str, str]:
        """For the process, and handed on to its children."""
        return {"PYTHONPATH": str(Path(__file__).parent), "PROBED": str(self._folder)}

    def look(self, pid: int) -> Seen:
        told = self._folder / f"{pid}.json"
        told.unlink(missing_ok=True)
        os.kill(pid, signal.SIGUSR1)
        until(told.exists, f"what process {pid} tells")
        counts = json.loads(told.read_text(encoding="utf-8"))
        own = Path(f"/proc/{pid}")
        pages = int((own / "statm").read_text().split()[1])
        return Seen(
            memory=pages * os.sysconf("SC_PAGE_SIZE"),
            threads=len(list((own / "task").iterdir())),
            files=len(list((own / "fd").iterdir())),
            objects=Counter(counts["objects"]),
            lines=Counter(counts.get("lines", {})),
        )
