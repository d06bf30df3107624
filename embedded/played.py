"""How a chatflow's run went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from embedded.feeds import Feed


@dataclass(slots=True)
class Played:
    """How a run went, once `feed` has ended: `status` succeeded, failed, stopped or paused."""

    feed: Feed
    run_id: str
    task_id: str = ""
    status: str = "running"
    error: str = ""
    answer: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    paused: dict[str, Any] = field(default_factory=dict)
