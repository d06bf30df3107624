"""Open conversations: their turns as they now are, in order, and who watches them.

A Conversation is changed by its Runs (threads) and read by any number of followers (routes). It keeps no log
of deltas: each field of a turn knows the sequence number of its last change and the text only grows, so a
slow reader costs nothing and catches up in one step.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from services.draft import Waiting
from services.merge import with_later
from services.outcome import Failure
from services.store import Owned
from services.turn import Turn

FIELDS = tuple(f.name for f in fields(Turn) if f.name not in {"text", "sound"})


@dataclass(slots=True)
class Entry:
    """A turn at its place; `changed` maps a field's name to the sequence number of its last change."""

    index: int
    turn: Turn
    changed: dict[str, int] = field(default_factory=dict)
    latest: int = 0
    """Sequence number of the last change of any kind, growth of the text included."""


class Conversation:
    """One open conversation. Every method may be called from any thread."""

    def __init__(self, owned: Owned) -> None:
        self.key, self.app, self.user = owned.key, owned.app, owned.user
        self.conversation_id = owned.conversation_id
        self.lock = threading.RLock()
        self.loading = threading.Lock()
        self.loaded_at: float | None = None
        self.touched_at = time.monotonic()
        self.erased = False
        """Its owner's data was erased: nothing of it is shown, or written, any more."""
        self.epoch = secrets.token_hex(2)
        self.seq = 0
        self.renamed_at = 0
        self.older: str | None = None
        """message id before which `GET /messages` has more, None at the beginning."""
        self.suggesting = threading.Lock()
        self.suggestions: dict[str, tuple[str, ...]] = {}
        """By turn id: questions that may follow."""
        self.trouble: Failure | None = None
        """Why the history shown may not be whole."""
        self.unsaved = False
        """Some of it is in memory alone, because the database could not be written."""
        self.queueing = threading.RLock()
        self.queued: tuple[Waiting, ...] = ()
        """Questions that wait for the running answer, in the order of asking; see services/queue.py."""
        self.held = ""
        """Why they wait although no answer runs: failed, paused, stopped, restarted."""
        self.entries: OrderedDict[int, Entry] = OrderedDict()
        """By index; the order is that of the last change, so that readers find news at the end."""
        self._by_id: dict[str, int] = {}
        self._older: dict[str, tuple[int, Turn]] = {}
        self._wakes: set[Callable[[], None]] = set()

    @property
    def owned(self) -> Owned:
        """The row that stands for it in the store."""
        return Owned(self.key, self.app, self.user, self.conversation_id)

    @property
    def address(self) -> str:
        """What an address bar calls it: our key, until Dify has named it."""
        return self.conversation_id or f"~{self.key}"

    def put(self, turn: Turn) -> None:
        """Add a turn at the end, or replace the one with its id."""
        with self.lock:
            self.seq += 1
            index = self._by_id.get(turn.id)
            if index is None:
                index = max(self.entries, default=-1) + 1
                self._by_id[turn.id] = index
                self.entries[index] = Entry(index, turn, dict.fromkeys((*FIELDS, "text"), self.seq))
            entry = self.entries[index]
            before, entry.turn, entry.latest = entry.turn, turn, self.seq
            if before is not turn:
                for name in FIELDS:
                    if getattr(before, name) is not getattr(turn, name):
                        entry.changed[name] = self.seq
                if not turn.text.continues(before.text):
                    entry.changed["text"] = self.seq
            self.entries.move_to_end(index)
            self.conversation_id = self.conversation_id or turn.conversation_id or None
        self.wake()

    def reset(
        self, turns: Iterable[Turn], older: str | None, trouble: Failure | None, since: int | None = None
    ) -> None:
        """Show these turns instead; readers get them whole if anything differs.

        `since` is the sequence number at which the turns were collected: what a Run has put in later stays.
        """
        fresh = list(turns)
        with self.lock:
            shown = self.turns()
            if since is not None:
                fresh = with_later(fresh, [e.turn for e in self.in_order() if e.latest > since])
            same = fresh == shown and (older, trouble) == (self.older, self.trouble)
            self.loaded_at = time.monotonic()
            if same:
                return
            self.older, self.trouble = older, trouble
            self.epoch = secrets.token_hex(2)
            self.seq += 1
            self.entries = OrderedDict(
                (i, Entry(i, turn, dict.fromkeys((*FIELDS, "text"), self.seq), self.seq))
                for i, turn in enumerate(fresh)
            )
            self._by_id = {turn.id: i for i, turn in enumerate(fresh)}
        self.wake()

    def troubled(self, reason: Failure) -> None:
        """Tell the readers that what they see may not be whole."""
        self.trouble = reason
        self.wake()

    def renamed(self) -> None:
        """Tell the readers that the conversation's title may be another one now."""
        with self.lock:
            self.seq += 1
            self.renamed_at = self.seq
        self.wake()

    def remember(self, turns: Sequence[Turn]) -> list[tuple[int, Turn]]:
        """Know these older turns (oldest first) by id; readers fetch them page by page.

        Returns each with its index: below 0, lower the older, and the same however often it is fetched.
        """
        with self.lock:
            for turn in reversed(turns):
                index, _ = self._older.get(turn.id, (-1 - len(self._older), turn))
                self._older[turn.id] = index, turn
            return [self._older[turn.id] for turn in turns]

    def in_order(self) -> list[Entry]:
        with self.lock:
            return [self.entries[index] for index in sorted(self.entries)]

    def turns(self) -> list[Turn]:
        """Oldest first."""
        return [entry.turn for entry in self.in_order()]

    def change(self, turn: Turn) -> None:
        """Put a turn that is known already in its own place, older pages included."""
        with self.lock:
            if turn.id in self._older:
                self._older[turn.id] = self._older[turn.id][0], turn
            if turn.id not in self._by_id:
                return
        self.put(turn)

    def turn(self, turn_id: str) -> Turn | None:
        with self.lock:
            index = self._by_id.get(turn_id)
            if index is not None:
                return self.entries[index].turn
            return self._older[turn_id][1] if turn_id in self._older else None

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What it was started with: Dify keeps the first values for all its messages."""
        return next((turn.inputs for turn in self.turns() if any(turn.inputs.values())), {})

    @property
    def busy(self) -> bool:
        """An answer is running: the next question has to wait."""
        with self.lock:
            return any(entry.turn.running for entry in self.entries.values())

    @property
    def watched(self) -> bool:
        return bool(self._wakes)

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each change; it must return at once and may be called from any thread."""
        with self.lock:
            self._wakes.add(wake)

    def unwatch(self, wake: Callable[[], None]) -> None:
        with self.lock:
            self._wakes.discard(wake)
            self.touched_at = time.monotonic()

    def wake(self) -> None:
        """Have every reader look again."""
        for wake in list(self._wakes):
            wake()
