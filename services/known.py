"""What is known of a question and its answer: the fields of a Turn (services/turn.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.dify.form import HumanInput
from services.dify.parts import AnnotationReply, Citation, File, Thought, Usage
from services.dify.step import Step
from services.outcome import FINAL, RUNNING, Failure, Rating, State, Timings
from services.rope import Rope


@dataclass(frozen=True, slots=True)
class Known:
    query: str
    state: State = "waiting"
    id: str = ""
    """Ours, fixed from the moment of asking; for a message that only Dify knows, its message id."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[File, ...] = ()
    """What the question brought."""
    attempt_of: str = ""
    """Id of the Turn that asked this first; to Dify each attempt is a message of its own."""
    text: Rope[str] = field(default_factory=lambda: Rope(""))
    sound: Rope[bytes] = field(default_factory=lambda: Rope(b""))
    spoken: Literal["", "begun", "whole"] = ""
    """How much speech came along: a chatflow cuts it off (recording 50_tts_autoplay_flow)."""
    replaced: bool = False
    """The answer was taken back and another put in its place (moderation)."""
    replaced_reason: str = ""
    reasoning: str = ""
    thoughts: tuple[Thought, ...] = ()
    steps: tuple[Step, ...] = ()
    files: tuple[File, ...] = ()
    """What the answer brought."""
    forms: tuple[HumanInput, ...] = ()
    citations: tuple[Citation, ...] = ()
    usage: Usage | None = None
    annotation: AnnotationReply | None = None
    rating: Rating | None = None
    task_id: str = ""
    message_id: str = ""
    conversation_id: str = ""
    workflow_run_id: str = ""
    error: Failure | None = None
    malformed: int = 0
    """Frames that could not be read."""
    ended: bool = False
    """message_end was seen."""
    outcome: str = ""
    """Status of workflow_finished."""
    whole: bool = False
    """Asked for in one piece: nothing of the answer, its task id included, is seen before its end."""
    changed_variables: tuple[str, ...] = ()
    """Names of the conversation variables that were others after this answer; told after its end."""
    retry_at: float | None = None
    """Unix seconds: the server asked for patience, and then the question is sent once more."""
    asked_at: float | None = None
    answered_at: float | None = None
    timings: Timings = field(default_factory=Timings)

    @property
    def answer(self) -> str:
        return self.text.whole()

    @property
    def speech(self) -> bytes:
        """MP3 so far."""
        return self.sound.whole()

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def running(self) -> bool:
        return self.state in RUNNING
