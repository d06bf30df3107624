"""Streams over a real connection: stalls, cuts, resets, limits."""

from __future__ import annotations

import gzip
import json
import re
import threading

import httpx
import pytest

from services.dify.client import Client
from services.dify.errors import BrokenStream, Unauthorized, Unintelligible, Unreachable
from services.dify.patience import Patience
from services.dify.stream import FLOOD, INTERVAL, at_intervals
from services.dify.stream_events import AnswerDelta, StreamEvent
from tests.wire import STREAM, Line, Request, Wire

KEY = "app-canary-7f3a"


def delta(text: str) -> bytes:
    return b"data: %s\n\n" % json.dumps({"event": "message", "answer": text}).encode()


def collect(client: Client, into: list[StreamEvent]) -> None:
    with client.chat.send(query="q", user="u") as stream:
        into.extend(stream)


def texts(events: list[StreamEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, AnswerDelta)]


def test_events_arrive_while_the_server_still_speaks() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        line.chunk(delta("a"))
        if not line.wait(30):
            line.finish()

    with (
        Wire(script) as wire,
        Client(wire.url, KEY) as client,
        client.chat.send(query="q", user="u") as stream,
    ):
        event = next(iter(stream))
        assert isinstance(event, AnswerDelta)
        assert event.text == "a"


def test_a_stall_after_the_headers() -> None:
    """The wait for headers is long, the wait between bytes short: httpx takes the new one in mid-request."""

    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        line.chunk(delta("a"))
        line.wait(30)

    got: list[StreamEvent] = []
    with (
        Wire(script) as wire,
        Client(wire.url, KEY, patience=Patience(headers=30, stall=0.2)) as client,
        pytest.raises(BrokenStream) as caught,
    ):
        collect(client, got)
    assert caught.value.code == "stalled"
    assert texts(got) == ["a"]


def test_headers_may_take_longer_than_a_stall() -> None:
    def script(line: Line, _: Request) -> None:
        line.wait(0.6)
        line.say(STREAM)
        line.chunk(delta("a"))
        line.finish()

    got: list[StreamEvent] = []
    with Wire(script) as wire, Client(wire.url, KEY, patience=Patience(headers=30, stall=0.2)) as client:
        collect(client, got)
    assert texts(got) == ["a"]


def test_no_headers_at_all() -> None:
    with (
        Wire(lambda line, _: line.wait(30) and None) as wire,
        Client(wire.url, KEY, patience=Patience(headers=0.2)) as client,
        pytest.raises(Unreachable) as caught,
    ):
        collect(client, [])
    assert caught.value.code == "timed_out"
    assert len(wire.requests) == 1, "a question is never asked twice"


def test_pings_keep_a_silent_answer_alive() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        for _i in range(12):
            line.chunk(b"event: ping\n\n")
            line.wait(0.25)
        line.chunk(delta("late"))
        line.finish()

    got: list[StreamEvent] = []
    with Wire(script) as wire, Client(wire.url, KEY, patience=Patience(stall=2)) as client:
        collect(client, got)
    assert texts(got) == ["late"]


def test_an_answer_has_a_longest_time() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        while not line.wait(0.02):
            line.chunk(delta("x"))

    got: list[StreamEvent] = []
    with (
        Wire(script) as wire,
        Client(wire.url, KEY, patience=Patience(generation=0.3)) as client,
        pytest.raises(BrokenStream) as caught,
    ):
        collect(client, got)
    assert caught.value.code == "generation_timeout"
    assert got


def test_another_thread_may_shorten_it() -> None:
    """After a stop nobody waits twenty minutes for a server that only pings."""

    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        while not line.wait(0.02):
            line.chunk(b"event: ping\n\n")

    with (
        Wire(script) as wire,
        Client(wire.url, KEY) as client,
        client.chat.send(query="q", user="u") as stream,
    ):
        threading.Timer(0.1, lambda: setattr(stream, "until", 0)).start()
        with pytest.raises(BrokenStream) as caught:
            list(stream)
    assert caught.value.code == "generation_timeout"


def test_a_cut_at_every_byte() -> None:
    """Whole events are kept, the cut one is dropped, and the cut is always noticed."""
    body = delta("one") + b"event: ping\r\n\r\n" + delta("twö") + delta("three")
    wire_bytes = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in re.findall(rb".{1,40}", body, re.DOTALL))
    whole = wire_bytes + b"0\r\n\r\n"
    cuts = iter(range(len(whole)))

    def script(line: Line, _: Request) -> None:
        line.say(STREAM + whole[: next(cuts)])

    with Wire(script) as wire, Client(wire.url, KEY) as client:
        for cut in range(len(whole)):
            got: list[StreamEvent] = []
            with pytest.raises(BrokenStream) as caught:
                collect(client, got)
            assert caught.value.code == "connection_lost"
            assert texts(got) == ["one", "twö", "three"][: len(got)]
            assert len(got) == 3 or cut < len(wire_bytes)


def test_a_reset() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        line.chunk(delta("a"))
        line.wait(0.1)
        line.reset()

    got: list[StreamEvent] = []
    with Wire(script) as wire, Client(wire.url, KEY) as client, pytest.raises(BrokenStream) as caught:
        collect(client, got)
    assert caught.value.code == "connection_lost"
    assert texts(got) == ["a"]


def test_a_body_without_length_ends_where_the_connection_ends() -> None:
    def script(line: Line, _: Request) -> None:
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream\r\n\r\n" + delta("a"))

    got: list[StreamEvent] = []
    with Wire(script) as wire, Client(wire.url, KEY) as client:
        collect(client, got)
    assert texts(got) == ["a"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>log in</html>", "text/html"),
        (b'{"answer": "hi"}', "application/json"),
        (b"", "text/plain"),
    ],
)
def test_something_else_than_a_stream(body: bytes, kind: str) -> None:
    with (
        Wire(lambda line, _: line.answer("200 OK", body, kind)) as wire,
        Client(wire.url, KEY) as client,
        pytest.raises(Unintelligible) as caught,
    ):
        collect(client, [])
    assert caught.value.code == "not_a_stream"
    assert "log in" not in str(caught.value)


def test_a_refusal_before_the_stream() -> None:
    body = b'{"code":"unauthorized","message":"Access token is invalid","status":401}'
    with (
        Wire(lambda line, _: line.answer("401 UNAUTHORIZED", body)) as wire,
        Client(wire.url, KEY) as client,
        pytest.raises(Unauthorized) as caught,
    ):
        collect(client, [])
    assert caught.value.message == "Access token is invalid"


def test_leaving_the_block_hangs_up() -> None:
    """The server learns at once that nobody listens; the pool gets its connection back."""
    heard: list[bytes] = []

    def script(line: Line, _: Request) -> None:
        line.say(STREAM)
        line.chunk(delta("a"))
        heard.append(line.connection.recv(1))

    with Wire(script) as wire, Client(wire.url, KEY) as client:
        with client.chat.send(query="q", user="u") as stream:
            next(iter(stream))
        with client.chat.send(query="q", user="u") as stream:
            next(iter(stream))
    assert heard == [b"", b""]


def test_compressed_all_the_same() -> None:
    packed = gzip.compress(delta("a") + delta("b"))

    def script(line: Line, _: Request) -> None:
        line.answer("200 OK", packed, "text/event-stream", "Content-Encoding: gzip\r\n")

    got: list[StreamEvent] = []
    with Wire(script) as wire, Client(wire.url, KEY) as client:
        collect(client, got)
    assert texts(got) == ["a", "b"]
    assert wire.requests[0].headers["accept-encoding"] == "identity"


def test_broken_compression() -> None:
    def script(line: Line, _: Request) -> None:
        line.answer("200 OK", b"not gzip at all", "text/event-stream", "Content-Encoding: gzip\r\n")

    with Wire(script) as wire, Client(wire.url, KEY) as client, pytest.raises(BrokenStream):
        collect(client, [])


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip,deflate", "gzip\r\nContent-Encoding: gzip"])
def test_what_is_compressed_twice_is_not_unpacked(status: str, coding: str) -> None:
    """Three megabytes made sixty-four thousand, a thousandth of them at once."""
    packed = gzip.compress(gzip.compress(delta("a")))

    def script(line: Line, _: Request) -> None:
        line.answer(status, packed, "text/event-stream", f"Content-Encoding: {coding}\r\n")

    with Wire(script) as wire, Client(wire.url, KEY) as client, pytest.raises(Unintelligible) as refused:
        collect(client, [])
    assert refused.value.code == "not_json"


class Network:
    """What httpx reads from; each read is told how much there is."""

    def __init__(self) -> None:
        self.sizes = [10, 10, FLOOD, 10]

    def read(self, *_: object, **__: object) -> bytes:
        return b"x" * self.sizes.pop(0)


def test_little_by_little_is_read_at_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first bytes at once, and after a flood too; what trickles in comes together."""
    waits: list[float] = []
    monkeypatch.setattr("services.dify.stream.time.monotonic", lambda: 100.0)
    monkeypatch.setattr("services.dify.stream.time.sleep", waits.append)
    network = Network()
    waited = []
    with at_intervals(httpx.Response(200, extensions={"network_stream": network})):
        for _ in range(4):
            before = len(waits)
            network.read(1)
            waited.append(waits[before:])
    assert waited == [[], [pytest.approx(INTERVAL)], [pytest.approx(INTERVAL)], []]
    assert network.read.__func__ is Network.read  # type: ignore[attr-defined]
