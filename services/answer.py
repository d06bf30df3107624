"""An answer as it grows: a Turn that takes event after event, and is shown and saved as it now is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from services.conversations import Conversation
from services.dify import stream_events
from services.dify.errors import DifyError
from services.merge import attached, recovered
from services.recovery import Recovery
from services.second_attempt import WORTH_TELLING
from services.step_details import StepDetails
from services.stopwatch import Stopwatch
from services.turn import Turn


class Answer:
    """`save` is called whenever the Turn must be in the store now; `details` takes what steps carry."""

    def __init__(
        self,
        conversation: Conversation,
        turn: Turn,
        save: Callable[[Answer], None],
        details: StepDetails,
    ) -> None:
        self.conversation = conversation
        self.turn = turn
        self.dirty = False
        """The Turn has news that the store lacks."""
        self.saved_at: float | None = None
        """When it was written last, on the saver's clock."""
        self.kept: tuple[str, str | None] | None = None
        """The key and the conversation id under which the store last had it."""
        self.saving = threading.Lock()
        """Held while the Turn is written to the store."""
        self.announced = False
        """The list of conversations was told of the answer's end."""
        self._save, self._details = save, details
        self._lock = threading.Lock()
        self._began: float | None = time.monotonic()
        """When the question was sent, on time.monotonic(); None where an earlier process did that, and where
        a person has let the app wait since."""
        self._resumed = False
        self._stopwatch = Stopwatch()

    def changed(self, variables: tuple[str, ...]) -> None:
        """The answer has left other values in these conversation variables."""
        with self._lock:
            # As it is shown: it may have been rated meanwhile.
            shown = self.conversation.turn(self.turn.id) or self.turn
            self.turn = replace(shown, changed_variables=variables)
            self.dirty = True
            self.conversation.change(self.turn)
        self._save(self)

    def _fold(self, event: stream_events.StreamEvent) -> None:
        if isinstance(event, stream_events.StepChanged) and not (self.turn.final or self.turn.replaced):
            self._details.take(self.turn.id, f"{event.step.kind}-{event.step.id}", event.data)
        with self._lock:
            before = self.turn
            after = before.learned(event) if before.final else before.after(event)
            if after is not before:
                timings = self._stopwatch.after(after, self._elapsed())
                if timings is not after.timings:  # a copy of a Turn costs more than all else here
                    after = replace(after, timings=timings)
                self._show(self._finished(after) if after.final and not before.final else after)
        if isinstance(event, stream_events.AnswerReplaced):
            self._save(self)  # what was said until now must not stay in the store for a moment longer

    def _pause(self, seconds: float, halt: threading.Event) -> None:
        """Nothing was accepted: wait, and let the readers know for how long."""
        if seconds >= WORTH_TELLING:
            self._show_retry(time.time() + seconds)
        halt.wait(seconds)
        self._show_retry(None)

    def _show_retry(self, at: float | None) -> None:
        with self._lock:
            if not self.turn.final and self.turn.retry_at != at:
                self._show(replace(self.turn, retry_at=at))

    def _look_for(self, recovery: Recovery, error: DifyError, halt: threading.Event) -> None:
        """Its bytes ended too early: take it from the history, as far as it is there."""
        self._stopwatch = Stopwatch()  # nobody sees when what it was at comes to its end
        with self._lock:
            self._show(self.turn.lost(error))
        self._save(self)
        found = recovery.look_for(lambda: self.turn, halt)
        with self._lock:
            if found is not None and not self.turn.final:
                self._show(self._finished(recovered(self.turn, found)))
        if found is None:
            self._close(error)

    def _has_files(self) -> bool:
        """A whole answer says nothing of files that the app ignored; the history does."""
        turn = self.turn
        return turn.state == "complete" and bool(turn.attachments and turn.message_id)

    def _compare(self, theirs: Turn | None) -> None:
        """Mark the question's files that Dify's history lacks."""
        if theirs is not None:
            with self._lock:
                self._show(replace(self.turn, attachments=attached(self.turn, theirs)))
            self._save(self)

    def _close(self, cause: DifyError | None) -> None:
        with self._lock:
            if not self.turn.final and self.turn.state != "paused":
                self._show(self._finished(self.turn.closed(cause)))
        if self.dirty:
            self._save(self)

    def _finished(self, turn: Turn) -> Turn:
        if self._began is None:
            return replace(turn, answered_at=time.time()) if self._resumed else turn
        total = self._elapsed()
        timings = replace(self._stopwatch.at_the_end(turn, total), total=total)
        return replace(turn, answered_at=time.time(), timings=timings)

    def _elapsed(self) -> float | None:
        return None if self._began is None else time.monotonic() - self._began

    def _show(self, turn: Turn) -> None:
        self.turn = turn
        self.dirty = True
        self.conversation.put(turn)
