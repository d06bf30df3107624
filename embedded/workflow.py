"""Workflow: one run of a chatflow as its nodes see it, and the events it sends. Source: recordings 53_*,
a0_*."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from embedded.app import App
from embedded.backend import Backend
from embedded.feeds import Feed
from embedded.frames import PING, Frames
from embedded.model import ModelFailed
from embedded.node import Node
from embedded.pacing import idle, paced
from embedded.records import Asked, Resource
from embedded.reply import Complete, Cut, Failed, Reply
from embedded.responses import ConnectionCut
from embedded.tasks import Task
from embedded.usage import Usage, tokens


class NodeFailed(Exception):
    """A node could not do its work: the run ends with these words."""


class Stopped(Exception):
    """Somebody asked the run to stop."""


class Paused(Exception):
    """The run waits for a human."""


class Workflow:
    """What nodes work with: the question, what was said so far, and the way to say more."""

    def __init__(
        self, backend: Backend, app: App, asked: Asked, query: str, feed: Feed, frames: Frames, task: Task
    ) -> None:
        self.backend, self.app, self.asked, self.query = backend, app, asked, query
        self.feed, self.frames, self.task = feed, frames, task
        self.began = time.monotonic()
        self.first: float | None = None
        self.said: list[str] = []
        self.resources: tuple[Resource, ...] = ()
        self.nodes: list[dict[str, Any]] = []
        self.spent = Usage(0, 0, 0.0, unpriced=True)
        self.iteration: str | None = None
        self.retries = 0

    def emit(self, event: str, data: Mapping[str, Any]) -> None:
        """Send an event of the run."""
        self.feed.put(self.frames.workflow(event, data))

    def say(self, text: str | bytes, *selector: str) -> None:
        """Send text of the answer; `selector` says where it comes from."""
        if isinstance(text, str):
            if self.first is None:
                self.first = self.passed()
            self.said.append(text)
        self.feed.put(self.frames.message(text, selector))

    def passed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @asynccontextmanager
    async def node(self, node_id: str, kind: str, title: str, key: str = "") -> AsyncIterator[Node]:
        """A node from its start to its end. Raises Stopped if it was asked to stop meanwhile."""
        head = {
            "id": key or str(uuid4()),
            "node_id": node_id,
            "node_type": kind,
            "title": title,
            "index": 1,
            "predecessor_node_id": None,
            "inputs": None,
            "inputs_truncated": False,
            "created_at": int(time.time()),
            "extras": {},
            "iteration_id": self.iteration,
            "loop_id": None,
            "agent_strategy": None,
        }
        self.emit("node_started", head)
        node = Node(head)
        try:
            yield node
            self.check()
        except NodeFailed as error:
            self._finish(node, "failed", str(error))
            raise
        except (Paused, Stopped):
            self.nodes.append(node.finished("paused"))
            raise
        self._finish(node, "succeeded")

    def check(self) -> None:
        """Raises Stopped or ConnectionCut where the run may not go on."""
        if self.task.cut:
            raise ConnectionCut
        if self.task.stopped:
            raise Stopped

    def retried(self, node: Node, number: int, error: str) -> None:
        """Say that a node is tried once more."""
        self.retries += 1
        self.emit("node_retry", {**node.finished("retry", error), "retry_index": number})

    async def stream(self, reply: Reply, *selector: str) -> str:
        """Say a reply as it comes; the whole of it. Raises NodeFailed where the reply fails."""
        start, ending = len(self.said), reply.ending
        try:
            async for batch in paced(reply, self.task):
                for chunk in batch:
                    self.say(chunk, *selector)
                if not batch:
                    self.feed.put(PING)
        except ModelFailed as error:
            ending = Failed(error.code, error.message, error.status)
        self.check()
        match ending:
            case Complete():
                self.say("", *selector)
            case Failed(message=message):
                raise NodeFailed(message)
            case Cut(whole, after):
                # The run goes on without its reader, and history has it all.
                self.feed.end(cut=True)
                await idle(after or 0, self.task)
                self.said[start:] = [whole] if after is not None else []
            case _:
                await idle(ending.seconds, self.task)
                raise ConnectionCut
        return "".join(self.said[start:])

    def pay(self, answer: str) -> Usage:
        """What a model's answer cost, counted into the run."""
        latency = self.passed()
        self.spent = Usage(tokens(self.query), tokens(answer), latency, min(self.first or 0.0, latency))
        return self.spent

    async def assign(self, values: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> None:
        """A variable assigner: change conversation variables."""
        async with self.node("assign", "assigner", "Variable Assigner") as node:
            await self.assigned(node, values, operations)

    async def assigned(
        self, node: Node, values: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]
    ) -> None:
        """Change conversation variables from within a node."""
        await asyncio.to_thread(self.backend.variables.set, self.asked.conversation_id, values)
        node.inputs = {"type": "assigner", "version": "2", "items": list(operations)}
        updated = [
            {"name": name, "selector": ["conversation", name], "new_value": value}
            for name, value in values.items()
        ]
        node.process = {**values, "__updated_variables": updated}

    def _finish(self, node: Node, status: str, error: str | None = None) -> None:
        data = node.finished(status, error)
        self.nodes.append(data)
        self.emit("node_finished", data)


async def start(flow: Workflow) -> None:
    """The start node of every way."""
    async with flow.node("start", "start", "Start") as node:
        node.inputs = node.outputs = dict(flow.asked.inputs)


async def answered(flow: Workflow, node_id: str, title: str, text: str | None = None) -> None:
    """An answer node; without a text, its own is everything said so far."""
    async with flow.node(node_id, "answer", title) as node:
        node.inputs = {}
        node.outputs = {"answer": "".join(flow.said) if text is None else text, "files": []}
