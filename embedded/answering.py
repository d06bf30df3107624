"""Answering: the way from a question to what goes back, for each kind of app, streamed or whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Response

from embedded import chatflow, given
from embedded.agent import AgentGeneration
from embedded.backend import Backend
from embedded.caller import Caller
from embedded.demo import demonstrate
from embedded.endings import bogus_end
from embedded.errors import Refused, broken, invalid
from embedded.frames import Frames
from embedded.generation import Generation
from embedded.played import Played
from embedded.records import Asked, Outcome
from embedded.reply import Reply
from embedded.responses import ConnectionCut, EventStream, SpacedJSON
from embedded.usage import Usage


class Answer(Protocol):
    """An answer that is about to be given."""

    def streamed(self) -> Response:
        """As an event stream."""

    async def whole(self) -> Response:
        """At once, when it is complete. Raises Refused where it fails."""


async def prepare(caller: Caller, user: str, asked: Asked, query: str) -> Answer:
    """The answer to a question that was written down. Raises Refused where a demo question asks for that."""
    backend, app = caller.backend, caller.app
    shown = demonstrate(query)
    if shown is not None and shown.refusal is not None:
        raise shown.refusal
    early = await asyncio.to_thread(backend.before_answering, app, query)
    if app.is_chatflow:
        if early is not None:
            return _FromElsewhere(caller, user, asked, early)
        return _OfChatflow(caller, chatflow.begin(backend, app, user, asked, query, caller.base), asked)
    if app.mode == "agent-chat":
        at_once = early or shown
        return _OfChat(caller, user, AgentGeneration(backend, app, asked, query, at_once, caller.base))
    if early is None:
        early = await asyncio.to_thread(_replied, backend, asked, query)
    return _OfChat(caller, user, Generation(backend, app, asked, query, early, caller.base))


def _replied(backend: Backend, asked: Asked, query: str) -> Reply:
    return backend.reply_to(asked, query, given.described(backend, asked.files))


@dataclass(frozen=True, slots=True)
class _OfChat:
    caller: Caller
    user: str
    generation: Generation

    def streamed(self) -> Response:
        return EventStream(self._frames())

    async def _frames(self) -> AsyncIterator[bytes]:
        with self.caller.backend.tasks.busy(self.caller.app.id):
            async for each in self.generation.frames(self.user):
                yield each

    async def whole(self) -> Response:
        generation = self.generation
        try:
            async for _ in self._frames():
                pass
        except ConnectionCut:
            raise broken() from None
        if generation.failure:
            raise Refused(400, "completion_request_error", generation.failure.message)
        metadata = {"annotation_reply": None, **generation.metadata}
        usage = metadata["usage"]
        if "time_to_first_token" not in usage:
            usage |= {"time_to_first_token": None, "time_to_generate": None}
        return SpacedJSON(
            _message(self.caller, generation.asked, generation.task_id, generation.answer, metadata)
        )


@dataclass(frozen=True, slots=True)
class _OfChatflow:
    caller: Caller
    played: Played
    asked: Asked

    def streamed(self) -> Response:
        return EventStream(self.played.feed.read())

    async def whole(self) -> Response:
        played = self.played
        try:
            async for _ in played.feed.read():
                pass
        except ConnectionCut:
            raise broken() from None
        if played.status in ("failed", "stopped"):
            raise invalid(f"Run failed: {played.error}")
        message = _message(self.caller, self.asked, played.task_id, played.answer, played.metadata)
        if played.status == "paused":
            shared = {name: message[name] for name in ("mode", "conversation_id", "message_id")}
            rest = {name: message[name] for name in ("answer", "metadata", "created_at")}
            waiting = {name: played.paused[name] for name in ("paused_nodes", "reasons", "status")}
            spent = {name: played.paused[name] for name in ("elapsed_time", "total_tokens", "total_steps")}
            run = {"workflow_run_id": played.run_id}
            data = {"id": message["id"], **shared, **run, **rest, **waiting, **spent}
            message |= {"event": "workflow_paused", **run, "data": data}
        return SpacedJSON(message)


@dataclass(frozen=True, slots=True)
class _FromElsewhere:
    """A chatflow's answer that no run gave: an annotation's. A real server sends a failed run after it."""

    caller: Caller
    user: str
    asked: Asked
    reply: Reply

    def _text(self) -> str:
        return "".join(each for each in self.reply.chunks if isinstance(each, str))

    async def _keep(self) -> dict[str, Any]:
        store = self.caller.backend.store
        await asyncio.to_thread(store.finish, self.asked.message_id, Outcome(self._text()))
        annotation = dict(self.reply.annotation) if self.reply.annotation else None
        usage = Usage(0, 0, 0.0, unpriced=True).described()
        return {"annotation_reply": annotation, "retriever_resources": [], "usage": usage, "reasoning": {}}

    def streamed(self) -> Response:
        return EventStream(self._frames())

    async def _frames(self) -> AsyncIterator[bytes]:
        with self.caller.backend.tasks.running(self.user, anyone=True) as task:
            frames = Frames(self.asked, task.id)
            yield frames.message(self._text(), ("answer", "answer"))
            yield frames.message_end(await self._keep())
            yield bogus_end(self.caller.app)

    async def whole(self) -> Response:
        return SpacedJSON(_message(self.caller, self.asked, "", self._text(), await self._keep()))


async def said(stream: bytes) -> AsyncIterator[bytes]:
    """Bytes as a stream of their own."""
    yield stream


def _message(
    caller: Caller, asked: Asked, task_id: str, answer: str, metadata: dict[str, Any]
) -> dict[str, Any]:
    return {
        "event": "message",
        "task_id": task_id,
        "id": asked.message_id,
        "message_id": asked.message_id,
        "conversation_id": asked.conversation_id,
        "mode": caller.app.mode,
        "answer": answer,
        "metadata": metadata,
        "created_at": int(asked.created_at),
    }
