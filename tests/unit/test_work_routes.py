"""The routes of the work on conversations and of ready prompts, on a real server."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware

from routes import export, notes, prompts, views, work
from routes.security import Security
from services.audit import table as audit
from services.identity import Role
from services.store import StoreError
from services.variable_log import Place
from services.work.case import Change
from tests.unit import archived
from tests.unit.archived import FOREIGN
from tests.unit.archived import Served as World
from tests.unit.test_routes import listening
from tests.upstream import Upstream


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    routes = [*work.ROUTES, *notes.ROUTES, *views.ROUTES, *prompts.ROUTES, *export.ROUTES]
    with listening(Starlette(routes=routes, middleware=[Middleware(Security)])) as url:
        yield url


@pytest.fixture
def world(served: str) -> Iterator[World]:
    with Upstream() as dify, archived.served_over(dify, served) as made:
        yield made


def test_the_list_tells_all_that_its_page_needs(world: World) -> None:
    conversation = world.keep("A lost parcel")
    page = world.get("/cases").json()
    (shown,) = page["rows"]
    assert shown["id"] == conversation
    assert (shown["title"], shown["status"], shown["tags"], shown["notes"]) == ("A lost parcel", "new", [], 0)
    assert page["after"] is None
    assert page["may"] == {"share": True, "look": True}
    assert [person["user"] for person in page["staff"]] == [page["me"]] == [world.ada.user]
    cases = [{"user": world.ada.user, "id": conversation}]
    answer = world.post("/cases/change", {"cases": cases, "status": "done", "add": ["vip"]}).json()
    assert answer["rows"][0]["status"] == "done"
    assert world.get("/cases", status="open").json()["rows"] == []
    assert world.get("/cases", tag="VIP").json()["tags"] == ["vip"]
    assert world.post("/cases/undo", {"undo": answer["undo"]}).json() == {"back": 1, "kept": 0}
    assert world.post("/cases/undo", {"undo": answer["undo"]}).status_code == 404
    assert world.get("/cases", status="open").json()["rows"][0]["tags"] == []


def test_pages_follow_each_other(world: World) -> None:
    places = [Place("app", "otto", f"c-{n}") for n in range(70)]
    world.site.work.cases.change(world.ada, places, Change(status="done"))
    first = world.get("/cases").json()
    rest = world.get("/cases", after=first["after"]).json()
    assert (len(first["rows"]), len(rest["rows"]), rest["after"]) == (60, 10, None)
    assert "views" not in rest


@pytest.mark.parametrize("query", [{"status": "lost"}, {"days": "x"}, {"after": "[1]"}, {"after": "{"}])
def test_a_list_is_not_asked_for_what_it_cannot_do(world: World, query: dict[str, str]) -> None:
    assert world.get("/cases", **query).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"cases": []},
        {"cases": [{"id": "x"}], "status": "done"},
        {"cases": [{"user": "u", "id": ""}], "status": "done"},
        {"cases": [{"user": "u", "id": "a\0"}], "status": "done"},
        {"cases": [{"user": "u", "id": "x"}], "status": 1},
        {"cases": [{"user": "u", "id": "x"}], "add": ["x" * 41]},
        {"cases": [{"user": "u", "id": "x"}], "add": "tag"},
        {"cases": [{"user": "u", "id": "x"}], "assignee": "a stranger"},
    ],
)
def test_a_change_is_checked(world: World, body: object) -> None:
    assert world.post("/cases/change", body).status_code == 400


def test_what_somebody_else_changed_comes_back(world: World) -> None:
    cases = [{"user": "otto", "id": "c-1"}]
    seen = {"status": "new"}
    assert world.post("/cases/change", {"cases": cases, "status": "done", "seen": seen}).status_code == 200
    answer = world.post("/cases/change", {"cases": cases, "status": "triaged", "seen": seen})
    assert (answer.status_code, answer.json()["code"]) == (409, "meanwhile")
    assert answer.json()["now"]["status"] == "done"


def test_notes_from_writing_to_having_back(world: World) -> None:
    at = {"user": "otto", "id": "c-1"}
    note = world.post("/notes", {**at, "message": "m-1", "text": "**first**"}).json()
    assert (note["text"], note["message_id"], note["author"]) == ("**first**", "m-1", world.ada.user)
    path = f"/notes/{note['id']}"
    assert world.post(path, {"text": "second", "version": 1}).json()["version"] == 2
    late = world.post(path, {"text": "third", "version": 1})
    assert (late.status_code, late.json()["now"]["text"]) == (409, "second")
    assert world.post(f"{path}/delete", {}).status_code == 204
    assert world.post(f"{path}/delete", {}).status_code == 404
    assert world.get("/cases/one", **at).json()["notes"] == []
    assert world.post(f"{path}/restore", {}).json()["text"] == "second"
    found = world.get("/cases/one", **at).json()
    assert [each["text"] for each in found["notes"]] == ["second"]
    assert found["case"]["status"] == "new"
    assert world.post("/notes", {**at, "text": " "}).status_code == 400
    assert world.get("/cases/one").status_code == 404


def test_views_and_prompts(world: World) -> None:
    view = world.post("/views", {"name": "Open", "filters": {"status": "open"}, "shared": True}).json()
    assert world.get("/cases").json()["views"] == [view]
    assert view["filters"] == {"status": "open"}
    assert world.post(f"/views/{view['id']}/delete", {}).status_code == 204
    assert world.post(f"/views/{view['id']}/restore", {}).status_code == 204
    assert world.post("/views", {"name": "x", "filters": {"status": "y"}, "shared": True}).status_code == 400

    made = world.post("/prompts", {"title": "T", "text": "Hi {{name}}", "shared": False}).json()
    assert made["variables"] == ["name"]
    path = f"/prompts/{made['id']}"
    assert world.post(f"{path}/filled", {"values": {"name": "Bo"}}).json() == {"text": "Hi Bo"}
    assert world.post(f"{path}/filled", {"values": {"name": 1}}).status_code == 400
    new = {"title": "T", "text": "Ho", "shared": True, "version": 1}
    assert world.post(path, new).json()["version"] == 2
    late = world.post(path, {**new, "text": "He"})
    assert (late.status_code, late.json()["now"]["text"]) == (409, "Ho")
    assert world.post(f"{path}/delete", {}).status_code == 204
    assert world.get("/prompts").json()["prompts"] == []
    assert world.post(f"{path}/restore", {}).status_code == 204
    assert [p["title"] for p in world.get("/prompts").json()["prompts"]] == ["T"]


POSTS = ["/cases/change", "/cases/undo", "/cases/export", "/notes", "/notes/x", "/notes/x/delete"]
POSTS += ["/notes/x/restore", "/views", "/views/x/delete", "/prompts", "/prompts/x", "/prompts/x/filled"]


@pytest.mark.parametrize("path", POSTS)
def test_no_other_site_may_post(world: World, path: str) -> None:
    assert world.post(path, {}, **FOREIGN).status_code == 403


def test_whoever_only_reads_is_refused_everywhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = replace(world.ada, role=Role.VIEWER)
    monkeypatch.setattr(type(world.site.identities), "of", lambda *_: viewer)
    at = {"user": viewer.user, "id": "c"}
    for path in ("/cases", "/cases/one", "/prompts"):
        assert world.get(path, **at).status_code == 403, path
    for path, body in (
        ("/cases/change", {"cases": [at], "status": "done"}),
        ("/cases/export", {"cases": [at], "format": "csv"}),
        ("/notes", {**at, "text": "x"}),
        ("/views", {"name": "x", "filters": {}, "shared": False}),
        ("/prompts", {"title": "x", "text": "x", "shared": False}),
    ):
        assert world.post(path, body).status_code == 403, path


def test_an_agent_reaches_no_conversation_of_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = replace(world.ada, role=Role.AGENT)
    theirs = {"user": "otto", "id": world.keep("Theirs", "otto")}
    world.post("/notes", {**theirs, "text": "private"})
    monkeypatch.setattr(type(world.site.identities), "of", lambda *_: agent)
    assert world.get("/cases").json()["rows"] == []
    assert world.get("/cases/one", **theirs).status_code == 403
    assert world.post("/notes", {**theirs, "text": "x"}).status_code == 403
    assert world.post("/cases/change", {"cases": [theirs], "status": "done"}).status_code == 403
    assert world.post("/cases/export", {"cases": [theirs], "format": "csv"}).status_code == 403


def test_what_is_selected_can_be_taken_along_and_is_written_down(world: World) -> None:
    mine, theirs = world.keep("Mine"), world.keep("Theirs", "otto")
    world.post("/notes", {"user": "otto", "id": theirs, "text": "never in a file"})
    cases = [{"user": world.ada.user, "id": mine}, {"user": "otto", "id": theirs}]
    token = world.post("/cases/export", {"cases": cases, "format": "csv"}).json()["token"]
    text = world.get(f"/export/{token}").text
    assert [line["question"] for line in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))] == [
        "Mine?",
        "Theirs?",
    ]
    assert "never" not in text
    with world.site.store.database.begin() as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.action == "export.conversation")).mappings()
        assert [(each["about"], each["details"]) for each in rows] == [(theirs, {"user": "otto"})]


def test_a_look_that_cannot_be_written_down_is_not_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise StoreError("full")

    monkeypatch.setattr(world.site.audit, "record", fails)
    cases = [{"user": "otto", "id": world.keep("Theirs", "otto")}]
    assert world.post("/cases/export", {"cases": cases, "format": "csv"}).status_code == 503


def test_a_store_that_fails_is_told(world: World) -> None:
    with world.site.store.database.begin() as connection:
        connection.execute(sa.text("DROP TABLE cases"))
    assert world.get("/cases").status_code == 503
    assert world.get("/cases").json()["code"] == "store"
