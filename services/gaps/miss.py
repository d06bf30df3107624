"""A question that got no good answer; and a group of such that are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Final, Literal

from services.gaps import likeness
from services.gaps.mark import Mark

Why = Literal["dislike", "unknown", "empty", "failed", "incomplete", "stopped"]
WHYS: Final[tuple[Why, ...]] = ("dislike", "unknown", "empty", "failed", "incomplete", "stopped")
Standing = Literal["open", "back", "covered", "drafted", "dismissed"]


@dataclass(frozen=True, slots=True)
class Miss:
    question: str
    why: Why
    app: str
    """Slug."""
    message_id: str
    """Dify's id of the answer; of a question that got none, ours of its turn."""
    at: float
    """Unix seconds of the dislike, or of the question."""
    reason: str = ""
    """What the person wrote with a dislike."""


@dataclass(frozen=True)
class Gap:
    """Misses that are alike, newest first, none of them twice; and the marks that are on some of them."""

    misses: tuple[Miss, ...]
    phrasings: Mapping[str, int]
    """Questions, one of each meaning, and how often each was asked; the one that stands for all first."""
    marks: tuple[Mark, ...] = ()
    """Newest first."""

    @property
    def question(self) -> str:
        return next(iter(self.phrasings))

    @property
    def id(self) -> str:
        """The same as long as the same question stands for it."""
        return sha256(likeness.key(self.question).encode()).hexdigest()[:12]

    @cached_property
    def open(self) -> tuple[Miss, ...]:
        """Those that nobody has dealt with yet."""
        return tuple(miss for miss in self.misses if not any(mark.settles(miss) for mark in self.marks))

    @cached_property
    def standing(self) -> Standing:
        """back: it was dealt with, and there are new misses since."""
        settled = [mark for mark in self.marks if any(mark.settles(miss) for miss in self.misses)]
        if self.open:
            return "back" if settled else "open"
        return settled[0].state

    @cached_property
    def apps(self) -> Counter[str]:
        """Open misses by app, all where none is open."""
        return Counter(miss.app for miss in self.open or self.misses)

    @cached_property
    def whys(self) -> Counter[Why]:
        return Counter(miss.why for miss in self.open or self.misses)

    def trend(self, middle: float) -> tuple[int, int]:
        """How many misses came before and from `middle` (Unix seconds) on."""
        later = sum(miss.at >= middle for miss in self.misses)
        return len(self.misses) - later, later


def grouped(
    misses: Iterable[Miss], meanings: Callable[[Sequence[str]], Mapping[str, bytes]] = lambda _: {}
) -> tuple[Gap, ...]:
    """Groups of questions that are alike, largest first: the same for the same misses in any order.

    `meanings` gives what is known of the meanings of keys, the most asked first.
    """
    once: dict[tuple[str, str], Miss] = {}
    for miss in sorted(misses, key=lambda each: (WHYS.index(each.why), -each.at, each.reason, each.question)):
        once.setdefault((miss.app, miss.message_id), miss)  # what was disliked and failed is one miss
    by_key: dict[str, list[Miss]] = {}
    for miss in sorted(once.values(), key=_newest_first):
        if key := likeness.key(miss.question) or " ".join(miss.question.split()):
            by_key.setdefault(key, []).append(miss)
    found = []
    counts = {key: len(each) for key, each in by_key.items()}
    for keys in likeness.groups(counts, meanings(likeness.by_count(counts))):
        members = sorted((miss for key in keys for miss in by_key[key]), key=_newest_first)
        phrasings = {" ".join(by_key[key][0].question.split()): len(by_key[key]) for key in keys}
        found.append(Gap(tuple(members), phrasings))
    return tuple(found)


def marked(gaps: Iterable[Gap], marks: Iterable[Mark]) -> tuple[Gap, ...]:
    """The same gaps, each with the marks on any of its misses."""
    on: dict[tuple[str, str], list[Mark]] = {}
    for mark in sorted(marks, key=lambda each: (-each.at, each.id)):
        for message_id in mark.misses:
            on.setdefault((mark.app, message_id), []).append(mark)
    found = []
    for gap in gaps:
        theirs = {mark.id: mark for miss in gap.misses for mark in on.get((miss.app, miss.message_id), ())}
        newest_first = sorted(theirs.values(), key=lambda each: (-each.at, each.id))
        found.append(replace(gap, marks=tuple(newest_first)))
    return tuple(found)


def _newest_first(miss: Miss) -> tuple[float, str, str]:
    return -miss.at, miss.app, miss.message_id
