"""What the sidebar's list is given to draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from components import visitor
from services.history import Query
from services.newest import SHOWN
from tests.pages.test_pages import ADA, PAGES, World, in_use, said
from tests.upstream import Refusal, Upstream, row


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(visitor, "identity", lambda _: ADA)
    with Upstream() as dify, in_use(dify) as made:
        yield World(dify, made)


def rows(world: World) -> list[dict[str, Any]] | None:
    """What the sidebar's list reads."""
    return world.site.archive.newest.rows(ADA, world.site.apps[0])


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
    found = rows(world) or []
    assert [shown["id"] for shown in found] == [*reversed(ids[5:]), ids[0]]
    assert [shown["id"] for shown in found if shown.get("pinned")] == [ids[0]]


def test_what_waits_to_be_deleted_is_told_with_the_time_left(world: World) -> None:
    first, second = kept(world, 2)
    archive, app = world.site.archive, world.site.apps[0]
    archive.deletions.request(ADA, app, {first: "Number 0"})
    (waiting,) = (archive.newest.waiting(ADA, app) or {})["pending"]
    assert waiting["id"] == first
    assert 0 < waiting["left"] <= 10
    # The page hides it, and shows it again.
    assert {shown["id"] for shown in rows(world) or []} == {first, second}


def test_a_dify_that_is_away_and_a_store_that_fails(world: World) -> None:
    world.dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    assert rows(world) is None
    world.dify.fail("conversations")
    kept(world, 1)
    with world.site.store.database.begin() as connection:
        for table in ("marks", "deletions"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
    assert [shown["name"] for shown in rows(world) or []] == ["Number 0"]
    assert world.site.archive.newest.waiting(ADA, world.site.apps[0]) is None


def test_names_travel_in_bounds(world: World) -> None:
    (only,) = kept(world, 1)
    world.dify.dialogues[only].name = "x" * 5_000
    assert len((rows(world) or [])[0]["name"]) == 120


@pytest.mark.parametrize("name", PAGES)
def test_a_title_is_data_and_no_label(world: World, name: str | None) -> None:
    """It comes from a model: Streamlit makes images and links of what stands in a label."""
    (only,) = kept(world, 1)
    hostile = "![x](http://evil/a.png) [y](javascript:alert(1)) :material/home: $x$"
    world.dify.dialogues[only].name = hostile
    test = world.page(name)
    assert (rows(world) or [])[0]["name"] == hostile
    assert "evil" not in said(test)
    assert not any("evil" in button.label for button in test.button)


def test_a_run_of_a_page_asks_dify_for_no_list(world: World) -> None:
    """The list reads itself: a slow Dify holds up no page for it."""
    kept(world, 1)
    world.page()  # what the app is has been asked now
    asked = len(world.dify.requests)
    assert not world.page("history.py").exception
    assert not [path for _, path, _ in world.dify.requests[asked:] if "conversations" in path]
