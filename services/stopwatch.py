"""How long the parts of an answer took, told from its Turns as they come."""

from __future__ import annotations

from dataclasses import replace

from services.outcome import Timings
from services.turn import Turn

THINK, THOUGHT = "<think>", "</think>"
"""Around what a model thinks aloud inside its answer, where the app does not part the two."""


class Stopwatch:
    """Of one answer. Times are seconds since the question was sent; None where nobody knows when that was."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._aloud = False
        self._seen = 0

    def after(self, turn: Turn, elapsed: float | None) -> Timings:
        """The Turn's timings, with what has just become known."""
        known = turn.timings
        if elapsed is None or known.reasoning is not None:
            return known
        if turn.text and known.first_text is None:
            known = replace(known, first_text=elapsed)
        if self._began is None and (turn.reasoning or turn.text):
            self._began = elapsed
        if not self._aloud and len(turn.text) < 64:
            self._aloud = turn.text.whole().lstrip().startswith(THINK)
        if self._over(turn):
            known = replace(known, reasoning=elapsed - (self._began or 0.0))
        return known

    def _over(self, turn: Turn) -> bool:
        """Whether the thinking has just come to its end."""
        if not self._aloud:
            return bool(turn.reasoning and turn.text)
        start, self._seen = max(0, self._seen - len(THOUGHT)), len(turn.text)
        return THOUGHT in turn.text.since(start)
