"""What a stream says, as small frozen values: one class per meaning.

Sources: "Send Chat Message" of the API documents; recordings 20_* to b2_*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dify.form import HumanInput
from services.dify.parts import AnnotationReply, Citation, File, Thought, Usage
from services.dify.step import Step


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
