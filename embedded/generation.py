"""Generation: one reply being given, from its first chunk to its row in history. This one is a basic chat
app's; `agent` and `chatflow` hold the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

from embedded.app import App
from embedded.backend import Backend
from embedded.frames import PING, Frames
from embedded.model import ModelFailed
from embedded.pacing import idle, paced
from embedded.readaloud import ReadAloud
from embedded.records import Asked, Outcome, Thought
from embedded.reply import Chunk, Complete, Cut, Ending, Failed, Reply, Stalled
from embedded.responses import ConnectionCut
from embedded.tables.attachments import Attachment
from embedded.tasks import Task
from embedded.usage import Usage, tokens


class Generation:
    """Plays a reply. Once `frames` has ended, `answer`, `failure` and `metadata` say how.

    A client that goes away before the end leaves an empty answer behind, as on a real server (recording
    b0_disconnect_chat_stream): whoever wants an answer has to read it to its end.
    """

    def __init__(self, backend: Backend, app: App, asked: Asked, query: str, reply: Reply, base: str) -> None:
        self._backend = backend
        self._app = app
        self._query = query
        self._reply = reply
        self._base = base
        self._began = time.monotonic()
        self._first = 0.0
        self._ending: Ending = reply.ending
        self._said: list[str] = []
        self.asked = asked
        self.task_id = ""
        self.answer = ""
        self.failure: Failed | None = None
        self.metadata: dict[str, Any] = {}

    async def frames(self, user: str) -> AsyncIterator[bytes]:
        """The event stream. Raises ConnectionCut where the connection is to break."""
        with self._backend.tasks.running(user) as task:
            self.task_id = task.id
            frames = Frames(self.asked, task.id)
            if not self._app.features.autoplay:
                async for each in self._answered(frames, task):
                    yield each
                return
            async with ReadAloud(self._backend.speech) as voice:
                async for each in self._answered(frames, task, voice):
                    yield each
                    for audio in voice.ready():
                        yield frames.tts_message(audio)
                async for audio in voice.rest():
                    yield frames.tts_message(audio)
            if self.failure is None:
                yield frames.tts_message_end()

    async def _answered(
        self, frames: Frames, task: Task, voice: ReadAloud | None = None
    ) -> AsyncIterator[bytes]:
        async for batch in self._spoken(task):
            if voice:
                voice.read("".join(each for each in batch if isinstance(each, str)))
            yield b"".join(map(frames.message, batch)) or PING
        async for each in self._closed(frames, task):
            yield each

    async def _closed(self, frames: Frames, task: Task) -> AsyncIterator[bytes]:
        self.answer = "".join(self._said)
        if task.stopped:
            self.answer = self._kept_when_stopped()
            await self._end(Usage(0, 0, self._passed()))
            yield frames.message_end(self.metadata, self._files())
            return
        match self._ending:
            case Complete():
                for each in self._last(frames):
                    yield each
                replaced = self._moderated()
                if replaced is not None:
                    yield frames.message_replace(replaced, "")
                    self.answer = replaced
                await self._end(self._cost())
                yield frames.message_end(self.metadata, self._files())
            case Failed() as failure:
                self.failure = failure
                await self._keep(Outcome("", "error", failure.message))
                yield frames.error(failure)
            case Cut(whole, after):
                cut = frames.message(" and")
                yield cut[: len(cut) // 2]
                if after is not None:
                    self.answer = whole
                    outcome = self._outcome(self._cost())
                    self._backend.tasks.later(after, lambda: self._keep(outcome))
                raise ConnectionCut
            case Stalled(seconds):
                await idle(seconds, task)
                raise ConnectionCut

    def _last(self, frames: Frames) -> Iterator[bytes]:
        if not self._reply.preset:
            yield frames.message("")

    def _kept_when_stopped(self) -> str:
        return self.answer

    async def _spoken(self, task: Task) -> AsyncIterator[list[Chunk]]:
        # What a model raises becomes the ending; everything said before it is out already.
        try:
            async for batch in paced(self._reply, task):
                if batch and not self._said:
                    self._first = self._passed()
                self._said += (each for each in batch if isinstance(each, str))
                yield batch
        except ModelFailed as error:
            self._ending = Failed(error.code, error.message, error.status)

    def _moderated(self) -> str | None:
        moderation = self._app.moderation
        if moderation is None or self._reply.preset or not moderation.objects_to(self.answer):
            return None
        return moderation.instead_of_answer

    def _cost(self) -> Usage:
        if self._reply.preset:
            return Usage(0, 0, self._passed(), unpriced=True)
        return Usage(tokens(self._query), tokens(self.answer), self._passed(), self._first)

    def _files(self) -> list[dict[str, Any]]:
        return [self._shown(each) for each in self.asked.files]

    def _shown(self, attachment: Attachment) -> dict[str, Any]:
        return attachment.at_the_end(self._backend.links.of(attachment, self._base))

    async def _end(self, usage: Usage) -> None:
        # History first: who reads it after the last frame finds the answer.
        annotation = {"annotation_reply": dict(self._reply.annotation)} if self._reply.annotation else {}
        cited = self._reply.resources if self._app.features.cites else ()
        self.metadata = {
            **annotation,
            "retriever_resources": list(cited),
            "usage": usage.described(),
            "reasoning": {},
        }
        await self._keep(self._outcome(usage))

    def _outcome(self, usage: Usage) -> Outcome:
        return Outcome(
            self.answer,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            latency=usage.latency,
            resources=self._reply.resources if self._app.features.cites else (),
            thoughts=self._thoughts(),
        )

    def _thoughts(self) -> tuple[Thought, ...]:
        return ()

    async def _keep(self, outcome: Outcome) -> None:
        await asyncio.to_thread(self._backend.store.finish, self.asked.message_id, outcome)

    def _passed(self) -> float:
        return time.monotonic() - self._began
