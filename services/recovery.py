"""Looking for an answer in Dify's history after its stream broke, instead of asking again.

A chatflow goes on without us and its whole answer is in history later; a basic app's answer may be lost for
good, its row staying empty (recordings b0_*). To ask again costs a second answer and is the person's choice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError, EndpointMissing, Unauthorized
from services.merge import same_question
from services.turn import Turn

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between looks."""
SECOND_LOOK = 1.0
"""Seconds after which an answer that was found must still read the same."""
LONGEST_RUN = 1200.0
"""Seconds; Dify's own limit (APP_MAX_EXECUTION_TIME)."""
LOOK_EVERY = 2.0
"""Seconds between two looks whether a workflow run still runs."""


class Recovery:
    """`taken` says of a conversation id that another conversation of this site has it."""

    def __init__(
        self, client: Client, conversation: Conversation, taken: Callable[[str], bool], *, patient: bool
    ) -> None:
        self._client, self._conversation, self._taken = client, conversation, taken
        self._pauses = PAUSES if patient else PAUSES[:3]

    def look_for(self, current: Callable[[], Turn], halt: threading.Event) -> Turn | None:
        """The message's Turn once its answer is there and stands still, or once it is known to have failed.

        None: not found, or found without an answer until the last look, or `halt` was set.
        """
        try:
            return self._look(current, halt)
        except (Unauthorized, EndpointMissing):
            return None  # every further look would be refused as well

    def _look(self, current: Callable[[], Turn], halt: threading.Event) -> Turn | None:
        last: Turn | None = None
        for pause in self._pauses:
            if halt.wait(pause):
                return None
            found = self._seen(current())
            while found is not None:
                if found.state in {"failed", "paused", "stopped"} or (
                    last and found.text and found.text == last.text
                ):
                    return found
                last = found
                if not found.text or halt.wait(SECOND_LOOK):
                    break
                found = self._seen(current())
        return last if last is not None and last.text else None

    def _seen(self, turn: Turn) -> Turn | None:
        try:
            return self._find(turn)
        except (Unauthorized, EndpointMissing):
            raise
        except DifyError:
            return None

    def _find(self, turn: Turn) -> Turn | None:
        user = self._conversation.user
        conversation_id = turn.conversation_id or self._conversation.conversation_id
        if conversation_id:
            return self._in(conversation_id, turn)
        recent = self._client.conversations.list(user=user, limit=5, sort_by="-updated_at")
        for conversation in recent.data:
            if self._taken(conversation.id):
                continue
            found = self._in(conversation.id, turn)
            if found:
                return found
        return None

    def _in(self, conversation_id: str, turn: Turn) -> Turn | None:
        page = self._client.messages.list(conversation_id, self._conversation.user, limit=5)
        # The same question may have been asked just before; its answer is not this one's.
        others = {t.message_id for t in self._conversation.turns() if t.id != turn.id}
        for message in reversed(page.data):
            theirs = Turn.from_message(message)
            if theirs.message_id in others:
                continue
            if theirs.message_id == turn.message_id if turn.message_id else same_question(turn, theirs):
                return theirs
        return None


def await_end(client: Client, run_id: str, halt: threading.Event) -> None:
    """Return when the workflow run is over, when that cannot be known, or when `halt` is set."""

    def runs_on() -> bool:
        try:
            return client.workflows.run(run_id).status == "running"
        except DifyError:
            return False

    until = time.monotonic() + LONGEST_RUN
    while runs_on() and time.monotonic() < until and not halt.wait(LOOK_EVERY):
        pass


def as_kept(client: Client, turn: Turn, user: str) -> Turn | None:
    """The same answer as Dify's history has it; None where that is not known."""
    try:
        page = client.messages.list(turn.conversation_id, user, limit=5)
    except DifyError:
        return None
    return next((Turn.from_message(m) for m in page.data if m.id == turn.message_id), None)
