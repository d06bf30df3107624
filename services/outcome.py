"""How it stands with an answer: its state, why it failed, and how long things took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "streaming", "paused", "recovering", "complete", "stopped", "failed", "incomplete"]
FINAL = frozenset({"complete", "stopped", "failed", "incomplete"})
RUNNING = frozenset({"waiting", "streaming", "recovering"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no (whole) answer: the server's code, words and HTTP status, as far as it said them."""

    code: str
    message: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """What the person thinks of an answer, and why."""

    rating: Literal["like", "dislike"]
    content: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was sent."""

    first_text: float | None = None
    total: float | None = None
    reasoning: float | None = None
    """Seconds for which the model thought, all stretches of it together; None where nobody saw it."""


def told(status: str, error: str, answer: str) -> tuple[State, Failure | None]:
    """How an answer ended by its record in `GET /messages`."""
    if status == "error":
        if "Aborted: User requested stop" in error:
            return "stopped", None
        return "failed", Failure("answer_failed", error)
    if status == "paused":
        return "paused", None
    # An answer that nobody was there to receive stays empty for good (recordings b0_disconnect_chat_*).
    return ("complete", None) if answer else ("incomplete", Failure("no_answer"))
