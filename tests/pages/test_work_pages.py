"""The page Work, the panel beside a conversation and the chooser of prompts, as far as Python draws them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from components import visitor
from components import words_work as words
from services.audit import table as audit
from services.identity import Identity, Role
from tests.pages.test_pages import ADA, World, in_use, said
from tests.upstream import Upstream, row


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: ADA)
    with Upstream() as dify, in_use(dify) as made:
        yield World(dify, made)


def become(monkeypatch: pytest.MonkeyPatch, role: Role) -> Identity:
    somebody = replace(ADA, role=role)
    monkeypatch.setattr(visitor, "identity", lambda _: somebody)
    return somebody


def drawn(test: AppTest, name: str) -> list[dict[str, Any]]:
    """The data of all components of this name."""
    assert not test.exception
    protos = [element.proto for element in test.get("bidi_component")]
    return [json.loads(proto.json)[0] for proto in protos if proto.component_name == name]


def test_whoever_only_reads_has_none_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = become(monkeypatch, Role.VIEWER)
    kept = world.dify.keep(row("q", "a"), user=viewer.user)
    asked = len(world.dify.requests)
    test = world.page("work.py")
    assert "role agent" in said(test)
    assert drawn(test, "list_work") == []
    assert len(world.dify.requests) == asked, "it is refused before anything is asked"
    chat = world.page(c=kept.id)
    assert drawn(chat, "work_panel") == drawn(chat, "work_prompts") == []
    assert "note" not in drawn(chat, "transcript")[0]["allow"]


def test_an_agent_has_the_list_and_the_panel_of_own_conversations(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = become(monkeypatch, Role.AGENT)
    kept = world.dify.keep(row("q", "a"), user=agent.user)
    assert drawn(world.page("work.py"), "list_work")[0]["app"] == "app"
    chat = world.page(c=kept.id)
    (panel,) = drawn(chat, "work_panel")
    assert (panel["user"], panel["id"], panel["open"]) == ("", kept.id, False)
    assert drawn(chat, "transcript")[0]["allow"]["note"] is True
    new = world.page()
    assert drawn(new, "work_panel")[0]["id"] == "", "it hears of the name from the transcript"
    assert drawn(new, "work_prompts")[0]["inputs"] == {}


def test_a_conversation_of_somebody_else_is_read_with_the_panel_open(world: World) -> None:
    kept = world.dify.keep(row("Where is it?", "There"), user="otto")
    test = world.page("work.py", u="otto", c=kept.id, m="m-1")
    (panel,) = drawn(test, "work_panel")
    assert (panel["user"], panel["id"], panel["message"], panel["open"]) == ("otto", kept.id, "m-1", True)
    (transcript,) = drawn(test, "transcript")
    assert transcript["find"] == "m-1"
    assert transcript["allow"]["retry"] is False
    assert words.READ_ONLY in said(test)
    with world.site.store.database.begin() as connection:
        rows = connection.execute(sa.select(audit.c.action, audit.c.about)).all()
    assert rows == [("look.conversation", kept.id)]


def test_what_is_not_theirs_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = world.dify.keep(row("q", "a"), user="otto")
    gone = world.page("work.py", u="otto", c="00000000-0000-0000-0000-000000000000")
    assert words.GONE in said(gone)
    become(monkeypatch, Role.AGENT)
    refused = world.page("work.py", u="otto", c=kept.id)
    assert words.NOT_ALLOWED in said(refused)
    for test in (gone, refused):
        assert drawn(test, "work_panel") == drawn(test, "transcript") == []


def test_a_look_that_cannot_be_written_down_shows_nothing(world: World) -> None:
    kept = world.dify.keep(row("q", "a"), user="otto")
    with world.site.store.database.begin() as connection:
        connection.execute(sa.text("DROP TABLE audit"))
    test = world.page("work.py", u="otto", c=kept.id)
    assert words.STORE in said(test)
    assert drawn(test, "transcript") == []


def test_what_is_hostile_in_an_address_is_text(world: World) -> None:
    kept = world.dify.keep(row("q", "a"), user="![x](http://evil/a.png)")
    test = world.page("work.py", u="![x](http://evil/a.png)", c=kept.id)
    (title,) = [each.value for each in test.subheader]
    assert "](" not in title


def test_gaps_are_filled_from_the_form(world: World) -> None:
    fields = [
        {"text-input": {"variable": "city", "label": "City", "default": "Berlin"}},
        {"number": {"variable": "age", "label": "Age", "default": "7"}},
        {"checkbox": {"variable": "vip", "label": "VIP", "default": True}},
        {"text-input": {"variable": "long", "label": "Long", "default": "x" * 501}},
    ]
    world.dify.parameters = {**world.dify.parameters, "user_input_form": fields}
    (prompts,) = drawn(world.page(), "work_prompts")
    assert prompts["inputs"] == {"city": "Berlin", "age": "7"}
