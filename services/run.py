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

from services.answer import Answer
from services.conversations import Conversation
from services.dify import stream_events
from services.dify.client import Client
from services.dify.errors import DifyError, NotSent, RateLimited, ServerFailed, Unintelligible
from services.dify.stream import ChatStream
from services.draft import put
from services.recovery import Recovery, as_kept, await_end
from services.second_attempt import pause_before
from services.step_details import StepDetails
from services.stopping import Stopping
from services.turn import Turn

log = logging.getLogger(__name__)
QUIET = 60.0
"""Seconds without an event after which the events of a resumed run are given up for its history."""
AFTER_STOP = 15.0
"""Seconds for which a stopped answer is read on, for its ids and usage, once Dify was told."""


class Run(Answer):
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
        save: Callable[[Answer], None],
        before: Run | None = None,
        taken: Callable[[str], bool] = lambda _: False,
        ended: Callable[[Run], None] = lambda _: None,
        *,
        details: StepDetails,
        auto_name: bool = True,
    ) -> None:
        super().__init__(conversation, turn, save, details)
        self.done = threading.Event()
        """Set when the thread has ended; the Turn may be final long before."""
        self.done_at = 0.0
        """On time.monotonic()."""
        self._client, self._before, self._taken = client, before, taken
        self._ended, self._auto_name = ended, auto_name
        self._halt = threading.Event()
        self._stopping = Stopping(client, conversation.user)
        self._stream: ChatStream | None = None

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
        # Before it is shown: what a person has seen to be stopped stays so, even after a kill.
        self._save(self)
        with self._lock:
            self.conversation.put(self.turn)
        self._ended(self)

    def _live(self, work: Callable[[], None]) -> None:
        try:
            work()
            if self._has_files():
                self._compare(as_kept(self._client, self.turn, self.conversation.user))
        except Exception as error:
            log.exception("a run failed: %s", type(error).__name__)
            self._close(DifyError("internal_error", "The site failed while it read the answer."))
        finally:
            self._close(None)
            # Each would keep the one before it in memory, and that the one before that.
            self._before = self._stream = None
            with self.saving:  # what the saver has begun to write is written when this Run is done
                self.done_at = time.monotonic()
                self.done.set()
        try:
            self._ended(self)
        except Exception as error:
            log.exception("what follows an answer failed: %s", type(error).__name__)

    def _ask(self) -> None:
        self._await_name()
        again = True
        while not self._halt.is_set():
            try:
                return self._read()
            except (NotSent, RateLimited, ServerFailed) as error:
                wait = pause_before(error) if again else None
                if wait is None:
                    return self._end(error)
                again = False
                self._pause(wait, self._halt)
            except DifyError as error:
                return self._end(error)
        return None

    def _await_name(self) -> None:
        """The conversation has none until the first answer, also a stopped one, has brought it."""
        if self._before and not self.conversation.conversation_id:
            until = time.monotonic() + AFTER_STOP
            while not (self._before.done.wait(0.05) or self._halt.is_set()):
                if self.conversation.conversation_id or time.monotonic() > until:
                    break

    def _read(self) -> None:
        turn = self.turn
        place = self.conversation
        question = put(turn, place.user, place.conversation_id or "", auto_name=self._auto_name)
        if turn.whole:
            for event in self._client.chat.send_blocking(**question):
                self._take(event)
        else:
            with self._client.chat.send(**question) as self._stream:
                self._stream.hand_to(self._take)
        self._close(None)

    def _take(self, event: stream_events.StreamEvent) -> None:
        self._fold(event)
        if self._halt.is_set():
            self._tell_dify()

    def _end(self, error: DifyError) -> None:
        """The bytes ended by no will of the server's: look for the answer, or say why there is none."""
        if self.turn.ended or self.turn.outcome or error.undone:
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

                def take(event: stream_events.StreamEvent) -> None:
                    stream.until = time.monotonic() + QUIET
                    self._take(event)

                self._stream, stream.until = stream, time.monotonic() + QUIET
                stream.hand_to(take)
        except DifyError as broken:
            error = broken
        # Such a stream may say nothing, or only that the run is over: history then has the answer.
        if self.turn.ended or self.turn.state == "paused" or self.turn.outcome in {"failed", "stopped"}:
            return self._close(None)
        await_end(self._client, run_id, self._halt)
        self._recover(error)
        return None

    def _recover(self, error: DifyError) -> None:
        # A gateway that answered in Dify's stead has most likely not passed the question on; but one that
        # waited for a whole answer has, and only lost its patience.
        patient = self.turn.whole or not isinstance(error, ServerFailed | Unintelligible)
        recovery = Recovery(self._client, self.conversation, self._taken, patient=patient)
        self._look_for(recovery, error, self._halt)

    def _tell_dify(self) -> None:
        stream = self._stream  # the Run's own thread lets go of it at its end
        if self._stopping.tell(self.turn) and stream:
            stream.until = time.monotonic() + AFTER_STOP
