"""One table from an event's name on the wire to its meaning.

A name nobody knows becomes Unknown, a frame nobody can read Malformed; neither ever raises, since a later
server must not kill a chat. Sources: "Send Chat Message" of the API documents; recordings 20_* to b2_*.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from services.dify.form import HumanInput
from services.dify.loose import Json, flag, items, mapping, number, text, whole
from services.dify.parts import AnnotationReply, Citation, File, Thought, Usage
from services.dify.step import Step
from services.dify.stream_events import (
    AnswerDelta,
    AnswerEnded,
    AnswerReplaced,
    FileArrived,
    HumanInputClosed,
    HumanInputRequired,
    Malformed,
    ReasoningDelta,
    SpeechDelta,
    SpeechEnded,
    StepChanged,
    StreamEvent,
    StreamFailed,
    ThoughtUpdated,
    Unknown,
    WorkflowFinished,
    WorkflowPaused,
    WorkflowStarted,
    WorkflowText,
)


class WireFrame(Protocol):
    """What parse() reads of a services.dify.sse.Frame."""

    @property
    def event(self) -> str: ...
    @property
    def data(self) -> str: ...


Ids = tuple[str, str, str]
Reader = Callable[[Ids, Json], StreamEvent]


def _delta(ids: Ids, body: Json) -> StreamEvent:
    task, message, conversation = ids
    # Older servers name the message only in `id`; message_end's `id` is another one and is not read.
    return AnswerDelta(task, message or text(body.get("id")), conversation, text(body.get("answer")))


def _replaced(ids: Ids, body: Json) -> StreamEvent:
    return AnswerReplaced(*ids, text(body.get("answer")), text(body.get("reason")))


def _reasoning(ids: Ids, body: Json) -> StreamEvent:
    data = mapping(body.get("data"))
    return ReasoningDelta(
        *ids, text(data.get("reasoning")), text(data.get("node_id")), flag(data.get("is_final"))
    )


def _speech(ids: Ids, body: Json) -> StreamEvent:
    try:
        return SpeechDelta(*ids, b64decode(text(body.get("audio")), validate=True))
    except (binascii.Error, ValueError):
        return Malformed(*ids, "tts_message without readable base64")


def _ended(ids: Ids, body: Json) -> StreamEvent:
    metadata = mapping(body.get("metadata"))
    usage = mapping(metadata.get("usage"))
    # One older document puts the citations inside `usage`.
    citations = metadata.get("retriever_resources") or usage.get("retriever_resources")
    return AnswerEnded(
        *ids,
        usage=Usage.from_json(usage),
        citations=tuple(map(Citation.from_json, items(citations))),
        files=tuple(map(File.from_json, items(body.get("files")))),
        annotation=AnnotationReply.from_json(mapping(metadata.get("annotation_reply"))),
        reasoning="\n\n".join(t for t in map(text, mapping(metadata.get("reasoning")).values()) if t),
    )


def _failed(ids: Ids, body: Json) -> StreamEvent:
    return StreamFailed(*ids, text(body.get("code")), whole(body.get("status")), text(body.get("message")))


def _run_id(body: Json) -> str:
    data = mapping(body.get("data"))
    return text(body.get("workflow_run_id")) or text(data.get("workflow_run_id")) or text(data.get("id"))


def _workflow_started(ids: Ids, body: Json) -> StreamEvent:
    return WorkflowStarted(*ids, _run_id(body), text(mapping(body.get("data")).get("reason")))


def _workflow_finished(ids: Ids, body: Json) -> StreamEvent:
    data = mapping(body.get("data"))
    return WorkflowFinished(
        *ids,
        run_id=_run_id(body),
        status=text(data.get("status")),
        error=text(data.get("error")),
        elapsed=number(data.get("elapsed_time")),
        total_tokens=whole(data.get("total_tokens")),
    )


def _step(kind: str, state: str) -> Reader:
    def read(ids: Ids, body: Json) -> StreamEvent:
        data = mapping(body.get("data"))
        return StepChanged(*ids, Step.from_json(data, kind, state), data)

    return read


def _workflow_text(ids: Ids, body: Json) -> StreamEvent:
    return WorkflowText(*ids, text(mapping(body.get("data")).get("text")))


def _agent_log(ids: Ids, body: Json) -> StreamEvent:
    data = mapping(body.get("data"))
    return StepChanged(*ids, Step.from_log(data), data)


READERS: Mapping[str, Reader] = {
    "message": _delta,
    "agent_message": _delta,
    "message_replace": _replaced,
    "reasoning_chunk": _reasoning,
    "agent_thought": lambda ids, body: ThoughtUpdated(*ids, Thought.from_json(body)),
    "message_file": lambda ids, body: FileArrived(*ids, File.from_json(body)),
    "tts_message": _speech,
    "tts_message_end": lambda ids, _: SpeechEnded(*ids),
    "message_end": _ended,
    "error": _failed,
    "workflow_started": _workflow_started,
    "workflow_finished": _workflow_finished,
    "workflow_paused": lambda ids, body: WorkflowPaused(*ids, _run_id(body)),
    "node_started": _step("node", "running"),
    "node_retry": _step("node", "retry"),
    "node_finished": _step("node", "succeeded"),
    "iteration_started": _step("iteration", "running"),
    "iteration_next": _step("iteration", "running"),
    "iteration_completed": _step("iteration", "succeeded"),
    "loop_started": _step("loop", "running"),
    "loop_next": _step("loop", "running"),
    "loop_completed": _step("loop", "succeeded"),
    "human_input_required": lambda ids, body: HumanInputRequired(
        *ids, HumanInput.from_json(mapping(body.get("data")))
    ),
    "human_input_form_filled": lambda ids, _: HumanInputClosed(*ids, expired=False),
    "human_input_form_timeout": lambda ids, _: HumanInputClosed(*ids, expired=True),
    "agent_log": _agent_log,
    "text_chunk": _workflow_text,
    "text_replace": _workflow_text,
}
"""Every name of Dify 1.16, save `ping`, which says nothing."""


def parse(frame: WireFrame) -> StreamEvent | None:
    """One frame's meaning; None for a ping. The `event` key of the JSON beats the SSE field."""
    data = frame.data
    try:
        body = json.loads(data)
        if "\\ud" in data or "\\uD" in data:
            body = _scrubbed(body)
    except (ValueError, RecursionError):
        return None if frame.event == "ping" else Malformed("", "", "", "not JSON")
    if not isinstance(body, dict):
        return None if frame.event == "ping" else Malformed("", "", "", "not a JSON object")
    name = body.get("event")
    if not isinstance(name, str):
        name = frame.event
    if name == "ping":
        return None
    ids = (text(body.get("task_id")), text(body.get("message_id")), text(body.get("conversation_id")))
    reader = READERS.get(name)
    return reader(ids, body) if reader else Unknown(*ids, name)


def _scrubbed(body: Any) -> Any:
    """Half of a surrogate pair is no text: neither UTF-8 nor a database takes it."""
    clean = json.dumps(body, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.loads(clean)
