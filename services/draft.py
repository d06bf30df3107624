"""A question before it is sent, and on its way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dify.chat import Question
from services.dify.parts import File
from services.turn import Turn


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer hands over."""

    query: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    attempt_of: str = ""
    """Id of the Turn that asked it first."""
    whole: bool = False
    """The answer is wanted in one piece (response_mode "blocking")."""
    auto_name: bool = True
    """Dify may name the conversation by itself."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that is sent when the answer before it has ended. `id` is its send id."""

    id: str
    draft: Draft


def asked(draft: Draft, send_id: str, conversation_id: str) -> Turn:
    """The Turn that a question begins, now; conversation_id "" begins a conversation."""
    return Turn.asked(
        # Half of a surrogate pair is no text: neither Dify's wire nor a database takes it.
        draft.query.encode("utf-8", "replace").decode(),
        id=send_id,
        inputs=draft.inputs,
        attachments=draft.files,
        attempt_of=draft.attempt_of,
        whole=draft.whole,
        asked_at=time.time(),
        conversation_id=conversation_id,
    )


def sent(file: File) -> dict[str, str]:
    """A file as `POST /chat-messages` wants it: by the id of its upload, or by its address."""
    if file.upload_file_id:
        return {"type": file.type, "transfer_method": "local_file", "upload_file_id": file.upload_file_id}
    return {"type": file.type, "transfer_method": "remote_url", "url": file.url}


def put(turn: Turn, user: str, conversation_id: str, *, auto_name: bool) -> Question:
    """A question as `client.chat` sends it; conversation_id "" begins a conversation."""
    return {
        "query": turn.query,
        "user": user,
        "inputs": turn.inputs,
        "conversation_id": conversation_id,
        "files": [sent(file) for file in turn.attachments],
        "auto_generate_name": auto_name,
    }
