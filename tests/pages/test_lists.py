"""What the sidebar's list is given to draw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from components import visitor
from components.conversation_list import SHOWN
from services import site as sites
from services.history import Query
from tests.pages.test_pages import ADA, PAGES, World, said, site
from tests.upstream import Refusal, Upstream, row


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: ADA)
    with Upstream() as dify:
        made = site(dify.url, dify.key)
        sites.use(made)
        yield World(dify, made)
        made.stop()
        made.apps[0].client.close()
        sites.refuse("over")


def given(test: AppTest) -> dict[str, Any]:
    """The data of the sidebar's list."""
    assert not test.exception
    elements = test.get("bidi_component")
    (data,) = [e.proto for e in elements if e.proto.component_name == "list_sidebar"]
    (known,) = json.loads(data.json)
    return dict(known)


def kept(world: World, count: int) -> list[str]:
    """Ids, oldest first."""
    ids = []
    for number in range(count):
        made = world.dify.keep(row("q", "a"), user="ada")
        made.name, made.created_at, made.updated_at = f"Number {number}", 1000 + number, 1000 + number
        ids.append(made.id)
    return ids


def test_the_newest_and_the_pinned_however_old(world: World) -> None:
    ids = kept(world, SHOWN + 5)
    archive, app = world.site.archive, world.site.apps[0]
    listing = archive.history.page(ADA, app, Query())
    assert len(listing.rows) == SHOWN + 5
    archive.marks.pin(app.slug, "ada", ids[0], True)
    rows = given(world.page(c=ids[-1]))["rows"]
    assert [shown["id"] for shown in rows] == [*reversed(ids[5:]), ids[0]]
    assert [shown["id"] for shown in rows if shown.get("pinned")] == [ids[0]]


def test_what_waits_to_be_deleted_is_told_with_the_time_left(world: World) -> None:
    first, second = kept(world, 2)
    world.site.archive.deletions.request(ADA, world.site.apps[0], {first: "Number 0"})
    data = given(world.page("history.py"))
    (waiting,) = data["waiting"]["pending"]
    assert waiting["id"] == first
    assert 0 < waiting["left"] <= 10
    assert {shown["id"] for shown in data["rows"]} == {first, second}  # the page hides it, and shows it again


def test_a_dify_that_is_away_and_a_store_that_fails(world: World) -> None:
    world.page()
    world.dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    world.site.titles.forget("app", "ada")
    assert given(world.page())["rows"] is None
    world.dify.fail("conversations")
    kept(world, 1)

    with world.site.store.database.begin() as connection:
        for table in ("marks", "deletions"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
    data = given(world.page())
    assert [shown["name"] for shown in data["rows"]] == ["Number 0"]
    assert data["waiting"] is None


def test_names_travel_in_bounds(world: World) -> None:
    (only,) = kept(world, 1)
    world.dify.dialogues[only].name = "x" * 5_000
    assert len(given(world.page())["rows"][0]["name"]) == 120


@pytest.mark.parametrize("name", PAGES)
def test_a_title_is_data_and_no_label(world: World, name: str | None) -> None:
    """It comes from a model: Streamlit makes images and links of what stands in a label."""
    (only,) = kept(world, 1)
    hostile = "![x](http://evil/a.png) [y](javascript:alert(1)) :material/home: $x$"
    world.dify.dialogues[only].name = hostile
    test = world.page(name)
    assert given(test)["rows"][0]["name"] == hostile
    assert "evil" not in said(test)
    assert not any("evil" in button.label for button in test.button)
