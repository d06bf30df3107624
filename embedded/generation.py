"""Generation: one reply being given, from its first chunk to its row in history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from embedded.backend import Backend
from embedded.frames import PING, Frames
from embedded.pacing import paced
from embedded.records import Asked, Outcome
from embedded.reply import Complete, Cut, Failed, Reply
from embedded.responses import ConnectionCut
from embedded.usage import Usage, tokens


class Generation:
    """Plays a reply. Once `frames` has ended, `answer`, `failure` and `metadata` say how.

    A client that goes away before the end leaves an empty answer behind, as on a real server (recording
    b0_disconnect_chat_stream): whoever wants an answer has to read it to its end.
    """

    def __init__(self, backend: Backend, asked: Asked, query: str, reply: Reply) -> None:
        self._backend = backend
        self._query = query
        self._reply = reply
        self._began = time.monotonic()
        self.asked = asked
        self.task_id = ""
        self.answer = ""
        self.failure: Failed | None = None
        self.metadata: dict[str, Any] = {}

    async def frames(self, user: str) -> AsyncIterator[bytes]:
        """The event stream. Raises ConnectionCut where the connection is to break."""
        said: list[str] = []
        first = 0.0
        with self._backend.tasks.running(user) as task:
            self.task_id = task.id
            frames = Frames(self.asked, task.id)
            async for batch in paced(self._reply, task):
                if batch and not said:
                    first = self._passed()
                said += batch
                yield b"".join(map(frames.message, batch)) or PING
            self.answer = "".join(said)
            if task.stopped:
                await self._end(Usage(0, 0, self._passed()))
                yield frames.message_end(self.metadata)
                return
            match self._reply.ending:
                case Complete():
                    yield frames.message("")
                    await self._end(Usage(tokens(self._query), tokens(self.answer), self._passed(), first))
                    yield frames.message_end(self.metadata)
                case Failed() as failure:
                    self.failure = failure
                    await self._keep(Outcome("", "error", failure.message))
                    yield frames.error(failure)
                case Cut(whole, after):
                    frame = frames.message(" and")
                    yield frame[: len(frame) // 2]
                    if after is not None:
                        outcome = self._normal(whole)
                        self._backend.tasks.later(after, lambda: self._keep(outcome))
                    raise ConnectionCut

    async def _end(self, usage: Usage) -> None:
        # History first: who reads it after the last frame finds the answer.
        self.metadata = {
            "retriever_resources": list(self._reply.resources),
            "usage": usage.described(),
            "reasoning": {},
        }
        await self._keep(
            Outcome(
                self.answer,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                latency=usage.latency,
                resources=self._reply.resources,
            )
        )

    def _normal(self, whole: str) -> Outcome:
        return Outcome(
            whole,
            prompt_tokens=tokens(self._query),
            completion_tokens=tokens(whole),
            latency=self._passed(),
            resources=self._reply.resources,
        )

    async def _keep(self, outcome: Outcome) -> None:
        await asyncio.to_thread(self._backend.store.finish, self.asked.message_id, outcome)

    def _passed(self) -> float:
        return time.monotonic() - self._began
