"""One reader of a Conversation: what is news to it since it last looked, however long ago that was.

A position is written `<epoch>-<seq>-<index>-<offset>`: all changes up to seq are known, and of the text of
the turn at index the first offset characters. An unknown epoch means: the whole snapshot again.

Sixty times a second a position would be longer than the text it stands for. More text of the turn that the
last position names therefore has none of its own: the reader adds the text's length to the offset.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.conversations import Conversation
from services.turn import Turn


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is shown, oldest first."""

    position: str
    turns: tuple[tuple[int, Turn], ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """These fields of the turn are new; "text" among them means the whole answer. `before` is the turn as it
    was told last on this connection."""

    position: str
    index: int
    turn: Turn
    fields: frozenset[str]
    before: Turn | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """More text at the end of the answer; position is "" where the reader can tell it from the last one."""

    position: str
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn has just become final."""

    position: str
    index: int
    turn: Turn


@dataclass(frozen=True, slots=True)
class Renamed:
    """The conversation's title may be another one now."""

    position: str


News = Snapshot | Changed | Grown | Ended | Renamed


class Follower:
    """Not thread-safe itself: one reader, one Follower."""

    def __init__(self, conversation: Conversation, position: str = "") -> None:
        self._conversation = conversation
        self._epoch, self._seq, self._offsets = _read(position)
        self._named = next(iter(self._offsets), None)
        """Index of the turn that the reader's last position speaks of."""
        self._open: set[int] = set()
        """Indexes of turns that were not final when last told."""
        self._known: dict[int, Turn] = {}
        """Turns as they were last told, by index."""

    def news(self) -> list[News]:
        """Everything since the last call, coalesced; empty if there is nothing."""
        conversation = self._conversation
        with conversation.lock:
            if self._epoch != conversation.epoch or self._seq > conversation.seq:
                return [self._snapshot()]
            if self._seq == conversation.seq:
                return []
            changed = []
            for entry in reversed(conversation.entries.values()):
                if entry.latest <= self._seq:
                    break
                names = frozenset(name for name, seq in entry.changed.items() if seq > self._seq)
                changed.append((entry.index, entry.turn, names))
            now = conversation.seq
            renamed = conversation.renamed_at > self._seq
        news: list[News] = []
        for index, turn, names in sorted(changed, key=lambda change: change[0]):
            news += self._told(index, turn, names)
        if renamed:
            news.append(Renamed(self._position(0)))
        # Only the last frame may claim all that is new: a connection can break between two of them.
        self._seq = now
        if news and news[-1].position:
            news[-1] = replace(news[-1], position=self._position(_index(news[-1])))
        return news

    def _told(self, index: int, turn: Turn, names: frozenset[str]) -> list[News]:
        news: list[News] = []
        if index not in self._offsets and index not in self._open and "text" not in names:
            names |= {"text"}  # a turn this reader's position says nothing about
        if "text" in names:
            self._offsets[index] = len(turn.text)
        # Text goes before the word that it is over, and after the word that it begins. Each position counts
        # the text of the frames before it: one that lags behind would have text appended twice.
        if turn.final:
            news += self._grown(index, turn)
        if names:
            news.append(Changed(self._position(index), index, turn, names, self._known.get(index)))
        if turn.final:
            if index in self._open or "state" in names:
                news.append(Ended(self._position(index), index, turn))
            self._open.discard(index)
        else:
            news += self._grown(index, turn)
            self._open.add(index)
        self._known[index] = turn
        return news

    def _grown(self, index: int, turn: Turn) -> list[News]:
        offset = self._offsets.get(index, 0)
        if offset >= len(turn.text):
            return []
        self._offsets[index] = len(turn.text)
        position = "" if index == self._named else self._position(index)
        return [Grown(position, index, turn.text.since(offset))]

    def _snapshot(self) -> Snapshot:
        conversation = self._conversation
        self._epoch, self._seq = conversation.epoch, conversation.seq
        entries = conversation.in_order()
        self._offsets = {entry.index: len(entry.turn.text) for entry in entries}
        self._open = {entry.index for entry in entries if not entry.turn.final}
        self._known = {entry.index: entry.turn for entry in entries}
        last = max(self._open, default=max(self._offsets, default=0))
        return Snapshot(self._position(last), tuple((entry.index, entry.turn) for entry in entries))

    def _position(self, index: int) -> str:
        if index not in self._offsets:
            # To claim no character of a text would have all of it appended once more.
            index = max(self._offsets, default=0)
        self._named = index
        return f"{self._epoch}-{self._seq}-{index}-{self._offsets.get(index, 0)}"


def _index(news: News) -> int:
    return 0 if isinstance(news, Snapshot | Renamed) else news.index


def _read(position: str) -> tuple[str, int, dict[int, int]]:
    try:
        epoch, seq, index, offset = position.split("-")
        return epoch, int(seq), {int(index): int(offset)}
    except ValueError:
        return "", -1, {}
