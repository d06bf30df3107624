"""How far an import is, and what may become of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.annotations.imported import Import

ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "new": ("add", "skip"),
    "changed": ("update", "add", "skip"),
    "near": ("skip", "add", "update"),
    "identical": ("skip", "add"),
    "duplicate": ("skip", "add"),
}
"""What may become of rows of each kind; the first is what is proposed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an import is: `rows` by kind and state; `alive` while a thread works on it."""

    about: Import
    rows: Mapping[tuple[str, str], int]
    alive: bool

    def of(self, *states: str) -> int:
        return sum(count for (_, state), count in self.rows.items() if state in states)

    def kinds(self) -> dict[str, int]:
        """How many rows a choice is about, by kind, and how many are invalid."""
        found: dict[str, int] = {}
        for (kind, state), count in self.rows.items():
            if state in {"waiting", "skipped", "invalid"}:
                found[kind] = found.get(kind, 0) + count
        return found
