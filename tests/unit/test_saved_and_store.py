"""What the database keeps of a Turn, and what it refuses to do."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.dify import stream_events
from services.dify.errors import BrokenStream
from services.dify.form import HumanInput
from services.dify.parts import AnnotationReply, Citation, File, Thought, Usage
from services.dify.step import Step
from services.outcome import FINAL, Failure, Rating, Timings
from services.rope import Rope
from services.store import Owned, Store, StoreError
from services.turn import Turn
from tests.unit.transcripts import STREAMS, body, folded

FULL = Turn(
    "why?\0 😀 \u2028",
    state="complete",
    id="turn-1",
    inputs={"nick": "Bo", "n": 1.5, "list": [1, {"a": None}]},
    attachments=(File("f1", "image", "https://x/y", "user", "a.png", "image/png", 3, "up1"),),
    attempt_of="turn-0",
    text=Rope("answer").plus(" grown"),
    replaced=True,
    replaced_reason="output_moderation",
    reasoning="because",
    thoughts=(Thought("t", 1, "think", "tool", "{}", "seen", {"tool": {"en": "Tool"}}, ("f1", "f2")),),
    steps=(Step("s", "node", "succeeded", "n", "llm", "LLM", 1.5, 7, "err", "parent", 2, 3),),
    files=(File("f2"),),
    forms=(HumanInput("tok", "f", "Ask", "text", ({"a": 1},), ({"id": "ok"},), {"d": 1}, 5, True),),
    citations=(Citation(1, "doc", "set", "kind", "text", 0.5, 1, 2, 3, "sum", "d", "e", "g"),),
    usage=Usage(1, 2, 3, "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0E-7", "USD", 0.25),
    annotation=AnnotationReply("a", "Ada"),
    task_id="task",
    message_id="msg",
    conversation_id="conv",
    workflow_run_id="run",
    error=Failure("code", "words", 400),
    malformed=2,
    ended=True,
    outcome="succeeded",
    whole=True,
    rating=Rating("dislike", "why not?"),
    changed_variables=("visits", "topics"),
    retry_at=1.5,
    asked_at=100.25,
    answered_at=101.5,
    timings=Timings(0.25, 1.25, 0.75),
)
OWNED = Owned("key-1234567890", "app", "user", None)


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    store = opened()
    store.add(OWNED)
    return store


def test_the_full_turn_leaves_no_field_at_its_default() -> None:
    """Or the round trip would not prove that the field is kept."""
    empty = Turn("")
    assert [f.name for f in fields(Turn) if getattr(FULL, f.name) == getattr(empty, f.name)] == [
        "sound",
        "spoken",
    ]


def test_a_full_turn_comes_back_as_it_was(store: Store) -> None:
    store.save(OWNED.key, FULL)
    assert store.turn("turn-1") == FULL
    assert store.turns(OWNED.key) == [FULL]


def test_speech_is_not_kept(store: Store) -> None:
    store.save(OWNED.key, replace(FULL, sound=Rope(b"mp3")))
    assert store.turn("turn-1") == FULL


@pytest.mark.parametrize("case", STREAMS)
def test_recorded_turns_come_back(case: str, store: Store) -> None:
    turn = folded([body(case)], Turn.asked("q", id=case, asked_at=1.0)).closed()
    store.save(OWNED.key, turn)
    assert store.turn(case) == replace(turn, sound=Rope(b""), spoken="")


def test_a_turn_of_a_later_version(tmp_path: Path) -> None:
    store = Store.at(tmp_path / "data" / "console.sqlite3")
    store.add(OWNED)
    store.save(OWNED.key, FULL)
    with sqlite3.connect(tmp_path / "data" / "console.sqlite3") as raw:
        raw.execute("update turns set rest = json_set(rest, '$.from_the_future', 1, '$.usage.new', 2)")
        raw.execute("update turns set rest = json_remove(rest, '$.citations', '$.usage.latency')")
    raw.close()
    turn = store.turn("turn-1")
    assert turn is not None
    assert (turn.citations, turn.answer) == ((), "answer grown")
    assert turn.usage == replace(FULL.usage or Usage(), latency=None)


def test_nothing_is_there(store: Store) -> None:
    assert store.turn("nobody") is None
    assert store.turns("nowhere") == []
    assert store.owner("nowhere") is None
    assert store.by_conversation("app", "user", "c") is None
    assert store.unfinished() == []


def test_nothing_of_a_replaced_answer_is_left_in_the_file(tmp_path: Path) -> None:
    """Neither in the database nor in its journal, as soon as the replacement is saved."""
    store = Store.at(tmp_path / "data" / "console.sqlite3")
    store.add(OWNED)

    def on_disk(words: bytes) -> bool:
        return any(words in path.read_bytes() for path in (tmp_path / "data").iterdir())

    said = Turn.asked("q", id="t", asked_at=1.0)
    for n in range(40):  # as it grows, over more pages than one
        said = replace(said, text=said.text.plus(f"UNSPEAKABLE-{n} " + "x" * 500), state="streaming")
        store.save(OWNED.key, said)
    assert on_disk(b"UNSPEAKABLE-7")
    said = replace(said, thoughts=(Thought("a", thought="UNSPEAKABLE thought"),), reasoning="UNSPEAKABLE too")
    store.save(OWNED.key, said)
    replaced = said.after(stream_events.AnswerReplaced("", "", "", "Sorry. ", "output_moderation"))
    store.save(OWNED.key, replaced)
    assert not on_disk(b"UNSPEAKABLE")
    assert store.turn("t") == replaced
    more = replaced.after(stream_events.AnswerDelta("", "", "", "SECOND THOUGHTS"))
    store.save(OWNED.key, more)
    store.save(OWNED.key, more.after(stream_events.AnswerReplaced("", "", "", "No.", "")))
    assert not on_disk(b"SECOND THOUGHTS")


def test_turns_are_oldest_first(store: Store) -> None:
    for name, at in (("b", 2.0), ("c", 3.0), ("a", 1.0)):
        store.save(OWNED.key, Turn.asked("q", id=name, asked_at=at))
    assert [turn.id for turn in store.turns(OWNED.key)] == ["a", "b", "c"]


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_running_turn_never_overwrites_a_final_one(store: Store, state: str) -> None:
    final = replace(FULL, state=state)
    store.save(OWNED.key, final)
    for running in ("waiting", "streaming", "recovering", "paused"):
        store.save(OWNED.key, replace(FULL, state=running, text=Rope("shorter")))
        assert store.turn("turn-1") == final
    learned = final.learned(stream_events.AnswerDelta("t2", "m2", "c2", ""))
    store.save(OWNED.key, replace(learned, usage=None))
    assert store.turn("turn-1") == replace(learned, usage=None)


def test_unfinished_is_what_a_dead_process_left(store: Store) -> None:
    store.name(OWNED.key, "conv")
    for state in ("waiting", "streaming", "recovering", "paused", *FINAL):
        store.save(OWNED.key, replace(FULL, id=state, state=state))
    left = store.unfinished()
    assert sorted(turn.id for _, turn in left) == ["recovering", "streaming", "waiting"]
    assert {owned for owned, _ in left} == {replace(OWNED, conversation_id="conv")}
    assert all(turn == replace(FULL, id=turn.id, state=turn.id) for _, turn in left)


def test_a_conversation_is_named_once(store: Store) -> None:
    with pytest.raises(StoreError):
        store.add(replace(OWNED, user="somebody else"))
    store.name(OWNED.key, "first")
    store.name(OWNED.key, "second")
    named = replace(OWNED, conversation_id="first")
    assert store.owner(OWNED.key) == named
    assert store.by_conversation("app", "user", "first") == named
    assert store.by_conversation("app", "other", "first") is None
    assert store.by_conversation("other", "user", "first") is None


def test_two_keys_cannot_have_one_conversation(store: Store) -> None:
    other = replace(OWNED, key="key-0987654321")
    store.add(other)
    store.name(OWNED.key, "conv")
    store.name(other.key, "conv")
    assert store.owner(other.key) == other
    store.save(other.key, FULL)
    assert store.turns(other.key) == [FULL]
    store.name(other.key, "its own")
    assert store.owner(other.key) == replace(other, conversation_id="its own")


@pytest.mark.parametrize("where", ["database", "memory"])
def test_many_threads(where: str, store: Store) -> None:
    store = store if where == "database" else Store.in_memory()
    failures: list[BaseException] = []
    at_once = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            key = f"key-{number % 4}-1234567"
            at_once.wait(10)
            for round_ in range(20):
                store.add(Owned(key, "app", f"user{number % 4}", None))
                store.save(key, replace(FULL, id=f"turn-{number}-{round_}", asked_at=float(round_)))
                store.save(key, replace(FULL, id="shared", state="streaming"))
                assert store.turn(f"turn-{number}-{round_}") is not None
        except BaseException as error:  # noqa: BLE001 - told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    turns = [turn for n in range(4) for turn in store.turns(f"key-{n}-1234567")]
    assert len(turns) == 8 * 20 + 1


def test_text_that_no_database_takes(store: Store) -> None:
    with pytest.raises(StoreError):
        store.save(OWNED.key, replace(FULL, query="\ud800"))
    store.save(OWNED.key, FULL)


def test_a_turn_of_no_conversation(store: Store) -> None:
    with pytest.raises(StoreError):
        store.save("nowhere", FULL)


def test_a_store_opens_again_with_what_it_had(opened: Callable[[], Store]) -> None:
    first = opened()
    first.add(OWNED)
    first.save(OWNED.key, FULL)
    first.close()
    assert opened().turns(OWNED.key) == [FULL]


@pytest.mark.parametrize(
    "content", [b"this is no database at all" * 50, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_corrupt_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "console.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        Store.at(path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["console.sqlite3"]


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "console.sqlite3"
    Store.at(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("update alembic_version set version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError):
        Store.at(path)


def test_a_place_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError):
        Store.at(tmp_path / "taken" / "console.sqlite3")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError):
        Store.at(tmp_path / "folder")


def test_a_locked_database_is_said_and_passes(tmp_path: Path) -> None:
    path = tmp_path / "console.sqlite3"
    store = Store.at(path)
    store.add(OWNED)
    other = sqlite3.connect(path)
    other.execute("begin exclusive")
    with pytest.raises(StoreError):
        store.save(OWNED.key, FULL)
    other.rollback()
    other.close()
    store.save(OWNED.key, FULL)
    assert store.turn("turn-1") == FULL


def test_lost_turns_keep_their_reason(store: Store) -> None:
    turn = Turn.asked("q", id="x", asked_at=1.0).lost(BrokenStream("stalled", "words"))
    store.save(OWNED.key, turn)
    assert store.turn("x") == turn


@pytest.mark.parametrize("value", [2**63, -(10**30), "\ud800"])
def test_what_a_database_does_not_take_is_a_failure_like_others(tmp_path: Path, value: object) -> None:
    """SQLite tells of these by errors of its own."""
    database = Store.at(tmp_path / "console.sqlite3").database
    with pytest.raises(StoreError), database.begin() as connection:
        connection.execute(sa.text("SELECT :value"), {"value": value})
