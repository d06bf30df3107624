"""A value that grows at its end: every version is immutable, yet adding to the newest one copies nothing.

A folded answer is a chain of thousands of versions, each a little longer than the last; plain `str + str`
would copy the whole text for each token.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import AnyStr, Generic


class Rope(Generic[AnyStr]):
    """Text or bytes. Versions share one list of pieces; each sees only the first `_count` of them.

    One thread may add while others read: a reader never looks past its own count.
    """

    __slots__ = ("_count", "_empty", "_ends", "_pieces")

    def __init__(self, start: AnyStr) -> None:
        self._empty: AnyStr = start[:0]
        self._pieces: list[AnyStr] = [start] if start else []
        self._ends: list[int] = [len(start)] if start else []
        self._count = len(self._pieces)

    def plus(self, piece: AnyStr) -> Rope[AnyStr]:
        """The version that ends with this piece. Adding to an old version branches off by copying it."""
        if not piece:
            return self
        longer = Rope(self._empty)
        if self._count == len(self._pieces):
            longer._pieces, longer._ends = self._pieces, self._ends
        elif self._count:
            longer._pieces, longer._ends = [self.whole()], [len(self)]
        longer._ends.append(len(self) + len(piece))
        longer._pieces.append(piece)
        longer._count = len(longer._pieces)
        return longer

    def since(self, offset: int) -> AnyStr:
        """What comes after the first `offset` characters (bytes)."""
        index = bisect_right(self._ends, offset, 0, self._count)
        if index == self._count:
            return self._empty
        skip = offset - (self._ends[index - 1] if index else 0)
        return self._pieces[index][skip:] + self._empty.join(self._pieces[index + 1 : self._count])

    def continues(self, earlier: Rope[AnyStr]) -> bool:
        """Whether this is `earlier` with nothing or something added: only its end is news."""
        if not earlier._count:
            return True
        return self._pieces is earlier._pieces and self._count >= earlier._count

    def whole(self) -> AnyStr:
        return self._empty.join(self._pieces[: self._count])

    def __len__(self) -> int:
        return self._ends[self._count - 1] if self._count else 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rope) and len(self) == len(other) and self.whole() == other.whole()

    def __hash__(self) -> int:
        return hash(self.whole())

    def __repr__(self) -> str:
        return f"Rope({self.whole()!r})"
