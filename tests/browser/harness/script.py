"""A scripted conversation: what its routes answer, and what they were asked.

It keeps the whole log of frames, so that a browser that comes back with the last id gets the rest and no
more, as the product's own stream does. Everything may be called from the test's thread while the server's
loop reads it.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any

Turn = dict[str, Any]


def turn(index: int, query: str = "What is this?", **more: Any) -> Turn:
    """A complete turn with everything a history row has; `more` overrides."""
    return {
        "index": index,
        "id": f"t{index}",
        "state": "complete",
        "query": query,
        "asked_at": 1_795_227_077.5 + index * 60,
        "answered_at": 1_795_227_080.1 + index * 60,
        "answer": f"Answer **number {index}**.",
        "timings": {"first_text": 0.41, "total": 3.2},
        "usage": {"total_tokens": 1234},
        "message_id": f"message-{index}",
        "conversation_id": "conversation-1",
        "task_id": f"task-{index}",
        **more,
    }


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """One request for the event stream."""

    last: str
    """What `?last=` said."""
    header: str
    """What Last-Event-ID said."""
    mode: str
    """Sec-Fetch-Dest: "empty" for both EventSource and fetch."""


class Script:
    """One conversation; see the module's words."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.older: str | None = None
        self.notice: dict[str, str] | None = None
        self.pages: dict[str, dict[str, Any] | int] = {}
        """Cursor -> the older page, or the status that refuses it."""
        self.data: dict[str, Any] = {}
        """Overrides of the component's data."""
        self.files: dict[str, tuple[bytes, str]] = {}
        """By id: bytes and type."""
        self.live_status = 200
        self.parting = ""
        """The last words of a stream."""
        self.stop_status = 204
        self.opened: list[Opened] = []
        self.stops = 0
        self.page_requests: list[str] = []
        self.open_streams = 0
        self._epoch = uuid.uuid4().hex[:8]
        self._log: list[tuple[str, str]] = []
        self._generation = 0
        self._wakes: set[Callable[[], None]] = set()
        self._lock = threading.Lock()

    # What a test says -------------------------------------------------------------------------------------

    def send(self, event: str | None, data: Any) -> None:
        """One frame for everybody who watches, now or later."""
        with self._lock:
            self._fold(event, data)
            name = f"event: {event}\n" if event else ""
            body = json.dumps(data, ensure_ascii=False)
            position = f"{self._epoch}-{len(self._log) + 1}-0"
            self._log.append((position, f"id: {position}\n{name}data: {body}\n\n"))
        self._wake()

    def text(self, index: int, words: str) -> None:
        self.send(None, [index, words])

    def stream(self, index: int, words: Iterable[str]) -> None:
        for word in words:
            self.text(index, word)

    def ask(self, index: int, query: str = "What is this?", **more: Any) -> None:
        """A new turn that waits for its first words."""
        parts = {
            "index": index,
            "id": f"t{index}",
            "state": "waiting",
            "query": query,
            "asked_at": 1_795_227_077.5,
        }
        self.send("turn", {**parts, **more})

    def end(self, index: int, state: str = "complete") -> None:
        self.send("end", {"index": index, "id": f"t{index}", "state": state})

    def end_streams(self) -> None:
        """As a server does that is about to stop."""
        self.parting = "event: bye\ndata: {}\n\n"
        self.drop()

    def drop(self) -> None:
        """Ends every open stream, as a lost network does."""
        self._generation += 1
        self._wake()

    def forget(self) -> None:
        """A new epoch: ids of before mean nothing, as after a restart of the server."""
        with self._lock:
            self._epoch, self._log = uuid.uuid4().hex[:8], []
        self.drop()

    # What the server asks ---------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        return self._generation

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Calls `wake` at every change, until what it returns is called."""
        self._wakes.add(wake)
        return lambda: self._wakes.discard(wake)

    def position(self, last: str) -> int | None:
        """How many frames of the log a browser with this id has; None if it needs a snapshot."""
        epoch, _, rest = last.partition("-")
        return int(rest.partition("-")[0]) if epoch == self._epoch and rest else None

    def snapshot(self) -> tuple[int, str]:
        """(frames of the log it contains, the frame)."""
        with self._lock:
            state = {
                "turns": self.turns,
                "older": self.older,
                "conversation_id": "conversation-1" if self.turns else None,
                "notice": self.notice,
            }
            count = len(self._log)
            body = json.dumps(state, ensure_ascii=False)
            return count, f"id: {self._epoch}-{count}-0\nevent: snapshot\ndata: {body}\n\n"

    def frames(self, position: int) -> list[str]:
        return [frame for _, frame in self._log[position:]]

    def _wake(self) -> None:
        for wake in list(self._wakes):
            wake()

    def _fold(self, event: str | None, data: Any) -> None:
        """Keeps `turns` what a fresh snapshot must show."""
        if event == "notice":
            self.notice = data
        known = {one["index"]: one for one in self.turns}
        if event is None and isinstance(data, list) and data[0] in known:
            one = known[data[0]]
            one.update(answer=one.get("answer", "") + data[1], state="streaming")
        elif event in ("turn", "end"):
            if data["index"] in known:
                one = known[data["index"]]
                one.update({key: _joined(one.get(key), value) for key, value in data.items()})
            else:
                self.turns.append(dict(data))


def _joined(before: Any, value: Any) -> Any:
    """A list of which only the rest was sent, as a whole."""
    if isinstance(value, dict) and set(value) == {"from", "items"}:
        return [*(before or [])[: value["from"]], *value["items"]]
    return value
