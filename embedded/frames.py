"""Frames: the bytes of one answer's event stream. Source: recordings 20_chat_stream_new, 35_*, 40_ping_*,
50_* to 53_*."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded.records import Asked
from embedded.reply import Failed

PING = b"event: ping\n\n"


def frame(values: Mapping[str, Any]) -> bytes:
    """One event. Raw UTF-8, U+2028 and its like included, as a real server sends them (recording 22_*)."""
    return b"data: " + json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of one answer. `created_at` is the same on all of them: the time of the message."""

    asked: Asked
    task_id: str
    run_id: str = ""
    """Of a chatflow."""

    def message(self, text: str | bytes, selector: Sequence[str] = ()) -> bytes:
        """A chunk of text; bytes go out as they are."""
        if isinstance(text, bytes):
            return text
        return frame(
            {
                **self._head("message"),
                **self._ids(),
                "answer": text,
                "from_variable_selector": list(selector),
            }
        )

    def agent_message(self, text: str | bytes) -> bytes:
        """A chunk of an agent's text; bytes go out as they are."""
        if isinstance(text, bytes):
            return text
        return frame({**self._head("agent_message"), **self._ids(), "answer": text})

    def agent_thought(self, thought: Mapping[str, Any]) -> bytes:
        """A thought with what is known of it by now: id, position, thought, observation, tool …"""
        return frame({**self._head("agent_thought"), "task_id": self.task_id, **thought})

    def message_file(self, file_id: str, url: str) -> bytes:
        """An image that a tool made."""
        return frame(
            {
                **self._head("message_file"),
                "task_id": self.task_id,
                "id": file_id,
                "type": "image",
                "belongs_to": "assistant",
                "url": url,
            }
        )

    def message_replace(self, text: str, reason: str) -> bytes:
        """What is to be shown instead of all text so far."""
        return frame(
            {
                **self._head("message_replace"),
                "task_id": self.task_id,
                "answer": text,
                "reason": reason,
            }
        )

    def tts_message(self, audio: bytes) -> bytes:
        """A piece of MP3."""
        spoken = base64.b64encode(audio).decode()
        return frame({**self._head("tts_message"), "task_id": self.task_id, "audio": spoken})

    def tts_message_end(self) -> bytes:
        """The end of the speech."""
        return frame({**self._head("tts_message_end"), "task_id": self.task_id, "audio": ""})

    def message_end(self, metadata: Mapping[str, Any], files: Sequence[Mapping[str, Any]] = ()) -> bytes:
        """The end of the answer."""
        return frame({**self._head("message_end"), **self._ids(), "metadata": metadata, "files": list(files)})

    def error(self, failure: Failed) -> bytes:
        """The failure that ends the stream; it has neither task_id nor id."""
        return frame(
            {
                **self._head("error"),
                "code": failure.code,
                "status": failure.status,
                "message": failure.message,
            }
        )

    def workflow(self, event: str, data: Mapping[str, Any]) -> bytes:
        """What happened in the run of a chatflow."""
        return frame(
            {
                **self._head(event),
                "task_id": self.task_id,
                "workflow_run_id": self.run_id,
                "data": data,
            }
        )

    def told_again(self, event: str, **values: Any) -> bytes:
        """What happened before, in the order of keys that a snapshot has (recording
        a2_events_after_resume)."""
        run = {} if event == "message_replace" else {"workflow_run_id": self.run_id}
        first, *ids = self._head(event).items()
        return frame({first[0]: first[1], "task_id": self.task_id, **run, **values, **dict(ids)})

    def _head(self, event: str) -> dict[str, Any]:
        return {
            "event": event,
            "conversation_id": self.asked.conversation_id,
            "message_id": self.asked.message_id,
            "created_at": int(self.asked.created_at),
        }

    def _ids(self) -> dict[str, Any]:
        return {"task_id": self.task_id, "id": self.asked.message_id}
