"""What conversations are called."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from services import naming, titles
from services.dify.records import Conversation
from services.identity import Denied, Identity, Role
from services.marks import marks
from services.naming import LONGEST_NAME, BadName
from tests.site import until
from tests.unit.archived import ADA, World, world_over
from tests.upstream import Upstream


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(titles, "TITLE_AFTER", 0.01)
    with Upstream() as dify, world_over(dify) as made:
        yield made


def name_of(world: World, conversation_id: str) -> str:
    world.site.titles.forget("app", "ada")
    rows = world.site.titles.of(world.app, "ada", 30) or ()
    return next(r.name for r in world.archive.naming.shown(world.app, "ada", rows) if r.id == conversation_id)


def test_a_name_by_hand_is_kept_whatever_dify_makes_of_it_later(world: World) -> None:
    turn = world.asked("What is it called?")
    given = world.archive.naming.rename(ADA, world.app, turn.conversation_id, "  My\n🚀 name ")
    assert given == "My 🚀 name"
    world.dify.dialogues[turn.conversation_id].name = "A late title"
    assert name_of(world, turn.conversation_id) == "My 🚀 name"
    until(lambda: world.dify.dialogues[turn.conversation_id].name == "My 🚀 name", "the name at Dify")


def test_a_name_given_elsewhere_long_after_wins(world: World) -> None:
    turn = world.asked("What is it called?")
    world.archive.naming.rename(ADA, world.app, turn.conversation_id, "Mine")
    with world.site.store.database.begin() as connection:
        connection.execute(marks.update().values(named_at=time.time() - naming.SETTLING - 1))
    world.dify.dialogues[turn.conversation_id].name = "Of another client"
    assert name_of(world, turn.conversation_id) == "Of another client"
    assert world.archive.marks.of("app", "ada")[turn.conversation_id].name is None


@pytest.mark.parametrize(
    ("name", "code"), [("", "blank"), (" \n\t", "blank"), ("x" * (LONGEST_NAME + 1), "too_long")]
)
def test_names_that_dify_could_not_take_are_refused_here(world: World, name: str, code: str) -> None:
    turn = world.asked("hello")
    with pytest.raises(BadName) as refused:
        world.archive.naming.rename(ADA, world.app, turn.conversation_id, name)
    assert refused.value.code == code
    assert not any(path.endswith("/name") for _, path, _ in world.dify.requests)
    assert world.archive.naming.rename(ADA, world.app, turn.conversation_id, "😀" * LONGEST_NAME)


def test_dify_names_it_on_request(world: World) -> None:
    turn = world.asked("hello")
    world.archive.naming.rename(ADA, world.app, turn.conversation_id, "Mine")
    assert world.archive.naming.generate(ADA, world.app, turn.conversation_id) == "A title from Dify"
    assert name_of(world, turn.conversation_id) == "A title from Dify"
    with pytest.raises(Denied):
        world.archive.naming.generate(Identity("ada", Role.VIEWER), world.app, turn.conversation_id)


@pytest.mark.parametrize("unnamed", ["New conversation", ""])
def test_the_question_stands_for_a_name_that_never_came(world: World, unnamed: str) -> None:
    turn = world.asked("Why is the sky blue,\nand not green?")
    world.dify.dialogues[turn.conversation_id].name = unnamed
    assert name_of(world, turn.conversation_id) == "Why is the sky blue, and not green?"
    (stranger,) = world.archive.naming.shown(world.app, "ada", [Conversation("unknown", unnamed)])
    assert stranger.name == unnamed


def test_titles_on_request_are_asked_for_after_the_first_answer(world: World) -> None:
    world.site.preferences.want_titles("ada", "request")
    turn = world.asked("hello there", auto_name=False)
    until(lambda: world.dify.dialogues[turn.conversation_id].name == "A title from Dify", "the title")
    world.dify.title = "Another title"
    world.asked("and again", into=turn.conversation_id, auto_name=False)
    assert [asked.body["auto_generate_name"] for asked in world.dify.asked] == [False, False]
    until(lambda: sum(path.endswith("/name") for _, path, _ in world.dify.requests) == 1)


def test_titles_of_my_own_are_never_asked_for(world: World) -> None:
    world.site.preferences.want_titles("ada", "mine")
    turn = world.asked("hello there", auto_name=False)
    place = world.site.directory.open(ADA, world.app, turn.conversation_id)
    world.archive.naming.after_answer(world.app, place)
    assert not any(path.endswith("/name") for _, path, _ in world.dify.requests)


def test_pins_are_ours(world: World) -> None:
    turn = world.asked("hello")
    world.archive.marks.pin("app", "ada", turn.conversation_id, True)
    world.archive.naming.rename(ADA, world.app, turn.conversation_id, "Mine")
    mark = world.archive.marks.of("app", "ada")[turn.conversation_id]
    assert mark.pinned_at
    assert mark.name == "Mine"
    world.archive.marks.pin("app", "ada", turn.conversation_id, False)
    assert world.archive.marks.of("app", "ada")[turn.conversation_id].pinned_at is None
    assert world.archive.marks.of("app", "bob") == {}
