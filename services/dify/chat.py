"""Heading "Chats": send a message, streaming or blocking, and stop its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Required, TypedDict, Unpack

from services.dify import events
from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import items, mapping, text
from services.dify.sse import Frame
from services.dify.stream import ChatStream, opened
from services.dify.stream_events import StreamEvent

__all__ = ["Chat", "ChatStream", "Question"]


class Question(TypedDict, total=False):
    """What is sent: as keywords."""

    query: Required[str]
    user: Required[str]
    inputs: Mapping[str, Any]
    conversation_id: str
    """Left out or "": a new conversation."""
    files: Sequence[Mapping[str, str]]
    """Each `{type, transfer_method, upload_file_id | url}`."""
    auto_generate_name: bool
    """True unless said otherwise: a title comes some seconds after the first answer."""
    workflow_id: str
    """A published version of a chatflow, other than the newest."""


class Chat:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, **question: Unpack[Question]) -> AbstractContextManager[ChatStream]:
        """The answer as a stream of events: `with client.chat.send(…) as stream: for event in stream`.

        Nothing is ever sent twice from here: NotSent alone tells the caller that it may.
        """
        return opened(self._connection, "POST", "/chat-messages", body=_body(question, "streaming"))

    def send_blocking(self, **question: Unpack[Question]) -> tuple[StreamEvent, ...]:
        """The same answer in one piece, as the events that say the same as a stream's.

        Agent apps refuse it (34_err_agent_blocking). Recordings 21_chat_blocking, a0_hitl_blocking.
        """
        answer = self._connection.ask(
            "POST",
            "/chat-messages",
            body=_body(question, "blocking"),
            read=self._connection.patience.blocking,
        )
        return _as_events(mapping(answer))

    def stop(self, task_id: str, user: str) -> None:
        """Asks for an end within a second. Dify says yes to anything: only the stream's end is proof."""
        path = f"/chat-messages/{segment(task_id)}/stop"
        self._connection.ask("POST", path, body={"user": user}, repeat=True)


def _body(question: Question, mode: str) -> dict[str, Any]:
    body: dict[str, Any] = {"conversation_id": "", "auto_generate_name": True, **question}
    # The server refuses a request without inputs; without a mode it takes "blocking".
    body |= {"inputs": dict(question.get("inputs", {})), "response_mode": mode}
    if question.get("files"):
        body["files"] = [dict(file) for file in question["files"]]
    else:
        body.pop("files", None)
    return body


def _as_events(answer: Mapping[str, Any]) -> tuple[StreamEvent, ...]:
    """Read by the stream's own table, so that both modes mean the same."""
    bodies: list[Mapping[str, Any]] = [{**answer, "event": "message"}]
    if text(answer.get("event")) == "workflow_paused":
        reasons = items(mapping(answer.get("data")).get("reasons"))
        bodies += [{**answer, "event": "human_input_required", "data": reason} for reason in reasons]
        bodies.append({**answer, "event": "workflow_paused"})
    else:
        bodies.append({**answer, "event": "message_end"})
    parsed = (events.parse(Frame("message", json.dumps(body), "")) for body in bodies)
    return tuple(event for event in parsed if event is not None)
