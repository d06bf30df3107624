"""Whether a model thinks aloud at this point of its answer, between <think> and </think>.

As the transcript parts the two (thinking.js): a tag counts at the beginning of a line, an opening one also
at the end of one, and neither inside a code block. Some models leave the first tag out.
"""

from __future__ import annotations

import re

OPEN, CLOSE = "<think>", "</think>"
EITHER, CLOSING = re.compile(f"{OPEN}|{CLOSE}"), re.compile(CLOSE)
FENCE = re.compile(r" {0,3}(```|~~~)")
HEAD = 8
"""Characters of a line that tell a fence."""


class Aloud:
    """Reads an answer as it grows."""

    def __init__(self) -> None:
        self.inside = False
        """A thought is open."""
        self.all_before = False
        """The text just taken ends, by a lone </think>, a thought that everything before it belonged to."""
        self._carry = ""
        self._line = ""
        self._fenced = self._thought = self._named = False

    @property
    def undecided(self) -> bool:
        """What came last may be the beginning of a tag."""
        return bool(self._carry)

    def take(self, text: str) -> None:
        self.all_before = False
        text = self._carry + text
        self._carry = ""
        while found := (CLOSING if self.inside else EITHER).search(text):
            tag, rest = found[0], text[found.end() :]
            if not self.inside:
                self._pass(text[: found.start()])
                if not rest and tag == OPEN and self._line.strip():
                    self._carry = tag  # what comes next tells
                    return
            self._meet(tag, rest[:1])
            text = rest
        held = max(_begun(text, CLOSE), 0 if self.inside else _begun(text, OPEN))
        self._carry = text[len(text) - held :]
        if not self.inside:
            self._pass(text[: len(text) - held])

    def _meet(self, tag: str, following: str) -> None:
        if self.inside:
            self.inside, self._line = False, ""
        elif self._fenced or not self._may_stand(tag, following):
            self._named = self._named or tag == OPEN  # the answer speaks of the tags themselves
            self._pass(tag)
        elif tag == OPEN:
            self.inside = self._thought = True
        else:
            self.all_before = self._thought = True
            self._line = ""

    def _may_stand(self, tag: str, following: str) -> bool:
        alone = not self._line.strip()
        if tag == OPEN:
            return alone or following == "\n"
        return alone and not self._thought and not self._named

    def _pass(self, text: str) -> None:
        for place, line in enumerate(text.split("\n")):
            if place:
                if FENCE.match(self._line):
                    self._fenced = not self._fenced
                self._line = ""
            self._line = (self._line + line[:HEAD])[: 2 * HEAD]


def _begun(text: str, tag: str) -> int:
    """How many characters at the end of the text may be the beginning of the tag."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if text.endswith(tag[:n])), 0)
