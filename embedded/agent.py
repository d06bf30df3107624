"""Agent: answers that call tools on the way. Source: recordings 52_agent_*, 41_stop_agent_*, b2_agent_*."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

from embedded.app import App
from embedded.backend import Backend
from embedded.frames import Frames
from embedded.generation import Generation
from embedded.readaloud import ReadAloud
from embedded.records import Asked, Outcome, Thought
from embedded.reply import Reply
from embedded.tables.attachments import Attachment
from embedded.tasks import Task
from embedded.tools import Found, Tool, wanted


class AgentGeneration(Generation):
    """Plays a reply after the tools that the question asks for. The same thought is sent up to three times,
    each time with more in it; a client replaces it by its id."""

    def __init__(
        self, backend: Backend, app: App, asked: Asked, query: str, reply: Reply | None, base: str
    ) -> None:
        super().__init__(backend, app, asked, query, reply or Reply(), base)
        self._calls = [] if reply else wanted(query)
        self._plain = reply is None
        self._had: list[Thought] = []

    async def _answered(
        self, frames: Frames, task: Task, voice: ReadAloud | None = None
    ) -> AsyncIterator[bytes]:
        found: list[tuple[Tool, Found]] = []
        for tool, values in self._calls:
            self._had.append(_thought(len(self._had) + 1))
            async for each in self._called(frames, tool, values, found):
                yield each
            if task.stopped:
                break
        if found or self._plain:
            self._reply = await asyncio.to_thread(self._concluded, found)
            self._ending = self._reply.ending
        self._had.append(_thought(len(self._had) + 1))
        yield frames.agent_thought(self._had[-1])
        start = len(self._said)
        async for batch in self._spoken(task):
            texts = "".join(each for each in batch if isinstance(each, str))
            if voice:
                voice.read(texts)
            self._had[-1]["thought"] = "".join(self._said[start:])
            yield b"".join(map(frames.agent_message, batch)) or b"event: ping\n\n"
        async for each in self._closed(frames, task):
            yield each

    async def _called(
        self, frames: Frames, tool: Tool, values: dict[str, Any], found: list[tuple[Tool, Found]]
    ) -> AsyncIterator[bytes]:
        thought, intent = self._had[-1], f"I will use {tool.label}. "
        yield frames.agent_thought(thought)
        for text in (intent, ""):
            yield frames.agent_message(text)
        self._said.append(intent)
        thought |= {
            "thought": intent,
            "tool": tool.name,
            "tool_labels": {tool.name: tool.labels},
            "tool_input": json.dumps({tool.name: values}, ensure_ascii=False),
        }
        yield frames.agent_thought(thought)
        brought = await asyncio.to_thread(tool.run, values, self._backend.knowledge)
        found.append((tool, brought))
        if brought.image is not None:
            drawn = await asyncio.to_thread(self._drawn, brought.image)
            thought["message_files"] = [drawn.id]
            yield frames.message_file(drawn.id, self._backend.links.of(drawn, self._base))
        thought["observation"] = json.dumps({tool.name: brought.observation}, ensure_ascii=False)
        # A client may leave now: what ran stays in history.
        await self._keep(Outcome("", thoughts=self._thoughts()))
        yield frames.agent_thought(thought)

    def _drawn(self, image: bytes) -> Attachment:
        file = self._backend.files.keep(image, f"{uuid4().hex}.png", "image/png")
        made = Attachment("assistant", "image", "tool_file", file.id, file.name, file.mime_type, file.size)
        return self._backend.attachments.attach(self.asked.message_id, made)

    def _concluded(self, found: list[tuple[Tool, Found]]) -> Reply:
        hits = [hit for _, each in found for hit in each.hits]
        observations = [f"{tool.label}: {each.observation}" for tool, each in found]
        said = " ".join(
            _said(tool, each, values) for (tool, each), (_, values) in zip(found, self._calls, strict=False)
        )
        return self._backend.guide.concluded(self.asked, self._query, hits, observations, said)

    def _last(self, frames: Frames) -> Iterator[bytes]:
        yield frames.agent_message("")
        yield frames.agent_thought(self._had[-1])

    def _kept_when_stopped(self) -> str:
        return ""  # recording 41_stop_agent_messages_after

    def _thoughts(self) -> tuple[Thought, ...]:
        return tuple(self._had)


def _thought(position: int) -> Thought:
    return {
        "id": str(uuid4()),
        "position": position,
        "thought": "",
        "observation": "",
        "tool": "",
        "tool_labels": {},
        "tool_input": "",
        "message_files": [],
    }


def _said(tool: Tool, found: Found, values: dict[str, Any]) -> str:
    match tool.name:
        case "current_time":
            return f"It is {found.observation} UTC."
        case "calculate":
            return f"{values['expression']} = {found.observation}."
        case "draw":
            return f"Here it is: {found.observation}."
        case _:
            return ""
