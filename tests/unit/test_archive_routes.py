"""The routes of the lists, of exports and of links, on a real server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from routes import conversations, export, live, people, share
from routes.policies import READING_POLICY
from routes.security import Security
from services.conversations import Conversation
from services.exports.document import Document
from services.exports.html_page import HtmlPage
from services.identities.open import COOKIE
from services.identity import Identity, Role
from services.site import Site, current
from services.store import Owned
from services.turn import Turn
from tests.site import until
from tests.unit import archived
from tests.unit.archived import FOREIGN, LONG
from tests.unit.archived import Served as World
from tests.unit.test_routes import listening
from tests.upstream import Refusal, Upstream, row


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    routes = [*conversations.ROUTES, *export.ROUTES, *people.ROUTES, Route("/share/{token}", share.page)]
    routes.append(Route("/turns/{key}", live.older))
    with listening(Starlette(routes=routes, middleware=[Middleware(Security)])) as url:
        yield url


@pytest.fixture
def world(served: str) -> Iterator[World]:
    with Upstream() as dify, archived.served_over(dify, served) as made:
        yield made


def listed(world: World, query: str = "") -> list[str]:
    answer = world.get(f"/conversations{query}")
    assert answer.status_code == 200
    return [shown["name"] for shown in answer.json()["rows"]]


def test_a_list_is_its_owners_and_says_all_of_a_row(world: World) -> None:
    conversation = world.keep("Mine")
    world.dify.keep(row("theirs", "x"), user="somebody else")
    (shown,) = world.get("/conversations").json()["rows"]
    assert shown["id"] == conversation
    assert shown["name"] == "Mine"
    assert {"status", "introduction", "inputs", "created_at", "updated_at", "pinned", "running"} <= set(shown)
    assert world.post(f"/conversations/{conversation}/pin", {"pinned": True}).status_code == 204
    assert world.get("/conversations").json()["rows"][0]["pinned"] is True


def test_a_row_says_what_was_asked_last(world: World) -> None:
    """The opening statement, which Dify gives as an introduction, is the same for all of them."""
    mine, never_opened = world.keep("Opened"), world.keep("Never opened")
    place = Conversation(Owned("", "app", world.ada.user, mine))
    turns = [
        Turn(words, state="complete", message_id=f"m{n}", asked_at=1000.0 + n)
        for n, words in enumerate(("first", "last" + "!" * 400))
    ]
    world.site.archive.search.saw(place, mine, reversed(turns))
    asked = {shown["id"]: shown["asked"] for shown in world.get("/conversations").json()["rows"]}
    assert asked == {mine: "last" + "!" * 296, never_opened: None}


@pytest.mark.parametrize("query", ["sort=name", "since=soon", "until=1e99"])
def test_a_list_is_not_asked_for_what_it_cannot_do(world: World, query: str) -> None:
    assert world.get(f"/conversations?{query}").status_code == 400


def test_a_list_that_is_known_is_not_sent_again(world: World) -> None:
    conversation = world.keep("Before")
    path = "/conversations/newest"
    known = world.get(path).json()
    assert [shown["name"] for shown in known["rows"]] == ["Before"]
    again = world.get(f"{path}?known={known['version']}")
    assert (again.status_code, again.content) == (204, b"")
    world.post(f"/conversations/{conversation}/name", {"name": "After"})
    changed = world.get(f"{path}?known={known['version']}").json()
    assert [shown["name"] for shown in changed["rows"]] == ["After"]
    assert changed["version"] != known["version"]


def test_names_and_their_refusals(world: World) -> None:
    conversation = world.keep("Before")
    path = f"/conversations/{conversation}/name"
    assert world.post(path, {"name": " After "}).json() == {"name": "After"}
    assert world.post(path, {"generate": True}).json() == {"name": "A title from Dify"}
    for body, code in (
        ({"name": "x" * 256}, "too_long"),
        ({"name": ""}, "blank"),
        ({"name": 5}, "invalid_param"),
    ):
        answer = world.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    unknown = world.post("/conversations/00000000-0000-4000-8000-000000000000/name", {"name": "x"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    world.dify.fail("name", Refusal.of(500, "unknown", "broken"))
    assert world.post(path, {"name": "x"}).status_code == 502


def test_deleting_waits_and_is_undone(world: World) -> None:
    conversation, _ = world.keep("Gone"), world.keep("Stays")
    (waiting,) = world.post("/conversations/delete", {"ids": [conversation]}).json()["pending"]
    assert waiting["name"] == "Gone"
    assert listed(world) == ["Stays"]
    assert listed(world, "?q=gone") == []
    assert world.get("/conversations/pending").json()["pending"][0]["id"] == conversation
    assert world.post("/conversations/undo", {"ids": [conversation]}).json() == {"kept": [conversation]}
    assert sorted(listed(world)) == ["Gone", "Stays"]
    for body in ({}, {"ids": []}, {"ids": "x"}, {"ids": [5]}, {"ids": [""]}, []):
        assert world.post("/conversations/delete", body).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/conversations/delete", {"ids": ["x"]}),
        ("/conversations/undo", {"ids": ["x"]}),
        ("/conversations/x/name", {"name": "y"}),
        ("/conversations/x/pin", {"pinned": True}),
        ("/export", {"ids": ["x"], "format": "json"}),
    ],
)
def test_nothing_is_done_for_strangers_or_other_sites(world: World, path: str, body: Any) -> None:
    assert world.post(path, body, **FOREIGN).status_code == 403
    assert httpx.post(world.url + path, json=body, timeout=LONG).status_code == 403
    assert world.dify.requests == []


def test_an_export_is_a_download_for_who_asked_for_it(world: World) -> None:
    ids = [world.keep("Größe: ein/zwei"), world.keep("Two")]
    token = world.post("/export", {"ids": ids, "format": "json"}).json()["token"]
    assert world.get(f"/export/{token}/progress").json()["state"] == "waiting"
    answer = world.get(f"/export/{token}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == READING_POLICY
    assert [kept["name"] for kept in json.loads(answer.text)["conversations"]] == ["Größe: ein/zwei", "Two"]
    progress = world.get(f"/export/{token}/progress").json()
    assert progress == {"state": "complete", "total": 2, "done": 2, "failed": 0}
    stranger = f"{COOKIE}={world.site.identities.new_cookie()}"
    for path in (f"/export/{token}", f"/export/{token}/progress", "/export/no-such-token"):
        assert world.get(path, cookie=stranger).status_code == 404
    one = world.post("/export", {"ids": ids[:1], "format": "html"}).json()["token"]
    assert "Gr%C3%B6%C3%9Fe-ein-zwei.html" in world.get(f"/export/{one}").headers["content-disposition"]
    found = world.post("/export", {"query": {"q": "two"}, "format": "csv"}).json()["token"]
    assert world.get(f"/export/{found}").text.count("\n") == 2
    for body in ({"ids": [], "format": "json"}, {"ids": ["x"], "format": "exe"}, {"format": "json"}, []):
        assert world.post("/export", body).status_code == 400


def test_an_export_that_cannot_begin_is_an_error_and_no_file(world: World) -> None:
    world.dify.fail("conversations", Refusal.of(500, "unknown", "broken"))
    token = world.post("/export", {"query": {}, "format": "json"}).json()["token"]
    assert world.get(f"/export/{token}").status_code == 502
    assert world.get(f"/export/{token}/progress").json()["state"] == "failed"


def test_links_opened_again_and_again_hold_nobody_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes its time to draw, and needs no signing in; forty would take every thread there is."""
    turn = world.asked("**shared**")
    made = world.archive.shares.make(archived.ADA, world.app, turn.conversation_id, "A title", [turn], 60)
    came: list[Site] = []
    drawn = threading.Event()

    def arrived() -> Site:
        came.append(current())
        return came[-1]

    def slowly(writer: HtmlPage, document: Document) -> Iterator[str]:
        drawn.wait(4 * LONG)
        yield from one(writer, document)

    one = HtmlPage.one
    monkeypatch.setattr(share, "current", arrived)
    monkeypatch.setattr(HtmlPage, "one", slowly)
    many = 45
    with ThreadPoolExecutor(many) as crowd:
        path = f"{world.url}/share/{made.token}"
        opened = [crowd.submit(httpx.get, path, timeout=4 * LONG) for _ in range(many)]
        until(lambda: len(came) == many)
        try:
            assert world.get("/turns/a-key-of-nobody").status_code == 404
        finally:
            drawn.set()
        assert {each.result().status_code for each in opened} == {200}


def test_a_link_is_a_page_that_can_do_nothing(world: World) -> None:
    turn = world.asked("<script>alert(1)</script> **shared**")
    made = world.archive.shares.make(archived.ADA, world.app, turn.conversation_id, "A <title>", [turn], 60)
    answer = httpx.get(f"{world.url}/share/{made.token}", timeout=LONG)  # nobody in particular
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == READING_POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert "<title>A &lt;title&gt;</title>" in answer.text
    assert "<script" not in answer.text
    for hidden in (turn.message_id, turn.conversation_id, "ada"):
        assert hidden not in answer.text
    world.archive.shares.revoke(archived.ADA, made.token)
    gone = httpx.get(f"{world.url}/share/{made.token}", timeout=LONG)
    assert (gone.status_code, "shared" in gone.text) == (404, False)


def test_an_export_hides_personal_data_on_request(world: World) -> None:
    kept = world.keep("Mine is ada@example.org")
    for wanted in ({"ids": [kept]}, {"query": {"q": ""}}):
        asked = {**wanted, "format": "markdown"}
        shown, hidden = (
            world.get(f"/export/{world.post('/export', body).json()['token']}").text
            for body in (asked, {**asked, "mask": True})
        )
        assert "ada@" not in hidden
        assert "[e-mail 1]" in hidden
        assert "ada@" in shown


def test_people_are_for_those_who_may_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.site.people.sightings.saw("app", user="zoe", how="question")
    world.site.people.sightings.saw("app", user="bob", how="question")
    page = world.get("/people/rows?q=zoe&sort=name").json()
    assert [shown["user"] for shown in page["rows"]] == ["zoe"]
    assert (page["total"], page["after"]) == (1, None)
    assert world.get("/people/rows?sort=user").status_code == 400
    assert httpx.get(f"{world.url}/people/rows").status_code == 403
    denied = Identity(world.ada.user, Role.AGENT)
    monkeypatch.setattr(type(world.site.identities), "of", lambda *_: denied)
    answer = world.get("/people/rows")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
