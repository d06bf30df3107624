"""Runs in real threads against a scripted server: one question is one POST; no answer is lost in silence."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from routes import view
from services import recovery, run, runs, saver
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.parts import File
from services.dify.patience import Patience
from services.draft import Draft
from services.identity import Denied, Identity, Role
from services.outcome import FINAL
from services.rope import Rope
from services.run import Run
from services.runs import LONGEST_QUERY, Busy, Runs, TooLong
from services.store import Owned, Store, StoreError
from services.titles import Titles
from services.turn import Turn
from tests.frames import PING, Frames
from tests.upstream import CUT, HANG, Answer, Asked, Gate, Refusal, Upstream, row, stops_delivered
from tests.wire import Line, Request, Wire

ADA = Identity("ada", Role.ADMIN)
LONG = 20.0


class Flaky(Store):
    """A database that can be made to fail."""

    failing = False

    def _begin(self) -> Any:
        if Flaky.failing:
            raise StoreError("OperationalError")
        return super()._begin()


@dataclass
class World:
    dify: Upstream
    client: Client
    store: Store
    runs: Runs
    places: list[Conversation] = field(default_factory=list)

    def place(self, **known: Any) -> Conversation:
        number = len(self.places)
        owned = {"key": f"a-key-of-our-own-{number}", "app": "app", "user": "ada", "conversation_id": None}
        self.places.append(Conversation(Owned(**{**owned, **known})))
        return self.places[-1]

    def ask(self, place: Conversation, query: str = "hi", send_id: str = "", **draft: Any) -> Run:
        send_id = send_id or f"send-{time.monotonic_ns()}"
        started = self.runs.start(ADA, self.client, place, Draft(query, **draft), send_id)
        assert started is not None
        return started

    def answered(self, place: Conversation, query: str = "hi") -> Turn:
        return ended(self.ask(place, query))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(recovery, "PAUSES", (0.02,) * 8)
    monkeypatch.setattr(recovery, "SECOND_LOOK", 0.02)
    monkeypatch.setattr(run, "AFTER_STOP", 2.0)
    monkeypatch.setattr(saver, "SAVE_EVERY", 0.02)
    store = Store.in_memory()
    patience = Patience(connect=2, headers=2, stall=0.5, read=2, repeats=0, pause=0.01)
    with Upstream() as dify, Client(dify.url, dify.key, patience=patience) as client:
        world = World(dify, client, store, Runs(store, Titles()))
        yield world
        for place in world.places:
            world.runs.stop(place)
        for started in world.runs._by_send_id.values():
            assert started.done.wait(LONG)
        stops_delivered()
        world.runs.close()


def ended(started: Run) -> Turn:
    """Its Turn once its thread is over."""
    assert started.done.wait(LONG), f"still {started.turn.state}"
    return started.turn


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)


# A question and its answer


def test_a_question_is_answered(world: World) -> None:
    place = world.place()
    turn = world.answered(place, "hello there")
    assert (turn.state, turn.answer, turn.error) == ("complete", "Echo: hello there ", None)
    assert turn.usage is not None
    assert turn.answered_at is not None
    assert turn.timings.total is not None
    assert turn.timings.first_text is not None
    assert 0 <= turn.timings.first_text <= turn.timings.total
    assert place.turns() == [turn]
    assert (place.conversation_id, bool(place.conversation_id)) == (turn.conversation_id, True)
    assert world.store.turn(turn.id) == turn
    assert world.store.owner(place.key) == place.owned
    (asked,) = world.dify.asked
    assert asked.body == {
        "query": "hello there",
        "user": "ada",
        "inputs": {},
        "conversation_id": "",
        "response_mode": "streaming",
        "auto_generate_name": True,
    }


def test_words_that_arrive_together_are_one_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of them waits for what comes later, or for the end."""
    seen: list[str] = []
    put = Conversation.put

    def noticed(place: Conversation, turn: Turn) -> None:
        seen.append(turn.answer)
        put(place, turn)

    monkeypatch.setattr(Conversation, "put", noticed)
    later = Gate()
    together = [lambda f: f.message("one ") + f.message("two ") + f.thought("t") + f.message("three ")]
    world.dify.next(Answer(*together, later, "four"))
    place = world.place()
    started = world.ask(place)
    later.wait_reached()
    until(lambda: place.turns()[-1].answer == "one two three ")
    later.open()
    assert ended(started).answer == "one two three four"
    assert set(seen) == {"", "one two ", "one two three ", "one two three four"}


def test_the_next_question_goes_into_the_same_conversation(world: World) -> None:
    place = world.place()
    first = world.answered(place)
    second = world.answered(place, "more")
    assert [a.body["conversation_id"] for a in world.dify.asked] == ["", first.conversation_id]
    assert second.conversation_id == first.conversation_id


def test_files_and_inputs_go_along(world: World) -> None:
    files = (File("x", "image", upload_file_id="up1"), File("y", "image", "https://h/i.png"))
    ended(world.ask(world.place(), inputs={"nick": "Bo"}, files=files))
    body = world.dify.asked[0].body
    assert body["inputs"] == {"nick": "Bo"}
    assert body["files"] == [
        {"type": "image", "transfer_method": "local_file", "upload_file_id": "up1"},
        {"type": "image", "transfer_method": "remote_url", "url": "https://h/i.png"},
    ]


def test_the_question_is_in_the_store_before_it_is_sent(world: World) -> None:
    seen: list[Turn | None] = []

    def script(asked: Asked) -> Answer:
        seen.append(world.store.turn("send-1"))
        return Answer("a")

    world.dify.next(script)
    ended(world.ask(world.place(), send_id="send-1"))
    assert seen[0] is not None
    assert (seen[0].query, seen[0].state) == ("hi", "waiting")


def test_partial_text_is_in_the_store_while_it_arrives(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("so ", "far", gate, " and on"))
    started = world.ask(world.place())
    gate.wait_reached()
    until(lambda: (world.store.turn(started.turn.id) or started.turn).answer == "so far")
    gate.open()
    assert ended(started).answer == "so far and on"


def test_a_chatflow(world: World) -> None:
    world.dify.next(Answer("text", flow=True))
    turn = world.answered(world.place())
    assert (turn.state, turn.answer, turn.outcome) == ("complete", "text", "succeeded")


# At most one POST


def test_twenty_threads_with_one_send_id_ask_once(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place, at_once, got = world.place(), threading.Barrier(20), []

    def click() -> None:
        at_once.wait(10)
        got.append(world.ask(place, send_id="send-1"))

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.open()
    assert {id(started) for started in got} == {id(got[0])}
    ended(got[0])
    assert len(world.dify.asked) == 1
    assert world.ask(place, send_id="send-1") is got[0]
    assert len(world.dify.asked) == 1


def test_twenty_threads_with_questions_of_their_own_ask_once(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place, at_once, refused, got = world.place(), threading.Barrier(20), [], []

    def click(number: int) -> None:
        at_once.wait(10)
        try:
            got.append(world.ask(place, f"q{number}", send_id=f"send-{number}"))
        except Busy:
            refused.append(number)

    threads = [threading.Thread(target=click, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.open()
    assert (len(got), len(refused)) == (1, 19)
    ended(got[0])
    assert len(world.dify.asked) == 1
    assert [turn.id for turn in place.turns()] == [got[0].turn.id]


def test_a_send_id_of_an_earlier_process_asks_nothing(world: World) -> None:
    place = world.place()
    ended(world.ask(place, send_id="send-1"))
    later = Runs(world.store, Titles())
    assert later.start(ADA, world.client, place, Draft("hi"), "send-1") is None
    later.close()
    assert len(world.dify.asked) == 1


def test_busy_until_the_answer_is_final(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place, other = world.place(), world.place()
    started = world.ask(place)
    gate.wait_reached()
    with pytest.raises(Busy):
        world.ask(place)
    assert ended(world.ask(other)).state == "complete"
    gate.open()
    ended(started)
    assert world.answered(place).state == "complete"


def test_what_may_not_be_asked(world: World) -> None:
    with pytest.raises(TooLong):
        world.ask(world.place(), "x" * (LONGEST_QUERY + 1))
    with pytest.raises(Denied):
        world.runs.start(Identity("v", Role.VIEWER), world.client, world.place(), Draft("q"), "send-1")
    assert world.dify.asked == []


def test_a_long_question_goes_whole(world: World) -> None:
    query = "ab ü " * 20_000
    world.dify.next(Answer("ok"))
    assert world.answered(world.place(), query).query == query
    assert world.dify.asked[0].body["query"] == query


def test_half_of_a_surrogate_pair_stops_nothing(world: World) -> None:
    turn = world.answered(world.place(), "a\ud800b")
    assert (turn.state, turn.query) == ("complete", "a?b")
    assert world.dify.asked[0].body["query"] == "a?b"
    assert world.store.turn(turn.id) == turn


# Stop


def test_stop_keeps_the_part_and_tells_dify(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("the ", "part", gate, " and more"))
    place = world.place()
    started = world.ask(place)
    gate.wait_reached()
    until(lambda: started.turn.answer == "the part")
    world.runs.stop(place)
    assert (started.turn.state, place.busy) == ("stopped", False)
    stored = world.store.turn(started.turn.id)
    assert stored is not None
    assert (stored.state, stored.answer) == ("stopped", "the part")
    turn = ended(started)
    assert (turn.state, turn.answer, turn.error) == ("stopped", "the part", None)
    assert world.dify.stops == [(turn.task_id, "ada")]
    assert turn.usage is not None
    assert turn.answered_at is not None
    assert world.store.turn(turn.id) == turn


def test_stop_before_the_task_has_a_name(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer(PING, gate, "first", Gate()))
    place = world.place()
    started = world.ask(place)
    gate.wait_reached()
    world.runs.stop(place)
    assert started.turn.state == "stopped"
    assert world.dify.stops == []
    gate.open()
    turn = ended(started)
    assert (turn.state, turn.answer) == ("stopped", "")
    assert [user for _, user in world.dify.stops] == ["ada"]
    assert (turn.message_id, turn.conversation_id) != ("", "")
    assert world.store.turn(turn.id) == turn


def test_stop_from_many_threads_is_one_stop(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    started = world.ask(place)
    gate.wait_reached()
    until(lambda: started.turn.answer)
    threads = [threading.Thread(target=world.runs.stop, args=(place,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended(started)
    world.runs.stop(place)
    assert len(world.dify.stops) == 1


@pytest.mark.parametrize("round_", range(12))
def test_stop_racing_the_end_leaves_one_final_state(world: World, round_: int) -> None:
    states: list[str] = []
    gate = Gate()
    world.dify.next(Answer("all", gate))
    place = world.place()
    place.watch(lambda: states.append(place.turns()[-1].state))
    started = world.ask(place)
    gate.wait_reached()
    stopper = threading.Thread(target=lambda: (time.sleep(round_ * 0.0007), world.runs.stop(place)))
    stopper.start()
    gate.open()
    turn = ended(started)
    stopper.join()
    final = {state for state in states if state in FINAL}
    assert final == {turn.state}
    assert turn.state in {"complete", "stopped"}
    until(lambda: world.store.turn(turn.id) == started.turn)


def test_stop_when_nothing_runs(world: World) -> None:
    place = world.place()
    world.runs.stop(place)
    turn = world.answered(place)
    world.runs.stop(place)
    assert (place.turns()[-1], world.dify.stops) == (turn, [])


@pytest.mark.parametrize("refusal", [Refusal.of(500, "unknown", "no"), HANG])
def test_dify_does_not_take_the_stop(world: World, refusal: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The stream says more for a while; it is read for its ids and shown no more."""
    world.dify.fail("stop", refusal)
    gate = Gate()
    world.dify.next(Answer("part", gate, *["x", 0.02] * 10, stoppable=False))
    place = world.place()
    started = world.ask(place)
    gate.wait_reached()
    until(lambda: started.turn.answer)
    world.runs.stop(place)
    gate.open()
    assert ended(started).answer == "part"


def test_a_stopped_stream_that_only_pings_is_let_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AFTER_STOP", 0.2)
    gate, pings = Gate(), [PING, 0.02] * 50_000  # far longer than anybody waits here
    world.dify.next(Answer("a", gate, *pings, stoppable=False))
    place = world.place()
    started = world.ask(place)
    gate.wait_reached()
    until(lambda: started.turn.answer)
    world.runs.stop(place)
    gate.open()
    assert ended(started).state == "stopped"


def test_a_question_right_after_a_stop_goes_into_the_same_new_conversation(world: World) -> None:
    """The first frame brings the conversation's name; the stream's end may be far away still."""
    gate, later = Gate(), Gate()
    world.dify.next(Answer(gate, "first", later, stoppable=False), Answer("second"))
    place = world.place()
    first = world.ask(place, "one")
    gate.wait_reached()
    world.runs.stop(place)
    second = world.ask(place, "two")
    gate.open()
    assert ended(second).answer == "second"
    assert not first.done.is_set()
    later.open()
    one = ended(first)
    assert [a.body["conversation_id"] for a in world.dify.asked] == ["", one.conversation_id]
    assert [turn.query for turn in place.turns()] == ["one", "two"]


def test_a_question_stopped_before_it_is_sent_is_never_sent(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer(gate, "first"))
    place = world.place()
    first = world.ask(place, "one")
    gate.wait_reached()
    world.runs.stop(place)
    second = world.ask(place, "two")
    world.runs.stop(place)
    assert ended(second).state == "stopped"
    gate.open()
    ended(first)
    assert [a.body["query"] for a in world.dify.asked] == ["one"]


# Nothing was accepted: once more


def test_nobody_listens(world: World) -> None:
    with Upstream() as gone:
        pass
    client = Client(gone.url, gone.key, patience=Patience(repeats=0))
    started = world.runs.start(ADA, client, world.place(), Draft("hi"), "send-1")
    assert started is not None
    turn = ended(started)
    client.close()
    assert (turn.state, turn.error and turn.error.code) == ("failed", "connection_refused")
    assert world.store.turn("send-1") == turn


@pytest.mark.parametrize("status", [429, 503])
def test_please_wait_is_waited_for_once(world: World, status: int) -> None:
    refusal = Refusal.of(status, "too_many_requests", "later", retry_after="0")
    world.dify.next(refusal)
    assert world.answered(world.place()).answer == "Echo: hi "
    assert len(world.dify.asked) == 2
    world.dify.next(refusal, refusal)
    turn = world.answered(world.place())
    assert (turn.state, turn.error and turn.error.status) == ("failed", status)
    assert len(world.dify.asked) == 4


@pytest.mark.parametrize("wait", ["31", "86400", "-1", "soon", None])
def test_please_wait_long_is_for_the_person_to_decide(world: World, wait: str | None) -> None:
    headers = {"retry-after": wait} if wait else {}
    world.dify.next(Refusal(429, {"code": "too_many_requests", "message": "m", "status": 429}, headers))
    turn = world.answered(world.place())
    assert (turn.state, turn.error and turn.error.code) == ("failed", "too_many_requests")
    assert len(world.dify.asked) == 1


def test_the_wait_is_told_with_its_end(world: World) -> None:
    world.dify.next(Refusal.of(429, "too_many_requests", "Wait.", retry_after="1.2"), Answer("a"))
    before = time.time()
    place = world.place()
    started = world.ask(place)
    until(lambda: started.turn.retry_at)
    assert before + 1.2 <= started.turn.retry_at <= time.time() + 1.2  # type: ignore[operator]
    assert 0 < view.whole(0, started.turn)["retry_in"] <= 1.2
    turn = ended(started)
    assert (turn.state, turn.retry_at) == ("complete", None)
    assert len(world.dify.asked) == 2


def test_a_stop_ends_the_wait(world: World) -> None:
    world.dify.next(Refusal.of(429, "too_many_requests", "later", retry_after="30"))
    place = world.place()
    started = world.ask(place)
    until(lambda: world.dify.asked)
    world.runs.stop(place)
    assert ended(started).state == "stopped"
    assert len(world.dify.asked) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_param"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (413, "too_large"),
    ],
)
def test_a_refusal_is_final(world: World, status: int, code: str) -> None:
    world.dify.next(Refusal.of(status, code, "no"))
    turn = world.answered(world.place())
    assert turn.state == "failed"
    assert turn.error is not None
    assert (turn.error.code, turn.error.status, turn.error.message) == (code, status, "no")
    assert len(world.dify.asked) == 1
    assert not any(path == "/messages" for _, path, _ in world.dify.requests)


# It may have been accepted: look, never ask again


def late(world: World, text: str, seconds: float = 0.06) -> None:
    """The server finishes on its own, as a chatflow does, and is looked at often enough to see it."""
    recovery.PAUSES = (0.02,) * 1_000  # put back by the fixture

    def finish() -> None:
        until(world.dify.messages)
        time.sleep(seconds)
        for message in world.dify.messages():
            message["answer"] = text

    threading.Thread(target=finish).start()


def test_a_cut_answer_is_found_in_history(world: World) -> None:
    states: list[str] = []
    place = world.place()
    place.watch(lambda: states.append(place.turns()[-1].state))
    world.dify.next(Answer("the begin", CUT))
    late(world, "the beginning and the end")
    turn = world.answered(place)
    assert (turn.state, turn.answer, turn.error) == ("complete", "the beginning and the end", None)
    assert "recovering" in states
    assert len(world.dify.asked) == 1
    assert world.store.turn(turn.id) == turn


def test_an_answer_that_still_grows_is_waited_for(world: World) -> None:
    world.dify.next(Answer("a", CUT))
    started = world.ask(world.place())
    until(lambda: started.turn.state == "recovering")
    for length in range(1, 6):
        for message in world.dify.messages():
            message["answer"] = "word " * length
        time.sleep(0.03)
    turn = ended(started)
    assert turn.state == "complete"
    assert turn.answer.startswith("word ")


def test_an_answer_that_never_comes_is_incomplete_with_its_part(world: World) -> None:
    world.dify.next(Answer("the part", CUT))
    turn = world.answered(world.place())
    assert (turn.state, turn.answer, turn.error and turn.error.code) == (
        "incomplete",
        "the part",
        "connection_lost",
    )
    assert len(world.dify.asked) == 1
    assert world.store.turn(turn.id) == turn


def test_an_end_without_message_end(world: World) -> None:
    """No cut: the server ended the stream in good order, and said nothing of an end."""
    world.dify.next(Answer("the part", end=False))
    turn = world.answered(world.place())
    assert (turn.state, turn.answer) == ("incomplete", "the part")
    assert len(world.dify.asked) == 1


def test_a_failure_is_found_in_history(world: World) -> None:
    world.dify.next(Answer("part", CUT))
    started = world.ask(world.place())
    until(world.dify.messages)
    world.dify.messages()[0].update(status="error", error="quota used up")
    turn = ended(started)
    assert (turn.state, turn.answer) == ("failed", "part")
    assert turn.error is not None
    assert (turn.error.code, turn.error.message) == ("answer_failed", "quota used up")


def test_a_stop_by_somebody_else_is_found_in_history(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PAUSES", (0.02, LONG))
    world.dify.next(Answer("part", CUT))
    started = world.ask(world.place())
    until(world.dify.messages)
    world.dify.messages()[0].update(status="error", error="Run failed: Aborted: User requested stop")
    turn = ended(started)
    assert (turn.state, turn.answer, turn.error) == ("stopped", "part", None)


def test_a_stall(world: World) -> None:
    world.dify.next(Answer("part", 1.5, kept=False))
    turn = world.answered(world.place())
    assert (turn.state, turn.error and turn.error.code) == ("incomplete", "stalled")
    assert len(world.dify.asked) == 1


def test_no_answer_at_all_is_looked_for_by_words_and_time(world: World) -> None:
    world.dify.next(HANG)
    place = world.place()
    started = world.ask(place, " what is this? ")
    until(lambda: world.dify.asked)
    world.dify.keep(row("something else", "x"), user="ada")
    mine = world.dify.keep(row("what is this?", "found"), user="ada")
    world.dify.keep(row("what is this?", "not mine"), user="bob")
    turn = ended(started)
    assert (turn.state, turn.answer, turn.conversation_id) == ("complete", "found", mine.id)
    assert place.conversation_id == mine.id
    assert len(world.dify.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_is_never_asked_again(world: World, status: int) -> None:
    world.dify.next(Refusal(status, "<html>Bad Gateway</html>"))
    turn = world.answered(world.place())
    assert turn.state == "failed"
    assert turn.error is not None
    assert turn.error.status == status
    assert len(world.dify.asked) == 1


def test_a_failing_gateway_before_a_working_server(world: World) -> None:
    def script(asked: Asked) -> Refusal:
        world.dify.keep(row(asked.body["query"], "done anyway"), user="ada")
        return Refusal(504, "<html>Gateway Time-out</html>")

    world.dify.next(script)
    turn = world.answered(world.place())
    assert (turn.state, turn.answer) == ("complete", "done anyway")
    assert len(world.dify.asked) == 1


@pytest.mark.parametrize(
    "answer", [Refusal(200, "<html>Sign in</html>"), Refusal(302, "", {"location": "/login"})]
)
def test_a_page_where_a_stream_was_due(world: World, answer: Refusal) -> None:
    world.dify.next(answer)
    turn = world.answered(world.place())
    assert turn.state == "failed"
    assert len(world.dify.asked) == 1


def test_a_reset_connection(world: World) -> None:
    """Nothing can be read of the history either; the question is still sent once."""

    def script(line: Line, request: Request) -> None:
        line.reset()

    with Wire(script) as wire, Client(wire.url, "app-x", patience=Patience(repeats=0)) as client:
        started = world.runs.start(ADA, client, world.place(), Draft("hi"), "send-1")
        assert started is not None
        turn = ended(started)
        assert [r.method for r in wire.requests].count("POST") == 1
    assert turn.final
    assert turn.error is not None
    assert turn.error.code == "connection_lost"


@pytest.mark.parametrize(
    ("pieces", "state", "message"),
    [
        ((lambda f: f.message_end(),), "complete", None),
        ((lambda f: f.workflow_finished(),), "complete", None),
        ((lambda f: f.workflow_finished("failed", "no key"),), "failed", "no key"),
        ((lambda f: f.aborted(),), "stopped", None),
    ],
)
def test_a_break_after_the_end_was_told_looks_for_nothing(
    world: World, pieces: tuple[Any, ...], state: str, message: str | None
) -> None:
    world.dify.next(Answer("text", *pieces, CUT))
    turn = world.answered(world.place())
    assert (turn.state, turn.answer, turn.error and turn.error.message) == (state, "text", message)
    assert not any(path == "/messages" for _, path, _ in world.dify.requests)


def test_a_stop_while_it_is_looked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PAUSES", (LONG,) * 3)
    world.dify.next(Answer("part", CUT))
    place = world.place()
    started = world.ask(place)
    until(lambda: started.turn.state == "recovering")
    world.runs.stop(place)
    turn = ended(started)
    assert (turn.state, turn.answer, turn.error) == ("stopped", "part", None)


def test_the_answer_to_the_same_question_before_is_not_this_ones(world: World) -> None:
    """Retry, and the second attempt breaks before it has a name."""
    place = world.place()
    first = world.answered(place, "same words")
    world.dify.next(HANG)
    second = world.answered(place, "same words")
    assert (second.state, second.answer, second.message_id) == ("failed", "", "")
    assert first.answer == "Echo: same words "


def test_the_answer_of_another_conversation_is_not_this_ones(world: World) -> None:
    world.answered(world.place(), "same words")
    world.dify.next(HANG)
    place = world.place()
    turn = world.answered(place, "same words")
    assert (turn.state, turn.answer, place.conversation_id) == ("failed", "", None)


def test_a_refused_key_ends_the_search(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "PAUSES", (0.01, LONG))
    for refusal in (Refusal.of(401, "unauthorized", "no"), Refusal(404, "<html>Not Found</html>")):
        world.dify.next(Answer("part", CUT))
        world.dify.fail("messages", refusal)
        assert world.answered(world.place()).state == "incomplete"


# The process dies


def crashed(world: World, place: Conversation, **known: Any) -> Turn:
    turn = Turn.asked("hi", **{"id": "send-1", "asked_at": time.time() - 60, "state": "streaming", **known})
    world.store.add(place.owned)
    if turn.conversation_id:
        world.store.name(place.key, turn.conversation_id)
    world.store.save(place.key, turn)
    return turn


def restarted(world: World) -> tuple[Runs, Conversation, Run]:
    """What the next start does."""
    after = Runs(world.store, Titles())
    ((owned, turn),) = world.store.unfinished()
    place = Conversation(owned)
    after.reconcile(world.client, place, turn)
    after.reconcile(world.client, place, turn)
    return after, place, after._by_send_id[turn.id]


def test_after_a_crash_the_answer_is_taken_from_history(world: World) -> None:
    asked_at = int(time.time()) - 60
    dialogue = world.dify.keep(row("hi", "all of it", id="m", created_at=asked_at), user="ada")
    crashed(world, world.place(), message_id="m", conversation_id=dialogue.id, asked_at=float(asked_at))
    after, place, started = restarted(world)
    assert place.turns()[0].state == "recovering"
    turn = ended(started)
    after.close()
    assert (turn.state, turn.answer, turn.error) == ("complete", "all of it", None)
    assert turn.answered_at == asked_at + 0.5
    assert turn.timings.total is None
    assert world.store.turn("send-1") == turn
    assert world.store.unfinished() == []
    assert world.dify.asked == []


def test_after_a_crash_before_any_id_it_is_found_by_words_and_time(world: World) -> None:
    world.dify.keep(row("hi", "found", created_at=int(time.time()) - 58), user="ada")
    crashed(world, world.place(), state="waiting")
    after, place, started = restarted(world)
    turn = ended(started)
    after.close()
    assert (turn.state, turn.answer) == ("complete", "found")
    assert place.conversation_id == turn.conversation_id
    assert world.store.owner(place.key) == place.owned


def test_after_a_crash_a_lost_answer_is_said_to_be_lost(world: World) -> None:
    crashed(world, world.place(), text=Rope("the part"))
    after, _, started = restarted(world)
    turn = ended(started)
    after.close()
    assert (turn.state, turn.answer, turn.error and turn.error.code) == (
        "incomplete",
        "the part",
        "interrupted",
    )
    assert world.store.unfinished() == []
    assert world.dify.asked == []


def test_a_crash_in_the_middle_of_a_real_answer(world: World) -> None:
    """What the store holds at any moment is enough for the next process."""
    gate = Gate()
    world.dify.next(Answer("so far", gate, ", so good"))
    place = world.place()
    first = world.ask(place, send_id="send-1")
    gate.wait_reached()
    until(
        lambda: (
            (world.store.turn("send-1") or first.turn).message_id
            and (world.store.turn("send-1") or first.turn).answer
        )
    )
    after, _, started = restarted(world)
    assert started.turn.answer == "so far"
    gate.open()
    assert ended(first).answer == "so far, so good"
    turn = ended(started)
    after.close()
    assert (turn.state, turn.answer) == ("complete", "so far, so good")
    assert len(world.dify.asked) == 1


# The store fails


@pytest.fixture
def flaky(world: World) -> Iterator[World]:
    world.store = Flaky.in_memory()
    world.runs = Runs(world.store, Titles())
    yield world
    Flaky.failing = False


def test_a_failing_store_does_not_stop_the_answer(flaky: World, caplog: pytest.LogCaptureFixture) -> None:
    Flaky.failing = True
    place = flaky.place()
    turn = flaky.answered(place)
    assert (turn.state, turn.answer) == ("complete", "Echo: hi ")
    assert flaky.runs.saver.trouble is not None
    assert flaky.runs.saver.trouble.code == "store"
    time.sleep(0.1)
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1
    Flaky.failing = False
    until(lambda: flaky.store.turn(turn.id) == turn)
    until(lambda: flaky.runs.saver.trouble is None)


def test_a_stop_with_a_failing_store(flaky: World) -> None:
    gate = Gate()
    flaky.dify.next(Answer("part", gate))
    place = flaky.place()
    started = flaky.ask(place)
    gate.wait_reached()
    until(lambda: started.turn.answer)
    Flaky.failing = True
    flaky.runs.stop(place)
    assert ended(started).state == "stopped"
    assert len(flaky.dify.stops) == 1


def test_close_writes_what_is_not_written_yet(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(saver, "SAVE_EVERY", LONG)
    path = tmp_path / "console.sqlite3"
    world.store = Store.at(path)
    world.runs = Runs(world.store, Titles())
    gate = Gate()
    world.dify.next(Answer("so far", gate))
    started = world.ask(world.place())
    gate.wait_reached()
    until(lambda: started.turn.answer)
    world.runs.close()
    with sqlite3.connect(path) as raw:
        assert raw.execute("select answer from turns").fetchall() == [("so far",)]
    raw.close()
    gate.open()
    ended(started)


def test_what_fails_inside_a_run_ends_its_turn(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Run, "_read", broken)
    turn = world.answered(world.place())
    assert (turn.state, turn.error and turn.error.code) == ("failed", "internal_error")


# The whole answer at once


def test_a_whole_answer(world: World) -> None:
    world.dify.next(Answer("one ", "two"))
    turn = ended(world.ask(world.place(), whole=True))
    assert (turn.state, turn.answer) == ("complete", "one two")
    assert turn.message_id
    assert turn.conversation_id
    assert world.dify.asked[0].body["response_mode"] == "blocking"


def test_a_refused_whole_answer(world: World) -> None:
    world.dify.next(Refusal.of(400, "completion_request_error", "The model is down."))
    turn = ended(world.ask(world.place(), whole=True))
    assert (turn.state, turn.error and turn.error.code) == ("failed", "completion_request_error")
    assert len(world.dify.asked) == 1


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gave_up_is_no_reason_to_ask_again(world: World, status: int) -> None:
    def script(asked: Asked) -> Refusal:
        # Dify goes on behind the gateway, and is ready long after a stream's search would have ended.
        kept = row(asked.body["query"], "whole in the end")
        later = threading.Timer(0.1, world.dify.keep, [kept], {"user": asked.body["user"]})
        later.start()
        return Refusal(status, "<html>Gateway</html>")

    world.dify.next(script)
    turn = ended(world.ask(world.place(), whole=True))
    assert (turn.state, turn.answer) == ("complete", "whole in the end")
    assert len(world.dify.asked) == 1


def test_a_lost_connection_is_no_reason_to_ask_again(world: World) -> None:
    world.dify.next(HANG)
    patience = replace(world.client.chat._connection.patience, blocking=0.2)
    with Client(world.dify.url, world.dify.key, patience=patience) as client:
        place = world.place()
        draft = Draft("hi", whole=True)
        started = world.runs.start(ADA, client, place, draft, "send-whole")
        assert started is not None
        turn = ended(started)
        assert started.done.wait(LONG)
    assert (turn.state, turn.error and turn.error.code) == ("failed", "timed_out")
    assert len(world.dify.asked) == 1


def test_stop_ends_only_the_waiting_for_a_whole_answer(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("all of it", gate))
    started = world.ask(world.place(), whole=True)
    gate.wait_reached()
    started.stop()
    assert started.turn.state == "stopped"
    gate.open()
    assert started.done.wait(LONG)
    assert (started.turn.state, started.turn.answer) == ("stopped", "")
    assert started.turn.message_id, "the ids are learned even so, or history would show the question twice"
    assert world.dify.stops == []


def test_no_key_no_user_and_no_text_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for logger in ("httpx", "httpcore"):
        logging.getLogger(logger).setLevel(logging.WARNING)
    world.dify.next(Answer("the secret answer", CUT), Refusal.of(500, "unknown", "no"))
    world.answered(world.place(user="person-of-the-log"), "a secret question")
    world.answered(world.place(user="person-of-the-log"), "a secret question")
    said = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("uvicorn"))
    for secret in (world.dify.key, "person-of-the-log", "secret question", "secret answer"):
        assert secret not in said


def test_frames_of_an_old_answer_do_not_reach_the_new_one(world: World) -> None:
    """Two streams of one conversation at once: each keeps to its own turn."""
    gate, other = Gate(), Frames()
    world.dify.next(Answer("one", gate, "late", stoppable=False), Answer("two", frames=other))
    place = world.place()
    first = world.ask(place, "q1")
    gate.wait_reached()
    until(lambda: first.turn.answer == "one")
    world.runs.stop(place)
    second = world.ask(place, "q2")
    assert ended(second).answer == "two"
    gate.open()
    ended(first)
    assert [(t.query, t.state, t.answer) for t in place.turns()] == [
        ("q1", "stopped", "one"),
        ("q2", "complete", "two"),
    ]


def test_an_answer_of_long_ago_holds_no_conversation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand of them would be a thousand conversations, read through in whole."""
    first, second, third = world.place(), world.place(), world.place()
    world.dify.next(Answer("one", "two"))
    old = world.ask(first, send_id="send-old")
    ended(old)
    until(lambda: not old.dirty)
    gate = Gate()
    world.dify.next(Answer("begins ", gate, "ends"))
    running = world.ask(second, send_id="send-running")
    gate.wait_reached()
    monkeypatch.setattr(runs, "KEPT", 0.0)
    newest = world.ask(third, send_id="send-newest")
    assert set(world.runs._by_send_id) == {"send-running", "send-newest"}
    # It was asked all the same, and is not asked again.
    assert world.runs.start(ADA, world.client, first, Draft("hi"), "send-old") is None
    gate.open()
    assert [ended(run).state for run in (running, newest)] == ["complete", "complete"]
    assert len(world.dify.asked) == 3
