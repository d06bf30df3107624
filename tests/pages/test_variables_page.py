"""The variables page in front of what a server may list: every type, too many, none, and for every role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Button

from components import visitor
from components import words_variables as words
from services.identity import Identity, Role
from tests.pages.test_pages import ADA, World, in_use, said
from tests.upstream import HTML_404, Refusal, Upstream, row

PAGE = "variables.py"
EVIL = "![x](https://evil.test/x.png) `<b>`"


def variable(name: str, value_type: str, value: Any, **more: Any) -> dict[str, Any]:
    times = {"created_at": 1_795_227_258, "updated_at": 1_795_227_261}
    return {"id": f"id-{name}", "name": name, "value_type": value_type, "value": value, **times, **more}


ROWS = [
    variable("token", "secret", "hush-hush"),
    variable("report", "file", "{'filename': 'a.pdf', 'size': 3}"),
    variable("reports", "array[file]", "[]"),
    variable("spin", "quaternion", "(1, 2, 3, 4)"),
    variable("any", "array[any]", "[1, 'a', None]"),
    variable("flags", "array[boolean]", "[True]"),
    variable("old", "json", '{"from": "an older server"}'),
    variable(EVIL, "string", EVIL, description=EVIL),
    variable("unset", "object", None),
]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: ADA)
    with Upstream(mode="advanced-chat") as dify, in_use(dify) as made:
        yield World(dify, made)


def opened(world: World, *rows: dict[str, Any], more: bool = False) -> AppTest:
    world.dify.variables = {"limit": 100, "has_more": more, "data": list(rows)}
    kept = world.dify.keep(row("q", "a"), user="ada")
    test = world.page(PAGE, c=kept.id)
    assert not test.exception
    return test


def buttons(test: AppTest) -> list[str]:
    return [button.label for button in test.button]


def test_every_type_and_what_can_be_edited(world: World) -> None:
    test = opened(world, *ROWS)
    editable = [label.removeprefix("Edit ") for label in buttons(test) if label.startswith("Edit ")]
    assert editable[:4] == ["token", "any", "flags", "old"]
    assert len(editable) == 6  # neither files nor what nobody knows
    shown = [code.value for code in test.code]
    assert '[1, "a", null]' in shown
    assert "[true]" in shown
    assert "(1, 2, 3, 4)" in [text.value for text in test.text]
    assert EVIL not in said(test)
    assert EVIL in [text.value for text in test.text]


def test_a_secret_is_masked_until_it_is_asked_for(world: World) -> None:
    test = opened(world, *ROWS)
    assert "hush-hush" not in str(test)
    next(button for button in test.button if button.label == words.REVEAL).click().run()
    assert "hush-hush" in [text.value for text in test.text]
    next(button for button in test.button if button.label == words.HIDE).click().run()
    assert "hush-hush" not in str(test)
    next(button for button in test.button if button.label == "Edit token").click().run()
    (field,) = (field for field in test.text_input if field.label == "New value of token")
    assert field.value == ""
    assert "hush-hush" not in [text.value for text in test.text]
    next(button for button in test.button if button.label == words.SAVE).click().run()
    assert words.UNFIT["empty"] in said(test)


def places(block: Block, label: str, *above: int) -> Iterator[tuple[int, ...]]:
    """Where on the page buttons of this name stand: the indexes of the blocks around each, and its own."""
    for index, child in block.children.items():
        if isinstance(child, Block):
            yield from places(child, label, *above, index)
        elif isinstance(child, Button) and child.label == label:
            yield *above, index


def test_the_buttons_of_an_editor_stay_where_they_are(world: World) -> None:
    """What moved would stand on the page twice until the run is over."""
    test = opened(world, variable("prefs", "object", "{'theme': 'light'}"))
    next(button for button in test.button if button.label == "Edit prefs").click().run()
    (there,) = places(test.main, words.SAVE)
    test.text_area[0].set_value("{").run()
    next(button for button in test.button if button.label == words.SAVE).click().run()
    assert test.error
    assert list(places(test.main, words.SAVE)) == [there]
    test.text_area[0].set_value("{}").run()
    test.button_group[0].set_value(words.AS_TREE).run()
    assert words.TREE_HELP in said(test)
    assert list(places(test.main, words.SAVE)) == [there]


def test_a_viewer_only_looks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "identity", lambda _: Identity("ada", Role.VIEWER))
    test = opened(world, *ROWS)
    assert not [label for label in buttons(test) if label.startswith("Edit ")]
    assert words.NOT_ALLOWED in said(test)


def test_more_than_a_server_lists(world: World) -> None:
    many = [variable(f"n{n}", "number", str(n)) for n in range(100)]
    assert words.CUT.format(n=100) in said(opened(world, *many, more=True))


def test_none_and_where_they_are_made(world: World) -> None:
    assert words.NONE in said(opened(world))
    assert words.NO_CONVERSATION not in said(world.page(PAGE))
    world.dify.dialogues.clear()
    world.site.titles.forget("app", "ada")
    assert words.NO_CONVERSATION in said(world.page(PAGE))


def test_an_app_that_can_have_none_offers_no_conversation(world: World) -> None:
    world.dify.info = {**world.dify.info, "mode": "chat"}
    world.dify.keep(row("q", "a"), user="ada")
    test = world.page(PAGE)
    assert words.NONE_OF_KIND.format(kind="chat") in said(test)
    assert words.CONVERSATION not in [box.label for box in test.selectbox]


@pytest.mark.parametrize("mode", ["advanced-chat", "chat"])
def test_beside_the_chat_of_a_chatflow_alone(world: World, mode: str) -> None:
    world.dify.info = {**world.dify.info, "mode": mode}
    world.dify.variables = {"limit": 100, "has_more": False, "data": ROWS}
    kept = world.dify.keep(row("q", "a"), user="ada")
    test = world.page(c=kept.id)
    assert not test.exception
    assert (words.TITLE in buttons(test)) == (mode == "advanced-chat")
    if mode == "chat":
        assert words.NONE_OF_KIND.format(kind="chat") in said(opened(world))


def test_an_old_server(world: World) -> None:
    world.dify.fail("variables", Refusal(404, HTML_404))
    assert words.NOT_TOLD in said(opened(world))


def test_dify_fails(world: World) -> None:
    world.dify.fail("variables", Refusal.of(500, "unknown", "Internal Server Error"))
    test = opened(world)
    assert test.error
    assert "Try again" in buttons(test)
