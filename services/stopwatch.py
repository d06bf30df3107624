"""How long the parts of an answer took, told from its Turns as they come."""

from __future__ import annotations

from dataclasses import replace

from services.outcome import Timings
from services.thinking import Aloud
from services.turn import Turn


class Stopwatch:
    """Of one answer. Times are seconds since the question was sent; None where nobody knows when that was.

    Thinking is what stands in `reasoning` and what a model thinks aloud in its answer, wherever that is: the
    time of each stretch of it is added up when it ends.
    """

    def __init__(self) -> None:
        self._aloud = Aloud()
        self._read = self._reasoned = 0
        self._since: float | None = None
        """When it began to think; None while it says something else."""
        self._undecided = 0.0
        """When what may be a tag began."""
        self._spent = 0.0
        self._thought = False

    def after(self, turn: Turn, elapsed: float | None) -> Timings:
        """The Turn's timings, with what has just become known."""
        known = turn.timings
        if elapsed is None:
            return known
        if turn.text and known.first_text is None:
            known = replace(known, first_text=elapsed)
        if len(turn.reasoning) > self._reasoned:
            self._begin(elapsed)
        self._reasoned = len(turn.reasoning)
        if len(turn.text) < self._read:  # another answer was put in its place
            self._aloud, self._read = Aloud(), 0
        if len(turn.text) > self._read:
            self._hear(turn.text.since(self._read), elapsed, known.first_text)
            self._read = len(turn.text)
        done = self._thought and self._since is None
        return replace(known, reasoning=self._spent) if done and known.reasoning != self._spent else known

    def at_the_end(self, turn: Turn, elapsed: float | None) -> Timings:
        """The same when nothing more comes: a thought that was open until now has ended."""
        if elapsed is None or not self._thought:
            return turn.timings
        self._end(elapsed)
        return replace(turn.timings, reasoning=self._spent)

    def _hear(self, text: str, elapsed: float, first_text: float | None) -> None:
        since = self._undecided if self._aloud.undecided else elapsed
        self._aloud.take(text)
        self._undecided = since
        if self._aloud.inside:
            self._begin(since)
            return
        if self._aloud.all_before:  # the first tag was left out: what was said until now was no answer
            self._begin(first_text if first_text is not None else elapsed)
        self._end(elapsed)

    def _begin(self, elapsed: float) -> None:
        self._thought = True
        if self._since is None:
            self._since = elapsed

    def _end(self, elapsed: float) -> None:
        if self._since is not None:
            self._spent += elapsed - self._since
            self._since = None
