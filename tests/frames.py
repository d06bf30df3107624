"""Frames of a Dify stream with the shapes that were recorded (tests/transcripts), one method per event."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

PING = b"event: ping\n\n"
USAGE = {
    "prompt_tokens": 7,
    "prompt_unit_price": "0.001",
    "prompt_price_unit": "0.001",
    "prompt_price": "0.0000070",
    "completion_tokens": 4,
    "completion_unit_price": "0.002",
    "completion_price_unit": "0.001",
    "completion_price": "0.0000080",
    "total_tokens": 11,
    "total_price": "0.0000150",
    "currency": "USD",
    "latency": 0.3,
}
NO_USAGE = {
    **USAGE,
    **dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0),
    **dict.fromkeys(("prompt_price", "completion_price", "total_price"), "0"),
}
"""What a stopped basic chat ends with (41_stop_chat_stream)."""
ABORTED = "Aborted: User requested stop"


def frame(body: Any) -> bytes:
    """One frame; `body` is JSON, or text that stands there as it is."""
    data = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"data: {data}\n\n".encode()


class Frames:
    """All frames of one answer: they share its ids."""

    def __init__(self, conversation_id: str = "", message_id: str = "", task_id: str = "") -> None:
        self.conversation_id = conversation_id or str(uuid.uuid4())
        self.message_id = message_id or str(uuid.uuid4())
        self.task_id = task_id or str(uuid.uuid4())
        self.run_id = str(uuid.uuid4())
        self.created_at = int(time.time())

    def event(self, name: str, **body: Any) -> bytes:
        """Any event with the ids that every frame of a basic chat carries; None leaves a key out."""
        ids = {
            "conversation_id": self.conversation_id,
            "message_id": self.message_id,
            "created_at": self.created_at,
            "task_id": self.task_id,
        }
        return frame({k: v for k, v in {"event": name, **ids, **body}.items() if v is not None})

    def message(self, text: str) -> bytes:
        return self.event("message", id=self.message_id, answer=text, from_variable_selector=[])

    def agent_message(self, text: str) -> bytes:
        return self.event("agent_message", id=self.message_id, answer=text)

    def thought(self, identifier: str, position: int = 1, **body: Any) -> bytes:
        empty = {"thought": "", "observation": "", "tool": "", "tool_labels": {}, "tool_input": ""}
        rest = {"message_files": [], **empty, **body}
        return self.event("agent_thought", id=identifier, position=position, **rest)

    def file(self, identifier: str, **body: Any) -> bytes:
        rest = {"type": "image", "belongs_to": "assistant", "url": f"/files/tools/{identifier}.png", **body}
        return self.event("message_file", id=identifier, **rest)

    def replaced(self, text: str, reason: str = "") -> bytes:
        return self.event("message_replace", answer=text, reason=reason)

    def speech(self, audio: bytes) -> bytes:
        return self.event("tts_message", audio=base64.b64encode(audio).decode())

    def speech_end(self) -> bytes:
        return self.event("tts_message_end", audio="")

    def message_end(self, **body: Any) -> bytes:
        """`usage=`, `citations=`, `annotation=`, `files=`, `metadata=` (instead of the first three)."""
        files = body.pop("files", [])
        metadata = {
            "retriever_resources": body.pop("citations", []),
            "usage": body.pop("usage", USAGE),
            "reasoning": {},
        }
        if annotation := body.pop("annotation", None):
            metadata["annotation_reply"] = annotation
        return self.event("message_end", id=self.message_id, **{"metadata": metadata, "files": files, **body})

    def error(self, code: str, status: int, message: str) -> bytes:
        """Has no task id, unlike the documents say (35_err_model_rate_stream)."""
        return self.event("error", task_id=None, code=code, status=status, message=message)

    def workflow(self, name: str, **data: Any) -> bytes:
        """Any event of a workflow run."""
        return self.event(name, workflow_run_id=self.run_id, data={"id": self.run_id, **data})

    def workflow_started(self) -> bytes:
        return self.workflow("workflow_started", inputs={}, created_at=self.created_at, reason="initial")

    def node(self, name: str, identifier: str = "llm", **data: Any) -> bytes:
        """`name`: node_started, node_retry, node_finished, iteration_… or loop_…."""
        rest = {"node_id": identifier, "node_type": "llm", "title": "LLM", "index": 1, **data}
        return self.workflow(name, **{"id": f"execution-{identifier}", **rest})

    def workflow_finished(self, status: str = "succeeded", error: str | None = None) -> bytes:
        numbers = {"elapsed_time": 0.5, "total_tokens": 11, "total_steps": 3, "exceptions_count": 0}
        return self.workflow("workflow_finished", status=status, error=error, outputs={}, **numbers)

    def aborted(self) -> bytes:
        """How a stopped chatflow ends: as failed, without message_end (41_stop_flow_simple_stream)."""
        return self.workflow_finished("failed", ABORTED)
