"""Every page in front of a Dify in which hardly a field has the type it should: it is drawn all the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from components import visitor
from tests.annotated import Annotated
from tests.pages.test_pages import ADA, FRAME, World, in_use
from tests.unit.test_records import recorded

PAGES = sorted(
    path.name for path in FRAME.parent.glob("*.py") if path.stem not in {"__init__", "frame", "chat"}
)
LEAVES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, 10**400, "", "x", "\0", "![x](http://evil.test/x)", "x" * 3_000),
    *([], [[]], [None, 7], {}, {"a": {"b": []}}, [{"id": 1}], "NaN", "1e999", "2026-11-21"),
)
"""What stands at a place where something else was expected. No NaN: JSON holds none."""


def odd(value: Any, chance: random.Random) -> Any:
    """`value` with most of its places changed; what holds others is kept, or nothing below would be read."""
    if isinstance(value, dict):
        return {key: odd(part, chance) for key, part in value.items()}
    if isinstance(value, list):
        return [odd(part, chance) for part in value] if chance.random() < 0.9 else chance.choice(LEAVES)
    return chance.choice(LEAVES) if chance.random() < 0.8 else value


def worsened(dify: Annotated, seed: str) -> None:
    chance = random.Random(seed)
    mode = {"mode": "agent-chat"}  # of another kind nothing more would be asked
    dify.info = odd(recorded("10_app_agent_info"), chance) | mode
    dify.site = odd(recorded("10_app_chat_site"), chance)
    dify.meta = odd(recorded("10_app_agent_meta"), chance)
    dify.parameters = odd(recorded("10_app_chat_parameters"), chance)
    rows = recorded("70_variables")["data"]
    dify.variables = {"limit": 100, "has_more": False, "data": [odd(row, chance) for row in rows]}
    for _ in range(3):
        dify.has("question", "answer")
    dify.kept = [odd(row, chance) | {"id": f"a{n}"} for n, row in enumerate(dify.kept)]
    messages = [*recorded("b2_agent_disconnect_messages")["data"], *recorded("81_messages_with_file")["data"]]
    known = dify.keep(*messages, user=ADA.user)
    known.rows = [odd(row, chance) for row in known.rows]
    known.name = chance.choice(LEAVES)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: ADA)
    with Annotated() as dify, in_use(dify) as made:
        yield World(dify, made)


@pytest.mark.parametrize("name", [*PAGES, None])
def test_a_page_is_drawn_all_the_same(world: World, name: str | None, request: pytest.FixtureRequest) -> None:
    assert isinstance(world.dify, Annotated)
    worsened(world.dify, request.node.name)
    (known,) = world.dify.dialogues.values()
    test = world.page(name, c=known.id)
    assert not test.exception
