"""Endings: what a chatflow's stream says last when no run, or no whole one, stands behind it. Source:
recordings 36_err_provider_down_flow, 81_chat_flow_local_file_other_app, a0_hitl_*."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from embedded.app import App
from embedded.frames import PING, frame
from embedded.tables.runs import Form
from embedded.usage import Usage

REASON = (
    "form_id",
    "form_content",
    "inputs",
    "actions",
    "node_id",
    "node_title",
    "resolved_default_values",
    "form_token",
    "approval_channels",
    "expiration_time",
)
NO_END = "Workflow stream ended without a terminal event"


def unplayed(app: App, error: str) -> bytes:
    """The stream of a run that could not even begin (recording 81_chat_flow_local_file_other_app)."""
    return PING + bogus_end(app, error)


def bogus_end(app: App, error: str = NO_END) -> bytes:
    """A failed run that never was: what follows when a chatflow's answer comes from elsewhere."""
    run_id, now = str(uuid4()), int(time.time())
    head = {"task_id": run_id, "workflow_run_id": run_id}
    data = {"id": run_id, "workflow_id": app.workflow_id}
    started = {**data, "inputs": {}, "created_at": now, "reason": "initial"}
    finished: dict[str, Any] = {
        **data,
        "status": "failed",
        "outputs": None,
        "error": error,
        "elapsed_time": 0.0,
        "total_tokens": 0,
        "total_steps": 0,
        "created_by": {},
        "created_at": now,
        "finished_at": now,
        "exceptions_count": 1,
        "files": [],
    }
    return frame({"event": "workflow_started", **head, "data": started}) + frame(
        {"event": "workflow_finished", **head, "data": finished}
    )


def paused(form: Form, run_id: str, created_at: int, steps: int, elapsed: float) -> dict[str, Any]:
    """The `data` of workflow_paused."""
    reason = {name: form.definition[name] for name in REASON}
    return {
        "workflow_run_id": run_id,
        "paused_nodes": [reason["node_id"]],
        "outputs": {},
        "reasons": [{"TYPE": "human_input_required", **reason}],
        "status": "paused",
        "created_at": created_at,
        "elapsed_time": round(elapsed, 6),
        "total_tokens": 0,
        "total_steps": steps,
    }


def metadata(resources: Sequence[Mapping[str, Any]], usage: Usage | None) -> dict[str, Any]:
    """The `metadata` of message_end, and of a run that pauses, which has no usage."""
    return {
        "annotation_reply": None,
        "retriever_resources": list(resources),
        "usage": usage.described() if usage else None,
        "reasoning": {},
    }
