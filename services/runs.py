"""All Runs of this process: one per question, at most one at a time per conversation.

The question is in the store before it is sent, and the saver (services/saver.py) writes what has come of each
answer, so that even kill -9 loses less than a second of text; the next start takes up what was left.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError
from services.draft import Draft, asked
from services.identity import Identity, Role
from services.run import Run
from services.saver import Saver
from services.store import Store, StoreError
from services.titles import Titles
from services.turn import Turn

REMEMBERED = 1_000
"""Answers kept in memory; send ids of older ones are still known to the store."""
KEPT = 600.0
"""Seconds after its end for which an answer stays there: it holds its whole conversation."""
LONGEST_QUERY = 250_000
"""Characters. Dify itself takes 100 kB and more; beyond this a file is the better way."""


class Busy(Exception):
    """An answer is running in this conversation; the text must stay with the person who typed it."""


class TooLong(ValueError):
    """The question is over LONGEST_QUERY."""


class Runs:
    def __init__(self, store: Store, titles: Titles, ended: Callable[[Run], None] = lambda _: None) -> None:
        """`ended` is called once after each answer, in its Run's thread, when all else is done."""
        self._store, self._follow_up = store, ended
        self._lock = threading.Lock()
        self._by_send_id: OrderedDict[str, Run] = OrderedDict()
        self.on_end: list[Callable[[Conversation], None]] = []
        """Called with its conversation when an answer has become final or pauses; perhaps more than once."""
        self.saver = Saver(store, titles, self._all)
        self.details = self.saver.details
        self.saver.start()

    def start(
        self, identity: Identity, client: Client, conversation: Conversation, draft: Draft, send_id: str
    ) -> Run | None:
        """Put the question and begin its answer. The same send id never asks twice.

        Returns None for a send id that an earlier process has already asked. Raises Busy, TooLong, Denied.
        """
        identity.require(Role.AGENT)
        return self.begin(client, conversation, draft, send_id)

    def begin(self, client: Client, conversation: Conversation, draft: Draft, send_id: str) -> Run | None:
        """The same for somebody whose right to ask was seen before. Raises Busy, TooLong."""
        if len(draft.query) > LONGEST_QUERY:
            raise TooLong(f"{len(draft.query):,} characters")
        asked_before = send_id not in self._by_send_id and self._asked_before(send_id)
        with self._lock:
            if send_id in self._by_send_id:
                return self._by_send_id[send_id]
            if asked_before:
                return None
            before = self._last(conversation)
            if conversation.busy or (before and before.turn.running):
                raise Busy
            turn = asked(draft, send_id, conversation.conversation_id or "")
            run = self._run(client, conversation, turn, before, auto_name=draft.auto_name)
            self._remember(run)
        # First kept, then shown: what a person has seen to be asked outlives the process.
        self.saver.save(run)
        run.start()
        return run

    def running(self, conversation: Conversation) -> Run | None:
        """The Run whose answer is not final yet."""
        runs = [r for r in self._all() if r.conversation is conversation]
        return next((r for r in reversed(runs) if not r.turn.final), None)

    def halt(self, identity: Identity, conversation: Conversation) -> None:
        """Stop the running answer, if there is one. Raises Denied."""
        identity.require(Role.AGENT)
        self.stop(conversation)

    def running_of(self, user: str) -> int:
        """Answers of this person that are on their way."""
        return sum(run.turn.running for run in self._all() if run.conversation.user == user)

    def stop(self, conversation: Conversation) -> None:
        """The same for somebody whose right to do so was seen before."""
        run = self.running(conversation)
        if run:
            run.stop()

    def reconcile(self, client: Client, conversation: Conversation, turn: Turn) -> None:
        """Take up an answer that an earlier process left behind."""
        lost = turn.lost(DifyError("interrupted", "The site was restarted while this answer arrived."))
        run = self._run(client, conversation, lost)
        with self._lock:
            if turn.id in self._by_send_id:
                return
            self._remember(run)
        run.start(reconcile=True)

    def resume(self, client: Client, conversation: Conversation, turn: Turn) -> None:
        """Follow the rest of an answer whose form was submitted just now."""
        run = self._run(client, conversation, turn)
        with self._lock:
            known = self._by_send_id.get(turn.id)
            if known and not known.done.is_set():
                return  # another tab was quicker
            self._remember(run)
        run.follow()
        self.saver.save(run)

    def forget(self, user: str) -> None:
        """This person's data is erased: running answers end, none is written any more. Raises StoreError."""
        with self._lock:
            theirs = [run for run in self._by_send_id.values() if run.conversation.user == user]
            for run in theirs:
                run.conversation.erased = True
                del self._by_send_id[run.turn.id]
        for run in theirs:
            run.stop()
            with run.saving:  # what is being written now goes with the rest
                self.details.forget(run.turn.id)

    def close(self) -> None:
        """Write everything that is not written yet; Runs go on until the process ends."""
        self.saver.close()

    def _all(self) -> list[Run]:
        with self._lock:
            return list(self._by_send_id.values())

    def _run(
        self,
        client: Client,
        conversation: Conversation,
        turn: Turn,
        before: Run | None = None,
        *,
        auto_name: bool = True,
    ) -> Run:
        return Run(
            client,
            conversation,
            turn,
            self.saver.save,
            before,
            self._taken_by_others(conversation),
            self._ended,
            details=self.details,
            auto_name=auto_name,
        )

    def _ended(self, run: Run) -> None:
        if run.conversation.erased:
            return
        for tell in self.on_end:
            tell(run.conversation)
        if run.done.is_set():
            self._follow_up(run)

    def _asked_before(self, send_id: str) -> bool:
        try:
            return self._store.turn(send_id) is not None
        except StoreError:
            return False

    def _taken_by_others(self, conversation: Conversation) -> Callable[[str], bool]:
        def taken(conversation_id: str) -> bool:
            try:
                owned = self._store.by_conversation(conversation.app, conversation.user, conversation_id)
            except StoreError:
                return False
            return owned is not None and owned.key != conversation.key

        return taken

    def _last(self, conversation: Conversation) -> Run | None:
        return next((r for r in reversed(self._by_send_id.values()) if r.conversation is conversation), None)

    def _remember(self, run: Run) -> None:
        self._by_send_id[run.turn.id] = run
        long_ago, too_many = time.monotonic() - KEPT, len(self._by_send_id) - REMEMBERED
        for number, (send_id, old) in enumerate(list(self._by_send_id.items())):
            written = old.done.is_set() and not old.dirty
            if written and (number < too_many or (old.turn.final and old.done_at < long_ago)):
                del self._by_send_id[send_id]
