"""Reply: everything there is to say to a question, and how to say it. Plans only; `generation` plays them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from embedded.records import Resource

PLEASANT = 1 / 80  # seconds between two words: as fast as one can skim


@dataclass(frozen=True, slots=True)
class Complete:
    """The answer ends well."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer ends in an `error` event; a blocking request is refused with the same words."""

    code: str
    message: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks in the middle of a frame. History shows the `whole` answer so many seconds later,
    or an empty one for ever if `after` is None."""

    whole: str
    after: float | None


Ending: TypeAlias = Complete | Failed | Cut


@dataclass(frozen=True, slots=True)
class Reply:
    """`chunks` fall due `gap` seconds apart (0: as fast as the client reads), the first after `silence`."""

    chunks: tuple[str, ...]
    gap: float = PLEASANT
    silence: float = 0.0
    resources: tuple[Resource, ...] = ()
    ending: Ending = field(default_factory=Complete)


def by_words(text: str) -> tuple[str, ...]:
    """Text as a model hands it out: a word with the space behind it at a time, long ones in parts."""
    return tuple(re.findall(r"\S{1,10}(?!\S)\s*|\S{1,6}|\s+", text))
