"""The database fails for real: chat goes on, nothing is overwritten, what is in memory is saved later."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services import assembly, directory, left_behind, runs, saver
from services.conversations import Conversation
from services.draft import Draft
from services.identity import Identity, Role
from services.rope import Rope
from services.run import Run
from services.settings import AppSettings, Settings
from services.site import Site
from services.store import Owned, Store
from services.turn import Turn
from tests.site import until
from tests.upstream import Answer, Gate, Upstream, row, stops_delivered

ADA = Identity("ada", Role.ADMIN)
LONG = 20.0


@dataclass
class World:
    dify: Upstream
    site: Site
    path: Path

    def place(self, address: str = "") -> Conversation:
        address = address or f"~{self.site.directory.new_key()}"
        return self.site.directory.open(ADA, self.site.apps[0], address)

    def ask(self, place: Conversation, query: str = "hi") -> Run:
        client, send_id = self.site.apps[0].client, f"send-{time.monotonic_ns()}"
        started = self.site.runs.start(ADA, client, place, Draft(query), send_id)
        assert started is not None
        return started

    def answered(self, place: Conversation, query: str = "hi") -> Turn:
        started = self.ask(place, query)
        assert started.done.wait(LONG), f"still {started.turn.state}"
        assert (started.turn.state, started.turn.answer) == ("complete", f"Echo: {query} ")
        return started.turn

    def kept(self) -> list[str]:
        """The questions in the file, read by somebody else."""
        with closing(sqlite3.connect(self.path)) as other:
            return [query for (query,) in other.execute("select query from turns order by asked_at")]

    def in_trouble(self) -> None:
        until(lambda: self.site.store_trouble, "the trouble")

    def well(self) -> None:
        until(lambda: self.site.store_trouble is None, "the end of the trouble")
        runs_ = self.site.runs._by_send_id.values()
        until(lambda: not any(run.dirty or run.saving.locked() for run in list(runs_)), "everything written")


@pytest.fixture
def dify() -> Iterator[Upstream]:
    with Upstream() as dify:
        yield dify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Settings(tmp_path).database


def opened(dify: Upstream, path: Path) -> Iterator[World]:
    settings = Settings(path.parent, (AppSettings("app", dify.url, dify.key),))
    built = assembly.built(settings, path.parent)
    built.start()
    until(lambda: built.store_trouble or built.store.database._is_open(), "the first look at it")  # type: ignore[union-attr]
    yield World(dify, built, path)
    for started in built.runs._by_send_id.values():
        started.stop()
        assert started.done.wait(LONG)
    built.stop()
    stops_delivered()
    built.apps[0].client.close()


@pytest.fixture
def world(dify: Upstream, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(saver, "SAVE_EVERY", 0.05)
    yield from opened(dify, path)


@pytest.fixture
def later(dify: Upstream, path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Call it once the file is as the test wants it."""
    monkeypatch.setattr(saver, "SAVE_EVERY", 0.05)
    monkeypatch.setattr(left_behind, "LOOK_AGAIN", 0.05)
    building: list[Iterator[World]] = []

    def build() -> World:
        building.append(opened(dify, path))
        return next(building[0])

    yield build
    for one in building:
        assert next(one, None) is None


def test_a_full_disk(world: World) -> None:
    """SQLite itself finds no room, as it would on a disk without any."""
    before = world.answered(world.place(), "before")
    room = "max_page_count = 1"  # which SQLite raises to what is there already

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA {room}").fetchall()

    sa.event.listen(world.site.store.database._engine, "checkout", limit)  # type: ignore[union-attr]
    place = world.place()
    turn = world.answered(place, "x" * 50_000)
    world.in_trouble()
    assert world.kept() == ["before"]
    assert world.site.store.turn(before.id) == before
    assert world.answered(place, "more").conversation_id == turn.conversation_id
    room = "max_page_count = 1000000"
    world.well()
    assert world.kept() == ["before", "x" * 50_000, "more"]
    assert world.site.store.turn(turn.id) == turn


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_database(how: str, world: World) -> None:
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        gate = Gate()
        world.dify.next(Answer("kept in ", gate, "memory"))
        started = world.ask(world.place(), "during")
        gate.wait_reached()
        world.in_trouble()
        gate.open()
        assert started.done.wait(LONG)
        assert started.turn.answer == "kept in memory"
        assert other.execute("select count(*) from turns").fetchone() == (0,)
        other.execute("ROLLBACK")
    world.well()
    assert world.site.store.turn(started.turn.id) == started.turn


def test_a_database_that_is_locked_when_the_site_starts(later: Any, path: Path, dify: Upstream) -> None:
    """An answer that the process before left behind is looked for as soon as the database can be read."""
    dialogue = dify.keep(row("left", "all of it", id="m"), user="ada")
    left = Turn.asked("left", id="t", asked_at=time.time(), state="streaming", message_id="m")
    _with_turns(path, Owned("a-key-of-our-own", "app", "ada", dialogue.id), left)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")  # without WAL nobody can even read
        world = later()
        world.in_trouble()
        turn = world.answered(world.place())
        other.execute("ROLLBACK")
    world.well()
    until(lambda: (world.site.store.turn("t") or left).final, "the end of what was left")
    found = world.site.store.turn("t")
    assert (found.state, found.answer) == ("complete", "all of it")
    assert world.site.store.turn(turn.id) == turn
    assert len(dify.asked) == 1


def test_a_database_that_may_only_be_read(later: Any, path: Path) -> None:
    """A write format that SQLite does not know: it then reads and does not write, whoever asks, root too."""
    past = Turn.asked("past", id="t", asked_at=1.0, text=Rope("kept"), state="stopped")
    _with_turns(path, Owned("a-key-of-our-own", "app", "ada", None), past)
    before = _header(path, 3)
    world = later()
    assert [t.answer for t in world.site.store.turns("a-key-of-our-own")] == ["kept"]
    turn = world.answered(world.place())
    world.in_trouble()
    assert path.read_bytes() == before
    _header(path, 2)
    world.well()
    assert world.kept() == ["past", "hi"]
    assert world.site.store.turn(turn.id) == turn


def _header(path: Path, version: int) -> bytes:
    content = bytearray(path.read_bytes())
    content[18] = version
    path.write_bytes(content)
    return bytes(content)


def _with_turns(path: Path, owned: Owned, *turns: Turn) -> None:
    store = Store.at(path)
    store.add(owned)
    for turn in turns:
        store.save(owned.key, turn)
    store.close()


@pytest.mark.parametrize("how", ["no database", "cut", "one page"])
def test_a_corrupt_database(how: str, later: Any, path: Path) -> None:
    old = [Turn.asked("q" * 3_000, id=f"t{n}", asked_at=float(n), state="complete") for n in range(50)]
    _with_turns(path, Owned("a-key-of-our-own", "app", "ada", None), *old)
    sound = path.read_bytes()
    broken = {
        "no database": b"something else entirely " * 500,
        "cut": sound[: len(sound) // 2 - 100],
        "one page": sound[:12_288] + b"\xff" * 4096 + sound[16_384:],
    }[how]
    path.write_bytes(broken)
    world = later()
    assert world.site.store_trouble
    turn = world.answered(world.place())
    world.site.runs.saver.save_all(lambda _: True)
    assert path.read_bytes() == broken
    path.write_bytes(sound)  # somebody has put the backup back
    world.well()
    assert len(world.kept()) == 51
    assert world.site.store.turn(turn.id) == turn


def test_a_broken_database_put_into_its_place(world: World) -> None:
    """A bad backup, say. It is left alone; once it is taken away, a new one holds what is in memory."""
    world.answered(world.place(), "before")
    other, garbage = world.path.with_name("backup"), b"something else entirely " * 5_000
    other.write_bytes(garbage)
    other.replace(world.path)
    place = world.place()
    world.answered(place, "during")
    world.in_trouble()
    world.answered(place, "still")
    assert world.path.read_bytes() == garbage
    world.path.unlink()
    world.well()
    assert world.kept() == ["during", "still"]


def test_a_database_that_is_moved_away(world: World) -> None:
    """What comes then goes into a new one, and not after the old one to where nobody looks."""
    world.answered(world.place(), "before")
    world.well()
    for file in world.path.parent.glob(f"{world.path.name}*"):
        file.rename(file.with_name(f"old-{file.name}"))
    world.answered(world.place(), "after")
    assert world.kept() == ["after"]
    with closing(sqlite3.connect(world.path.with_name(f"old-{world.path.name}"))) as other:
        assert other.execute("select query from turns").fetchall() == [("before",)]


def test_tables_that_are_gone(world: World) -> None:
    world.answered(world.place(), "before")
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("drop table turns")
        turn = world.answered(world.place())
        world.in_trouble()
        names = [name for (name,) in other.execute("select name from sqlite_master where type = 'table'")]
        other.execute("BEGIN")
        for name in names:
            other.execute(f"drop table if exists {name}")  # a virtual one takes its own along
        other.execute("COMMIT")
    world.well()
    assert world.site.store.turn(turn.id) == turn


def test_a_conversation_that_was_opened_while_nothing_could_be_read(world: World) -> None:
    """It has another key than the one in the database, where what is asked in it goes all the same."""
    first = world.answered(world.place(), "before")
    key = world.site.store.by_conversation("app", "ada", first.conversation_id).key
    with world.site.directory._lock:
        world.site.directory._open.clear()  # as after a long while
    with closing(sqlite3.connect(world.path)) as other:
        other.execute("alter table conversations rename to elsewhere")
        place = world.place(first.conversation_id)
        other.execute("alter table elsewhere rename to conversations")
    assert place.key != key
    turn = world.answered(place, "after")
    world.well()
    assert [t.query for t in world.site.store.turns(key)] == ["before", "after"]
    assert turn.conversation_id == first.conversation_id


def test_what_is_in_memory_alone_is_not_let_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "KEPT", -1.0)
    place = world.place()
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        turn = world.answered(place)
        world.in_trouble()
        world.place()
        assert world.place(f"~{place.key}") is place
        other.execute("ROLLBACK")
    world.well()
    world.place()
    assert place.key not in world.site.directory._recent
    assert world.site.store.turn(turn.id) == turn


def test_more_than_are_remembered_wait_for_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "REMEMBERED", 3)
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(8):
            world.answered(world.place(), f"q{number}")
        other.execute("ROLLBACK")
    until(lambda: world.kept() == [f"q{number}" for number in range(8)], "every question in the file")


def test_a_question_is_kept_before_it_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a crash in between would lose what somebody has seen to be asked."""
    place, shown = world.place(), []
    save = world.site.store.save
    monkeypatch.setattr(world.site.store, "save", lambda *all_: (shown.append(place.turns()), save(*all_)))
    world.answered(place)
    assert shown[0] == []


def test_the_readers_hear_of_it_at_once(world: World) -> None:
    place, woken = world.place(), []
    world.answered(place)
    place.watch(lambda: woken.append(bool(world.site.store_trouble)))
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        world.answered(world.place())
        world.in_trouble()
        until(lambda: True in woken, "a word of the trouble")
        other.execute("ROLLBACK")
    until(lambda: woken[-1] is False, "a word of its end")
