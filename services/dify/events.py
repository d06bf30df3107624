"""What a stream says, as small frozen values: one class per meaning, one table from wire name to class.

A name nobody knows becomes Unknown, a frame nobody can read Malformed; neither ever raises, since a later
server must not kill a chat. Sources: "Send Chat Message" of the API documents; recordings 20_* to b2_*.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.dify.loose import Json, flag, items, mapping, number, text, whole
from services.dify.parts import AnnotationReply, Citation, File, HumanInput, Step, Thought, Usage


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """What every event may carry. Errors and synthesised chatflow frames lack some or all of the ids."""

    task_id: str
    message_id: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class AnswerDelta(StreamEvent):
    """`message`, `agent_message`: more text. The last one of nearly every answer is empty."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerReplaced(StreamEvent):
    """`message_replace`: all text so far is void (output moderation)."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta(StreamEvent):
    """`reasoning_chunk`: what the model thought before it answered."""

    text: str
    node_id: str
    final: bool


@dataclass(frozen=True, slots=True)
class ThoughtUpdated(StreamEvent):
    """`agent_thought`: the same id comes two or three times and replaces itself."""

    thought: Thought


@dataclass(frozen=True, slots=True)
class FileArrived(StreamEvent):
    """`message_file`."""

    file: File


@dataclass(frozen=True, slots=True)
class SpeechDelta(StreamEvent):
    """`tts_message`: MP3 bytes. Each block is base64 of its own: never join the texts."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class SpeechEnded(StreamEvent):
    """`tts_message_end`."""


@dataclass(frozen=True, slots=True)
class AnswerEnded(StreamEvent):
    """`message_end`: the text is complete. Speech or workflow_finished may still follow."""

    usage: Usage | None
    citations: tuple[Citation, ...]
    files: tuple[File, ...]
    annotation: AnnotationReply | None
    reasoning: str


@dataclass(frozen=True, slots=True)
class StreamFailed(StreamEvent):
    """`error`: the answer failed after HTTP 200 was said."""

    code: str
    status: int | None
    message: str


@dataclass(frozen=True, slots=True)
class WorkflowStarted(StreamEvent):
    """`workflow_started`; reason "resumption" after a human-input form."""

    run_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class WorkflowFinished(StreamEvent):
    """`workflow_finished`: status succeeded, failed, stopped, partial-succeeded or paused."""

    run_id: str
    status: str
    error: str
    elapsed: float | None
    total_tokens: int | None


@dataclass(frozen=True, slots=True)
class WorkflowPaused(StreamEvent):
    """`workflow_paused`: the run waits for a person; the stream ends without message_end."""

    run_id: str


@dataclass(frozen=True, slots=True)
class StepChanged(StreamEvent):
    """`node_*`, `iteration_*`, `loop_*`, `agent_log`: the step as it now is, under its id."""

    step: Step
    data: Mapping[str, Any] = field(default_factory=dict)
    """As it came: inputs, process_data and outputs may be huge, and are no part of the step."""


@dataclass(frozen=True, slots=True)
class HumanInputRequired(StreamEvent):
    """`human_input_required`."""

    form: HumanInput


@dataclass(frozen=True, slots=True)
class HumanInputClosed(StreamEvent):
    """`human_input_form_filled` (expired False) and `human_input_form_timeout` (expired True)."""

    expired: bool


@dataclass(frozen=True, slots=True)
class WorkflowText(StreamEvent):
    """`text_chunk`, `text_replace`: output of a workflow app, which this console does not serve."""

    text: str


@dataclass(frozen=True, slots=True)
class Malformed(StreamEvent):
    """A frame that could not be read; it is counted and skipped."""

    why: str


@dataclass(frozen=True, slots=True)
class Unknown(StreamEvent):
    """An event this console has no name for."""

    name: str


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
