"""Where a reader of /live is, told as the transcript's position.js tells it."""

from __future__ import annotations


class Position(str):
    """`…-<index>-<offset>`, or "" before the first id."""

    __slots__ = ()

    @property
    def index(self) -> int:
        """The turn that text without an index belongs to."""
        return int(self.split("-")[-2])

    def after(self, text: str) -> Position:
        """Text came without an id."""
        head, _, offset = self.rpartition("-")
        return Position(f"{head}-{int(offset) + len(text)}")
