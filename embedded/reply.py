"""Reply: everything there is to say to a question, and how to say it. Plans only; `generation` plays them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from embedded.errors import Refused
from embedded.records import Resource

PLEASANT = 1 / 80  # seconds between two words: as fast as one can skim
LETTERS = 1 / 400  # seconds between two letters of a text that was there before

Chunk: TypeAlias = str | bytes
"""Text, or bytes that go over the wire as they are and are no part of the answer."""


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


@dataclass(frozen=True, slots=True)
class Stalled:
    """The connection stays open for so many seconds without a byte, pings included; then it breaks."""

    seconds: float


Ending: TypeAlias = Complete | Failed | Cut | Stalled


@dataclass(frozen=True, slots=True)
class Reply:
    """`chunks` fall due `gap` seconds apart (0: as fast as the client reads), the first after `silence`.

    `live` comes after them: text that a model is still writing.
    """

    chunks: tuple[Chunk, ...] = ()
    gap: float = PLEASANT
    silence: float = 0.0
    live: AsyncIterator[str] | None = None
    resources: tuple[Resource, ...] = ()
    ending: Ending = field(default_factory=Complete)
    annotation: Mapping[str, Any] | None = None
    """`annotation_reply` of the metadata, if the text is an annotation's."""
    preset: bool = False
    """Whether nobody had to think about it: such an answer cost nothing."""
    refusal: Refused | None = None
    """What the request is refused with, before any stream."""


def by_words(text: str) -> tuple[str, ...]:
    """Text as a model hands it out: a word with the space behind it at a time, long ones in parts."""
    return tuple(re.findall(r"\S{1,10}(?!\S)\s*|\S{1,6}|\s+", text))


def preset(text: str, annotation: Mapping[str, Any] | None = None) -> Reply:
    """Text that was there before the question, letter by letter (recordings 51_moderation_input_*, 94_*)."""
    return Reply(tuple(text), gap=LETTERS, annotation=annotation, preset=True)
