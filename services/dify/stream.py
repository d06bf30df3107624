"""An answer as it arrives: the events of one open response."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from services.dify import events, sse
from services.dify.connection import Connection
from services.dify.errors import BrokenStream, Unintelligible
from services.dify.stream_events import AnswerDelta, StreamEvent
from services.pace import Pace

INTERVAL = 1 / 66
"""Seconds; less than a frame on the screen."""
TOGETHER = 160.0
"""Reads a second of all answers that arrive: beyond that each is read less often, and more at a time."""
FLOOD = 16_384
"""Bytes in one read after which the next one is not put off."""

_pace = Pace(INTERVAL, TOGETHER)


class ChatStream:
    """Iterate once, in the thread that opened it; the end of the bytes is the end, not message_end.

    Raises BrokenStream: connection_lost (reset, or cut inside the chunked body), stalled (no byte for
    `patience.stall`), generation_timeout, frame_too_large.
    """

    def __init__(self, response: httpx.Response, seconds: float, blank: Callable[[str], str]) -> None:
        self._response, self._blank = response, blank
        self.until = time.monotonic() + seconds
        """On time.monotonic(): later bytes, pings too, raise generation_timeout. Any thread may set it."""
        self._before_wait: Callable[[], None] = _nothing
        """Called when all that arrived was handed out, before the iterating thread waits for more."""
        self._tells = False
        """Whether that is called at all: known as soon as the first event is handed out."""

    def hand_to(self, take: Callable[[StreamEvent], None]) -> None:
        """Iterate, once; words that arrived together are taken as one event.

        To make a Turn of each of them costs more than to read it. Raises what iterating does.
        """
        words: list[AnswerDelta] = []

        def give() -> None:
            if words:
                together = replace(words[-1], text="".join(each.text for each in words))
                words.clear()
                take(together)

        self._before_wait = give
        try:
            for event in self:
                if isinstance(event, AnswerDelta) and self._tells:
                    words.append(event)
                else:
                    give()
                    take(event)
        finally:
            give()

    def __iter__(self) -> Iterator[StreamEvent]:
        for frame in sse.read(self._chunks()):
            said = self._blank(frame.data)
            event = events.parse(frame if said is frame.data else replace(frame, data=said))
            if event is not None:
                yield event

    def _chunks(self) -> Iterator[bytes]:
        try:
            with at_intervals(self._response, self._waits) as self._tells:
                for chunk in self._response.iter_bytes():
                    if time.monotonic() > self.until:
                        broken = BrokenStream(
                            "generation_timeout", "The answer took too long and was given up."
                        )
                        break
                    yield chunk
                else:
                    return
        except httpx.ReadTimeout:
            broken = BrokenStream("stalled", "The server stopped sending in the middle of the answer.")
        except httpx.HTTPError:
            broken = BrokenStream("connection_lost", "The connection was lost in the middle of the answer.")
        raise broken  # outside of the handler: a transport error holds the request

    def _waits(self) -> None:
        self._before_wait()


def _nothing() -> None:
    """Nobody wants to know."""


@contextmanager
def at_intervals(response: httpx.Response, before: Callable[[], None] = _nothing) -> Iterator[bool]:
    """Read from the network at most once per INTERVAL while little arrives, less often where many do.

    To wake up costs ten times what the work for one token does; two or three at a time cost as much as one.
    The first bytes and a flood are not held back. `before` is called before each wait. Where httpx has no
    network below it, as in tests, and in a version of it whose stream cannot be wrapped, this does nothing,
    and yields False.
    """
    stream: Any = response.extensions.get("network_stream")
    read = getattr(stream, "read", None)
    if read is None:
        yield False
        return
    until = 0.0

    def read_later(*args: Any, **kwargs: Any) -> bytes:
        nonlocal until
        before()
        if (wait := until - time.monotonic()) > 0:
            time.sleep(wait)
        data: bytes = read(*args, **kwargs)
        now = time.monotonic()
        until = now + _pace.pause(stream, now) if len(data) < FLOOD else 0.0
        return data

    stream.read = read_later
    try:
        yield True
    finally:
        _pace.leave(stream)
        del stream.read  # the connection goes back into the pool


@contextmanager
def opened(
    connection: Connection,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Iterator[ChatStream]:
    """A ChatStream; leaving the block closes it. Raises Unreachable, Refused, Unintelligible on entry."""
    with connection.open(method, path, accept="text/event-stream", params=params, body=body) as response:
        kind = response.headers.get("content-type", "text/event-stream").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            raise Unintelligible(
                "not_a_stream", f"The server answered with {kind or 'something'} where a stream was due."
            )
        yield ChatStream(response, connection.patience.generation, connection.blank)
