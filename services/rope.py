"""A value that grows at its end: every version is immutable, yet adding to the newest one copies nothing.

A folded answer is a chain of thousands of versions, each a little longer than the last; plain `str + str`
would copy the whole text for each token, and to keep each token as an object of its own would take twenty
times the room of the text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import AnyStr, Generic

CHUNK = 4096
"""Characters (bytes) after which small pieces are joined into one."""


class _Growing(Generic[AnyStr]):
    """What the versions of one value share. One thread may add while others read."""

    __slots__ = ("chunks", "empty", "ends", "length", "state")

    def __init__(self, start: AnyStr) -> None:
        self.empty: AnyStr = start[:0]
        self.chunks: list[AnyStr] = [start] if start else []
        self.ends: list[int] = [len(start)] if start else []
        self.length = len(start)
        self.state: tuple[int, list[AnyStr]] = (len(self.chunks), [])
        """How many chunks count, and the pieces after them: one value, so that a reader never sees a piece
        twice or misses it. Lists are only ever added to."""

    def add(self, piece: AnyStr) -> None:
        count, recent = self.state
        recent.append(piece)
        self.length += len(piece)
        if self.length - (self.ends[count - 1] if count else 0) >= CHUNK:
            self.chunks.append(self.empty.join(recent))
            self.ends.append(self.length)
            self.state = (count + 1, [])

    def between(self, start: int, end: int) -> AnyStr:
        count, recent = self.state
        first = bisect_right(self.ends, start, 0, count)
        last = bisect_left(self.ends, end, first, count)
        parts = self.chunks[first : min(last + 1, count)]
        if last == count:
            parts += recent
        before = self.ends[first - 1] if first else 0
        return self.empty.join(parts)[start - before : end - before]


class Rope(Generic[AnyStr]):
    """Text or bytes. Versions share what has grown; each sees only its own length of it."""

    __slots__ = ("_growing", "_length")

    def __init__(self, start: AnyStr, growing: _Growing[AnyStr] | None = None) -> None:
        self._growing: _Growing[AnyStr] = growing or _Growing(start)
        self._length: int = self._growing.length

    def plus(self, piece: AnyStr) -> Rope[AnyStr]:
        """The version that ends with this piece. Adding to an old version branches off by copying it."""
        if not piece:
            return self
        newest = self._length == self._growing.length
        growing = self._growing if newest else _Growing(self.whole())
        growing.add(piece)
        return Rope(growing.empty, growing)

    def since(self, offset: int) -> AnyStr:
        """What comes after the first `offset` characters (bytes)."""
        return self._growing.between(offset, self._length) if offset < self._length else self._growing.empty

    def continues(self, earlier: Rope[AnyStr]) -> bool:
        """Whether this is `earlier` with nothing or something added: only its end is news."""
        if not earlier._length:
            return True
        return self._growing is earlier._growing and self._length >= earlier._length

    def whole(self) -> AnyStr:
        return self.since(0)

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rope) and len(self) == len(other) and self.whole() == other.whole()

    def __hash__(self) -> int:
        return hash(self.whole())

    def __repr__(self) -> str:
        return f"Rope({self.whole()!r})"
