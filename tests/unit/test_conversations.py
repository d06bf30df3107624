"""Open conversations: who may see which, what stands in them, and that nothing on its way is lost."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from services import directory as directories
from services import reading
from services.apps import App
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.patience import Patience
from services.directory import Directory, NotTheirs
from services.follower import Follower, Snapshot
from services.identity import Identity, Role
from services.rope import Rope
from services.store import Owned, Store, StoreError
from services.turn import Turn
from tests.upstream import HANG, Refusal, Upstream, row

ADA, BOB = Identity("ada", Role.ADMIN), Identity("bob", Role.ADMIN)
KEY = "a-key-of-our-own"


class Broken(Store):
    """A database that has gone away."""

    def _begin(self) -> Any:
        raise StoreError("OperationalError")


@dataclass
class World:
    dify: Upstream
    app: App
    store: Store
    directory: Directory

    def keep(self, *rows: dict[str, Any], user: str = "ada") -> str:
        return self.dify.keep(*rows, user=user).id

    def seen(self, conversation: Conversation) -> list[tuple[str, str]]:
        self.directory.load(conversation, self.app)
        return [(turn.query, turn.answer) for turn in conversation.turns()]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(reading, "FRESH_FOR", 0.0)
    store = Store.in_memory()
    with Upstream() as dify, Client(dify.url, dify.key, patience=Patience(read=2, repeats=0)) as client:
        yield World(dify, App("app", client), store, Directory(store))


def ours(identifier: str, query: str, **known: Any) -> Turn:
    return Turn.asked(query, id=identifier, **{"asked_at": time.time(), "state": "stopped", **known})


# Whose is it?


def test_a_key_that_nobody_holds_begins_a_conversation_of_its_owner(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, f"~{KEY}")
    assert conversation.owned == Owned(KEY, "app", "ada", None)
    assert world.directory.open(ADA, world.app, f"~{KEY}") is conversation
    assert world.directory.of(ADA, KEY) is conversation
    with pytest.raises(NotTheirs):
        world.directory.open(BOB, world.app, f"~{KEY}")
    with pytest.raises(NotTheirs):
        world.directory.of(BOB, KEY)


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 41, "has space in it", "../../etc/passwd", "a" * 12 + "\n", "ключключключ"]
)
def test_what_cannot_be_a_key(world: World, key: str) -> None:
    with pytest.raises(NotTheirs):
        world.directory.open(ADA, world.app, f"~{key}")


def test_a_key_that_nobody_holds_is_nothing_to_a_route(world: World) -> None:
    with pytest.raises(NotTheirs):
        world.directory.of(ADA, "never-seen-before")


def test_a_key_of_the_store_opens_for_its_owner_alone(world: World) -> None:
    world.store.add(Owned(KEY, "app", "ada", "conv"))
    for open_it in (
        lambda who: world.directory.of(who, KEY),
        lambda who: world.directory.open(who, world.app, f"~{KEY}"),
    ):
        with pytest.raises(NotTheirs):
            open_it(BOB)
        assert open_it(ADA).conversation_id == "conv"


def test_a_conversation_id_keeps_its_key(world: World) -> None:
    world.store.add(Owned(KEY, "app", "ada", "conv"))
    conversation = world.directory.open(ADA, world.app, "conv")
    assert conversation.key == KEY
    assert world.directory.open(ADA, world.app, f"~{KEY}") is conversation


def test_the_same_id_for_two_people_is_two_conversations(world: World) -> None:
    one, other = (world.directory.open(who, world.app, "conv") for who in (ADA, BOB))
    assert one is not other
    assert (one.user, other.user, one.key != other.key) == ("ada", "bob", True)


def test_an_id_opened_from_many_tabs_at_once_is_one_conversation(world: World) -> None:
    at_once, found = threading.Barrier(12), []

    def tab() -> None:
        at_once.wait(10)
        found.append(world.directory.open(ADA, world.app, "conv"))

    for _ in range(5):
        found.clear()
        world.directory._open.clear()
        tabs = [threading.Thread(target=tab) for _ in range(12)]
        for thread in tabs:
            thread.start()
        for thread in tabs:
            thread.join()
        assert len(found) == 12
        assert len({id(conversation) for conversation in found}) == 1


def test_a_named_conversation_is_found_by_both_addresses(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, f"~{KEY}")
    conversation.put(ours("t", "q", conversation_id="conv"))
    assert world.directory.open(ADA, world.app, "conv") is conversation


def test_what_nobody_looks_at_is_let_go_but_not_what_runs_or_is_watched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle, watched, busy = (world.directory.open(ADA, world.app, f"conv{n}").key for n in range(3))
    world.directory.of(ADA, watched).watch(lambda: None)
    world.directory.of(ADA, busy).put(Turn.asked("q", id="t"))
    monkeypatch.setattr(directories, "KEPT", -1.0)
    world.directory.open(ADA, world.app, "another")
    gc.collect()
    assert world.directory.of(ADA, watched).watched
    assert world.directory.of(ADA, busy).busy
    with pytest.raises(NotTheirs):
        world.directory.of(ADA, idle)


def test_the_page_of_a_tab_that_nobody_sees_shares_its_conversation_with_whoever_opens_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked there after a long while was asked in a second one, which nobody saw."""
    named, new = (world.directory.open(ADA, world.app, address) for address in ("conv", f"~{KEY}"))
    monkeypatch.setattr(directories, "KEPT", -1.0)
    world.directory.open(ADA, world.app, "another")
    assert world.directory.of(ADA, named.key) is named
    assert world.directory.open(ADA, world.app, "conv") is named
    assert world.directory.open(ADA, world.app, f"~{KEY}") is new


# What stands in it?


def test_history_and_what_was_seen_are_one(world: World) -> None:
    now = int(time.time())
    rows = [row("one", "1", created_at=now - 20), row("two", "", created_at=now - 10, id="m2")]
    conversation = world.directory.open(ADA, world.app, world.keep(*rows))
    world.store.add(conversation.owned)
    world.store.save(
        conversation.key, ours("t2", "two", message_id="m2", text=Rope("part"), asked_at=now - 10.0)
    )
    assert world.seen(conversation) == [("one", "1"), ("two", "part")]
    assert [turn.state for turn in conversation.turns()] == ["complete", "stopped"]


def test_pages_are_cut_at_twenty_and_older_ones_have_indexes_of_their_own(world: World) -> None:
    start = int(time.time()) - 1000
    rows = [row(f"q{n}", f"a{n}", created_at=start + n) for n in range(120)]
    conversation = world.directory.open(ADA, world.app, world.keep(*rows))
    assert world.seen(conversation) == [(f"q{n}", f"a{n}") for n in range(100, 120)]
    indexes = [entry.index for entry in conversation.in_order()]
    told, cursor = [], conversation.older
    while cursor:
        page, cursor = world.directory.older(conversation, world.app, cursor)
        assert [index for index, _ in page] == sorted(index for index, _ in page)
        told = page + told
    assert [turn.query for _, turn in told] == [f"q{n}" for n in range(100)]
    indexes += [index for index, _ in told]
    assert len(set(indexes)) == 120
    assert [index for index, _ in told] == list(range(-100, 0))
    again, _ = world.directory.older(conversation, world.app, conversation.older or "")
    assert again == told[50:]
    assert conversation.turn(told[0][1].id) == told[0][1]


def test_a_new_conversation_asks_dify_nothing(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, f"~{KEY}")
    assert world.seen(conversation) == []
    assert world.directory.older(conversation, world.app, "x") == ([], None)
    assert world.dify.requests == []


def test_history_is_asked_as_its_owner(world: World) -> None:
    conversation = world.directory.open(BOB, world.app, world.keep(row("q", "a"), user="ada"))
    assert world.seen(conversation) == []
    assert conversation.trouble is not None
    assert conversation.trouble.code == "not_found"
    assert [query["user"] for _, path, query in world.dify.requests if path == "/messages"] == ["bob"]


def test_dify_away_keeps_what_is_shown_and_says_so(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, world.keep(row("q", "a")))
    assert world.seen(conversation) == [("q", "a")]
    world.dify.fail("messages", Refusal.of(500, "unknown", "Internal Server Error"))
    assert world.seen(conversation) == [("q", "a")]
    assert conversation.trouble is not None
    assert (conversation.trouble.code, conversation.trouble.status) == ("history_unreadable", 500)
    world.dify.fail("messages")
    assert world.seen(conversation) == [("q", "a")]
    assert conversation.trouble is None


def test_a_server_without_history_leaves_ours(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, world.keep(row("q", "a")))
    conversation.put(ours("t", "mine", text=Rope("part")))
    world.dify.fail("messages", Refusal(404, "<html>Not Found</html>"))
    assert world.seen(conversation) == [("mine", "part")]
    assert conversation.trouble is None


def test_what_the_store_has_is_there_before_dify_has_answered(world: World) -> None:
    world.store.add(Owned(KEY, "app", "ada", "conv"))
    world.store.save(KEY, ours("t", "q", text=Rope("part")))
    conversation = world.directory.of(ADA, KEY)
    shown = threading.Event()
    conversation.watch(shown.set)
    world.dify.fail("messages", HANG)
    loading = threading.Thread(target=world.directory.load, args=(conversation, world.app))
    loading.start()
    assert shown.wait(10)
    assert [(turn.query, turn.answer) for turn in conversation.turns()] == [("q", "part")]
    loading.join(10)
    assert conversation.trouble is not None
    assert [turn.id for turn in conversation.turns()] == ["t"]


def test_a_failing_store_takes_nothing_from_memory(world: World) -> None:
    """A stopped chatflow: its row in history is empty."""
    directory = Directory(Broken.in_memory())
    error = "Run failed: Aborted: User requested stop"
    conversation_id = world.keep(row("q", "", id="m", status="error", error=error))
    conversation = directory.open(ADA, world.app, conversation_id)
    conversation.put(ours("t", "q", message_id="m", text=Rope("part")))
    directory.load(conversation, world.app)
    assert [(t.id, t.state, t.answer) for t in conversation.turns()] == [("t", "stopped", "part")]


def test_a_message_deleted_at_dify_is_gone(world: World) -> None:
    conversation_id = world.keep(row("q1", "a"), row("q2", "b"))
    conversation = world.directory.open(ADA, world.app, conversation_id)
    assert len(world.seen(conversation)) == 2
    del world.dify.dialogues[conversation_id].rows[0]
    assert world.seen(conversation) == [("q2", "b")]


@pytest.mark.parametrize("state", ["waiting", "complete"])
def test_a_question_put_while_history_is_read_stays(world: World, state: str) -> None:
    conversation = world.directory.open(ADA, world.app, world.keep(row("q", "a")))
    world.dify.fail("messages", HANG)
    client = Client(world.dify.url, world.dify.key, patience=Patience(read=0.5, repeats=0))
    loading = threading.Thread(target=world.directory.load, args=(conversation, App("app", client)))
    loading.start()
    while not any(path == "/messages" for _, path, _ in world.dify.requests):
        time.sleep(0.005)
    conversation.put(ours("t", "new", state=state, text=Rope("text")))
    loading.join(10)
    client.close()
    assert [turn.id for turn in conversation.turns()] == ["t"]
    world.dify.fail("messages")
    assert ("new", "text") in world.seen(conversation)


def test_history_is_not_read_again_while_an_answer_runs(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, world.keep(row("q", "a")))
    world.seen(conversation)
    conversation.put(Turn.asked("next", id="t", asked_at=time.time()))
    asked = len(world.dify.requests)
    world.seen(conversation)
    assert len(world.dify.requests) == asked


def test_reading_the_same_again_is_no_news(world: World) -> None:
    conversation = world.directory.open(ADA, world.app, world.keep(row("q", "a")))
    world.seen(conversation)
    follower = Follower(conversation)
    assert [type(news) for news in follower.news()] == [Snapshot]
    world.seen(conversation)
    assert follower.news() == []


# The place itself


def conversation() -> Conversation:
    return Conversation(Owned(KEY, "app", "ada", None))


def test_turns_are_put_at_the_end_or_in_place_of_themselves() -> None:
    of = conversation()
    first = Turn.asked("a", id="1")
    of.put(first)
    of.put(Turn.asked("b", id="2"))
    of.put(replace(first, state="complete"))
    assert [(turn.id, turn.state) for turn in of.turns()] == [("1", "complete"), ("2", "waiting")]
    assert of.turn("2") is of.turns()[1]
    assert of.turn("3") is None


@pytest.mark.parametrize(
    ("state", "busy"),
    [
        ("waiting", True),
        ("streaming", True),
        ("recovering", True),
        ("paused", False),
        ("complete", False),
        ("stopped", False),
    ],
)
def test_busy(state: str, busy: bool) -> None:
    of = conversation()
    of.put(Turn.asked("a", id="1", state=state))
    of.put(Turn.asked("b", id="2", state="complete"))
    assert of.busy is busy


def test_the_first_name_of_a_conversation_stays() -> None:
    of = conversation()
    for name in ("", "conv", "other"):
        of.put(Turn.asked("a", id=name or "x", conversation_id=name))
    assert of.conversation_id == "conv"


def test_watchers_are_woken_until_they_leave() -> None:
    of, woken = conversation(), []

    def wake() -> None:
        woken.append(of.seq)

    of.watch(wake)
    assert of.watched
    of.put(Turn.asked("a", id="1"))
    of.renamed()
    of.unwatch(wake)
    of.renamed()
    assert (woken, of.watched) == ([1, 2], False)
