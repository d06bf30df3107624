"""Imports: the dry run touches nothing; whatever happens then, each row arrives once and can go back."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
import pytest

from services.annotations import importer
from services.annotations.book import Book
from services.annotations.imports import Busy, Imports, NoSuchImport
from services.annotations.sheet import BadSheet, read
from services.apps import App
from services.dify.client import Client
from services.dify.patience import Patience
from services.identity import Identity, Role
from services.store import Store
from tests.annotated import Annotated
from tests.site import until
from tests.upstream import Refusal

ADA = Identity("ada", Role.CURATOR)
EVE = Identity("eve", Role.AGENT)
SLOW_DOWN = Refusal.of(429, "too_many_requests", "Too many requests.", retry_after="0")
FAILED = Refusal.of(500, "internal_server_error", "Internal Server Error")
WELL = Refusal(0)
EITHER = pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
"""For what depends on the database; the rest runs on a file alone, which is quicker."""


def book_of(store: Store) -> Callable[[App], Book]:
    return cache(lambda app: Book(app, store.database))


class Killed(BaseException):
    """The process is gone: nothing after this runs, nothing before it is taken back."""


class Wire(httpx.HTTPTransport):
    """The network; `before` and `after` are called around each request that changes something."""

    before: Callable[[], None] = staticmethod(lambda: None)
    after: Callable[[], None] = staticmethod(lambda: None)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return super().handle_request(request)
        self.before()
        response = super().handle_request(request)
        response.read()
        self.after()
        return response


@dataclass
class World:
    dify: Annotated
    app: App
    wire: Wire
    store: Store
    imports: Imports

    def restart(self) -> None:
        """Another process: it knows what is on disk."""
        self.imports = Imports(book_of(self.store), self.store.database, pause=0.001)

    def prepare(self, *rows: tuple[str, str]) -> str:
        text = "question,answer\n" + "".join(f'"{q}","{a}"\n' for q, a in rows)
        return self.imports.prepare(ADA, self.app, "file.csv", read("file.csv", text.encode()), (0, 1))

    def kinds(self, name: str) -> dict[int, str]:
        return {row.number: row.kind for row in self.imports.all_rows(ADA, self.app, name)}

    def states(self, name: str) -> dict[int, str]:
        return {row.number: row.state for row in self.imports.all_rows(ADA, self.app, name)}

    def run(self, name: str, **choices: str) -> str:
        self.imports.start(ADA, self.app, name, choices)
        return self.ended(name)

    def ended(self, name: str) -> str:
        until(lambda: not self.imports.standing(ADA, self.app, name).alive, "the end of the import")
        return self.imports.standing(ADA, self.app, name).about.state


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    elsewhere = getattr(request, "param", "sqlite") == "postgresql"
    url = request.getfixturevalue("postgresql").database() if elsewhere else None
    wire = Wire()
    patience = Patience(connect=5, read=20, repeats=0)
    with Annotated() as dify, Client(dify.url, dify.key, transport=wire, patience=patience) as client:
        store = Store.on(url) if url else Store.at(tmp_path / "store.sqlite3")
        imports = Imports(book_of(store), store.database, 0.001)
        made = World(dify, App("app", client), wire, store, imports)
        yield made
        made.imports.close()
        store.close()


# The dry run


def test_a_dry_run_tells_the_rows_apart_and_touches_nothing(world: World) -> None:
    same = world.dify.has("How do I reset my password?", "Under Settings.")
    world.dify.has("Where is the invoice?", "In the mail.")
    before = list(world.dify.texts)
    name = world.prepare(
        ("what is new", "this"),  # 2
        ("How do I reset my password?", "Under Settings."),  # identical
        ("how do I  reset my password?", "By mail."),  # duplicate in the file, with other spaces
        ("where is the invoice?", "Online."),  # changed
        ("How can I reset my password?", "Under Settings!"),  # near
        ("", "nothing"),  # invalid
        ("What is new", "this again"),  # duplicate
    )
    assert world.kinds(name) == {
        2: "new",
        3: "identical",
        4: "duplicate",
        5: "changed",
        6: "near",
        7: "invalid",
        8: "duplicate",
    }
    rows = {row.number: row for row in world.imports.all_rows(ADA, world.app, name)}
    assert (rows[4].other_row, rows[8].other_row) == (3, 2)
    assert (rows[6].other_id, rows[6].other_question) == (same, "How do I reset my password?")
    assert 90 <= rows[6].likeness < 100
    assert rows[7].reason == "empty_question"
    assert world.imports.standing(ADA, world.app, name).kinds() == Counter(world.kinds(name).values())
    assert world.dify.texts == before
    assert world.dify.asked_for("POST") + world.dify.asked_for("PUT") == 0
    world.imports.discard(ADA, world.app, name)
    assert world.imports.newest(ADA, world.app) == []


def test_a_file_that_breaks_off_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(BadSheet):
        world.prepare(*[(f"q{n}", "a") for n in range(700)], ('open "quote', "a"))
    assert world.imports.newest(ADA, world.app) == []


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({}, {("new", "1"), ("old", "3"), ("a longer question", "0"), ("same", "0")}),
        (
            {"new": "skip", "changed": "add", "near": "update", "identical": "add", "duplicate": "add"},
            {("old", "0"), ("old", "3"), ("a longer question!", "4"), ("same", "0"), ("new", "2")},
        ),
        (
            {"changed": "skip", "near": "add"},
            {
                ("new", "1"),
                ("old", "0"),
                ("a longer question", "0"),
                ("a longer question!", "4"),
                ("same", "0"),
            },
        ),
    ],
)
def test_each_kind_is_skipped_updated_or_added(
    world: World, choices: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    for question in ("same", "old", "a longer question"):
        world.dify.has(question, "0")
    name = world.prepare(("new", "1"), ("new", "2"), ("old", "3"), ("a longer question!", "4"), ("same", "0"))
    assert world.run(name, **choices) == "done"
    assert set(world.dify.texts) == expected
    assert len(world.dify.texts) == len(expected) + (choices.get("identical") == "add")


def test_what_is_invalid_is_mended_and_goes_along(world: World) -> None:
    name = world.prepare(("good", "1"), ("", "2"), ("   ", "3"), ("bad", "4"))
    world.imports.mend(
        ADA, world.app, name, {3: ("now good", "2"), 4: ("good", "again"), 5: ("not asked", "x")}
    )
    assert world.kinds(name) == {2: "new", 3: "new", 4: "duplicate", 5: "new"}
    assert world.run(name) == "done"
    assert set(world.dify.texts) == {("good", "1"), ("now good", "2"), ("bad", "4")}
    # A row that failed on the way can be mended as well.
    world.dify.has("theirs", "first")
    name = world.prepare(("theirs", "mine"))
    world.dify.kept[0]["answer"] = "somebody else's"
    assert world.run(name) == "done"
    assert world.states(name) == {2: "failed"}
    world.imports.mend(ADA, world.app, name, {2: ("theirs", "agreed")})
    assert world.run(name) == "done"
    assert ("theirs", "agreed") in world.dify.texts


# Whatever happens on the way

ROWS = [(f"question {number} {random.Random(number).random()}", f"answer {number}") for number in range(40)]


def test_refusals_at_any_row_cost_none(world: World) -> None:
    answers = [SLOW_DOWN, FAILED, SLOW_DOWN, SLOW_DOWN, FAILED, FAILED, FAILED, FAILED, SLOW_DOWN, WELL]
    world.dify.fail("annotations/create", *answers)
    world.dify._failing["annotations/create"][-1] = None  # type: ignore[call-overload]
    assert world.run(world.prepare(*ROWS)) == "done"
    assert sorted(world.dify.texts) == sorted(ROWS)


def test_a_server_that_does_and_then_fails_is_not_asked_twice(world: World) -> None:
    deaf = iter([False, True, True, False, True] * len(ROWS))

    def before() -> None:
        world.dify.deaf = next(deaf)

    world.wire.before = before  # type: ignore[method-assign]
    assert world.run(world.prepare(*ROWS)) == "done"
    assert sorted(world.dify.texts) == sorted(ROWS)
    assert world.dify.asked_for("POST") == len(ROWS)


def test_a_server_that_stays_away_pauses_and_is_gone_on_with(world: World) -> None:
    name = world.prepare(*ROWS)
    world.dify.fail("annotations/create", FAILED)
    assert world.run(name) == "paused"
    about = world.imports.standing(ADA, world.app, name).about
    assert (about.error, about.retry_at) == ("internal_server_error", None)
    world.dify.fail("annotations/create", Refusal.of(403, "forbidden", "No."))
    world.imports.resume(ADA, world.app, name)
    assert world.ended(name) == "paused"
    world.dify.fail("annotations/create")
    world.imports.resume(ADA, world.app, name)
    assert world.ended(name) == "done"
    assert sorted(world.dify.texts) == sorted(ROWS)


def test_a_row_that_the_server_refuses_holds_up_no_other(world: World) -> None:
    world.dify.fail("annotations/create", Refusal.of(400, "invalid_param", "Not this one."), WELL)
    world.dify._failing["annotations/create"][-1] = None  # type: ignore[call-overload]
    name = world.prepare(*ROWS)
    assert world.run(name) == "done"
    assert Counter(world.states(name).values()) == {"done": 39, "failed": 1}
    failed = world.imports.rows(ADA, world.app, name, states=("failed",))
    assert [(row.reason, row.error) for row in failed] == [("refused", "Not this one.")]


@EITHER
def test_pause_and_resume(world: World) -> None:
    rows = ROWS[:12]
    name = world.prepare(*rows)
    reached, go = threading.Event(), threading.Event()
    count = iter(range(1000))

    def before() -> None:
        if next(count) == 7:
            reached.set()
            go.wait(20)

    world.wire.before = before  # type: ignore[method-assign]
    world.imports.start(ADA, world.app, name, {})
    assert reached.wait(20)
    with pytest.raises(Busy):
        world.imports.start(ADA, world.app, name, {})
    with pytest.raises(Busy):
        world.imports.start(ADA, world.app, world.prepare(("other", "one")), {})
    threading.Timer(0.05, go.set).start()
    world.imports.pause(ADA, world.app, name)
    assert world.ended(name) == "paused"
    assert len(world.dify.texts) == 8
    world.imports.resume(ADA, world.app, name)
    assert world.ended(name) == "done"
    assert sorted(world.dify.texts) == sorted(rows)


@pytest.mark.parametrize(("world", "times"), [("sqlite", 20), ("postgresql", 5)], indirect=["world"])
def test_killed_at_random_rows(world: World, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a request, or after it arrived and before anybody wrote that down."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    chance = random.Random(7)
    twice = [("said twice", "0"), ("Said  twice", "0")]
    world.dify.has("said twice", "0")  # a row that is there already is not taken for ours
    rows = [*ROWS[: 2 * times], *((f"more {number}", "x") for number in range(times)), *twice]
    name = world.prepare(*rows)
    kills = 0
    world.imports.start(ADA, world.app, name, {"identical": "add", "duplicate": "add"})
    while kills < times:
        left = iter(range(chance.randrange(1, 4)))

        def killed(left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Killed

        either = chance.random() < 0.5
        world.wire.before, world.wire.after = (killed, lambda: None) if either else (lambda: None, killed)  # type: ignore[method-assign]
        standing = world.imports.standing(ADA, world.app, name)
        if not standing.alive:
            if standing.about.state == "done":
                break
            kills += 1
            world.restart()
            world.imports.go_on(world.app)
        world.ended(name)
    world.wire.before = world.wire.after = lambda: None  # type: ignore[method-assign]
    world.restart()
    world.imports.go_on(world.app)
    assert world.ended(name) == "done"
    assert kills == times
    assert Counter(world.dify.texts) == Counter(rows) + Counter([("said twice", "0")])
    assert set(world.states(name).values()) == {"done"}
    # and all of it goes back
    world.imports.roll_back(ADA, world.app, name)
    world.ended(name)
    assert world.dify.texts == [("said twice", "0")]


@EITHER
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_who_is_no_curator_any_more_imports_nothing_more(
    world: World, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Begun by a curator who was made an agent while the site was down, or while it runs."""
    monkeypatch.setattr(importer, "ROLE_HOLDS", 0.0)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    roles = {"ada": Role.CURATOR, "bea": Role.CURATOR}
    rows = ROWS[:12]
    name = world.prepare(*rows)

    def restart() -> None:
        world.restart()
        world.imports = Imports(book_of(world.store), world.store.database, 0.001, roles.get)

    def killed() -> None:
        raise Killed

    def demoted() -> None:
        roles["ada"] = Role.AGENT

    restart()
    if when == "before":
        world.wire.after = killed  # type: ignore[method-assign]
        world.imports.start(ADA, world.app, name, {})
        world.ended(name)
        world.wire.after = lambda: None  # type: ignore[method-assign]
        demoted()
        restart()
        world.imports.go_on(world.app)
    else:
        world.wire.after = demoted  # type: ignore[method-assign]
        world.imports.start(ADA, world.app, name, {})
    assert world.ended(name) == "paused"
    about = world.imports.standing(ADA, world.app, name).about
    assert about.error == "no_curator"
    assert len(world.dify.texts) < len(rows)
    # Nothing is lost: another curator goes on.
    world.imports.resume(Identity("bea", Role.CURATOR), world.app, name)
    assert world.ended(name) == "done"
    assert Counter(world.dify.texts) == Counter(rows)


# The way back


@EITHER
def test_rolling_back_takes_away_what_came_and_leaves_what_others_did(world: World) -> None:
    world.dify.has("old", "0")
    world.dify.has("older", "0")
    before = sorted(world.dify.texts)
    name = world.prepare(("old", "1"), ("older", "1"), ("new", "1"), ("newer", "1"), ("newest", "1"))
    assert world.run(name) == "done"
    for row in world.dify.kept:
        if row["question"] in {"older", "newer"}:
            row["answer"] = "edited since"
    world.dify.kept[:] = [row for row in world.dify.kept if row["question"] != "newest"]
    world.imports.roll_back(ADA, world.app, name)
    assert world.ended(name) == "done"
    assert world.states(name) == {2: "undone", 3: "kept", 4: "undone", 5: "kept", 6: "undone"}
    assert sorted(world.dify.texts) == [("newer", "edited since"), ("old", "0"), ("older", "edited since")]
    assert before[0] in world.dify.texts
    # Each of these steps is in the annotations' own journal too.
    changes = book_of(world.store)(world.app).changes(ADA)
    assert Counter(change.kind for change in changes) == {"add": 3, "change": 3, "delete": 1}


def test_another_apps_import_is_none_and_another_choice_too(world: World) -> None:
    name = world.prepare(("q", "a"))
    with pytest.raises(NoSuchImport):
        world.imports.start(ADA, App("other", world.app.client), name, {})
    with pytest.raises(ValueError, match="no such choice"):
        world.imports.start(ADA, world.app, name, {"new": "delete"})


def test_memory_does_not_grow_with_the_file(world: World) -> None:
    import tracemalloc

    chance = random.Random(3)
    data = b"question,answer\n" + b"".join(
        b"%016x %d,%s\n" % (chance.getrandbits(64), number, b"a" * 900) for number in range(4_000)
    )
    found = read("x.csv", data)
    tracemalloc.start()
    name = world.imports.prepare(ADA, world.app, "x.csv", found, (0, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert world.imports.standing(ADA, world.app, name).kinds() == {"new": 4_000}
    assert peak < len(data)
