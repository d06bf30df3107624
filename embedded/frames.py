"""Frames: the bytes of one answer's event stream. Source: recordings 20_chat_stream_new, 35_*, 40_ping_*."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from embedded.records import Asked
from embedded.reply import Failed

PING = b"event: ping\n\n"


def _frame(values: dict[str, Any]) -> bytes:
    # Raw UTF-8, U+2028 and its like included, as a real server sends them (recording 22_*).
    return b"data: " + json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of one answer. `created_at` is the same on all of them: the time of the message."""

    asked: Asked
    task_id: str

    def message(self, text: str) -> bytes:
        """A chunk of text."""
        return _frame({**self._head("message"), **self._ids(), "answer": text, "from_variable_selector": []})

    def message_end(self, metadata: dict[str, Any]) -> bytes:
        """The end of the answer."""
        return _frame({**self._head("message_end"), **self._ids(), "metadata": metadata, "files": []})

    def error(self, failure: Failed) -> bytes:
        """The failure that ends the stream; it has neither task_id nor id."""
        return _frame(
            {
                **self._head("error"),
                "code": failure.code,
                "status": failure.status,
                "message": failure.message,
            }
        )

    def _head(self, event: str) -> dict[str, Any]:
        return {
            "event": event,
            "conversation_id": self.asked.conversation_id,
            "message_id": self.asked.message_id,
            "created_at": int(self.asked.created_at),
        }

    def _ids(self) -> dict[str, Any]:
        return {"task_id": self.task_id, "id": self.asked.message_id}
