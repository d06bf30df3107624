"""Workflow runs: read along, and look at one. Source: recordings a2_*, a3_workflow_run_detail,
b0_disconnect_flow_reattach, 41_stop_flow_simple_run_detail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from embedded.app import App
from embedded.backend import Backend
from embedded.caller import Caller, keyed
from embedded.endings import paused
from embedded.errors import Refused, not_found
from embedded.frames import PING, Frames
from embedded.records import Message
from embedded.responses import CompactJSON, EventStream
from embedded.tables.runs import Run

UNKNOWN = "Workflow run not found"
TRUE = ("1", "true", "True")

router = APIRouter()
Reader = Annotated[Caller, Depends(keyed)]


@router.get("/workflow/{run_id}/events")
async def events(caller: Reader, run_id: str, request: Request) -> Response:
    """A run's events from now on. With `include_state_snapshot` what happened before comes first; a paused
    run ends there unless `continue_on_pause`. A finished run has one event."""
    user = caller.named()
    if not caller.app.is_chatflow:
        message = "Please check if your app mode matches the right API route."
        raise Refused(400, "not_workflow_app", message)
    run = await asyncio.to_thread(caller.backend.runs.one, caller.app.id, run_id)
    if run is None or run.user != user:
        raise not_found(UNKNOWN)
    snapshot = request.query_params.get("include_state_snapshot") in TRUE
    onward = request.query_params.get("continue_on_pause") in TRUE
    asked = await asyncio.to_thread(caller.backend.store.message, caller.app.id, user, run.message_id)
    if asked is None:
        raise not_found(UNKNOWN)
    told = _events(caller.backend, caller.app, run, asked, snapshot, onward)
    return EventStream(told, headers={"Cache-Control": "no-cache", "Connection": "keep-alive"})


@router.get("/workflows/run/{run_id}")
def detail(caller: Reader, run_id: str) -> Response:
    """How a run went."""
    run = caller.backend.runs.one(caller.app.id, run_id)
    if run is None:
        raise not_found(UNKNOWN)
    return CompactJSON(
        {
            "id": run.id,
            "workflow_id": caller.app.workflow_id,
            "status": run.status,
            "inputs": json.dumps(dict(run.inputs)),
            "outputs": run.outputs,
            "error": run.error,
            "total_steps": len(run.nodes),
            "total_tokens": run.tokens,
            "created_at": int(run.created_at),
            "finished_at": int(run.finished_at) if run.finished_at else None,
            "elapsed_time": run.elapsed,
        }
    )


async def _events(
    backend: Backend, app: App, run: Run, message: Message, snapshot: bool, onward: bool
) -> AsyncIterator[bytes]:
    frames = Frames(message.asked(1), run.task_id, run.id)
    waits = run.status == "paused"
    feed = backend.feeds.expect(run.id) if waits else backend.feeds.get(run.id)
    # What was sent between the look at the database and now is in the feed: it is read from its beginning
    # where that is where the run went on.
    start = 0 if feed is None or feed.resumed or waits else feed.length
    if feed is None or start or not feed.length:
        yield PING  # a feed begins with one
    if feed is None and run.status != "running":
        yield frames.workflow("workflow_finished", await asyncio.to_thread(_finished, backend, app, run))
        return
    if snapshot:
        yield await asyncio.to_thread(_snapshot, backend, app, run, message, frames)
        if waits and not onward:
            return
    if feed is not None:
        async for each in feed.read(start):
            yield each


def _snapshot(backend: Backend, app: App, run: Run, message: Message, frames: Frames) -> bytes:
    data = {"id": run.id, "workflow_id": app.workflow_id, "inputs": run.inputs}
    started = {**data, "created_at": int(run.created_at), "reason": "initial"}
    told = [("workflow_started", started)]
    for index, node in enumerate(run.nodes, 1):
        told += _node(index, node)
    form = backend.runs.form_of(run.id) if run.status == "paused" else None
    if form is not None:
        state = paused(form, run.id, int(run.created_at), len(run.nodes), 0.0)
        told += [("human_input_required", dict(form.definition)), ("workflow_paused", state)]
    first, *rest = (frames.told_again(event, data=data) for event, data in told)
    text = frames.told_again("message_replace", answer=message.outcome.answer, reason="")
    return b"".join((first, text, *rest))


def _node(index: int, node: Any) -> list[tuple[str, dict[str, Any]]]:
    # A snapshot knows less of a node than the stream did (recording a2_events_after_resume).
    shared = {name: node[name] for name in ("id", "node_id", "node_type", "title")}
    shared |= {"index": index, "predecessor_node_id": None, "inputs": None}
    where = {"iteration_id": node["iteration_id"], "loop_id": None}
    times = {"created_at": node["created_at"]}
    ended = {
        "process_data": None,
        "outputs": None,
        "status": node["status"],
        "error": node["error"],
        "elapsed_time": node["elapsed_time"],
        "execution_metadata": None,
        **times,
        "finished_at": node["finished_at"],
        "files": [],
    }
    return [
        ("node_started", {**shared, **times, "extras": {}, **where}),
        ("node_finished", {**shared, **ended, **where}),
    ]


def _finished(backend: Backend, app: App, run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "workflow_id": app.workflow_id,
        "status": run.status,
        "outputs": run.outputs,
        "error": run.error,
        "elapsed_time": run.elapsed,
        "total_tokens": run.tokens,
        "total_steps": len(run.nodes),
        "created_by": {"id": backend.end_users.id_of(app.id, run.user), "user": run.user},
        "created_at": int(run.created_at),
        "finished_at": int(run.finished_at or run.created_at),
        "exceptions_count": 0,
        "files": [],
    }
