"""Chat: send a message, stop an answer. Source: "Chats" in the API document, recordings 20_*, 21_*, 31_*,
32_*, 35_*, 41_*."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, field_validator

from embedded.caller import Caller, speaking
from embedded.errors import Refused, broken, invalid, not_found, read
from embedded.generation import Generation
from embedded.records import Conversation
from embedded.responses import CompactJSON, ConnectionCut, EventStream, SpacedJSON

UNKNOWN_CONVERSATION = (
    "Conversation Not Exists. You have requested this URI [/v1/chat-messages] but did you mean "
    "/v1/chat-messages or /api/chat-messages or /v1/chat-messages/<string:task_id>/stop ?"
)

router = APIRouter()
Speaker = Annotated[Caller, Depends(speaking)]


class ChatRequestPayload(BaseModel):
    """The body of POST /chat-messages; the name shows in refusals. Other fields are ignored."""

    inputs: dict[str, Any]
    query: str
    response_mode: Literal["blocking", "streaming"] | None = None
    conversation_id: str | None = None
    auto_generate_name: bool = True

    @field_validator("conversation_id")
    @classmethod
    def check_conversation_id(cls, value: str | None) -> str | None:
        """Empty means a new conversation."""
        if not value:
            return None
        try:
            return str(UUID(value))
        except ValueError:
            raise ValueError("conversation_id must be a valid UUID") from None


@router.post("/chat-messages")
async def send(caller: Speaker) -> Response:
    """Answer a question, as an event stream or, where that is not asked for, whole."""
    user = caller.named()
    payload = read(ChatRequestPayload, caller.body)
    if not payload.query:
        raise invalid("query is required")
    generation = await asyncio.to_thread(_begin, caller, user, payload)
    if payload.auto_generate_name and generation.asked.is_new:
        caller.backend.title_later(generation.asked.conversation_id, payload.query)
    if payload.response_mode == "streaming":
        return EventStream(generation.frames(user))
    return await _whole(generation, user, caller.app.mode)


@router.post("/chat-messages/{task_id}/stop")
async def stop(caller: Speaker, task_id: str) -> Response:
    """End an answer; always a success, whatever was there to stop."""
    caller.backend.tasks.stop(task_id, caller.named())
    return CompactJSON({"result": "success"})


def _begin(caller: Caller, user: str, payload: ChatRequestPayload) -> Generation:
    store, app = caller.backend.store, caller.app
    conversation: Conversation | None = None
    if payload.conversation_id:
        conversation = store.conversation(app.id, user, payload.conversation_id)
        if conversation is None:
            raise not_found(UNKNOWN_CONVERSATION)
    inputs = app.accept(payload.inputs)
    asked = store.ask(app.id, user, payload.query, inputs, app.introduction(inputs), conversation)
    reply = caller.backend.guide.reply(payload.query, asked.previous, asked.inputs)
    return Generation(caller.backend, asked, payload.query, reply)


async def _whole(generation: Generation, user: str, mode: str) -> Response:
    try:
        async for _ in generation.frames(user):
            pass
    except ConnectionCut:
        raise broken() from None
    if generation.failure:
        raise Refused(400, "completion_request_error", generation.failure.message)
    asked = generation.asked
    return SpacedJSON(
        {
            "event": "message",
            "task_id": generation.task_id,
            "id": asked.message_id,
            "message_id": asked.message_id,
            "conversation_id": asked.conversation_id,
            "mode": mode,
            "answer": generation.answer,
            "metadata": {"annotation_reply": None, **generation.metadata},
            "created_at": int(asked.created_at),
        }
    )
