"""The routes of the list of feedback, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from routes import feedback
from routes.security import Security
from services.identity import Role
from tests.rated import Rated
from tests.site import until
from tests.unit import archived
from tests.unit.archived import FOREIGN
from tests.unit.archived import Served as World
from tests.unit.test_routes import listening
from tests.upstream import Refusal


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with listening(Starlette(routes=feedback.ROUTES, middleware=[Middleware(Security)])) as url:
        yield url


@pytest.fixture
def world(served: str) -> Iterator[World]:
    with Rated() as dify, archived.served_over(dify, served) as made:
        yield made


def rated(world: World, *contents: str) -> list[str]:
    """Their ids, once they are read."""
    assert isinstance(world.dify, Rated)
    ids = [world.dify.rate(content=content)["id"] for content in contents]
    world.site.feedback.read_again(world.ada, world.app)
    until(lambda: not world.get("/feedbacks").json()["looking"])
    return ids


def test_a_page_says_all_of_a_row_and_how_far_the_reading_is(world: World) -> None:
    world.dify.fail("app/feedbacks", Refusal.of(500, "internal_server_error", "Oh."))
    until(lambda: not world.get("/feedbacks").json()["looking"])
    assert world.get("/feedbacks").json()["complete"] is False  # nobody knows that there is none
    world.dify.fail("app/feedbacks")
    (row_id,) = rated(world, "wrong")
    answer = world.get("/feedbacks")
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["found"], told["known"], told["reading"], told["after"]) == (1, 1, False, None)
    assert told["complete"]
    (row,) = told["rows"]
    assert (row["id"], row["content"], row["handled_at"]) == (row_id, "wrong", None)
    assert world.get("/feedbacks?rating=like").json()["rows"] == []
    assert world.get("/feedbacks?q=WRONG").json()["found"] == 1
    for wrong in ("rating=meh", "since=x", "after=x", "after=x~y", "handled=maybe"):
        assert world.get(f"/feedbacks?{wrong}").status_code == 400


def test_one_is_handled_and_opened_again_from_this_site_alone(world: World) -> None:
    (row_id,) = rated(world, "wrong")
    path = f"/feedbacks/{row_id}/handled"
    answer = world.post(path, {"handled": True})
    assert answer.json()["handled_at"]
    assert answer.json()["handled_by"] == ""  # whoever asks
    assert world.post(path, {"handled": False}).json()["handled_at"] is None
    for wrong in ({}, {"handled": "yes"}, [], "x" * 2_000):
        assert world.post(path, wrong).status_code == 400
    assert world.post(path, {"handled": True}, **FOREIGN).status_code == 403
    gone = world.post("/feedbacks/another/handled", {"handled": True})
    assert (gone.status_code, gone.json()["code"]) == (404, "taken_back")
    assert world.get("/feedbacks?handled=yes").json()["rows"] == []


def test_nobody_below_curator_and_nobody_unknown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (row_id,) = rated(world, "wrong")
    assert httpx.get(f"{world.url}/feedbacks").status_code == 403
    kind = type(world.site.identities)
    of = kind.of

    def below(self: object, *given: object) -> object:
        found = of(self, *given)  # type: ignore[arg-type]
        return found and replace(found, role=Role.AGENT)

    monkeypatch.setattr(kind, "of", below)
    assert world.get("/feedbacks").status_code == 403
    assert world.post(f"/feedbacks/{row_id}/handled", {"handled": True}).status_code == 403
