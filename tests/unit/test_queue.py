"""Questions that wait: one after another, each asked once, none lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from routes import view
from services import assembly, recovery, run, saver
from services.apps import App
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.parts import File
from services.dify.patience import Patience
from services.draft import Draft
from services.identities.open import Open
from services.identity import Denied, Identity, Role, Secret
from services.limits import Limits, Meter, TooMuch
from services.queue import MOST, Full
from services.runs import LONGEST_QUERY, Busy, TooLong
from services.site import Site
from services.store import Store, StoreError
from tests.site import until
from tests.upstream import Answer, Gate, Refusal, Upstream, stops_delivered

ADA = Identity("ada", Role.AGENT)
LONG = 20.0
LIKED = File("f1", "image", belongs_to="user", name="a.png", upload_file_id="f1")


@dataclass
class World:
    dify: Upstream
    client: Client
    site: Site

    def place(self, key: str = "a-key-of-our-own") -> Conversation:
        return self.site.directory.open(ADA, self.site.apps[0], f"~{key}")

    def ask(self, place: Conversation, query: str, **draft: Any) -> None:
        self.site.queue.ask(ADA, place, Draft(query, **draft), f"send-{query}")

    @property
    def asked(self) -> list[str]:
        return [asked.body["query"] for asked in self.dify.asked]

    def again(self) -> Site:
        """Another process on the same database."""
        return _site(self.client, self.site.store)


def _site(client: Client, store: Store) -> Site:
    return assembly.over(App("app", client), Open(Secret(b"s" * 32)), store)


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(recovery, "PAUSES", (0.02,) * 8)
    monkeypatch.setattr(recovery, "SECOND_LOOK", 0.02)
    monkeypatch.setattr(run, "AFTER_STOP", 2.0)
    monkeypatch.setattr(saver, "SAVE_EVERY", 0.02)
    patience = Patience(connect=2, headers=2, stall=0.5, read=2, repeats=0, pause=0.01)
    with Upstream() as dify, Client(dify.url, dify.key, patience=patience) as client:
        site = _site(client, store)
        yield World(dify, client, site)
        for started in list(site.runs._by_send_id.values()):
            started.stop()
            assert started.done.wait(LONG)
        stops_delivered()
        site.runs.close()


def queries(place: Conversation) -> list[str]:
    return [each.draft.query for each in place.queued]


def states(place: Conversation) -> list[tuple[str, str]]:
    return [(turn.query, turn.state) for turn in place.turns()]


def test_what_waits_is_sent_in_order_each_after_the_answer_before(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("one ", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second", files=(LIKED,))
    world.ask(place, "third")
    world.ask(place, "third")  # one click, told twice
    assert (queries(place), world.asked) == (["second", "third"], ["first"])
    assert view.queue(place.queued)["waiting"][0]["attachments"][0]["name"] == "a.png"
    gate.open()
    until(lambda: states(place) == [(q, "complete") for q in ("first", "second", "third")])
    assert world.asked == ["first", "second", "third"]
    assert world.dify.asked[1].body["files"] == [
        {"type": "image", "transfer_method": "local_file", "upload_file_id": "f1"}
    ]
    assert len({asked.body.get("conversation_id") for asked in world.dify.asked[1:]}) == 1
    until(lambda: queries(place) == [])


def test_a_failed_answer_sends_nothing_until_somebody_says_so(world: World) -> None:
    gate = Gate()
    world.dify.next(
        Answer("a", gate, lambda frames: frames.error("rate_limit_error", 429, "slow"), end=False)
    )
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second")
    gate.open()
    until(lambda: place.held == "failed")
    assert (queries(place), world.asked) == (["second"], ["first"])
    assert view.queue(place.queued, place.held)["held"] == "failed"
    world.site.queue.send_now(ADA, place, "send-second")
    until(lambda: states(place)[-1] == ("second", "complete"))
    assert (queries(place), place.held) == ([], "")


def test_an_answer_that_succeeds_frees_what_a_failed_one_held(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate, lambda frames: frames.error("unknown", 500, "no"), end=False))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second")
    gate.open()
    until(lambda: place.held == "failed")
    world.ask(place, "first once more")
    until(lambda: [state for _, state in states(place)] == ["failed", "complete", "complete"])
    assert world.asked == ["first", "first once more", "second"]


def test_stop_and_send_now_goes_before_the_others(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("the part ", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    for query in ("second", "third"):
        world.ask(place, query)
    world.site.queue.send_now(ADA, place, "send-third")
    until(lambda: [query for query, _ in states(place)] == ["first", "third", "second"])
    until(lambda: states(place)[-1][1] == "complete")
    assert states(place)[0] == ("first", "stopped")
    assert world.asked == ["first", "third", "second"]
    world.site.queue.send_now(ADA, place, "send-third")  # nothing waits under that name
    assert len(world.asked) == 3


def test_a_stop_holds_what_waits(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("the part ", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    for query in ("second", "third"):
        world.ask(place, query)
    world.site.runs.stop(place)
    until(lambda: place.held == "stopped")
    until(lambda: all(run.done.is_set() for run in world.site.runs._by_send_id.values()))
    assert (queries(place), world.asked) == (["second", "third"], ["first"])
    world.site.queue.send_now(ADA, place, "send-second")  # the rest follows by itself
    until(lambda: states(place)[1:] == [("second", "complete"), ("third", "complete")])


def drafts(*queries: str) -> list[Draft]:
    return [Draft(query) for query in queries]


def test_a_way_is_asked_in_order_however_long(world: World) -> None:
    place, way = world.place(), [f"q{n}" for n in range(MOST + 3)]
    world.site.queue.ask_all(ADA, place, drafts(*way), "s" * 64)
    until(lambda: states(place) == [(query, "complete") for query in way])
    assert world.asked == way
    assert {asked.body["conversation_id"] for asked in world.dify.asked[1:]} == {place.conversation_id}
    world.site.queue.ask_all(ADA, place, [], "nothing-to-ask-at-all")
    assert len(world.asked) == len(way)


def test_a_way_that_is_stopped_waits_for_a_word(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    world.site.queue.ask_all(ADA, place, drafts("one", "two", "three"), "send-replay")
    gate.wait_reached()
    with pytest.raises(Busy):
        world.site.queue.ask_all(ADA, place, drafts("other"), "send-another")
    world.site.runs.stop(place)
    until(lambda: place.held == "stopped")
    assert (queries(place), world.asked) == (["two", "three"], ["one"])


def test_a_way_goes_on_after_a_kill(world: World) -> None:
    """The process dies while the first answer arrives; the next one finds that answer, and asks the rest."""
    gate = Gate()
    world.dify.next(Answer("all of it", gate))
    place = world.place()
    world.site.queue.ask_all(ADA, place, drafts("one", "two", "three"), "send-replay")
    gate.wait_reached()
    until(lambda: world.site.store.turn("send-replay") is not None)
    world.site.runs.on_end.clear()  # this process does nothing any more
    later = world.again()
    later.queue.restore(later.directory)
    found = later.directory.open(ADA, later.apps[0], f"~{place.key}")
    assert (queries(found), found.held) == (["two", "three"], "restarted")
    gate.open()
    until(lambda: not place.busy)
    left = replace(place.turns()[0], state="streaming")
    later.runs.reconcile(world.client, found, left)
    until(lambda: states(found) == [(query, "complete") for query in ("one", "two", "three")])
    assert world.asked == ["one", "two", "three"]
    later.runs.close()


def test_what_is_taken_back_is_not_sent(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second", inputs={"city": "Berlin"}, whole=True)
    taken = world.site.queue.take(ADA, place, "send-second")
    assert taken == Draft("second", {"city": "Berlin"}, whole=True)
    assert world.site.queue.take(ADA, place, "send-second") is None
    gate.open()
    until(lambda: not place.busy)
    later = world.again()
    later.queue.restore(later.directory)
    assert later.directory.open(ADA, later.apps[0], f"~{place.key}").queued == ()
    later.runs.close()
    assert world.asked == ["first"]


def test_the_line_outlives_the_process(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second", files=(LIKED,), inputs={"n": 1})
    later = world.again()
    later.queue.restore(later.directory)
    found = later.directory.open(ADA, later.apps[0], f"~{place.key}")
    assert found.queued == place.queued
    assert found.held == "restarted"
    gate.open()
    until(lambda: not place.queued)
    later.runs.close()


def test_what_was_sent_before_a_crash_waits_no_more(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second")
    waiting = place.queued[0]
    gate.open()
    until(lambda: len(states(place)) == 2 and not place.busy)
    world.site.queue._line_up(place, waiting)  # as if it had died before it could forget it
    later = world.again()
    later.queue.restore(later.directory)
    assert later.directory.open(ADA, later.apps[0], f"~{place.key}").queued == ()
    later.runs.close()


def test_a_database_that_fails_holds_up_no_queue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()

    def failing(*_: Any) -> Any:
        raise StoreError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.site.store.database), "begin", failing)
        world.ask(place, "second")
        gate.open()
        until(lambda: states(place)[-1] == ("second", "complete"))
    assert world.asked == ["first", "second"]


def test_ten_questions_at_once_lose_none_and_overlap_never(world: World) -> None:
    place, at_once = world.place(), threading.Barrier(MOST)
    running, most = 0, 0
    lock = threading.Lock()

    def answer(_asked: Any) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)

        def over(frames: Any) -> bytes:
            nonlocal running
            with lock:
                running -= 1
            return bytes(frames.message("."))

        return Answer("a", 0.01, over)

    world.dify.next(*[answer] * MOST)

    def click(number: int) -> None:
        at_once.wait(LONG)
        world.ask(place, f"q{number}")

    threads = [threading.Thread(target=click, args=(number,)) for number in range(MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: len(states(place)) == MOST and not place.busy)
    assert sorted(world.asked) == sorted(f"q{number}" for number in range(MOST))
    assert most == 1


def test_what_may_not_wait(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate))
    place = world.place()
    viewer = Identity("ada", Role.VIEWER)
    with pytest.raises(Denied):
        world.site.queue.ask(viewer, place, Draft("q"), "send-1")
    with pytest.raises(TooLong):
        world.ask(place, "x" * (LONGEST_QUERY + 1))
    world.ask(place, "first")
    gate.wait_reached()
    for number in range(MOST):
        world.ask(place, f"q{number}")
    with pytest.raises(Full):
        world.ask(place, "one too many")
    for act in (world.site.queue.take, world.site.queue.send_now):
        with pytest.raises(Denied):
            act(viewer, place, "send-q1")
    for number in range(MOST):
        assert world.site.queue.take(ADA, place, f"send-q{number}") is not None
    gate.open()


def test_a_refused_question_holds_what_waits_for_it(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate), Refusal.of(401, "unauthorized", "Access token is invalid"))
    place = world.place()
    world.ask(place, "first")
    gate.wait_reached()
    world.ask(place, "second")
    world.ask(place, "third")
    gate.open()
    until(lambda: place.held == "failed")
    assert (queries(place), world.asked) == (["third"], ["first", "second"])


def test_one_person_may_ask_so_much_and_no_more(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("one", gate))
    site = assembly.over(
        App("app", world.client),
        world.site.identities,
        world.site.store,
        meter=Meter(Limits(sends=2, runs=1)),
    )
    place, other = (site.directory.open(ADA, site.apps[0], f"~{name}-key-of-our-own") for name in "ab")
    site.queue.ask(ADA, place, Draft("first"), "send-1")
    site.queue.ask(ADA, place, Draft("first"), "send-1")  # one click, told twice
    with pytest.raises(TooMuch) as refused:
        site.queue.ask(ADA, other, Draft("elsewhere"), "send-2")
    assert refused.value.code == "limit_runs"
    gate.open()
    until(lambda: states(place) == [("first", "complete")])
    site.queue.ask(ADA, other, Draft("elsewhere"), "send-2")
    until(lambda: states(other) == [("elsewhere", "complete")])
    with pytest.raises(TooMuch) as refused:
        site.queue.ask(ADA, other, Draft("too much"), "send-3")
    assert refused.value.code == "limit_sends"
    assert 0 < (refused.value.retry_after or 0) <= 60
    with pytest.raises(TooMuch):
        site.queue.ask_all(ADA, world.place("c-key-of-our-own"), drafts("the same", "once more"), "send-4")
    assert world.asked == ["first", "elsewhere"]
    site.runs.close()
