"""All Runs of this process: one per question, at most one at a time per conversation.

The question is in the store before it is sent, and a saver writes what has come of each answer twice a
second, so that even kill -9 loses less than a second of text; the next start takes up what was left.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError
from services.draft import Draft
from services.identity import Identity, Role
from services.outcome import Failure
from services.run import Run
from services.store import Owned, Store, StoreError
from services.titles import Titles
from services.turn import Turn

log = logging.getLogger(__name__)
SAVE_EVERY = 0.5
"""Seconds."""
REMEMBERED = 1_000
"""Send ids kept in memory; older ones are still known to the store."""
LONGEST_QUERY = 250_000
"""Characters. Dify itself takes 100 kB and more; beyond this a file is the better way."""


class Busy(Exception):
    """An answer is running in this conversation; the text must stay with the person who typed it."""


class TooLong(ValueError):
    """The question is over LONGEST_QUERY."""


class Runs:
    def __init__(self, store: Store, titles: Titles) -> None:
        self._store, self._titles = store, titles
        self._lock = threading.Lock()
        self._by_send_id: OrderedDict[str, Run] = OrderedDict()
        self._closing = threading.Event()
        self.store_trouble: Failure | None = None
        """Set while the store cannot be written: answers then live in memory alone."""
        self._saver = threading.Thread(target=self._save_now_and_then, name="saver", daemon=True)
        self._saver.start()

    def start(
        self, identity: Identity, client: Client, conversation: Conversation, draft: Draft, send_id: str
    ) -> Run | None:
        """Put the question and begin its answer. The same send id never asks twice.

        Returns None for a send id that an earlier process has already asked. Raises Busy, TooLong, Denied.
        """
        identity.require(Role.AGENT)
        if len(draft.query) > LONGEST_QUERY:
            raise TooLong(f"{len(draft.query):,} characters")
        # Half of a surrogate pair is no text: neither Dify's wire nor a database takes it.
        query = draft.query.encode("utf-8", "replace").decode()
        with self._lock:
            if send_id in self._by_send_id:
                return self._by_send_id[send_id]
            if self._asked_before(send_id):
                return None
            if conversation.busy:
                raise Busy
            turn = Turn.asked(
                query,
                id=send_id,
                inputs=draft.inputs,
                attachments=draft.files,
                whole=draft.whole,
                asked_at=time.time(),
                conversation_id=conversation.conversation_id or "",
            )
            before = self._last(conversation)
            run = Run(client, conversation, turn, self._save, before, self._taken_by_others(conversation))
            self._remember(run)
            conversation.put(turn)
        self._save(run)
        run.start()
        return run

    def running(self, conversation: Conversation) -> Run | None:
        """The Run whose answer is not final yet."""
        with self._lock:
            runs = [r for r in self._by_send_id.values() if r.conversation is conversation]
        return next((r for r in reversed(runs) if not r.turn.final), None)

    def stop(self, conversation: Conversation) -> None:
        """Stop the running answer, if there is one."""
        run = self.running(conversation)
        if run:
            run.stop()

    def reconcile(self, client: Client, conversation: Conversation, turn: Turn) -> None:
        """Take up an answer that an earlier process left behind."""
        lost = turn.lost(DifyError("interrupted", "The site was restarted while this answer arrived."))
        run = Run(client, conversation, lost, self._save, taken=self._taken_by_others(conversation))
        with self._lock:
            if turn.id in self._by_send_id:
                return
            self._remember(run)
        conversation.put(lost)
        run.start(reconcile=True)

    def close(self) -> None:
        """Write everything that is not written yet; Runs go on until the process ends."""
        self._closing.set()
        self._saver.join(2)
        self._save_all()

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
        while len(self._by_send_id) > REMEMBERED:
            oldest = next(iter(self._by_send_id.values()))
            if not oldest.done.is_set():
                break
            self._by_send_id.popitem(last=False)

    def _save(self, run: Run) -> None:
        with run.saving:  # or an older state could be written after a newer one
            self._write(run)

    def _write(self, run: Run) -> None:
        run.dirty = False
        if run.turn.final and run.turn.conversation_id and not run.announced:
            run.announced = True
            self._titles.expect(run.conversation)
        turn, place = run.turn, run.conversation
        try:
            self._store.add(Owned(place.key, place.app, place.user, place.conversation_id))
            if turn.conversation_id:
                self._store.name(place.key, turn.conversation_id)
            self._store.save(place.key, turn)
        except StoreError as error:
            run.dirty = True
            if self.store_trouble is None:
                log.warning("turns cannot be saved: %s", error)
            self.store_trouble = Failure("store", str(error))
        else:
            self.store_trouble = None

    def _save_now_and_then(self) -> None:
        while not self._closing.wait(SAVE_EVERY):
            self._save_all()

    def _save_all(self) -> None:
        with self._lock:
            dirty = [run for run in self._by_send_id.values() if run.dirty]
        for run in dirty:
            self._save(run)
