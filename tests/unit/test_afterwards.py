"""What belongs to an answer that is there, against a scripted Dify."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.afterwards import NoSuchAnswer, rate, suggestions
from services.apps import App
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.patience import Patience
from services.directory import Directory
from services.draft import Draft
from services.identity import Denied, Identity, Role
from services.outcome import Rating
from services.runs import Runs
from services.store import Store
from services.titles import Titles
from services.turn import Turn
from tests.upstream import Answer, Refusal, Upstream, row

ADA = Identity("ada", Role.ADMIN)
LONG = 20.0
ON = {"suggested_questions_after_answer": {"enabled": True}}


@dataclass
class World:
    dify: Upstream
    app: App
    store: Store
    runs: Runs
    directory: Directory

    def answered(self, *pieces: str, query: str = "hi") -> tuple[Conversation, Turn]:
        place = self.directory.open(ADA, self.app, f"~{self.directory.new_key()}")
        if pieces:
            self.dify.next(Answer(*pieces))
        started = self.runs.start(ADA, self.app.client, place, Draft(query), f"send-{query}-0123456789")
        assert started is not None
        assert started.done.wait(LONG)
        return place, started.turn

    def rate(self, place: Conversation, turn: Turn, rating: Rating | None) -> None:
        rate(self.store, ADA, self.app, place, turn.id, rating)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = Store.at(tmp_path / "store.sqlite3")
    with Upstream() as dify, Client(dify.url, dify.key, patience=Patience(connect=2, repeats=0)) as client:
        dify.parameters = ON
        dify.suggested = ["And then?", "Why?"]
        app = App("app", client)
        app.profile()
        runs = Runs(store, Titles())
        yield World(dify, app, store, runs, Directory(store))
        runs.close()
    store.close()


def asked(world: World) -> int:
    return sum(path.endswith("/suggested") for _, path, _ in world.dify.requests)


def test_suggestions_are_asked_for_once(world: World) -> None:
    place, turn = world.answered("a")
    assert suggestions(world.app, place, turn.id) == ("And then?", "Why?")
    assert suggestions(world.app, place, turn.id) == ("And then?", "Why?")
    assert asked(world) == 1


def test_no_suggestions_where_dify_does_not_say(world: World) -> None:
    place, turn = world.answered("a")
    world.dify.fail("suggested", Refusal.of(400, "bad_request", "Suggested Questions Is Disabled."))
    assert suggestions(world.app, place, turn.id) == ()
    assert suggestions(world.app, place, turn.id) == ()
    assert asked(world) == 1


def off(world: World) -> None:
    world.dify.parameters = {}
    world.app = App("app", world.app.client)
    world.app.profile()


@pytest.mark.parametrize("prepare", [off, None])
def test_nothing_is_asked_for_in_vain(world: World, prepare: Callable[[World], None] | None) -> None:
    if prepare:
        prepare(world)
        place, turn = world.answered("a")
        identifier = turn.id
    else:  # a message that this process has only read in history
        kept = world.dify.keep(row("q", "a"), user="ada")
        place = world.directory.open(ADA, world.app, kept.id)
        world.directory.load(place, world.app)
        identifier = place.turns()[0].id
    assert suggestions(world.app, place, identifier) == ()
    assert suggestions(world.app, place, "no-such-turn") == ()
    assert asked(world) == 0


def test_a_rating_and_its_words(world: World) -> None:
    place, turn = world.answered("a")
    world.rate(place, turn, Rating("like", "well said"))
    assert place.turns()[0].rating == Rating("like", "well said")
    world.rate(place, turn, Rating("dislike", "on second thoughts"))
    assert [(r["rating"], r.get("content")) for r in world.dify.ratings[turn.message_id]] == [
        ("like", "well said"),
        ("dislike", "on second thoughts"),
    ]
    later = Directory(world.store)  # after a restart the words come from the store, the rating from Dify
    again = later.open(ADA, world.app, turn.conversation_id)
    later.load(again, world.app)
    assert again.turns()[0].rating == Rating("dislike", "on second thoughts")
    world.rate(place, turn, None)
    assert place.turns()[0].rating is None
    assert world.store.ratings("ada", [turn.message_id]) == {}
    world.rate(place, turn, None)  # Dify answers 400, which is no news to anybody


def test_a_rating_that_dify_refuses_changes_nothing(world: World) -> None:
    place, turn = world.answered("a")
    world.rate(place, turn, Rating("like"))
    world.dify.fail("feedbacks", Refusal.of(500, "unknown", "no"))
    with pytest.raises(DifyError):
        world.rate(place, turn, Rating("dislike", "x"))
    assert place.turns()[0].rating == Rating("like")
    assert world.store.ratings("ada", [turn.message_id]) == {turn.message_id: Rating("like")}


def test_an_older_message_is_rated_in_its_place(world: World) -> None:
    rows = [row(f"q{n}", f"a{n}", created_at=1_700_000_000 + n) for n in range(25)]
    kept = world.dify.keep(*rows, user="ada")
    place = world.directory.open(ADA, world.app, kept.id)
    world.directory.load(place, world.app)
    ((_, oldest), *_), _ = world.directory.older(place, world.app, place.older or "")
    world.rate(place, oldest, Rating("dislike"))
    assert len(place.turns()) == 20
    changed = place.turn(oldest.id)
    assert changed is not None
    assert changed.rating == Rating("dislike")


def test_who_may_not_rate(world: World) -> None:
    place, turn = world.answered("a")
    viewer = Identity("ada", Role.VIEWER)
    with pytest.raises(Denied):
        rate(world.store, viewer, world.app, place, turn.id, Rating("like"))
    with pytest.raises(NoSuchAnswer):
        rate(world.store, ADA, world.app, place, "no-such-turn", Rating("like"))
    assert world.dify.ratings == {}
