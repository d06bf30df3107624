"""A Run: one question on its way through Dify, in a thread of the server that no page, tab or reload can end.

It owns the HTTP stream, folds it into its Turn and puts each new Turn into the Conversation, which pages look
at. It finishes whether or not anybody watches. It never asks Dify twice once a question may have been taken:
after a broken stream it reads the history instead (services/recovery.py).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from services.conversations import Conversation
from services.dify import events
from services.dify.chat import Question
from services.dify.client import Client
from services.dify.errors import DifyError, NotSent, RateLimited, Refused, ServerFailed, Unintelligible
from services.dify.stream import ChatStream
from services.draft import sent
from services.merge import attached, recovered
from services.recovery import Recovery
from services.step_details import StepDetails
from services.stopwatch import Stopwatch
from services.turn import Turn

log = logging.getLogger(__name__)
WORTH_TELLING = 1.0
"""Seconds; shorter waits before a second attempt are nobody's business."""
LONGEST_WAIT = 30.0
"""Seconds of Retry-After that are waited for; beyond that the person decides."""
QUIET = 60.0
"""Seconds without an event after which the events of a resumed run are given up for its history."""
LONGEST_RUN = 1200.0
"""Seconds; Dify's own limit (APP_MAX_EXECUTION_TIME)."""
LOOK_EVERY = 2.0
"""Seconds between two looks whether it still runs."""
AFTER_STOP = 15.0
"""Seconds for which a stopped answer is read on, for its ids and usage, once Dify was told."""


class Run:
    """One question's way. `save` is called whenever the Turn must be in the store now.

    `before` is the conversation's Run before this one; `taken` says of a conversation id that another
    conversation of this site has it; `ended` is called when the answer was stopped, and again when its thread
    has nothing else to do; `details` takes what goes into the steps; `auto_name` lets Dify name a new
    conversation.
    """

    def __init__(
        self,
        client: Client,
        conversation: Conversation,
        turn: Turn,
        save: Callable[[Run], None],
        before: Run | None = None,
        taken: Callable[[str], bool] = lambda _: False,
        ended: Callable[[Run], None] = lambda _: None,
        *,
        details: StepDetails,
        auto_name: bool = True,
    ) -> None:
        self.conversation = conversation
        self.turn = turn
        self.done = threading.Event()
        """Set when the thread has ended; the Turn may be final long before."""
        self.dirty = False
        """The Turn has news that the store lacks."""
        self.saving = threading.Lock()
        """Held while the Turn is written to the store."""
        self.announced = False
        """The list of conversations was told of the answer's end."""
        self._client, self._save, self._before, self._taken = client, save, before, taken
        self._ended, self._details, self._auto_name = ended, details, auto_name
        self._lock = threading.Lock()
        self._halt = threading.Event()
        self._told_dify = False
        self._began: float | None = time.monotonic()
        """When the question was sent, on time.monotonic(); None where an earlier process did that, and where
        a person has let the app wait since."""
        self._resumed = False
        self._stream: ChatStream | None = None
        self._stopwatch = Stopwatch()

    def start(self, *, reconcile: bool = False) -> None:
        """Show the question and begin; `reconcile` looks for an answer that an earlier process began."""
        self._began = None if reconcile else self._began
        self._begin(self._reconcile if reconcile else self._ask)

    def follow(self) -> None:
        """Go on with an answer that a form had paused."""
        self._began, self._resumed = None, True
        self._begin(self._follow)

    def _begin(self, work: Callable[[], None]) -> None:
        with self._lock:
            self.conversation.put(self.turn)
        threading.Thread(target=self._live, args=(work,), name=f"run-{self.turn.id[:8]}", daemon=True).start()

    def stop(self) -> None:
        """End the answer now and keep what came. May be called at any time, any number of times."""
        with self._lock:
            if self.turn.final:
                return
            self.turn = self._finished(self.turn.stopped())
            self.dirty = True
            self._halt.set()
        self._tell_dify()
        self._save(
            self
        )  # before it is shown: what a person has seen to be stopped stays so, even after a kill
        with self._lock:
            self.conversation.put(self.turn)
        self._ended(self)

    def changed(self, variables: tuple[str, ...]) -> None:
        """The answer has left other values in these conversation variables."""
        with self._lock:
            # As it is shown: it may have been rated meanwhile.
            shown = self.conversation.turn(self.turn.id) or self.turn
            self.turn = replace(shown, changed_variables=variables)
            self.dirty = True
            self.conversation.change(self.turn)
        self._save(self)

    def _live(self, work: Callable[[], None]) -> None:
        try:
            work()
            self._look_after_files()
        except Exception as error:
            log.exception("a run failed: %s", type(error).__name__)
            self._close(DifyError("internal_error", "The site failed while it read the answer."))
        finally:
            self._close(None)
            # Each would keep the one before it in memory, and that the one before that.
            self._before = self._stream = None
            with self.saving:  # what the saver has begun to write is written when this Run is done
                self.done.set()
        try:
            self._ended(self)
        except Exception as error:
            log.exception("what follows an answer failed: %s", type(error).__name__)

    def _ask(self) -> None:
        if self._before and not self.conversation.conversation_id:
            # The conversation has no name until the first answer, also a stopped one, has brought it.
            until = time.monotonic() + AFTER_STOP
            while not (self._before.done.wait(0.05) or self._halt.is_set()):
                if self.conversation.conversation_id or time.monotonic() > until:
                    break
        again = True
        while not self._halt.is_set():
            try:
                return self._read()
            except (NotSent, RateLimited, ServerFailed) as error:
                wait = _pause_before_retry(error) if again else None
                if wait is None:
                    return self._end(error)
                again = False
                self._pause(wait)
            except DifyError as error:
                return self._end(error)
        return None

    def _pause(self, seconds: float) -> None:
        """Nothing was accepted: wait, and let the readers know for how long."""
        if seconds >= WORTH_TELLING:
            self._show_retry(time.time() + seconds)
        self._halt.wait(seconds)
        self._show_retry(None)

    def _show_retry(self, at: float | None) -> None:
        with self._lock:
            if not self.turn.final and self.turn.retry_at != at:
                self._show(replace(self.turn, retry_at=at))

    def _read(self) -> None:
        turn = self.turn
        question: Question = {
            "query": turn.query,
            "user": self.conversation.user,
            "inputs": turn.inputs,
            "conversation_id": self.conversation.conversation_id or "",
            "files": [sent(file) for file in turn.attachments],
            "auto_generate_name": self._auto_name,
        }
        if turn.whole:
            for event in self._client.chat.send_blocking(**question):
                self._take(event)
        else:
            with self._client.chat.send(**question) as stream:
                self._stream = stream
                for event in stream:
                    self._take(event)
        self._close(None)

    def _take(self, event: events.StreamEvent) -> None:
        if isinstance(event, events.StepChanged) and not (self.turn.final or self.turn.replaced):
            self._details.take(self.turn.id, f"{event.step.kind}-{event.step.id}", event.data)
        with self._lock:
            before = self.turn
            after = before.learned(event) if before.final else before.after(event)
            if after is not before:
                timings = self._stopwatch.after(after, self._elapsed())
                if timings is not after.timings:  # a copy of a Turn costs more than all else here
                    after = replace(after, timings=timings)
                self._show(self._finished(after) if after.final and not before.final else after)
        if isinstance(event, events.AnswerReplaced):
            self._save(self)  # what was said until now must not stay in the store for a moment longer
        if self._halt.is_set():
            self._tell_dify()

    def _end(self, error: DifyError) -> None:
        """The bytes ended by no will of the server's: look for the answer, or say why there is none."""
        whole = self.turn.ended or self.turn.outcome
        refused = isinstance(error, NotSent | Refused) and not isinstance(error, ServerFailed)
        if whole or refused:
            return self._close(error)
        self._recover(error)
        return None

    def _reconcile(self) -> None:
        self._recover(DifyError("interrupted", "The site was restarted while this answer arrived."))

    def _follow(self) -> None:
        """The rest of a run that a form had paused (recording a2_events_finished_run)."""
        run_id, user = self.turn.workflow_run_id, self.conversation.user
        error = DifyError("connection_lost", "The rest of the answer did not arrive.")
        try:
            with self._client.workflows.events(run_id, user) as stream:
                self._stream = stream
                stream.until = time.monotonic() + QUIET
                for event in stream:
                    stream.until = time.monotonic() + QUIET
                    self._take(event)
        except DifyError as broken:
            error = broken
        # Such a stream may say nothing, or only that the run is over: history then has the answer.
        if self.turn.ended or self.turn.state == "paused" or self.turn.outcome in {"failed", "stopped"}:
            return self._close(None)
        until = time.monotonic() + LONGEST_RUN
        while self._runs_on() and time.monotonic() < until and not self._halt.wait(LOOK_EVERY):
            pass
        self._recover(error)
        return None

    def _runs_on(self) -> bool:
        try:
            return self._client.workflows.run(self.turn.workflow_run_id).status == "running"
        except DifyError:
            return False

    def _recover(self, error: DifyError) -> None:
        self._stopwatch = Stopwatch()  # nobody sees when what it was at comes to its end
        with self._lock:
            self._show(self.turn.lost(error))
        self._save(self)
        # A gateway that answered in Dify's stead has most likely not passed the question on; but one that
        # waited for a whole answer has, and only lost its patience.
        patient = self.turn.whole or not isinstance(error, ServerFailed | Unintelligible)
        recovery = Recovery(self._client, self.conversation, self._taken, patient=patient)
        found = recovery.look_for(lambda: self.turn, self._halt)
        with self._lock:
            if found is not None and not self.turn.final:
                self._show(self._finished(recovered(self.turn, found)))
        if found is None:
            self._close(error)

    def _close(self, cause: DifyError | None) -> None:
        with self._lock:
            if not self.turn.final and self.turn.state != "paused":
                self._show(self._finished(self.turn.closed(cause)))
        if self.dirty:
            self._save(self)

    def _look_after_files(self) -> None:
        """A whole answer says nothing of files that the app ignored; the history does."""
        turn = self.turn
        if turn.state != "complete" or not turn.attachments or not turn.message_id:
            return
        try:
            page = self._client.messages.list(turn.conversation_id, self.conversation.user, limit=5)
        except DifyError:
            return  # nothing is said of what is not known
        theirs = next((Turn.from_message(m) for m in page.data if m.id == turn.message_id), None)
        if theirs is not None:
            with self._lock:
                self._show(replace(self.turn, attachments=attached(self.turn, theirs)))
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

    def _tell_dify(self) -> None:
        """POST …/stop, once, as soon as the task id is known; in a thread of its own, for it may hang.

        The task id of an answer in one piece comes with its end, when there is nothing left to stop.
        """
        with self._lock:
            if self._told_dify or not self.turn.task_id or self.turn.whole:
                return
            self._told_dify = True
            if self._stream:
                self._stream.until = time.monotonic() + AFTER_STOP
        work, task_id = self._post_stop, self.turn.task_id
        threading.Thread(target=work, args=(task_id,), name=f"stop-{task_id[:8]}", daemon=True).start()

    def _post_stop(self, task_id: str) -> None:
        try:
            self._client.chat.stop(task_id, self.conversation.user)
        except DifyError as error:
            log.warning("Dify did not take the stop of a task: %s", error.code)


def _pause_before_retry(error: DifyError) -> float | None:
    """Seconds to wait where nothing was accepted and a second attempt is right; None where it is not."""
    if isinstance(error, NotSent):
        return 0.5
    if isinstance(error, RateLimited) or error.status == 503:
        wait = error.retry_after
        return wait if wait is not None and wait <= LONGEST_WAIT else None
    return None
