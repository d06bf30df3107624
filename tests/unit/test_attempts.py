"""Attempts of one question, and the same way once more in a new conversation."""

# ruff: noqa: F401, F811
from __future__ import annotations

from services import attempts
from services.conversations import Conversation
from services.draft import Draft
from services.run import Run
from services.runs import Runs
from tests.unit.test_routes import LONG, World, served, world
from tests.upstream import Answer, row


def asked(world: World, place: Conversation, query: str, of: str = "", **draft: object) -> Run:
    number = len(world.dify.asked)
    client = world.site.apps[0].client
    draft = {"attempt_of": of, **draft}
    run = world.site.runs.start(world.ada, client, place, Draft(query, **draft), f"send-{number}")  # type: ignore[arg-type]
    assert run is not None
    assert run.done.wait(LONG)
    return run


def test_an_attempt_is_known_again_after_a_restart(world: World) -> None:
    place = world.place()
    first = asked(world, place, "one").turn
    second = asked(world, place, "one, please", first.id).turn
    fresh = Conversation(place.owned)
    world.site.directory.load(fresh, world.site.apps[0])
    assert [(t.id, t.attempt_of) for t in fresh.turns()] == [(first.id, ""), (second.id, first.id)]
    # Dify is told nothing of it: it takes a parent message and passes it over.
    assert "parent_message_id" not in world.dify.asked[1].body


def path(world: World, place: Conversation, turn: str, query: str = "") -> list[Draft]:
    return attempts.path(world.site.directory, world.site.apps[0], place, turn, query)


def test_the_way_to_a_question_has_each_one_once(world: World) -> None:
    place = world.place()
    first = asked(world, place, "one", inputs={"nick": "Bo"}).turn
    asked(world, place, "one, please", first.id)
    world.dify.next(Answer(end=False))
    asked(world, place, "never answered")
    two = asked(world, place, "two").turn
    three = asked(world, place, "three").turn
    again = asked(world, place, "three!", three.id).turn
    assert [d.query for d in path(world, place, again.id, "four")] == ["one, please", "two", "four"]
    assert [d.query for d in path(world, place, two.id)] == ["one, please", "two"]
    assert [d.query for d in path(world, place, first.id)] == ["one"]
    assert {str(d.inputs) for d in path(world, place, again.id)} == {"{'nick': 'Bo'}"}
    assert path(world, place, "nobody") == []


def test_the_way_goes_back_to_pages_that_nobody_has_looked_at(world: World) -> None:
    rows = [row(f"q{n}", f"a{n}", created_at=1_790_000_000 + n) for n in range(90)]
    kept = world.dify.keep(*rows)
    place = world.site.directory.open(world.ada, world.site.apps[0], kept.id)
    world.site.directory.load(place, world.site.apps[0])
    found = path(world, place, rows[-1]["id"])
    assert [d.query for d in found] == [f"q{n}" for n in range(90)]
