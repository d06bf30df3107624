"""Recorded streams (tests/transcripts) as bytes and as the Turns they make."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from services.dify import events, sse
from services.turn import Turn

FOLDER = Path(__file__).parents[1] / "transcripts"
STREAMS = sorted(
    path.parent.name
    for path in FOLDER.glob("*/response.headers")
    if "text/event-stream" in path.read_text().lower()
)


def body(case: str) -> bytes:
    return (FOLDER / case / "response.body").read_bytes()


def folded(chunks: Iterable[bytes], turn: Turn | None = None) -> Turn:
    """The Turn after these bytes, before their end is told to it."""
    turn = turn or Turn.asked("q")
    for frame in sse.read(chunks):
        turn = turn.after(events.parse(frame))
    return turn
