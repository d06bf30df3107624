"""What a conversation's variables were at some time, and what differs between two times."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Literal

from services.dify.variables import Variable, typed
from services.variable_types import written

MOST_LINES, SOME_LINES = 1_000, 100
"""Lines of a value that are compared, and those that are shown of a longer one."""
LONGEST = 100_000
"""Characters of a value that are kept; a longer one is recognised by a digest."""
Cause = Literal["begin", "answer", "edit", "seen"]
"""begin: the first reading of a conversation that had gone on elsewhere; seen: found changed by a reading."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a variable was."""

    name: str
    value_type: str
    raw: Any
    """As the server sent it; for a secret, only when it was changed."""

    @classmethod
    def of(cls, variable: Variable) -> Kept:
        raw = variable.raw
        if variable.value_type == "secret":
            raw = variable.updated_at
        elif isinstance(raw, str) and len(raw) > LONGEST:
            digest = hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest()[:16]
            raw = f"{raw[:LONGEST]}… ({len(raw)}, {digest})"
        return cls(variable.name, variable.value_type, raw)

    @property
    def value(self) -> Any:
        """Typed; None for a secret."""
        return None if self.value_type == "secret" else typed(self.raw, self.value_type)


State = Mapping[str, Kept]
"""By variable id."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One variable at two times; None where it was not there."""

    before: Kept | None
    after: Kept | None

    @property
    def either(self) -> Kept:
        kept = self.after or self.before
        assert kept is not None
        return kept

    @property
    def secret(self) -> bool:
        return self.either.value_type == "secret"

    @property
    def lines(self) -> tuple[str, ...]:
        """Line by line: "-" and what went, "+" and what came, " " and what stayed near it, "…" where lines
        are left out. Nothing for a secret."""
        before, after = (_lines(kept) for kept in (self.before, self.after))
        if max(len(before), len(after)) > MOST_LINES:  # to compare so many takes seconds
            shown = [f"-{line}" for line in before[:SOME_LINES]] + ["…"]
            return (*shown, *(f"+{line}" for line in after[:SOME_LINES]), "…")
        # The first two lines name files, the third is the first "@@".
        lines = list(unified_diff(before, after, n=1, lineterm=""))[3:]
        return tuple("…" if line.startswith("@@") else line for line in lines)


@dataclass(frozen=True, slots=True)
class Point:
    """A change: what there was before it, and after it."""

    id: int
    at: float
    """Unix seconds."""
    cause: Cause
    turn: str
    """Whose answer it was; "" for none."""
    query: str
    before: State
    after: State

    @property
    def differences(self) -> tuple[Difference, ...]:
        return between(self.before, self.after)


def delta(before: State, after: State) -> dict[str, Kept | None]:
    """What has to be laid over `before` to get `after`, by id; None for what is gone."""
    ids = {**before, **after}
    return {each: after.get(each) for each in ids if not _same(before.get(each), after.get(each))}


def laid_over(before: State, change: Mapping[str, Kept | None]) -> dict[str, Kept]:
    """The state after a change."""
    return {each: kept for each, kept in {**before, **change}.items() if kept is not None}


def between(before: State, after: State) -> tuple[Difference, ...]:
    return tuple(Difference(before.get(each), kept) for each, kept in delta(before, after).items())


def _lines(kept: Kept | None) -> list[str]:
    # As "\n" alone ends a line: a text may hold other characters that splitlines takes for ends.
    text = written(kept.value) if kept else ""
    return text.split("\n") if text else []


def _same(one: Kept | None, other: Kept | None) -> bool:
    """Equal, whichever way the server wrote it."""
    if one is None or other is None or one == other:
        return one is other or one == other
    if one.value_type != other.value_type or one.value_type == "secret":
        return False
    return one.name == other.name and bool(one.value == other.value)
