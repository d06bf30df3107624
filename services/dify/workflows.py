"""Workflow runs behind a chatflow's answer. Recordings a2_*, a3_*, 41_stop_flow_simple_run_detail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import mapping, number, text, whole
from services.dify.records import moment
from services.dify.stream import ChatStream, opened


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    id: str
    status: str = ""
    """running, succeeded, failed, stopped, partial-succeeded, paused."""
    error: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    total_steps: int | None = None
    total_tokens: int | None = None
    created_at: float | None = None
    finished_at: float | None = None
    elapsed: float | None = None
    """Seconds."""

    @classmethod
    def from_json(cls, value: Any) -> WorkflowRun:
        row = mapping(value)
        return cls(
            id=text(row.get("id")),
            status=text(row.get("status")),
            error=text(row.get("error")),
            outputs=mapping(_unpacked(row.get("outputs"))),
            total_steps=whole(row.get("total_steps")),
            total_tokens=whole(row.get("total_tokens")),
            created_at=moment(row.get("created_at")),
            finished_at=moment(row.get("finished_at")),
            elapsed=number(row.get("elapsed_time")),
        )


def _unpacked(value: Any) -> Any:
    """Some servers send an object as JSON text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


class Workflows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def events(
        self, run_id: str, user: str, *, snapshot: bool = False, continue_on_pause: bool | None = None
    ) -> AbstractContextManager[ChatStream]:
        """The rest of a chatflow run that a form had paused; `snapshot` repeats what came before.

        Only the end user who asked sees it (NotFound otherwise); basic chats have none (Invalid).
        """
        params = {
            "user": user,
            "include_state_snapshot": "true" if snapshot else "false",
            "continue_on_pause": None if continue_on_pause is None else str(continue_on_pause).lower(),
        }
        return opened(self._connection, "GET", f"/workflow/{segment(run_id)}/events", params=params)

    def run(self, run_id: str) -> WorkflowRun:
        """Tells "stopped" from "failed", which the stream does not."""
        return WorkflowRun.from_json(self._connection.ask("GET", f"/workflows/run/{segment(run_id)}"))
