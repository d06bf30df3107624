"""The saver: what has come of each answer goes to the store twice a second, and at once where that matters.

While the store cannot be written nobody waits for it; answers then live in memory alone, and are written as
soon as it can be written again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from services.answer import Answer
from services.conversations import Conversation
from services.outcome import Failure
from services.search import Search
from services.step_details import StepDetails
from services.store import Store, StoreError
from services.titles import Titles
from services.turn import Turn

log = logging.getLogger(__name__)
SAVE_EVERY = 0.5
"""Seconds."""


class Saver:
    """A thread of its own; `answers` gives those of this process that may have something to write."""

    def __init__(self, store: Store, titles: Titles, answers: Callable[[], Sequence[Answer]]) -> None:
        self._store, self._titles, self._answers = store, titles, answers
        self._search, self.details = Search(store), StepDetails(store.database)
        self._closing = threading.Event()
        self.trouble: Failure | None = None
        """Set while the store cannot be written: answers then live in memory alone."""
        self._thread = threading.Thread(target=self._save_now_and_then, name="saver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Write everything that is not written yet."""
        self._closing.set()
        self._thread.join(2)
        self.save_all()

    def save(self, answer: Answer) -> None:
        """Now, or as soon as the store can be written again: nobody waits for a database that fails."""
        if self.trouble is None:
            self._write(answer)
        else:
            answer.dirty = answer.conversation.unsaved = True
            self._announce(answer)

    def _write(self, answer: Answer) -> bool:
        with answer.saving:  # or an older state could be written after a newer one
            answer.dirty = False
            self._announce(answer)
            turn = answer.turn
            try:
                key = self._store.add(answer.conversation.owned)
                if turn.conversation_id:
                    self._store.name(key, turn.conversation_id)
                self._store.save(key, turn)
                self._write_details(key, turn)
            except StoreError as error:
                answer.dirty = answer.conversation.unsaved = True
                self._troubled(error)
                return False
            self._index(answer.conversation, turn)
        return True

    def _write_details(self, key: str, turn: Turn) -> None:
        if turn.replaced:
            self.details.forget(turn.id)
        self.details.write(key, turn.id)
        if turn.final:
            self.details.ended(turn.id)

    def _index(self, conversation: Conversation, turn: Turn) -> None:
        """An answer that cannot be searched is saved all the same; whoever opens it has it indexed again."""
        if turn.final and turn.conversation_id:
            try:
                self._search.saw(conversation, turn.conversation_id, [turn])
            except StoreError as error:
                log.warning("an answer cannot be searched: %s", error)

    def _announce(self, answer: Answer) -> None:
        if answer.turn.final and answer.turn.conversation_id and not answer.announced:
            answer.announced = True
            self._titles.expect(answer.conversation)

    def _troubled(self, error: StoreError) -> None:
        if self.trouble is None:
            log.warning("turns cannot be saved: %s", error)
            self.trouble = Failure("store")
            self._tell()

    def _tell(self) -> None:
        """Whoever reads a conversation that was asked something here: there is a notice, or none any more."""
        places = {answer.conversation.key: answer.conversation for answer in self._answers()}
        for place in places.values():
            place.unsaved = place.unsaved and self.trouble is not None
            place.wake()

    def _save_now_and_then(self) -> None:
        while True:
            try:
                self.save_all()  # at first this opens the database, which the start need not wait for
            except Exception:  # nothing would be saved any more if this thread ended
                log.exception("saving failed")
            if self._closing.wait(SAVE_EVERY):
                return

    def save_all(self) -> None:
        """Whatever has news that the store lacks."""
        saved = [self._write(answer) for answer in self._answers() if answer.dirty]
        try:
            self._store.ready()
        except StoreError as error:
            self._troubled(error)
            return
        if self.trouble and all(saved):
            log.warning("turns can be saved again")
            self.trouble = None
            self._tell()
