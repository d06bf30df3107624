"""read() against an independent decoder, on the recordings and on whatever hypothesis thinks of."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.dify import sse
from services.dify.errors import BrokenStream
from services.dify.sse import Frame, read

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
STREAMS = sorted(
    body.parent.name
    for body in TRANSCRIPTS.glob("*/response.body")
    if b"text/event-stream" in (body.parent / "response.headers").read_bytes()
)


def reference(stream: bytes) -> list[Frame]:
    """WHATWG HTML 9.2.6, read off line by line over the whole stream at once."""
    text = stream.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    frames: list[Frame] = []
    data, event, last_id = "", "", ""
    for line in re.split("\r\n|\n|\r", text)[:-1]:
        if line == "":
            if data != "":
                frames.append(Frame(event or "message", data[:-1], last_id))
            data, event = "", ""
            continue
        if line.startswith(":"):
            continue
        field, _, value = line.partition(":")
        if value.startswith(" "):
            value = value[1:]
        if field == "event":
            event = value
        elif field == "data":
            data += value + "\n"
        elif field == "id" and "\0" not in value:
            last_id = value
    return frames


def recut(stream: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return (stream[a:b] for a, b in pairwise(edges))


def pieces(stream: bytes, size: int) -> Iterator[bytes]:
    return (stream[i : i + size] for i in range(0, len(stream), size))


CASES = {
    "one": (b"data: a\n\n", [Frame("message", "a", "")]),
    "named": (b"event: e\ndata: a\n\n", [Frame("e", "a", "")]),
    "event after data": (b"data: a\nevent: e\n\n", [Frame("e", "a", "")]),
    "the last event name counts": (b"event: e\nevent: f\ndata\n\n", [Frame("f", "", "")]),
    "an empty event name is message": (b"event: e\nevent\ndata: a\n\n", [Frame("message", "a", "")]),
    "an event name does not last": (
        b"event: e\n\ndata: a\n\n",
        [Frame("message", "a", "")],
    ),
    "Dify's ping says nothing": (b"event: ping\n\n", []),
    "ping between": (b"event: ping\n\ndata: a\n\nevent: ping\n\n", [Frame("message", "a", "")]),
    "empty data is data": (b"data:\n\n", [Frame("message", "", "")]),
    "empty data, no colon": (b"data\n\n", [Frame("message", "", "")]),
    "two empty lines of data": (b"data\ndata\n\n", [Frame("message", "\n", "")]),
    "no space": (b"data:a\n\n", [Frame("message", "a", "")]),
    "one space goes": (b"data:  a \n\n", [Frame("message", " a ", "")]),
    "a tab stays": (b"data:\ta\n\n", [Frame("message", "\ta", "")]),
    "several lines": (b"data: a\ndata: b\n\n", [Frame("message", "a\nb", "")]),
    "other fields between": (b"data: a\nx: y\nretry: 5\n: c\ndata: b\n\n", [Frame("message", "a\nb", "")]),
    "names are exact": (b"Data: a\ndata : b\n data: c\nevents: d\ndatas: e\n\n", []),
    "python attributes are no fields": (
        b"__class__: a\n__dict__: b\ndata: c\n\n",
        [Frame("message", "c", "")],
    ),
    "colons in the value": (b"data: a: b:c\n\n", [Frame("message", "a: b:c", "")]),
    "comment only": (b": a\n\n:\n\n", []),
    "blank lines": (
        b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n",
        [Frame("message", "a", ""), Frame("message", "b", "")],
    ),
    "CR": (b"data: a\rdata: b\r\r", [Frame("message", "a\nb", "")]),
    "CRLF": (b"data: a\r\ndata: b\r\n\r\n", [Frame("message", "a\nb", "")]),
    "LF then CRLF": (b"data: a\n\r\ndata: b\n\r\n", [Frame("message", "a", ""), Frame("message", "b", "")]),
    "CRLF then CR": (b"data: a\r\n\rdata: b\r\n\r", [Frame("message", "a", ""), Frame("message", "b", "")]),
    "CR then LF is one end": (b"data: a\r\ndata: b\r\n\n", [Frame("message", "a\nb", "")]),
    "BOM": (b"\xef\xbb\xbfdata: a\n\n", [Frame("message", "a", "")]),
    "the second BOM stays": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
    "BOM later": (b"data: \xef\xbb\xbf\n\n", [Frame("message", "\ufeff", "")]),
    "half a BOM": (b"\xef\xbbdata: a\n\n", []),
    "only a BOM": (b"\xef\xbb\xbf", []),
    "bad UTF-8": (b"data: \xff\xc3(\n\n", [Frame("message", "\ufffd\ufffd(", "")]),
    "bad UTF-8 at a line end": (b"data: \xe2\x80\ndata: b\n\n", [Frame("message", "\ufffd\nb", "")]),
    "surrogates in UTF-8": (b"data: \xed\xa0\x80\n\n", [Frame("message", "\ufffd\ufffd\ufffd", "")]),
    "other line separators": (
        "data: \u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\n\n".encode(),
        [Frame("message", "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e", "")],
    ),
    "an id lasts": (
        b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
        [Frame("message", "a", "1"), Frame("message", "b", "1"), Frame("message", "c", "")],
    ),
    "an id without data lasts": (b"id: 1\n\ndata: b\n\n", [Frame("message", "b", "1")]),
    "an id alone, then one with data": (b"id: 1\n\nid: 2\ndata: b\n\n", [Frame("message", "b", "2")]),
    "an id with NUL is none": (b"id: 1\nid: 2\x003\ndata: a\n\n", [Frame("message", "a", "1")]),
    "spaces of an id stay, but for one": (b"id:  1 \ndata: a\n\n", [Frame("message", "a", " 1 ")]),
    "many lines, two names": (
        b"event: e\n" + b"data: x\n" * 100 + b"event: f\nid: 9\n" + b"data: x\n" * 100 + b"\ndata: b\n\n",
        [Frame("f", "\n".join("x" * 200), "9"), Frame("message", "b", "9")],
    ),
    "id is exact": (b"ids: 1\nidx\n id: 2\ndata: a\n\n", [Frame("message", "a", "")]),
    "cut off": (b"data: a\n\ndata: b\n", [Frame("message", "a", "")]),
    "cut off in a line": (b'data: a\n\ndata: {"an', [Frame("message", "a", "")]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 1 << 20])
def test_the_standard(name: str, size: int) -> None:
    stream, frames = CASES[name]
    assert reference(stream) == frames, "the reference decoder itself"
    assert list(read(pieces(stream, size))) == frames


LINE_END = st.sampled_from([b"\n", b"\r", b"\r\n"])
NAME = st.sampled_from([b"data", b"event", b"id", b"retry", b"dat", b"ids", b"", b"Data", b" data", b"data "])
VALUE = st.one_of(
    st.binary(max_size=12),
    st.text(alphabet="ab :\0\ufeff\u2028\x85é😀\t", max_size=12).map(str.encode),
)
LINE = st.one_of(
    st.just(b""),
    st.just(b""),
    st.tuples(NAME, st.sampled_from([b":", b": ", b"", b":  "]), VALUE).map(b"".join),
)
LINES = st.lists(st.tuples(LINE, LINE_END).map(b"".join), max_size=40).map(b"".join)
CUTS = st.lists(st.integers(min_value=0, max_value=10_000), max_size=20)


@given(stream=st.tuples(st.sampled_from([b"", b"\xef\xbb\xbf", b"\xef\xbb"]), LINES).map(b"".join), cuts=CUTS)
@example(stream=b"data: a\r\n\r\n", cuts=[8, 9, 10])
def test_lines_and_cuts(stream: bytes, cuts: list[int]) -> None:
    assert list(read(recut(stream, cuts))) == reference(stream)


@given(
    stream=st.lists(
        st.sampled_from([bytes([b]) for b in b"\r\n\n:dati v\0\xef\xbb\xbf\xe2\x80"]), max_size=60
    ).map(b"".join)
)
def test_bytes_one_by_one(stream: bytes) -> None:
    assert list(read(pieces(stream, 1))) == reference(stream)


@given(
    lines=st.lists(
        st.sampled_from([b"data: a", b"data", b"data:b: c", b"event: e", b"event: f", b"id: 7", b": c"]),
        max_size=300,
    ),
    cuts=CUTS,
)
def test_frames_of_many_lines(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"\n".join([*lines, b"", b"data: next", b"", b""])
    assert list(read(recut(stream, cuts))) == reference(stream)


@pytest.mark.parametrize("case", STREAMS)
def test_recordings_however_they_are_cut(case: str) -> None:
    stream = (TRANSCRIPTS / case / "response.body").read_bytes()
    whole = list(read([stream]))
    assert whole == reference(stream)
    assert len(whole) == len(re.findall(rb"^data: ", stream, re.MULTILINE)), "no frame lost, none invented"
    chance = random.Random(case)
    for _ in range(8):
        cuts = [chance.randrange(len(stream)) for _ in range(chance.randrange(1, 60))]
        assert list(read(recut(stream, cuts))) == whole
    if len(stream) < 10_000:
        assert list(read(pieces(stream, 1))) == whole
        assert list(read(pieces(stream.replace(b"\n", b"\r\n"), 7))) == whole


def test_there_are_recordings() -> None:
    assert len(STREAMS) >= 40


def test_a_frame_comes_with_its_blank_line() -> None:
    """Nothing waits for the bytes after it, not even behind a CR that could be half a CRLF."""
    for end in (b"\n\n", b"\r\n\r\n", b"\r\r"):
        taken: list[bytes] = []

        def source(end: bytes = end, taken: list[bytes] = taken) -> Iterator[bytes]:
            for chunk in (b"data: a" + end[: len(end) // 2], end[len(end) // 2 :], b"data: b" + end):
                taken.append(chunk)
                yield chunk

        frames = read(source())
        assert next(frames).data == "a"
        assert len(taken) == 2
        assert next(frames).data == "b"


@pytest.mark.parametrize(
    ("stream", "size", "data"),
    [
        (b"data: " + b"y" * 1_000_000 + b"\n\n", 1, "y" * 1_000_000),
        (b"data: " + b"y" * 10_000_000 + b"\n\n", 1024, "y" * 10_000_000),
        (b"data: z\n" * 200_000 + b"\n", 4096, "\n".join("z" * 200_000)),
        (b": c\n" * 200_000 + b"data: z\n\n", 100, "z"),
        (b"\r" * 500_000 + b"data: z\r\r", 3, "z"),
    ],
    ids=["1 MB in bytes", "10 MB in KiB", "200,000 lines", "200,000 comments", "500,000 blank lines"],
)
def test_time_is_linear(stream: bytes, size: int, data: str) -> None:
    """Each takes well under a second; quadratic code does not finish before the suite's time-out."""
    assert [frame.data for frame in read(pieces(stream, size))] == [data]


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * 2000,
        b"data: " + b"x" * 2000 + b"\n\n",
        b": c\n" * 1000,
        b"data: x\n" * 1000 + b"\n",
    ],
    ids=["unfinished", "finished", "comments", "lines"],
)
@pytest.mark.parametrize("size", [1, 100, 100_000])
def test_a_frame_has_a_limit(stream: bytes, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LARGEST_FRAME", 1000)
    frames = read(pieces(b"data: before\n\n" + stream, size))
    assert next(frames).data == "before"
    with pytest.raises(BrokenStream) as caught:
        next(frames)
    assert caught.value.code == "frame_too_large"


def test_many_frames_under_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LARGEST_FRAME", 1000)
    assert len(list(read(pieces(b"data: x\n\n" * 1000, 4096)))) == 1000


def test_what_the_source_raises_comes_through() -> None:
    def source() -> Iterator[bytes]:
        yield b"data: a\n\ndata: b\n"
        raise BrokenStream("connection_lost", "gone")

    frames = read(source())
    assert next(frames).data == "a"
    with pytest.raises(BrokenStream, match="gone"):
        next(frames)


def test_the_package_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    """sseclient-py is really in the path, not beside it."""
    seen: list[bytes] = []
    original = sse.SSEClient._read

    def spy(self: object) -> Iterator[bytes]:
        for frame in original(self):
            seen.append(frame)
            yield frame

    monkeypatch.setattr(sse.SSEClient, "_read", spy)
    assert [frame.data for frame in read([b"data: a\r\n\r\n", b"data: b\n\n"])] == ["a", "b"]
    assert seen == [b"data: a\n\n", b"data: b\n\n"]
