"""A case file: how far the work on one conversation is, whose it is, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.variable_log import Place

STATUSES = ("new", "triaged", "done")
NOBODY = ""
MOST_AT_ONCE = 1_000
"""Conversations that are changed together."""


@dataclass(frozen=True, slots=True)
class Case:
    place: Place
    title: str = ""
    status: str = STATUSES[0]
    assignee: str = NOBODY
    """The `user` of one of the staff."""
    tags: tuple[str, ...] = ()
    """In the order of the alphabet."""
    changed_at: float = 0.0
    """Unix seconds; of the conversation, where nothing was kept of it yet."""
    notes: int = 0
    """How many of them whoever asks may read."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be changed; None leaves a thing as it is."""

    status: str | None = None
    assignee: str | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def told(self) -> dict[str, str]:
        """For the audit."""
        named = {"status": self.status, "assignee": self.assignee}
        told = {name: value for name, value in named.items() if value is not None}
        tags = {"added": ", ".join(self.add), "removed": ", ".join(self.remove)}
        return told | {name: value[:200] for name, value in tags.items() if value}


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody had before them when they changed it; None where that does not matter."""

    status: str | None = None
    assignee: str | None = None


class Meanwhile(Exception):
    """Somebody else has changed the same thing since it was looked at."""

    def __init__(self, now: Any) -> None:
        super().__init__("changed meanwhile")
        self.now = now
        """As it is: a Case, a Note or a Prompt."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which case files to list."""

    text: str = ""
    """Words of the title or of a note."""
    status: str = ""
    """One of STATUSES, "open" for all that are not done, "" for any."""
    assignee: str = ""
    """ "me", "nobody", "user:" and the `user` of one of the staff, "" for any."""
    tag: str = ""
    days: int | None = None
    """Changed within so many days."""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Filters:
        """What a browser says. Raises ValueError."""
        status, assignee, days = (str(said.get(name) or "") for name in ("status", "assignee", "days"))
        if status not in {"", "open", *STATUSES}:
            raise ValueError(f"status is one of open, {', '.join(STATUSES)}")
        if assignee not in {"", "me", "nobody"} and not assignee.startswith("user:"):
            raise ValueError("assignee is me, nobody or user:…")
        if days and not (days.isdecimal() and 0 < int(days[:6]) <= 3_660 and len(days) <= 4):
            raise ValueError("days is a number up to 3660")
        text, tag = (str(said.get(name) or "")[:500] for name in ("text", "tag"))
        return cls(text, status, assignee[:300], tag, int(days) if days else None)

    @property
    def said(self) -> dict[str, Any]:
        """As `of` reads it; nothing of what is not narrowed."""
        named = {
            "text": self.text,
            "status": self.status,
            "assignee": self.assignee,
            "tag": self.tag,
            "days": self.days,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Before:
    """One conversation of a change that can be undone."""

    before: Case | None
    """None where nothing had been kept of it."""
    after: Case


@dataclass(frozen=True, slots=True)
class Done:
    token: str
    """Takes the change back."""
    cases: tuple[Case, ...] = field(default=())
    """As they are now."""
