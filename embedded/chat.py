"""Chat: send a message, stop an answer. Source: "Chats" in the API document, recordings 20_*, 21_*, 31_* to
36_*, 41_*, 53_*, 57_*, 81_*."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, field_validator

from embedded import answering, given
from embedded.caller import Caller, speaking
from embedded.endings import unplayed
from embedded.errors import Refused, invalid, not_found, read
from embedded.records import Asked, Conversation
from embedded.responses import CompactJSON, EventStream
from embedded.tables.attachments import Attachment

HINT = (
    " You have requested this URI [/v1/chat-messages] but did you mean "
    "/v1/chat-messages or /api/chat-messages or /v1/chat-messages/<string:task_id>/stop ?"
)

router = APIRouter()
Speaker = Annotated[Caller, Depends(speaking)]


class ChatRequestPayload(BaseModel):
    """The body of POST /chat-messages; the name shows in refusals. Other fields are ignored."""

    inputs: dict[str, Any]
    query: str
    files: list[dict[str, Any]] | None = None
    response_mode: Literal["blocking", "streaming"] | None = None
    conversation_id: str | None = None
    auto_generate_name: bool = True
    workflow_id: str | None = None

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
    app = caller.chatting()
    user = caller.named()
    payload = read(ChatRequestPayload, caller.body)
    if not payload.query:
        raise invalid("query is required")
    streaming = payload.response_mode == "streaming"
    _check_mode(caller, payload, streaming)
    caller.backend.tasks.admit(app.id, app.most_at_once)
    try:
        files = await asyncio.to_thread(given.read, caller.backend, app, user, payload.files)
    except Refused as refusal:
        if app.is_chatflow and streaming:
            return EventStream(answering.said(unplayed(app, refusal.message)))
        raise
    asked = await asyncio.to_thread(_asked, caller, user, payload, files)
    answer = await answering.prepare(caller, user, asked, payload.query)
    if payload.auto_generate_name and asked.is_new:
        caller.backend.title_later(asked.conversation_id, payload.query)
    return answer.streamed() if streaming else await answer.whole()


@router.post("/chat-messages/{task_id}/stop")
async def stop(caller: Speaker, task_id: str) -> Response:
    """End an answer; always a success, whatever was there to stop."""
    caller.chatting()
    caller.backend.tasks.stop(task_id, caller.named())
    return CompactJSON({"result": "success"})


def _check_mode(caller: Caller, payload: ChatRequestPayload, streaming: bool) -> None:
    app = caller.app
    if app.mode == "agent-chat" and not streaming:
        raise invalid("Agent Chat App does not support blocking mode")
    if not app.is_chatflow:
        return
    if not app.published:
        raise invalid("Workflow not published")
    if payload.workflow_id:
        try:
            wanted = str(UUID(payload.workflow_id))
        except ValueError:
            message = f"Invalid workflow_id format: '{payload.workflow_id}'. "
            raise Refused(400, "bad_request", message) from None
        if wanted != app.workflow_id:
            raise not_found(f"Workflow not found with id: {payload.workflow_id}.{HINT}")


def _asked(caller: Caller, user: str, payload: ChatRequestPayload, files: tuple[Attachment, ...]) -> Asked:
    backend, app = caller.backend, caller.app
    conversation: Conversation | None = None
    if payload.conversation_id:
        conversation = backend.store.conversation(app.id, user, payload.conversation_id)
        if conversation is None:
            raise not_found(f"Conversation Not Exists.{HINT}")
    # A conversation keeps its first inputs; what comes later is not even looked at.
    inputs = (
        conversation.inputs if conversation else given.filled(backend, app, user, app.accept(payload.inputs))
    )
    backend.end_users.id_of(app.id, user)
    return backend.store.ask(
        app.id, user, payload.query, inputs, app.introduction(inputs), conversation, files
    )
