"""The saver: what has come of each answer goes to the store twice a second, and at once where that matters.

While the store cannot be written nobody waits for it; answers then live in memory alone, and are written as
soon as it can be written again.
"""

from __future__ import annotations

import logging
import threading
import time
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
MOST_A_SECOND = 1_000_000
"""Characters of one answer that are written in a second: all of it is written each time, so a long one is
written less often. Up to half a million characters nothing changes, up to a million a second is lost at most.
"""
LONGEST = 10.0
"""Seconds after which an answer of any length is written."""


class Saver:
    """A thread of its own; `answers` gives those of this process that may have something to write."""

    def __init__(
        self,
        store: Store,
        titles: Titles,
        answers: Callable[[], Sequence[Answer]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._titles, self._answers, self._clock = store, titles, answers, clock
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
        self.save_all(lambda _: True)

    def save(self, answer: Answer) -> None:
        """Now, or as soon as the store can be written again: nobody waits for a database that fails."""
        if answer.conversation.erased:
            return
        if self.trouble is None:
            self._write(answer)
        else:
            answer.dirty = answer.conversation.unsaved = True
            self._announce(answer)

    def _write(self, answer: Answer) -> bool:
        with answer.saving:  # or an older state could be written after a newer one
            answer.dirty = False
            if answer.conversation.erased:
                return True
            self._announce(answer)
            turn = answer.turn
            answer.saved_at = self._clock()
            try:
                key = self._place(answer, turn)
                self._store.save(key, turn)
                self._write_details(key, turn)
            except StoreError as error:
                answer.dirty = answer.conversation.unsaved = True
                answer.kept = None
                self._troubled(error)
                return False
            self._index(answer.conversation, turn)
        return True

    def _place(self, answer: Answer, turn: Turn) -> str:
        """The key of its conversation, which is in the store, named as Dify has named it."""
        if answer.kept is None or answer.kept[1] != turn.conversation_id:
            key = self._store.add(answer.conversation.owned)
            if turn.conversation_id:
                self._store.name(key, turn.conversation_id)
            answer.kept = key, turn.conversation_id
        return answer.kept[0]

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
                self.save_all(self.due)  # at first this opens the database, which the start need not wait for
            except Exception:  # nothing would be saved any more if this thread ended
                log.exception("saving failed")
            if self._closing.wait(SAVE_EVERY):
                return

    def due(self, answer: Answer) -> bool:
        """Whether its news may be written now."""
        turn = answer.turn
        if turn.final or answer.saved_at is None:
            return True
        length = len(turn.text) + len(turn.reasoning)
        return self._clock() - answer.saved_at >= min(length / MOST_A_SECOND, LONGEST)

    def save_all(self, due: Callable[[Answer], bool]) -> None:
        """Whatever has news that the store lacks, and is due."""
        saved = [self._write(answer) for answer in self._answers() if answer.dirty and due(answer)]
        try:
            self._store.ready()
        except StoreError as error:
            self._troubled(error)
            return
        if self.trouble and all(saved):
            log.warning("turns can be saved again")
            self.trouble = None
            self._tell()
