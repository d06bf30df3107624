"""Questions asked while an answer runs: kept in order and sent one after another, each when the one before
it has its answer.

A failed or stopped answer sends nothing: what waits may rest on it, so the person decides. What waits is in
the database as well, and is there again after a restart. Its send id becomes the turn's, so that it is asked
once at most.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from services.conversations import Conversation
from services.dify.client import Client
from services.directory import Directory
from services.draft import Draft, Waiting
from services.identity import Identity, Role
from services.limits import Meter
from services.queued import Queued
from services.runs import LONGEST_QUERY, Busy, Runs, TooLong
from services.store import Store, StoreError

log = logging.getLogger(__name__)
MOST = 10
"""Questions that may wait in one conversation."""
HELD = {"failed": "failed", "incomplete": "failed", "paused": "paused", "stopped": "stopped"}
"""State of the last answer -> why what waits is not sent by itself."""


class Full(Exception):
    """MOST questions wait already; the text must stay with the person who typed it."""


class Queue:
    """The questions that wait, of all conversations. Safe to use from any thread."""

    def __init__(
        self, store: Store, runs: Runs, client_of: Callable[[Conversation], Client], meter: Meter
    ) -> None:
        self._queued, self._runs = Queued(store), runs
        self._client_of, self._meter = client_of, meter
        runs.on_end.append(self._go_on)

    def ask(self, identity: Identity, conversation: Conversation, draft: Draft, send_id: str) -> None:
        """Put the question now, or behind the answer that runs. Raises TooLong, Denied, Full, TooMuch."""
        identity.require(Role.AGENT)
        if len(draft.query) > LONGEST_QUERY:
            raise TooLong(f"{len(draft.query):,} characters")
        with conversation.queueing:
            if any(waiting.id == send_id for waiting in conversation.queued):
                return
            if conversation.turn(send_id) is None:  # a second click on the same is no second question
                self._meter.send(conversation.user, self._runs.running_of(conversation.user))
            try:
                if conversation.queued and not conversation.held:
                    raise Busy
                self._runs.begin(self._client_of(conversation), conversation, draft, send_id)
            except Busy:
                self._line_up(conversation, Waiting(send_id, draft))

    def ask_all(
        self, identity: Identity, conversation: Conversation, drafts: Sequence[Draft], send_id: str
    ) -> None:
        """Put the first question now and line the others up behind it, however many they are.

        For a conversation in which nothing runs or waits. Counts as one question, since no other may be asked
        there meanwhile. Raises TooLong, Denied, Busy, TooMuch.
        """
        identity.require(Role.AGENT)
        if any(len(draft.query) > LONGEST_QUERY for draft in drafts):
            raise TooLong(f"over {LONGEST_QUERY:,} characters")
        if not drafts:
            return
        names = [send_id, *(f"{send_id[:56]}-{place}" for place in range(1, len(drafts)))]
        named = [Waiting(name, draft) for name, draft in zip(names, drafts, strict=True)]
        with conversation.queueing:
            if conversation.busy or conversation.queued:
                raise Busy
            self._meter.send(conversation.user, self._runs.running_of(conversation.user))
            # All are kept before the first is asked: a kill in between loses none of them.
            self._queued.keep(conversation.owned, named)
            self._tell(conversation, tuple(named), "")
            self._send_first(conversation)

    def take(self, identity: Identity, conversation: Conversation, waiting_id: str) -> Draft | None:
        """Take a question out again; None where it is not waiting (any more)."""
        identity.require(Role.AGENT)
        with conversation.queueing:
            found = next((each for each in conversation.queued if each.id == waiting_id), None)
            if found:
                self._drop(conversation, found)
        return found.draft if found else None

    def send_now(self, identity: Identity, conversation: Conversation, waiting_id: str) -> None:
        """Stop the running answer, if there is one, and send this question next."""
        identity.require(Role.AGENT)
        with conversation.queueing:
            if all(each.id != waiting_id for each in conversation.queued):
                return
            ordered = sorted(conversation.queued, key=lambda each: each.id != waiting_id)
            self._tell(conversation, tuple(ordered), "")
        self._runs.stop(conversation)
        with conversation.queueing:
            if conversation.queued and conversation.queued[0].id == waiting_id:
                self._send_first(conversation)

    def restore(self, directory: Directory) -> None:
        """Take up what waited when the process before this one ended."""
        try:
            for owner, waiting in self._queued.left():
                self._put_back(directory.adopt(owner), waiting)
        except StoreError as error:
            log.warning("waiting questions could not be read: %s", error)

    def _put_back(self, conversation: Conversation, waiting: Waiting) -> None:
        with conversation.queueing:
            if all(each.id != waiting.id for each in conversation.queued):
                self._tell(conversation, (*conversation.queued, waiting), "restarted")

    def _line_up(self, conversation: Conversation, waiting: Waiting) -> None:
        if len(conversation.queued) >= MOST:
            raise Full
        self._queued.keep(conversation.owned, [waiting])
        self._tell(conversation, (*conversation.queued, waiting), "")

    def _go_on(self, conversation: Conversation) -> None:
        """An answer has ended: send what waits for it, unless it failed or was stopped."""
        with conversation.queueing:
            if not conversation.queued or conversation.busy:
                return
            last = next(reversed(conversation.turns()), None)
            held = HELD.get(last.state, "") if last else ""
            if held:
                self._tell(conversation, conversation.queued, held)
            else:
                self._send_first(conversation)

    def _send_first(self, conversation: Conversation) -> None:
        first = conversation.queued[0]
        try:
            self._runs.begin(self._client_of(conversation), conversation, first.draft, first.id)
        except Busy:
            return  # somebody was quicker, and that answer's end comes back here
        conversation.held = ""
        self._drop(conversation, first)

    def _drop(self, conversation: Conversation, waiting: Waiting) -> None:
        self._queued.drop(waiting.id)
        left = tuple(each for each in conversation.queued if each is not waiting)
        self._tell(conversation, left, conversation.held if left else "")

    def _tell(self, conversation: Conversation, waiting: tuple[Waiting, ...], held: str) -> None:
        conversation.queued, conversation.held = waiting, held
        conversation.wake()
