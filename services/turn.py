"""A Turn is one question and all that is known of its answer: the one fold over the events of a stream.

1. Every transition is in `after`, `closed`, `stopped` and `lost`; a Turn is an immutable value.
2. complete, stopped, failed and incomplete are final: `after` then returns the Turn itself. Without this a
   stopped answer loses the race against events that are already on their way. `learned` alone still takes
   ids and usage, which arrive after a stop.
3. The end of the bytes ends an answer, not message_end: speech and workflow_finished may follow it. Once
   message_end was seen nothing that comes later makes a failure of the answer.
4. Text is never judged: equal deltas are not duplicates, and text of any message id is kept.
5. A Turn knows nothing of time, network or screen; whoever folds it sets asked_at, answered_at and timings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from services.dify import stream_events
from services.dify.errors import BrokenStream, DifyError
from services.dify.parts import File
from services.dify.records import Message
from services.known import Known
from services.outcome import FINAL, Failure, Rating, State, told
from services.rope import Rope
from services.steps import RUNNING_STEPS, stepped, upserted


@dataclass(frozen=True, slots=True)
class Turn(Known):
    @classmethod
    def asked(cls, query: str, **known: Any) -> Self:
        """A question that was just put; `known` are fields by name (id, inputs, attachments, asked_at …)."""
        return cls(query, **known)

    @classmethod
    def from_message(cls, message: Message) -> Self:
        """The same value from a record of `GET /messages`: live and history are drawn alike."""
        state, error = told(message.status, message.error, message.answer)
        question = tuple(f for f in message.files if f.belongs_to == "user")
        return cls(
            message.query,
            state=state,
            error=error,
            id=message.id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            inputs=message.inputs,
            text=Rope(message.answer),
            thoughts=message.thoughts,
            attachments=question,
            rating=Rating(message.rating) if message.rating else None,
            files=tuple(f for f in message.files if f.belongs_to != "user"),
            forms=message.forms,
            workflow_run_id=next((form.run_id for form in message.forms if form.run_id), ""),
            citations=message.citations,
            usage=message.usage,
            asked_at=message.created_at,
            answered_at=message.created_at + message.latency
            if message.created_at is not None and message.latency
            else None,
        )

    def after(self, event: stream_events.StreamEvent | None) -> Turn:
        """This Turn with one event more. None (a ping), unknown and late events change nothing."""
        if event is None or self.state in FINAL:
            return self
        turn = self._identified(event)
        match event:
            case stream_events.AnswerDelta(text=text):
                # The empty delta that closes most answers must not look like a first word.
                return replace(turn, text=turn.text.plus(text), state="streaming") if text else turn
            case stream_events.AnswerReplaced(text=text, reason=reason):
                taken_back = replace(turn._silenced(), text=Rope(text), sound=Rope(b""), spoken="")
                return replace(taken_back, replaced_reason=reason, state="streaming")
            case stream_events.ReasoningDelta(text=text):
                return replace(turn, reasoning=turn.reasoning + text, state="streaming")
            case stream_events.ThoughtUpdated(thought=thought):
                thoughts = upserted(turn.thoughts, thought)
                after = replace(turn, thoughts=thoughts, state="streaming")
                return after._silenced() if turn.replaced else after
            case stream_events.StepChanged(step=step):
                after = replace(turn, steps=stepped(turn.steps, step), state="streaming")
                return after._silenced() if turn.replaced else after
            case stream_events.FileArrived(file=file):
                return turn._with_files((file,))
            case stream_events.SpeechDelta(audio=audio):
                return replace(turn, sound=turn.sound.plus(audio), spoken="begun") if audio else turn
            case stream_events.SpeechEnded():
                return replace(turn, spoken="whole") if turn.spoken else turn
            case stream_events.AnswerEnded():
                return turn._with_files(event.files)._with_end(event)
            case stream_events.StreamFailed(code=code, message=message, status=status):
                if turn.ended:
                    return turn
                return replace(turn, state="failed", error=Failure(code or "unknown", message, status))
            case stream_events.WorkflowStarted(run_id=run_id):
                return replace(turn, workflow_run_id=run_id or turn.workflow_run_id, state="streaming")
            case stream_events.WorkflowFinished(status=status, error=error):
                failure = Failure("workflow_failed", error) if error and not turn.ended else turn.error
                return replace(turn, outcome=status, error=failure)
            case stream_events.WorkflowPaused():
                return replace(turn, state="paused")
            case stream_events.HumanInputRequired(form=form):
                others = tuple(f for f in turn.forms if f.form_token != form.form_token)
                return replace(turn, forms=(*others, form))
            case stream_events.HumanInputClosed(expired=expired):
                return replace(turn, forms=tuple(f.closed(expired=expired) for f in turn.forms))
            case stream_events.Malformed():
                return replace(turn, malformed=turn.malformed + 1)
        return turn

    def closed(self, cause: DifyError | None = None) -> Turn:
        """What the end of the bytes does; `cause` is why they ended, if not by the server's will."""
        if self.state in FINAL:
            return self
        if self.ended:
            return replace(self, state="complete", error=None)
        if self.outcome in {"failed", "stopped"}:
            aborted = self.outcome == "stopped" or (self.error and self.error.message.startswith("Aborted"))
            if aborted:
                return self._broken_off("stopped", None)
            return self._broken_off("failed", self.error or Failure("workflow_failed"))
        if self.state == "paused" or self.outcome == "paused":
            return replace(self, state="paused")
        if self.outcome in {"succeeded", "partial-succeeded"}:
            return replace(self, state="complete", error=None)
        if cause is None:
            return self._broken_off("incomplete", Failure("incomplete"))
        state: State = "incomplete" if isinstance(cause, BrokenStream) or self.text else "failed"
        return self._broken_off(state, Failure(cause.code, cause.message, cause.status))

    def resumed(self, form_id: str, choice: str) -> Turn:
        """A form of it was submitted; "" where somebody else did that. More of the answer comes."""
        forms = tuple(f.closed(choice=choice) if f.form_id == form_id else f for f in self.forms)
        return replace(self, state="streaming", outcome="", error=None, forms=forms)

    def stopped(self) -> Turn:
        """The person stopped it: what came so far is the answer."""
        return self if self.state in FINAL else self._broken_off("stopped", None)

    def lost(self, cause: DifyError) -> Turn:
        """The bytes ended too early; the answer is being looked for in the conversation's history."""
        if self.state in FINAL:
            return self
        return replace(self, state="recovering", error=Failure(cause.code, cause.message, cause.status))

    def learned(self, event: stream_events.StreamEvent | None) -> Turn:
        """Only ids and usage, and those also for a final Turn: they arrive after a stop."""
        if event is None:
            return self
        turn = self._identified(event)
        if isinstance(event, stream_events.AnswerEnded) and event.usage and turn.usage is None:
            turn = replace(turn, usage=event.usage)
        return turn

    def without_what_was_replaced(self) -> Turn:
        """What the model said in other places is void as well, where moderation took its answer back."""
        return self._silenced() if self.replaced else self

    def _silenced(self) -> Turn:
        """A thought's text is part of the answer, reasoning leads to it, and steps made it."""
        thoughts = tuple(replace(t, thought="") for t in self.thoughts)
        steps = tuple(replace(s, details=False) for s in self.steps)
        return replace(self, replaced=True, thoughts=thoughts, steps=steps, reasoning="")

    def _broken_off(self, state: State, error: Failure | None) -> Turn:
        """Steps that still ran will never be heard of again."""
        steps = tuple(replace(s, state="stopped") if s.state in RUNNING_STEPS else s for s in self.steps)
        return replace(self, state=state, error=error, steps=steps, retry_at=None)

    def _identified(self, event: stream_events.StreamEvent) -> Turn:
        """The first id of each kind stays: message_end may bring another one."""
        task = self.task_id or event.task_id
        message = self.message_id or event.message_id
        conversation = self.conversation_id or event.conversation_id
        if (task, message, conversation) == (self.task_id, self.message_id, self.conversation_id):
            return self
        return replace(self, task_id=task, message_id=message, conversation_id=conversation)

    def _with_files(self, arrived: tuple[File, ...]) -> Turn:
        # message_end of a basic chat lists the question's files too.
        ours = {f.upload_file_id for f in self.attachments if f.upload_file_id}
        known = {f.id for f in (*self.files, *self.attachments)}
        fresh = tuple(
            f
            for f in arrived
            if f.id not in known and f.upload_file_id not in ours and f.belongs_to != "user"
        )
        return replace(self, files=(*self.files, *fresh)) if fresh else self

    def _with_end(self, event: stream_events.AnswerEnded) -> Turn:
        return replace(
            self,
            ended=True,
            error=None,
            usage=event.usage or self.usage,
            citations=event.citations or self.citations,
            annotation=event.annotation or self.annotation,
            reasoning="" if self.replaced else self.reasoning or event.reasoning,
        )
