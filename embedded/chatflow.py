"""Chatflow: runs that begin, pause, go on and end, whether or not anybody reads along. Source: recordings
41_stop_flow_*, 53_*, a0_* to a2_*, b0_disconnect_flow_*."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from embedded.app import App
from embedded.approval import resume
from embedded.backend import Backend
from embedded.endings import metadata, paused
from embedded.frames import PING, Frames
from embedded.paths import follow
from embedded.played import Played
from embedded.records import Asked, Outcome
from embedded.responses import ConnectionCut
from embedded.tables.runs import Form, Run
from embedded.usage import Usage
from embedded.workflow import NodeFailed, Paused, Stopped, Workflow

ABORTED = "Aborted: User requested stop"


def begin(backend: Backend, app: App, user: str, asked: Asked, query: str, base: str) -> Played:
    """Start a run; from the event loop."""
    run_id = str(uuid4())
    played = Played(backend.feeds.begin(run_id), run_id, str(uuid4()))
    run = _Run(backend, app, user, asked, query, played, base)
    backend.tasks.start(run.play("initial", lambda flow: follow(flow, base)))
    return played


def go_on(
    backend: Backend, app: App, run: Run, form: Form, asked: Asked, query: str, said: str, base: str
) -> None:
    """Resume a run whose form was answered; from the event loop. `said` is its text so far."""
    played = Played(backend.feeds.begin(run.id, resumed=True), run.id, run.task_id)
    again = _Run(backend, app, run.user, asked, query, played, base)
    again.nodes = [dict(each) for each in run.nodes if each["status"] != "paused"]
    again.said = [said]
    key = next((each["id"] for each in run.nodes if each["status"] == "paused"), "")
    backend.tasks.start(again.play("resumption", lambda flow: resume(flow, form, key)))


class _Run:
    def __init__(
        self,
        backend: Backend,
        app: App,
        user: str,
        asked: Asked,
        query: str,
        played: Played,
        base: str,
    ) -> None:
        self._base = base
        self._backend, self._app, self._user = backend, app, user
        self._asked, self._query, self._played = asked, query, played
        self.nodes: list[dict[str, Any]] = []
        self.said: list[str] = []

    async def play(self, reason: str, way: Callable[[Workflow], Awaitable[None]]) -> None:
        """From workflow_started to the end of the feed."""
        played, cut = self._played, False
        inputs = self._inputs()
        if reason == "initial":
            await asyncio.to_thread(self._enter, inputs)
        with self._backend.tasks.running(self._user, played.task_id, anyone=True) as task:
            frames = Frames(self._asked, task.id, played.run_id)
            flow = Workflow(self._backend, self._app, self._asked, self._query, played.feed, frames, task)
            flow.nodes, flow.said = self.nodes, self.said
            played.feed.put(PING)
            flow.emit(
                "workflow_started",
                {
                    "id": played.run_id,
                    "workflow_id": self._app.workflow_id,
                    "inputs": inputs,
                    "created_at": int(time.time()),
                    "reason": reason,
                },
            )
            try:
                await way(flow)
                await self._succeed(flow)
            except Paused:
                await self._pause(flow)
            except NodeFailed as error:
                await self._fail(flow, "failed", str(error))
            except Stopped:
                await self._fail(flow, "stopped", ABORTED)
            except ConnectionCut:
                cut = True
            finally:
                played.feed.end(cut)
                self._backend.feeds.forget(played.run_id, played.feed)

    def _enter(self, inputs: Mapping[str, Any]) -> None:
        self._backend.variables.create(self._asked.conversation_id, self._app.variables)
        played, app = self._played, self._app
        self._backend.runs.begin(
            played.run_id, self._asked.message_id, app.id, self._user, played.task_id, inputs
        )

    def _inputs(self) -> dict[str, Any]:
        return {
            **self._asked.inputs,
            "sys.query": self._query,
            "sys.files": [],
            "sys.user_id": self._user,
            "sys.dialogue_count": self._asked.number,
            "sys.app_id": self._app.id,
            "sys.workflow_id": self._app.workflow_id,
            "sys.workflow_run_id": self._played.run_id,
        }

    async def _succeed(self, flow: Workflow) -> None:
        played = self._played
        played.answer, played.status = "".join(flow.said), "succeeded"
        usage = flow.spent if flow.spent.latency else Usage(0, 0, 0.0, flow.first or 0.0, unpriced=True)
        played.metadata = metadata(flow.resources, usage)
        outputs = {"answer": played.answer, "files": []}
        await self._keep(
            flow,
            usage,
            Outcome(
                played.answer,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                latency=flow.passed(),
                resources=flow.resources,
            ),
            outputs,
        )
        links = self._backend.links
        files = [each.at_the_end(links.of(each, self._base)) for each in self._asked.files]
        played.feed.put(flow.frames.message_end(played.metadata, files))
        flow.emit("workflow_finished", self._finished(flow, "succeeded", outputs, None, usage))

    async def _fail(self, flow: Workflow, status: str, error: str) -> None:
        played = self._played
        played.status, played.error = status, error
        outcome = Outcome("", "error", f"Run failed: {error}")
        await self._keep(flow, Usage(0, 0, 0.0), outcome, {})
        flow.emit("workflow_finished", self._finished(flow, "failed", {}, error, Usage(0, 0, 0.0)))

    async def _pause(self, flow: Workflow) -> None:
        played = self._played
        played.answer, played.status = "".join(flow.said), "paused"
        await self._keep(flow, Usage(0, 0, 0.0), Outcome(played.answer, "paused", latency=flow.passed()), {})
        form = await asyncio.to_thread(self._backend.runs.form_of, played.run_id)
        if form is not None:
            data = paused(form, played.run_id, int(time.time()), len(flow.nodes), flow.passed())
            played.metadata = metadata(flow.resources, None)
            played.paused = data
            flow.emit("workflow_paused", data)

    async def _keep(self, flow: Workflow, usage: Usage, outcome: Outcome, outputs: Mapping[str, Any]) -> None:
        played, backend = self._played, self._backend
        total = usage.prompt_tokens + usage.completion_tokens
        error = played.error or None

        def write() -> None:
            backend.runs.change(played.run_id, played.status, flow.nodes, outputs, error, total)
            backend.store.finish(self._asked.message_id, outcome)

        await asyncio.to_thread(write)

    def _finished(
        self, flow: Workflow, status: str, outputs: Mapping[str, Any], error: str | None, usage: Usage
    ) -> dict[str, Any]:
        return {
            "id": self._played.run_id,
            "workflow_id": self._app.workflow_id,
            "status": status,
            "outputs": dict(outputs),
            "error": error,
            "elapsed_time": round(flow.passed(), 6),
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
            "total_steps": len(flow.nodes),
            "created_by": {"id": self._backend.end_users.id_of(self._app.id, self._user), "user": self._user},
            "created_at": int(self._asked.created_at),
            "finished_at": int(time.time()),
            "exceptions_count": flow.retries + (1 if status == "failed" and error != ABORTED else 0),
            "files": [],
        }
