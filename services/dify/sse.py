"""Bytes to frames: `read(chunks)`.

sseclient-py parses; what stands before it here makes sure that it only ever sees whole, clean frames. Alone
it merges frames at mixed line ends, dies of one bad byte, delivers a frame that the end of the stream has
cut, and takes time quadratic in a frame's length. Source: WHATWG HTML 9.2.6 "Interpreting an event stream".

A frame without data (Dify's ping) is not delivered, so liveness must be measured on bytes, before read().
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sseclient import SSEClient

from services.dify.errors import BrokenStream

LARGEST_FRAME = 16 * 1024 * 1024
"""Bytes. Dify sends tool outputs and speech as single frames; no honest one comes near."""
LINES_AT_ONCE = 64
"""sseclient-py appends a frame's lines one by one to an ever longer text; more than these go in portions."""
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Frame:
    event: str
    """The `event` field, "message" where there is none. Dify's own event name is inside the JSON."""
    data: str
    id: str
    """The last `id` field of the stream so far, "" before the first."""


def read(chunks: Iterable[bytes]) -> Iterator[Frame]:
    """Frames with data, as soon as their blank line is there, however the bytes are cut.

    What the end of the stream has cut off is dropped. Bad UTF-8 becomes U+FFFD. Time and memory are linear.
    Raises BrokenStream (frame_too_large) once a frame passes LARGEST_FRAME, and whatever `chunks` raises.
    """
    guard = _Guard(chunks)
    portions: list[str] = []
    for event in SSEClient(iter(guard)).events():
        # sseclient-py asks for the next portion only after this one, so the guard still speaks of this one.
        data = event.data
        if guard.more:
            portions.append(data)
            continue
        if portions:
            data = "\n".join([*portions, data])
            portions.clear()
        yield Frame(event.event, data, guard.id)


class _Guard:
    """Iterates over whole frames: valid UTF-8, LF line ends, a blank line last, few data lines each."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.id = ""
        self.more = False
        """The frame just handed out is a portion; the rest of it comes next."""

    def __iter__(self) -> Iterator[bytes]:
        for frame in _frames(_lines_ended_by_lf(_without_bom(self._chunks))):
            try:
                frame.decode()
            except UnicodeDecodeError:
                frame = frame.decode("utf-8", "replace").encode()
            if b"\n" not in frame:
                if frame.startswith(b"id"):
                    self._notice_id(frame)
                else:
                    yield frame + b"\n\n"
                continue
            if b"\nid" in frame or frame.startswith(b"id"):
                self._notice_id(frame)
            if frame.count(b"\n") < LINES_AT_ONCE:
                yield frame + b"\n\n"
            else:
                yield from self._portions(frame)

    def _notice_id(self, frame: bytes) -> None:
        """An id lasts until the next one; one with NUL counts for nothing."""
        for line in frame.split(b"\n"):
            name, _, value = line.partition(b":")
            if name == b"id" and b"\0" not in value:
                self.id = value.removeprefix(b" ").decode()

    def _portions(self, frame: bytes) -> Iterator[bytes]:
        event: list[bytes] = []
        data: list[bytes] = []
        for line in frame.split(b"\n"):
            name = line.partition(b":")[0]
            if name == b"data":
                data.append(line)
            elif name == b"event":
                event = [line]
        for start in range(0, len(data), LINES_AT_ONCE):
            self.more = start + LINES_AT_ONCE < len(data)
            yield b"\n".join([*event, *data[start : start + LINES_AT_ONCE], b"", b""])


def _without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    start: bytes | None = b""
    for chunk in chunks:
        if start is not None:
            start += chunk
            if len(start) < len(BOM) and BOM.startswith(start):
                continue
            chunk, start = start.removeprefix(BOM), None
        if chunk:
            yield chunk
    # A start held back until here is at most two bytes of a BOM: no whole frame.


def _lines_ended_by_lf(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """CR ends a line at once, so that a frame is not held back; an LF right after it is the same line end."""
    after_cr = False
    for chunk in chunks:
        if after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            after_cr = False
            if not chunk:
                continue
        after_cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield chunk


def _frames(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes between blank lines, without them, never empty."""
    pending = bytearray()
    for chunk in chunks:
        if pending.endswith(b"\n"):
            del pending[-1:]
            chunk = b"\n" + chunk
        if b"\n\n" in chunk:
            first, *whole, rest = chunk.split(b"\n\n")
            for frame in (bytes(pending) + first, *whole):
                frame = frame.lstrip(b"\n")
                _measure(frame)
                if frame:
                    yield frame
            pending = bytearray(rest)
        else:
            pending += chunk
        _measure(pending)
    # What is pending now was cut off.


def _measure(frame: bytes | bytearray) -> None:
    if len(frame) > LARGEST_FRAME:
        largest = f"{LARGEST_FRAME // 1024 // 1024} MiB"
        raise BrokenStream("frame_too_large", f"One event of the answer is larger than {largest}.")
