"""Every fault of the network and of Dify at the Run: one question is one POST, and what came is kept."""

from __future__ import annotations

import itertools
import logging
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any

import pytest

from components import words
from services import recovery, run
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.patience import Patience
from services.draft import Draft
from services.identity import Identity, Role
from services.run import Run
from services.runs import Runs
from services.store import Owned, Store
from services.titles import Titles
from services.turn import Turn
from tests.frames import PING, Frames
from tests.relay import Fault, Relay, refusal, response
from tests.site import ROOT, until
from tests.upstream import CUT, Answer, Gate, Upstream, row, stops_delivered

ADA = Identity("ada", Role.ADMIN)
CHAT = "/v1/chat-messages"
LONG = 20.0
PATIENT = Patience(repeats=0, pause=0.01)
"""A busy machine must not look like a fault; tests of a fault that takes time shorten what they are about."""


@dataclass
class World:
    """Runs of which every request goes through `line`."""

    dify: Upstream
    line: Relay
    client: Client
    store: Store
    runs: Runs
    places: list[Conversation] = field(default_factory=list)

    def place(self, user: str = "ada") -> Conversation:
        self.places.append(Conversation(Owned(f"key-{len(self.places):08}", "app", user, None)))
        return self.places[-1]

    def ask(self, query: str = "hi", place: Conversation | None = None, client: Client | None = None) -> Run:
        place = place or self.place()
        started = self.runs.start(
            ADA, client or self.client, place, Draft(query), f"send-{time.monotonic_ns()}"
        )
        assert started is not None
        return started

    def answered(self, query: str = "hi", place: Conversation | None = None, **rest: Any) -> Turn:
        return self.ended(self.ask(query, place, **rest))

    def ended(self, started: Run) -> Turn:
        assert started.done.wait(LONG), f"still {started.turn.state}"
        until(lambda: not (started.dirty or started.saving.locked()), "saved")
        assert self.store.turn(started.turn.id) == started.turn
        return started.turn

    @property
    def posts(self) -> int:
        return self.line.count("POST", CHAT)


@pytest.fixture(scope="module")
def network() -> Iterator[tuple[Upstream, Relay]]:
    with Upstream() as dify, Relay(dify.port) as line:
        yield dify, line


@pytest.fixture
def world(network: tuple[Upstream, Relay], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(recovery, "PAUSES", (0.02,) * 8)
    monkeypatch.setattr(recovery, "SECOND_LOOK", 0.02)
    monkeypatch.setattr(run, "AFTER_STOP", 2.0)
    dify, line = network
    store = Store.in_memory()
    with Client(f"{line.url}/v1", dify.key, patience=PATIENT) as client:
        world = World(dify, line, client, store, Runs(store, Titles()))
        yield world
        line.forget()
        line.cut()
        for place in world.places:
            world.runs.stop(place)
        for started in world.runs._by_send_id.values():
            assert started.done.wait(LONG)
        stops_delivered()
        world.runs.close()
        dify.forget()
        line.forget()


def told(turn: Turn) -> tuple[str, str | None]:
    return turn.state, turn.error and turn.error.code


def what_to_do(turn: Turn) -> str:
    """The advice that the page gives."""
    assert turn.error is not None
    return words.ERRORS[turn.error.code]["advice"]


# Nothing reached the server


def test_refused_connections(world: World) -> None:
    with world.line.closed():
        turn = world.answered("my words")
    assert told(turn) == ("failed", "connection_refused")
    assert "Nothing was sent" in what_to_do(turn)
    assert (turn.query, world.posts) == ("my words", 0)
    assert world.answered("my words").state == "complete"


def test_a_refused_connection_is_tried_once_more_in_silence(world: World) -> None:
    states: list[str] = []
    place = world.place()
    place.watch(lambda: states.append(place.turns()[-1].state))
    with world.line.closed():
        started = world.ask(place=place)
        time.sleep(0.1)
    assert world.ended(started).state == "complete"
    assert set(states) == {"waiting", "streaming", "complete"}
    assert world.posts == 1


def test_a_name_that_nobody_has(world: World) -> None:
    with Client("http://no-such-dify.invalid/v1", world.dify.key, patience=PATIENT) as client:
        turn = world.answered(client=client)
    assert told(turn) == ("failed", "unknown_host")
    assert turn.error is not None
    assert "no-such-dify.invalid" in turn.error.message
    assert world.dify.key not in str(turn)
    assert "DIFY_BASE_URL" in what_to_do(turn)


def test_a_certificate_that_nobody_vouches_for(world: World) -> None:
    """Never without TLS, and never with a certificate unseen."""
    pem = ROOT / "tests" / "certificates" / "self-signed.pem"
    with (
        Relay(world.dify.port, pem) as line,
        Client(f"{line.url}/v1", world.dify.key, patience=PATIENT) as client,
    ):
        turn = world.answered(client=client)
        assert line.requests == []
    assert told(turn) == ("failed", "tls_failed")
    assert "certificate" in what_to_do(turn)


# The server said no


@pytest.mark.parametrize(
    ("status", "code", "who"),
    [
        (401, "unauthorized", "administrator"),
        (403, "forbidden", "owner"),
        (404, "not_found", "new chat"),
        (400, "app_unavailable", "owner"),
        (400, "not_chat_app", "administrator"),
        (400, "conversation_completed", "new chat"),
        (400, "provider_not_initialize", "owner"),
        (400, "provider_quota_exceeded", "owner"),
        (400, "model_currently_not_support", "owner"),
        (400, "completion_request_error", "owner"),
    ],
)
def test_a_refusal_names_who_can_help(world: World, status: int, code: str, who: str) -> None:
    world.line.next(CHAT, Fault(answer=refusal(status, code, "The server's words.")))
    turn = world.answered()
    assert told(turn) == ("failed", code)
    assert who in what_to_do(turn)
    assert (world.posts, turn.query) == (1, "hi")
    assert not world.line.count("GET", "/v1/messages"), "there is nothing to look for"


@pytest.mark.parametrize("code", ["a_code_of_tomorrow", "<b>bold</b>"])
def test_a_refusal_that_nobody_has_words_for_is_told_in_the_servers(world: World, code: str) -> None:
    world.line.next(CHAT, Fault(answer=refusal(400, code, "nick is <i>required</i>")))
    turn = world.answered()
    assert told(turn) == ("failed", code)
    assert code not in words.ERRORS
    assert turn.error is not None
    assert turn.error.message == "nick is <i>required</i>"


def soon() -> str:
    return formatdate(time.time() + 1, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wait", "again"),
    [
        ("0", True),
        ("0.2", True),
        (soon, True),
        ("Sat, 21 Nov 2020 11:00:00 GMT", True),
        ("31", False),
        ("9" * 400, False),
        ("Sat, 21 Nov 2099 11:00:00 GMT", False),
        ("-5", False),
        ("soon", False),
        (None, False),
    ],
)
def test_retry_after(world: World, status: int, wait: str | Callable[[], str] | None, again: bool) -> None:
    headers = {"Retry-After": wait() if callable(wait) else wait} if wait is not None else {}
    world.line.next(CHAT, *[Fault(answer=refusal(status, "too_many_requests", "later", **headers))] * 2)
    turn = world.answered()
    assert told(turn) == ("failed", "too_many_requests")
    assert world.posts == (2 if again else 1)
    world.line.forget()
    assert world.answered().state == "complete"


# The server may have heard the question


FAILURES = {
    "500": refusal(500, "internal_server_error", "no"),
    "503 without a word when": refusal(503, "overloaded", "no"),
    "502 page": response(502, b"<html><h1>Bad gateway</h1></html>"),
    "504 page": response(504, b"<html><h1>Gateway time-out</h1></html>"),
    "sign-in page": response(200, b"<html><form>Sign in</form></html>"),
    "200 JSON": response(200, b'{"code": "x", "message": "m", "status": 500}', "application/json"),
    "redirect": response(302, location="/login"),
    "no HTTP": b"\x00\x01\x02 nonsense\r\n\r\n",
    "nothing": b"",
    "cut head": b"HTTP/1.1 200 OK\r\nContent-Ty",
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_after_the_question_was_heard(world: World, name: str) -> None:
    """Dify has answered, the gateway before it has not: the answer is in history, and nobody asks again."""
    world.line.next(CHAT, Fault(answer=FAILURES[name], heard=True))
    turn = world.answered()
    assert (turn.state, turn.answer, turn.error) == ("complete", "Echo: hi", None)
    assert (world.posts, len(world.dify.asked)) == (1, 1)


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_before_the_question_was_heard(world: World, name: str) -> None:
    world.line.next(CHAT, Fault(answer=FAILURES[name]))
    turn = world.answered("my words")
    assert (turn.state, turn.query, turn.answer) == ("failed", "my words", "")
    assert turn.error is not None
    assert "<" not in turn.error.message
    assert (world.posts, len(world.dify.asked)) == (1, 0)
    assert world.answered("my words").state == "complete"


def test_a_connection_closed_on_arrival(world: World) -> None:
    world.line.next(CHAT, Fault(refuse=True))
    turn = world.answered()
    assert told(turn) == ("failed", "connection_lost")
    assert world.posts == 1


def test_no_headers_for_too_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question arrives after we have given it up; its answer is found."""
    monkeypatch.setattr(recovery, "PAUSES", (0.2,) * 50)
    world.client._connection.patience = replace(PATIENT, headers=0.6)
    world.line.next(CHAT, Fault(delay=1.5))
    states: list[tuple[str, str | None]] = []
    place = world.place()
    place.watch(lambda: states.append(told(place.turns()[-1])))
    turn = world.answered("slow", place)
    assert (turn.state, turn.answer) == ("complete", "Echo: slow")
    assert ("recovering", "timed_out") in states
    assert (world.posts, len(world.dify.asked)) == (1, 1)


def test_a_stall_in_the_middle(world: World) -> None:
    world.client._connection.patience = replace(PATIENT, stall=0.5)
    world.line.next(CHAT, Fault(stall_after=700))
    words_ = [f"word{number} " for number in range(50)]
    world.dify.next(Answer(*words_))
    states: list[tuple[str, str | None]] = []
    place = world.place()
    place.watch(lambda: states.append(told(place.turns()[-1])))
    turn = world.answered(place=place)
    assert (turn.state, turn.answer) == ("complete", "".join(words_).strip())
    assert ("recovering", "stalled") in states
    assert world.posts == 1


def test_pings_are_no_stall(world: World) -> None:
    """One and a half times the patience, and a ping in every twentieth of it."""
    world.client._connection.patience = replace(PATIENT, stall=2.0)
    world.dify.next(Answer("thinking ", *[PING, 0.1] * 30, "done"))
    turn = world.answered()
    assert (turn.state, turn.answer) == ("complete", "thinking done")
    assert "GET" not in {method for method, _ in world.line.requests}


# Cut at every byte


ONE, TWO = "one ", "twö 👩‍💻"


def three_events(number: int) -> Answer:
    frames = Frames(f"conversation-{number:04}", f"message-{number:04}", f"task-{number:04}")
    first, second = ({"answer": text, "created_at": None} for text in (ONE, TWO))
    return Answer(
        lambda f: f.event("message", **first),
        lambda f: f.event("message", **second),
        lambda f: f.event("message_end", created_at=None),
        frames=frames,
        end=False,
        kept=False,
    )


def raw_body(dify: Upstream) -> bytes:
    """The bytes of the response's body on the wire, chunks and all."""
    dify.next(three_events(0))
    body = b'{"inputs":{},"query":"q","user":"u","response_mode":"streaming"}'
    head = f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {dify.key}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", dify.port)) as connection:
        connection.sendall(head.encode() + body)
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    return said.split(b"\r\n\r\n", 1)[1]


def whole_events(raw: bytes) -> int:
    """How many events have come with these bytes."""
    data = b""
    while raw:
        size, found, raw = raw.partition(b"\r\n")
        length = int(size, 16) if found else 0
        data, raw = data + raw[:length], raw[length + 2 :]
    return data.count(b"\n\n")


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_at_every_byte(
    world: World, reset: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where history has the answer (every other time) it is whole in the end, else what came is kept."""
    monkeypatch.setattr(recovery, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(recovery, "SECOND_LOOK", 0.0)
    raw = raw_body(world.dify)
    assert whole_events(raw) == 3
    assert len(raw) > 300
    world.dify.forget()
    cuts = range(0, len(raw), 3 if reset else 1)
    for number, cut in enumerate(cuts, 1):
        found = ONE + TWO if cut % 2 else ""
        ada = f"ada-{cut:04}"
        kept = row("hi", found, id=f"message-{number:04}", created_at=int(time.time()))
        world.dify.keep(kept, conversation_id=f"conversation-{number:04}", user=ada)
        world.dify.next(three_events(number))
        world.line.next(CHAT, Fault(cut_after=cut, reset=reset))
        place, parts = world.place(ada), []
        place.watch(lambda place=place, parts=parts: parts.append(place.turns()[-1]))
        turn = world.answered(place=place)
        here = f"cut at byte {cut} of {len(raw)}"
        came = whole_events(raw[:cut])
        texts = ["", ONE, ONE + TWO, ONE + TWO]
        streamed = [part.answer for part in parts if part.state in {"waiting", "streaming"}]
        assert set(streamed) <= set(texts), here
        if reset:
            # What the kernel held for us when the reset came is gone with it.
            assert max(map(len, streamed)) <= len(texts[came]), here
        else:
            assert max(streamed, key=len) == texts[came], here
        if not reset and came == 3:
            assert (turn.state, turn.answer) == ("complete", ONE + TWO), here
        elif found:
            assert (turn.state, turn.answer) == ("complete", found), here
        else:
            assert turn.state in ({"incomplete", "failed", "complete"} if reset else {"incomplete", "failed"})
            assert turn.answer == max(streamed, key=len), here
    assert world.posts == len(world.dify.asked) == len(cuts)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING and r.name.startswith("services")] == []


# Bytes that are not what they should be


def test_frames_that_cannot_be_read_are_passed_over(world: World) -> None:
    bad = (
        b'data: {"event": "message", "answer"\n\n',
        b"data: [1]\n\n",
        b"data: \xff\xfe\n\n",
        b"data: {: :}\n\n",
    )
    pieces = list(itertools.chain.from_iterable((f"{n} ", frame) for n, frame in enumerate(bad)))
    world.dify.next(Answer(*pieces, "end"))
    turn = world.answered()
    assert (turn.state, turn.answer, turn.malformed) == ("complete", "0 1 2 3 end", len(bad))


def test_a_drip_grows_piece_by_piece(world: World) -> None:
    place, seen = world.place(), set()
    place.watch(lambda: seen.add(place.turns()[-1].answer))
    world.line.next(CHAT, Fault(drip=(16, 0.002)))
    world.dify.next(Answer(*"slowly, but it comes"))
    turn = world.answered(place=place)
    assert (turn.state, turn.answer) == ("complete", "slowly, but it comes")
    assert len(seen) > 15


def test_ten_megabytes(world: World) -> None:
    piece = "0123456789 äöü 漢字 " * 500
    world.dify.next(Answer(*[piece] * 1_000))
    turn = world.answered()
    assert turn.state == "complete"
    assert turn.answer == piece * 1_000
    assert len(turn.answer.encode()) > 10_000_000


def test_ten_thousand_events_at_once(world: World) -> None:
    frames = Frames()
    burst = b"".join(frames.message(f"w{number} ") for number in range(10_000))
    world.dify.next(Answer(burst, frames=frames))
    turn = world.answered()
    assert (turn.state, turn.answer) == ("complete", "".join(f"w{number} " for number in range(10_000)))


def test_a_line_without_an_end(world: World) -> None:
    """Given up at the limit, closed, and what came before is kept."""
    world.dify.next(Answer("before ", *[b"x" * 1_000_000] * 18, end=False))
    turn = world.answered()
    assert (turn.state, turn.answer, turn.error and turn.error.code) == (
        "incomplete",
        "before ",
        "frame_too_large",
    )
    assert world.posts == 1


def test_text_is_shown_as_it_was_sent(world: World) -> None:
    """Equal deltas, two ends, and text after the end: nothing is judged, and it is one message."""
    world.dify.next(
        Answer("ha ", "ha ", "ha ", lambda f: f.message_end(), "after", lambda f: f.message_end())
    )
    turn = world.answered()
    assert (turn.state, turn.answer) == ("complete", "ha ha ha after")
    assert len(world.dify.messages()) == 1


@pytest.mark.parametrize("moment", ["1798000000", "soon", 1_798_000_000_000, -5, None, 1e30, [], "1e400"])
def test_clocks_that_make_no_sense(world: World, moment: Any) -> None:
    """In the stream and in the history that is read after a cut."""
    place = world.place()
    world.dify.next(Answer(lambda f: f.event("message", answer="part ", created_at=moment), CUT))
    started = world.ask(place=place)
    until(world.dify.messages, "the question")
    world.dify.messages()[0].update(answer="part and rest", created_at=int(time.time()))
    assert world.ended(started).answer == "part and rest"
    world.dify.messages()[0]["created_at"] = moment if moment is not None else int(time.time())
    world.dify.next(Answer("more ", CUT))
    # A history without usable times is no reason to lose what came.
    turn = world.answered("second", place)
    assert turn.answer.startswith("more")
    assert turn.final


# Stop


@pytest.mark.parametrize("fault", [Fault(refuse=True), Fault(stall_after=0), Fault(answer=response(502))])
def test_a_stop_that_does_not_arrive(world: World, fault: Fault) -> None:
    gate = Gate()
    world.dify.next(Answer("so far", gate, " and on"))
    place = world.place()
    started = world.ask(place=place)
    gate.wait_reached()
    until(lambda: started.turn.answer, "the first words")
    world.client._connection.patience = replace(PATIENT, read=0.5)
    world.line.always(f"{CHAT}/", fault)
    world.runs.stop(place)
    assert (started.turn.state, place.busy) == ("stopped", False)
    gate.open()
    turn = world.ended(started)
    assert (turn.state, turn.answer) == ("stopped", "so far")


# The server is started anew


def test_dify_is_restarted_in_the_middle(world: World) -> None:
    """Its answer goes on after the start, as a chatflow's does; it is found in history."""
    gate = Gate()
    world.dify.next(Answer("the first half, ", gate))
    started = world.ask()
    gate.wait_reached()
    until(lambda: started.turn.answer, "the first half")
    with world.line.down():
        until(lambda: started.turn.state == "recovering", "the break")
    world.dify.messages()[0]["answer"] = "the first half, the second half"
    turn = world.ended(started)
    assert (turn.state, turn.answer) == ("complete", "the first half, the second half")
    assert world.posts == 1


# Many people


def test_twenty_people_and_one_slow_answer(world: World) -> None:
    """One request hangs for as long as the others ask; their answers come all the same."""
    world.line.next(CHAT, Fault(stall_after=0))
    slow = world.ask("slow", world.place("person-0"))
    until(lambda: world.posts == 1, "the slow question")
    people = [world.place(f"person-{number}") for number in range(1, 20)]
    for round_ in range(3):
        asked = [world.ask(f"question {round_}", place) for place in people]
        assert [world.ended(started).answer for started in asked] == [f"Echo: question {round_} "] * 19
        assert slow.turn.state == "waiting"
    world.line.cut(CHAT)
    assert world.ended(slow).answer == "Echo: slow"
    assert {asked.body["user"] for asked in world.dify.asked} == {f"person-{n}" for n in range(20)}
    assert world.posts == 58
