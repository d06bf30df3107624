"""Node: one step of a workflow while it runs, and how its end is told. Source: recordings 53_*."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Node:
    """A node while it runs; what is set here shows in its node_finished."""

    head: dict[str, Any]
    inputs: Any = None
    outputs: dict[str, Any] = field(default_factory=dict)
    process: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] | None = None
    began: float = field(default_factory=time.time)

    def finished(self, status: str, error: str | None = None) -> dict[str, Any]:
        """The `data` of node_finished, and of node_retry."""
        now = time.time()
        return {
            **{name: self.head[name] for name in ("id", "node_id", "node_type", "title")},
            "index": 1,
            "predecessor_node_id": None,
            "inputs": self.inputs,
            "inputs_truncated": False,
            "process_data": self.process,
            "process_data_truncated": False,
            "outputs": self.outputs,
            "outputs_truncated": False,
            "status": status,
            "error": error,
            "elapsed_time": round(now - self.began, 6),
            "execution_metadata": self.metadata,
            "created_at": int(self.began),
            "finished_at": int(now),
            "files": [],
            "iteration_id": self.head["iteration_id"],
            "loop_id": None,
        }
