"""Every route there is: whose things it gives, from where it may be asked, and that nothing breaks it.

The routes come from app.py, so a new one is tested here as soon as it is served. Where it takes a parameter
of a new name, World.given has to say what of Ada's that may be; World.instead, where a known name means
something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from routes import live
from routes.security import Security
from services import assembly, saved
from services import site as sites
from services.accounts.book import Accounts
from services.accounts.passwords import Passwords
from services.apps import App
from services.dify.client import Client
from services.dify.patience import Patience
from services.draft import Draft
from services.identities.accounts import LocalAccounts
from services.identities.open import COOKIE, Open
from services.identity import Departures, Identity, Secret
from services.site import Site
from services.store import Store
from services.variable_log import Place
from services.work.case import Change, Filters
from tests.rated import Rated
from tests.site import until
from tests.unit.test_files import SVG, png
from tests.unit.test_records import places, swapped
from tests.unit.test_routes import listening
from tests.upstream import Answer, stops_delivered
from tests.whole import CHANGING, Whole, whole

LONG = 20.0
KEY = "a-key-of-adas-own"
SECRET_WORDS = "the-words-of-ada"
PUBLIC = {"/assets/{digest}/{path:path}", "/healthz", "/share/{token}", "/signin", "/password", "/signout"}
"""Routes that tell everybody the same, or are what people sign in by. A share's token is the right to it."""
EVERYBODYS = {"/icons/{app}", "/icons/{app}/{tool:path}"}
"""The same for everybody who is somebody."""
OWN_MARKS = {"/conversations/{id}/pin"}
"""They keep a mark for whoever asks, by any id, and so tell nobody whether there is such a conversation."""
STAFFS = {"/feedbacks/{id}/handled", "/numbers/{kind}.csv"}
"""What belongs to an app and to no person: for curators, and everybody is an admin where nobody signs in."""
NOTES = {"/notes/{note}", "/notes/{note}/delete", "/notes/{note}/restore"}
"""The staff may read each other's notes, and so is told that only their author changes them."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SHAPES: dict[str, Any] = {
    "/turns/{key}/{turn}/rating": {"rating": "like", "content": "good"},
    "/turns/{key}/{turn}/form": {"form": "f", "inputs": {"a": "b", "c": [{"id": "x.y"}]}, "action": "go"},
    "/conversations/delete": {"ids": ["x"]},
    "/conversations/undo": {"ids": ["x"]},
    "/conversations/{id}/name": {"name": "A name"},
    "/conversations/{id}/pin": {"pinned": True},
    "/export": {"query": {"q": "a", "sort": "-updated_at", "since": 1, "until": "2"}, "format": "json"},
    "/feedbacks/{id}/handled": {"handled": True},
    "/prompts": {"title": "A title", "text": "For {{name}}", "shared": False},
    "/prompts/{prompt}": {"title": "A title", "text": "For {{name}}", "shared": False, "version": 1},
    "/prompts/{prompt}/filled": {"values": {"name": "a parcel"}},
    "/cases/change": {
        "cases": [{"user": "", "id": "x"}],
        "status": "triaged",
        "assignee": "",
        "add": ["a tag"],
        "remove": ["another"],
        "seen": {"status": "new", "assignee": ""},
    },
    "/cases/undo": {"undo": "x"},
    "/cases/export": {"cases": [{"user": "", "id": "x"}], "format": "json", "mask": True},
    "/notes": {"user": "", "id": "x", "message": "", "text": "A note"},
    "/notes/{note}": {"text": "A note", "version": 1},
    "/views": {
        "name": "A view",
        "filters": {"text": "a", "status": "open", "assignee": "me", "tag": "b", "days": 7},
        "shared": False,
    },
}
"""A good body, of which the fuzz changes one place."""


@dataclass
class World:
    whole: Whole
    dify: Rated
    site: Site
    cookie: str
    given: dict[str, str]
    """Of each parameter of a path, one that is Ada's."""
    instead: dict[tuple[str, str], str] = field(default_factory=dict)
    """The same for a parameter of one route alone, by its path and the name."""
    told: dict[str, Any] = field(default_factory=dict)
    """Bodies that name what is Ada's, by the route's path."""
    queries: dict[str, str] = field(default_factory=dict)
    """What else a route has to be asked with, by its path."""

    @property
    def ada(self) -> Identity:
        return self.of(self.cookie)

    def of(self, cookie: str) -> Identity:
        found = self.site.identities.of({COOKIE: cookie}, {}, None)
        assert found is not None
        return found

    def value(self, route: Route, name: str) -> str:
        found = self.instead.get((route.path, name)) or self.given.get(name)
        assert found, f"say in this test what of Ada's may stand for {name} of {route.path}"
        return found

    def path(self, route: Route) -> str:
        return re.sub(r"{(\w+)(:\w+)?}", lambda found: self.value(route, found[1]), route.path)

    def body(self, route: Route) -> Any:
        return self.told.get(route.path) or SHAPES.get(route.path, {})


@pytest.fixture(scope="module")
def everything() -> Iterator[Whole]:
    with whole() as found:
        yield found


@pytest.fixture(scope="module")
def world(everything: Whole) -> Iterator[World]:
    """Ada, who is one of two browsers, has asked, and has everything that a route may give."""
    with Rated() as dify:
        client = Client(dify.url, dify.key, patience=Patience(connect=2, read=5, repeats=0))
        identities = Open(Secret(b"s" * 32))
        site = assembly.over(App("app", client), identities, Store.in_memory())
        sites.use(site)
        dify.parameters = {**dify.parameters, "text_to_speech": {"enabled": True, "voice": "alloy"}}
        site.apps[0].profile()
        made = World(everything, dify, site, identities.new_cookie(), {})
        dify.served["/files/pic"] = (png(), "image/png")
        dify.served["/files/vector"] = (SVG, "image/png")
        dify.speech = (b"ID3sound",)
        dify.next(
            Answer(
                SECRET_WORDS,
                lambda f: f.file("pic", url="/files/pic"),
                lambda f: f.file("vector", url="/files/vector"),
            )
        )
        place = site.directory.open(made.ada, site.apps[0], f"~{KEY}")
        run = site.runs.start(made.ada, client, place, Draft(SECRET_WORDS), "send-1")
        assert run
        assert run.done.wait(LONG)
        assert place.conversation_id
        archive, turn = site.archive, place.turns()[0]
        share = archive.shares.make(made.ada, site.apps[0], place.conversation_id, "title", [turn], 600.0)
        job = archive.exports.request(made.ada, site.apps[0], [place.conversation_id], "markdown")
        made.given = {
            "key": KEY,
            "turn": turn.id,
            "file": "pic",
            "step": "node-1",
            "id": place.conversation_id,
            "token": job.token,
            "app": "app",
            "tool": "clock",
            "digest": "0" * 12,
            "path": "transcript.js",
            "share": share.token,
            "kind": "question",
        }
        works(made, Place("app", made.ada.user, place.conversation_id))
        rated(made)
        yield made
        live.stopping.now = False
        site.stop()
        stops_delivered()
        client.close()
        sites.refuse("over")


def works(world: World, place: Place) -> None:
    """What Ada keeps for herself beside a conversation: of each one to change, one to delete, one deleted."""
    ada, work = world.ada, world.site.work
    for number in range(3):
        note = work.notes.add(ada, place, SECRET_WORDS).id
        view = work.views.save(ada, "app", "A view", Filters(text=SECRET_WORDS), shared=False).id
        prompt = work.prompts.make(ada, "app", SECRET_WORDS, SECRET_WORDS, shared=False).id
        for name, its in (("note", note), ("view", view), ("prompt", prompt)):
            match number:
                case 0:
                    world.given[name] = its
                case 1:
                    world.instead[f"/{name}s/{{{name}}}/delete", name] = its
                case _:
                    world.instead[f"/{name}s/{{{name}}}/restore", name] = its
    work.notes.delete(ada, "app", note)
    work.views.delete(ada, "app", view)
    work.prompts.delete(ada, "app", prompt)
    world.told["/cases/undo"] = {"undo": work.cases.change(ada, [place], Change(add=("a tag",))).token}
    world.queries["/cases/one"] = urlencode({"id": place.conversation_id})


def rated(world: World) -> None:
    """There is feedback on the app, and it is read."""
    row_id = world.dify.rate(content="wrong")["id"]
    inbox, app = world.site.feedback, world.site.apps[0]
    inbox.read_again(world.ada, app)
    until(lambda: inbox.row(world.ada, app, row_id) is not None)
    world.instead["/feedbacks/{id}/handled", "id"] = row_id


@pytest.fixture(autouse=True)
def going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "stopping", live.Stopping())


def orderly(answer: Any, path: str, dify_key: str = "") -> None:
    """What holds for every answer, whatever was asked."""
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy or "object-src 'none'" in policy
    assert "access-control-allow-origin" not in answer.headers, "no other site may read it"
    assert answer.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    if answer.status >= 500:
        assert answer.status in {502, 503}, (path, answer.status)
        assert json.loads(answer.body)["code"], "a refusal that can be read"
    assert b"Traceback" not in answer.body, path
    assert not dify_key or dify_key.encode() not in answer.body, path


# Whose it is


def test_ada_gets_what_is_hers(world: World) -> None:
    """Otherwise the next tests would show nothing."""
    mine = [("cookie", f"{COOKIE}={world.cookie}")]
    seen = {}
    for route in world.whole.routes:
        if "GET" in (route.methods or ()) and route.path not in PUBLIC:
            query = world.queries.get(route.path, "")
            seen[route.path] = world.whole.ask("GET", world.path(route), mine, query=query)
    refused = {path: answer.status for path, answer in seen.items() if answer.status >= 300}
    assert refused == {}
    assert SECRET_WORDS.encode() in seen["/live/{key}"].body
    for path in ("/export/{token}", "/prompts", "/cases", "/cases/one"):
        assert SECRET_WORDS.encode() in seen[path].body, path


def test_nobody_else_gets_it(world: World) -> None:
    stranger = world.site.identities.new_cookie()  # type: ignore[attr-defined]
    ben = world.of(stranger)
    for cookie, statuses in ((stranger, {404}), ("", {403}), ("forged.cookie", {403})):
        world.dify.requests.clear()
        world.dify.asked.clear()
        for route in world.whole.routes:
            owned = set(route.param_convertors) - {"app", "tool"} or route.path in world.told
            if route.path in PUBLIC | EVERYBODYS:
                continue
            for method in sorted((route.methods or set()) - {"HEAD"}):
                body = json.dumps(world.body(route)).encode()
                headers, query = [("cookie", f"{COOKIE}={cookie}")], world.queries.get(route.path, "")
                answer = world.whole.ask(method, world.path(route), headers, query=query, body=body)
                orderly(answer, route.path, world.dify.key)
                if route.path in OWN_MARKS and cookie == stranger:
                    assert (answer.status, answer.body) == (204, b"")
                elif route.path in STAFFS and cookie == stranger:
                    assert answer.status == 200, route.path
                elif route.path in NOTES and cookie == stranger:
                    assert answer.status == 403, route.path
                elif owned or cookie != stranger:
                    assert answer.status in statuses, (method, route.path, answer.body)
                assert SECRET_WORDS.encode() not in answer.body, route.path
                assert world.given["turn"].encode() not in answer.body, route.path
        users = {query["user"] for _, _, query in world.dify.requests if "user" in query}
        assert users <= {ben.user}, "a claim is put to Dify under the claimant's own name, or not at all"
    assert world.site.directory.of(world.ada, KEY).turns()[0].rating is None


def test_a_shares_token_is_the_right_to_it_and_to_nothing_else(world: World) -> None:
    page = world.whole.ask("GET", f"/share/{world.given['share']}")
    assert page.status == 200
    assert SECRET_WORDS in page.body.decode()
    for secret in (KEY, world.given["turn"], world.given["id"], world.ada.user, world.dify.key, "/files/pic"):
        assert secret not in page.body.decode()
    assert page.headers["content-security-policy"].startswith("sandbox allow-popups ")
    copy = world.site.archive.shares.opened(world.given["share"])
    assert copy is not None
    kept = json.dumps([saved.to_row(turn) for turn in copy.turns])
    assert SECRET_WORDS in kept
    for secret in (world.given["turn"], world.given["id"], "/files/"):
        assert secret not in kept, "it is not even written down"
    for other in ("", world.given["share"][:-1], world.given["share"] + "x", world.given["token"]):
        assert world.whole.ask("GET", f"/share/{other}").status == 404


def test_nothing_that_is_sent_becomes_difys_user(world: World) -> None:
    names = ("user", "user_id", "X-Forwarded-User", "Remote-User", "X-User")
    claims = [("cookie", f"{COOKIE}={world.cookie}; user=eve"), *((name.lower(), "eve") for name in names)]
    world.dify.requests.clear()
    for route in world.whole.routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            body = json.dumps({**world.body(route), "user": "eve"}).encode()
            world.whole.ask(
                method, world.path(route), claims, query=urlencode(dict.fromkeys(names, "eve")), body=body
            )
    users = {query["user"] for _, _, query in world.dify.requests if "user" in query}
    assert users == {world.ada.user}


def test_what_is_picked_is_somebodys(world: World) -> None:
    """Where nobody signs in either: it is kept in memory, and counted."""
    path = "/_stcore/upload_file/session/file"
    for cookie, status in (("", 403), ("forged.cookie", 403), (world.cookie, 404)):
        headers = [("cookie", f"{COOKIE}={cookie}"), ("content-length", "1")]
        answer = world.whole.ask("PUT", path, headers, body=b"x")
        assert answer.status == status, "404: there is no Streamlit in this test"


# From where it may be asked

FOREIGN = [
    [("origin", "https://evil.example")],
    [("origin", "null")],
    [("origin", "http://127.0.0.1:1")],
    [("origin", "http://localhost:8501")],
    [("origin", "")],
    [("sec-fetch-site", "cross-site")],
    [("sec-fetch-site", "same-site")],
    [("origin", "http://127.0.0.1"), ("sec-fetch-site", "cross-site")],
    [("host", "evil.example")],
    [("host", "evil.example"), ("origin", "http://evil.example")],
]


def test_no_other_site_changes_anything(world: World) -> None:
    before = world.site.directory.of(world.ada, KEY).turns()
    world.dify.requests.clear()
    changing = [route for route in world.whole.routes if CHANGING & (route.methods or set())]
    assert len(changing) > 8
    reading = {route.path for route in world.whole.routes if "GET" in (route.methods or ())}
    for route in changing:
        body = json.dumps(world.body(route)).encode()
        for method in sorted(CHANGING & (route.methods or set())):
            for headers in FOREIGN:
                asked = [("cookie", f"{COOKIE}={world.cookie}"), *headers]
                answer = world.whole.ask(method, world.path(route), asked, body=body)
                assert answer.status == 403, (method, route.path, headers)
                orderly(answer, route.path)
        if route.path not in reading:
            answer = world.whole.ask("GET", world.path(route), [("cookie", f"{COOKIE}={world.cookie}")])
            assert answer.status in {404, 405}, f"a link would do it: {route.path}"
    assert world.dify.requests == []
    assert world.site.directory.of(world.ada, KEY).turns() == before
    world.site.archive.exports.of(world.ada, world.given["token"])


@pytest.mark.parametrize(
    "headers",
    [
        [("host", "127.0.0.1"), ("origin", "https://evil.example")],
        [("host", "127.0.0.1"), ("origin", "null")],
        [("host", "127.0.0.1:8501"), ("origin", "http://127.0.0.1:3000")],
        [("host", "evil.example"), ("origin", "http://evil.example")],
        [("host", "evil.example")],
        [("host", "")],
        [("host", "127.0.0.1"), ("sec-fetch-site", "cross-site")],
    ],
)
def test_no_other_site_opens_a_websocket(headers: list[tuple[str, str]]) -> None:
    sent: list[Any] = []

    async def inside(*_: Any) -> None:
        raise AssertionError("it came through")

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": given, "query_string": b""}
    anyio.run(Security(inside), scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


# Nothing breaks it

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ODD = st.sampled_from(
    [
        "",
        "..",
        "../..",
        "%00",
        "\0",
        "~",
        "a" * 3_000,
        "-1",
        "0",
        "NaN",
        "1e999",
        "é",
        "\u202e",
        "\r\nA: b",
        "[",
        "//",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        "user",
        "app",
        "before",
        "last",
        "q",
        "sort",
        "since",
        "after",
        "voice",
        "download",
        "next",
        "form",
        "input",
        "days",
        "zone",
        "status",
        "assignee",
        "handled",
        "until",
    ]
)
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=30)
SENT = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "cookie",
                "range",
                "last-event-id",
                "content-type",
                "accept",
                "origin",
                "host",
                "sec-fetch-dest",
                "x-forwarded-user",
                "x-forwarded-for",
                "authorization",
                "accept-encoding",
                "content-length",
            ]
        ),
        LATIN
        | st.sampled_from(["bytes=0-", "bytes=9-1", "text/html", "document", "dead-1-0-0", "gzip", "-1"]),
    ),
    max_size=3,
)


def bodies(path: str) -> st.SearchStrategy[bytes]:
    text = JSON.map(json.dumps)
    if shape := SHAPES.get(path):
        near = st.tuples(st.sampled_from(places(shape)), JSON).map(lambda p: json.dumps(swapped(shape, *p)))
        text = near | near | text
    forms = st.dictionaries(
        st.sampled_from(["name", "password", "next", "current", "new", "again"]), TEXT | ODD
    )
    return text.map(str.encode) | forms.map(lambda form: urlencode(form).encode()) | st.binary(max_size=40)


def battered(world: World, data: st.DataObject, cookie: bool = True) -> None:
    """One request to each route, of whatever kind."""
    world.dify.requests.clear()
    world.dify.asked.clear()
    for route in world.whole.routes:
        names = route.param_convertors
        values = {name: data.draw(st.just(world.value(route, name)) | TEXT | ODD) for name in names}
        path = re.sub(r"{(\w+)(:\w+)?}", lambda found, values=values: values[found[1]], route.path)
        usual = sorted(route.methods or ())
        method = data.draw(st.sampled_from(usual * 3 + ["OPTIONS", "DELETE", "PATCH", "TRACE", "x"]))
        query = urlencode(data.draw(st.dictionaries(NAMES, TEXT | ODD, max_size=2)))
        headers = data.draw(SENT)
        if cookie and data.draw(st.integers(0, 3)):
            headers = [("cookie", f"{COOKIE}={world.cookie}"), *headers]
        answer = world.whole.ask(method, path, headers, query=query, body=data.draw(bodies(route.path)))
        orderly(answer, path, world.dify.key)
    users = {query["user"] for _, _, query in world.dify.requests if "user" in query}
    users |= {asked.body["user"] for asked in world.dify.asked}
    assert users <= ({world.ada.user} if world.cookie else set()), "nothing that is sent becomes Dify's user"


ANY: list[Any] = [
    *(None, True, 0, -1.5, 10**400, float("nan"), "", "x", "\ud800", "\0", "x" * 5_000, "9" * 400),
    *([], [[]], [None], {}, {"a": {}}, ["x"] * 300),
]


def test_anything_may_stand_at_any_place_of_a_body(world: World) -> None:
    mine = [("cookie", f"{COOKIE}={world.cookie}")]
    asked = 0
    for route in world.whole.routes:
        shape = SHAPES.get(route.path)
        for place in places(shape) if shape else ():
            for anything in ANY:
                body = json.dumps(swapped(shape, place, anything)).encode()
                orderly(world.whole.ask("POST", world.path(route), mine, body=body), route.path)
                asked += 1
    assert asked > 300


PLACES = [
    *(
        "[" * 3_000,
        f'[{10**400}, "a", "b"]',
        '[NaN, "", ""]',
        "[1]",
        "{}",
        "1e999~x",
        "nan~",
        "~",
        "x" * 5_000,
    ),
]


def test_a_list_may_be_asked_to_go_on_from_anywhere(world: World) -> None:
    mine = [("cookie", f"{COOKIE}={world.cookie}")]
    for path in ("/cases", "/conversations", "/feedbacks", "/people/rows"):
        for after in PLACES:
            orderly(world.whole.ask("GET", path, mine, query=urlencode({"after": after})), path)


def test_what_cannot_be_written_out_is_not_taken_in(world: World) -> None:
    """It would be told with the list, which then nobody could read any more."""
    mine = [("cookie", f"{COOKIE}={world.cookie}")]
    for route in world.whole.routes:
        shape = SHAPES.get(route.path)
        for place in places(shape) if shape else ():
            body = json.dumps(swapped(shape, place, "\ud800")).encode()
            world.whole.ask("POST", world.path(route), mine, body=body)
    for path in (
        "/cases",
        "/cases/one",
        "/prompts",
        "/conversations",
        "/feedbacks",
        "/conversations/pending",
    ):
        assert world.whole.ask("GET", path, mine, query=world.queries.get(path, "")).status == 200, path


LOOSE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


@settings(max_examples=8, deadline=None, suppress_health_check=LOOSE)
@given(data=st.data())
def test_no_request_breaks_a_route(world: World, data: st.DataObject) -> None:
    battered(world, data)


@pytest.mark.soak
@settings(max_examples=500, deadline=None, suppress_health_check=LOOSE)
@given(data=st.data())
def test_no_request_of_many_breaks_a_route(world: World, data: st.DataObject) -> None:
    battered(world, data)


@pytest.fixture
def accounts(world: World) -> Iterator[World]:
    """The same where people sign in, and nobody has."""
    store, secret = Store.in_memory(), Secret(b"s" * 32)
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    book = Accounts(store.database, secret, Departures(), Passwords(hasher))
    site = assembly.over(world.site.apps[0], LocalAccounts(book), store)
    sites.use(site)
    yield World(world.whole, world.dify, site, "", world.given, world.instead)
    sites.use(world.site)
    site.stop()


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=(*LOOSE, HealthCheck.function_scoped_fixture),
)
@given(data=st.data())
def test_nor_where_nobody_has_signed_in(accounts: World, data: st.DataObject) -> None:
    battered(accounts, data, cookie=False)
    assert accounts.dify.requests == [], "Dify hears of nobody who has not signed in"


def test_what_fails_in_the_code_itself_tells_nothing_and_has_the_headers() -> None:
    async def broken(_: Request) -> Response:
        raise RuntimeError("a secret of the code")

    with listening(Starlette(routes=[Route("/", broken)], middleware=[Middleware(Security)])) as url:
        answer = httpx.get(url, trust_env=False, timeout=LONG)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
