"""The routes and their middleware on a real server, without Streamlit."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from routes import afterwards, assets, health, human_input, live, speech, steps, variables
from routes.policies import MEDIA_POLICY, policy
from routes.security import Security
from services import assembly, frontend
from services import site as sites
from services.conversations import Conversation
from services.dify.variables import Variable
from services.draft import Draft
from services.identities.open import COOKIE
from services.identity import Identity, Role, Secret
from services.settings import AppSettings, Settings
from services.site import Site
from services.variable_watch import place_of
from tests.position import Position
from tests.quick_server import QuickServer
from tests.upstream import Answer, Gate, Refusal, Upstream, row, stops_delivered

LONG = 20.0
KEY = "a-key-of-our-own"


async def page(_: Request) -> Response:
    return HTMLResponse("<html></html>")


async def unchanged(_: Request) -> Response:
    return Response(status_code=304)


async def media(_: Request) -> Response:
    return PlainTextResponse("a file")


@dataclass
class World:
    dify: Upstream
    site: Site
    url: str
    cookie: str

    @property
    def ada(self) -> Identity:
        found = self.site.identities.of({COOKIE: self.cookie}, {}, None)
        assert found is not None
        return found

    @property
    def headers(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self.cookie}"}

    def place(self, key: str = KEY) -> Conversation:
        return self.site.directory.open(self.ada, self.site.apps[0], f"~{key}")

    def ask(self, place: Conversation, query: str = "hi") -> Any:
        return self.site.runs.start(self.ada, self.site.apps[0].client, place, Draft(query), f"send-{query}")

    def get(self, path: str, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.get(self.url + path, headers={**self.headers, **given}, timeout=LONG)

    def post(self, path: str, **headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(self.url + path, headers={**self.headers, **given}, timeout=LONG)

    @contextmanager
    def live(self, key: str = KEY, *, before: Live | None = None, position: str = "") -> Iterator[Live]:
        """`before` is the stream that this one goes on from."""
        position = before.position if before else position
        headers = {**self.headers, **({"last-event-id": position} if position else {})}
        with httpx.stream("GET", f"{self.url}/live/{key}", headers=headers, timeout=LONG) as response:
            assert response.status_code == 200
            yield Live(response, before.turns if before else [], Position(position))


class Live:
    """What an EventSource makes of the bytes."""

    def __init__(self, response: httpx.Response, turns: list[dict[str, Any]], position: Position) -> None:
        self.response = response
        self.position = position
        self.turns = turns
        self._blocks = self._read()

    def _read(self) -> Iterator[str]:
        pending = ""
        for text in self.response.iter_text():
            pending += text
            *blocks, pending = pending.split("\n\n")
            yield from blocks

    def _take(self, name: str, data: Any) -> None:
        match name:
            case "snapshot":
                self.turns = data["turns"]
            case "text":
                turn = self.turns[data[0]]
                turn["answer"] = turn.get("answer", "") + data[1]
            case "turn" if data["index"] < len(self.turns):
                self.turns[data["index"]].update(data)
            case "turn":
                self.turns.append(data)

    def comment(self) -> str:
        return next(block for block in self._blocks if block.startswith(":"))

    def event(self, *names: str) -> tuple[str, Any]:
        """The next event, or the next of these names."""
        for block in self._blocks:
            if block.startswith(":"):
                continue
            lines = dict(line.split(":", 1) for line in block.split("\n"))
            name = lines.get("event", "text").strip()
            data = json.loads(lines["data"])
            if "id" in lines:
                self.position = Position(lines["id"].strip())
            elif isinstance(data, str):
                data, self.position = [self.position.index, data], self.position.after(data)
            self._take(name, data)
            if not names or name in names:
                return name, data
        raise AssertionError("the stream has ended")

    def answer(self, wanted: str) -> None:
        """Reads until the last turn's answer is this; on the way there it may only grow."""
        while (answer := self.turns[-1].get("answer", "") if self.turns else "") != wanted:
            assert wanted.startswith(answer)
            self.event("snapshot", "turn", "text")

    def ended(self) -> bool:
        return not list(self._blocks)


@contextmanager
def listening(app: Starlette) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = QuickServer(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LONG)


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    app = Starlette(
        routes=[
            Route("/", page),
            Route("/unchanged", unchanged),
            Route("/media/{name}", media),
            Route("/live/{key}", live.events),
            Route("/turns/{key}", live.older),
            Route("/turns/{key}/{turn}/suggestions", afterwards.suggestions),
            Route("/turns/{key}/{turn}/rating", afterwards.rate, methods=["POST"]),
            Route("/turns/{key}/{turn}/form", human_input.submit, methods=["POST"]),
            Route("/turns/{key}/{turn}/form/file", human_input.file, methods=["POST"]),
            Route("/turns/{key}/{turn}/steps/{step:path}", steps.details),
            Route("/speech/{key}/{turn}", speech.speech),
            Route("/turns/{key}/{turn}/variables", variables.changes),
            Route("/stop/{key}", live.stop, methods=["POST"]),
            Route("/assets/{digest}/{path:path}", assets.asset),
            Route("/healthz", health.healthz),
        ],
        middleware=[Middleware(Security), Middleware(assets.StreamlitScripts)],
    )
    with listening(app) as url:
        yield url


@pytest.fixture
def world(served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(live, "stopping", live.Stopping())
    with Upstream() as dify:
        site = assembly.built(Settings(tmp_path, (AppSettings("app", dify.url, dify.key),)), tmp_path)
        sites.use(site)
        yield World(dify, site, served, site.identities.new_cookie())
        live.stopping.now = True
        site.stop()
        for run in site.runs._by_send_id.values():
            run.stop()
            assert run.done.wait(LONG)
        stops_delivered()
        site.apps[0].client.close()
        site.store.close()
        sites.refuse("over")


# /live


def test_a_snapshot_comes_first_then_what_changes(world: World) -> None:
    gate, more = Gate(), Gate()
    world.dify.next(Answer("Hel", gate, "lo", more, "!"))
    place = world.place()
    with world.live() as stream:
        kind = stream.response.headers
        assert kind["content-type"].startswith("text/event-stream")
        assert kind["cache-control"] == "no-store"
        assert stream.comment() == ": open"
        assert stream.event() == (
            "snapshot",
            {"turns": [], "older": None, "conversation_id": None, "notice": None, "opening": None},
        )
        world.ask(place)
        name, turn = stream.event()
        assert (name, turn["query"], turn["index"], turn["id"]) == ("turn", "hi", 0, "send-hi")
        stream.answer("Hel")
        gate.open()
        assert stream.event("text") == ("text", [0, "lo"])
        more.open()
        assert stream.event("text") == ("text", [0, "!"])
        assert stream.event("end")[1] == {"index": 0, "id": "send-hi", "state": "complete"}


def test_it_goes_on_where_it_broke(world: World) -> None:
    gate, more = Gate(), Gate()
    world.dify.next(Answer("one ", gate, "two ", more, "three"))
    place = world.place()
    world.ask(place)
    with world.live() as stream:
        stream.answer("one ")
    gate.open()
    more.wait_reached()
    with world.live(before=stream) as stream:
        assert stream.event("text", "snapshot") == ("text", [0, "two "])
    more.open()
    with world.live(before=stream) as stream:
        assert stream.event("text", "snapshot") == ("text", [0, "three"])
        stream.event("end")
    with world.live(position="dead-1-0-0") as stream:
        assert stream.event()[1]["turns"][0]["answer"] == "one two three"


def test_two_tabs_see_the_same(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("a", gate, "b"))
    place = world.place()
    with world.live() as one, world.live() as other:
        for tab in (one, other):
            tab.event("snapshot")
        world.ask(place)
        for tab in (one, other):
            tab.answer("a")
        gate.open()
        for tab in (one, other):
            tab.answer("ab")


def test_history_is_in_the_first_snapshot(world: World) -> None:
    dialogue = world.dify.keep(row("q", "a"), user=world.ada.user)
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    with world.live(place.key) as stream:
        _, snapshot = stream.event()
    assert [(t["query"], t["answer"], t["state"]) for t in snapshot["turns"]] == [("q", "a", "complete")]
    assert snapshot["conversation_id"] == dialogue.id


def test_unreadable_history_is_said(world: World) -> None:
    world.dify.fail("messages", Refusal.of(401, "unauthorized", "Access token is invalid"))
    place = world.site.directory.open(world.ada, world.site.apps[0], "conv")
    with world.live(place.key) as stream:
        _, snapshot = stream.event()
    assert snapshot["notice"] == {"code": "unauthorized", "message": "Access token is invalid", "status": 401}


def test_a_heartbeat_and_an_end_when_the_cookie_is_good_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    world.place()
    with world.live() as stream:
        stream.event("snapshot")
        assert stream.comment() == ": still here"
        monkeypatch.setattr(world.site.identities, "_secret", Secret(b"another"))
        assert all(block.startswith(":") for block in stream._blocks)


def test_a_stream_tells_another_person_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "IDENTITY_FRESH", 0.0)
    place, eve = world.place(), Identity("eve", world.ada.role)
    with world.live() as stream:
        stream.event("snapshot")
        monkeypatch.setattr(type(world.site.identities), "of", lambda *_: eve)
        place.renamed()
        assert stream.ended()


def test_bye_when_the_site_stops(world: World) -> None:
    world.place()
    with world.live() as stream:
        stream.event("snapshot")
        live.stopping.now = True
        world.place().renamed()
        assert stream.event("bye") == ("bye", {})
        assert stream.ended()


def test_nobody_watches_after_the_line_broke(world: World) -> None:
    place = world.place()
    with world.live() as stream:
        stream.event("snapshot")
        assert place.watched
    deadline = time.monotonic() + LONG
    while place.watched and time.monotonic() < deadline:
        place.renamed()
        time.sleep(0.01)
    assert not place.watched


@pytest.mark.parametrize("path", ["/live/", "/turns/", "/stop/"])
def test_whose_it_is(world: World, path: str) -> None:
    world.place()
    send = world.post if path == "/stop/" else world.get
    assert send(path + "another-persons-key").status_code == 404
    assert send(path + KEY, cookie=f"{COOKIE}={world.site.identities.new_cookie()}").status_code == 404
    for cookie in ("", f"{COOKIE}=forged.value", f"{COOKIE}={world.cookie}x", f"other={world.cookie}"):
        assert send(path + KEY, cookie=cookie).status_code == 403


def test_cookies_of_other_sites_on_this_host_take_nobodys_name_away(world: World) -> None:
    world.place()
    mine = f"{COOKIE}={world.cookie}"
    for others in ('prefs={"a": 1}', "foo[bar]=1", "=x", ";;", "a b c", '"', "x=\xe9", "ключ=1"):
        cookie = f"{others}; {mine}; other=2".encode()
        answer = httpx.get(f"{world.url}/turns/{KEY}", headers={"cookie": cookie}, timeout=LONG)
        assert answer.status_code == 200, others


def test_the_first_cookie_of_a_name_counts(world: World) -> None:
    world.place()
    mine, other = f"{COOKIE}={world.cookie}", f"{COOKIE}={world.site.identities.new_cookie()}"
    assert world.get(f"/turns/{KEY}", cookie=f"{mine}; {other}").status_code == 200
    assert world.get(f"/turns/{KEY}", cookie=f"{other}; {mine}").status_code == 404


def test_without_a_site(world: World) -> None:
    sites.refuse("Set DIFY_API_KEY.")
    assert world.get(f"/live/{KEY}").status_code == 503
    answer = world.get("/healthz")
    assert (answer.status_code, answer.json()["problem"]) == (503, "Set DIFY_API_KEY.")
    assert "set-cookie" not in world.get("/", cookie="").headers


# /turns and /stop


def test_older_pages(world: World) -> None:
    start = int(time.time()) - 1000
    rows = [row(f"q{n}", "a", created_at=start + n) for n in range(45)]
    dialogue = world.dify.keep(*rows, user=world.ada.user)
    place = world.site.directory.open(world.ada, world.site.apps[0], dialogue.id)
    with world.live(place.key) as stream:
        _, page = stream.event()
    turns = page["turns"]
    while page["older"]:
        page = world.get(f"/turns/{place.key}?before={page['older']}").json()
        turns = page["turns"] + turns
    assert [turn["query"] for turn in turns] == [f"q{n}" for n in range(45)]
    assert len({turn["index"] for turn in turns}) == 45
    assert world.get(f"/turns/{place.key}").json() == {"turns": [], "older": None}
    answer = world.get(f"/turns/{place.key}?before=no-such-message")
    assert (answer.status_code, answer.json()["code"]) == (502, "not_found")


def test_stop_as_often_as_one_likes(world: World) -> None:
    gate = Gate()
    world.dify.next(Answer("part", gate))
    place = world.place()
    run = world.ask(place)
    with world.live() as stream:
        stream.answer("part")
        for _ in range(3):
            answer = world.post(f"/stop/{KEY}")
            assert (answer.status_code, answer.content) == (204, b"")
        assert stream.event("end")[1]["state"] == "stopped"
    assert run.done.wait(LONG)
    assert (run.turn.answer, len(world.dify.stops)) == ("part", 1)


def test_stop_is_no_get(world: World) -> None:
    world.place()
    assert world.get(f"/stop/{KEY}").status_code == 405


# /assets


def test_assets_are_for_ever(world: World) -> None:
    name = "transcript.js"
    content = frontend.files()[name].read_bytes()
    answer = world.get(f"/{frontend.path()}{name}", accept_encoding="identity")
    assert answer.content == content
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in answer.headers
    with httpx.stream(
        "GET", f"{world.url}/{frontend.path()}{name}", headers={"accept-encoding": "gzip"}
    ) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == content


def test_every_asset_is_there(world: World) -> None:
    assert {"transcript.js", "style.css"} <= set(frontend.files())
    with httpx.Client(base_url=world.url) as client:
        for name in frontend.files():
            assert client.get(f"/{frontend.path()}{name}").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "../transcript.py",
        "..%2f..%2fapp.py",
        "%2e%2e/%2e%2e/%2e%2e/services/store.py",
        "....//app.py",
        "/etc/passwd",
        "%00",
        "vendor",
        "",
        "transcript.js%00.css",
        "TRANSCRIPT.JS",
        "package.json",
    ],
)
def test_nothing_else_on_disk_can_be_had(world: World, name: str) -> None:
    head = f"GET /{frontend.path()}{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert raw(world, head).startswith(b"HTTP/1.1 404")


def test_another_digest_is_nothing(world: World) -> None:
    assert world.get("/assets/000000000000/transcript.js").status_code == 404


def raw(world: World, head: str) -> bytes:
    """A request that no library would send."""
    port = int(world.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), LONG) as connection:
        connection.sendall(head.encode("latin-1"))
        return connection.makefile("rb").read()


# The middleware


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8501", "127.0.0.1:1", "[::1]:8501", "LOCALHOST", "localhost:"]
)
def test_names_of_this_machine(world: World, host: str) -> None:
    assert world.get("/", host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil@evil",
        "[",
        "[::1",
        "localhost]",
        "",
        "0.0.0.0",
        "2130706433",
    ],
)
@pytest.mark.parametrize("path", ["/", "/live/" + KEY, "/assets/x/y", "/healthz"])
def test_other_names_are_refused_everywhere(world: World, host: str, path: str) -> None:
    answer = raw(world, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400"))
    assert b"x-content-type-options: nosniff" in answer.lower() or b" 400 " in answer[:16]


def test_no_host_at_all(world: World) -> None:
    assert b" 200 " not in raw(world, "GET / HTTP/1.0\r\n\r\n")[:16]


def test_posts_come_from_the_site_itself(world: World) -> None:
    world.place()
    own = world.url
    taken: list[dict[str, str]] = [
        {},
        {"origin": own},
        {"origin": own, "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
    ]
    for headers in taken:
        assert world.post(f"/stop/{KEY}", **headers).status_code == 204, headers
    port = own.rsplit(":", 1)[1]
    refused = [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": f"http://localhost:{port}"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": f"{own}.evil.example"},
        {"origin": f"http://evil.example?{own}"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": own, "sec_fetch_site": "cross-site"},
    ]
    for headers in refused:
        assert world.post(f"/stop/{KEY}", **headers).status_code == 403, headers


def test_headers_of_every_answer(world: World) -> None:
    world.place()
    for path in ("/", f"/turns/{KEY}", "/no/such/page", f"/{frontend.path()}style.css", "/healthz"):
        headers = world.get(path).headers
        rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
        assert rules["default-src"] == "'self'"
        assert rules["connect-src"] == "'self' blob:"
        assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
        assert "unsafe" not in rules["script-src"]
        assert "http" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
    assert world.get("/media/x.html").headers["content-security-policy"] == MEDIA_POLICY


def test_the_policy_knows_the_inline_scripts_of_the_page() -> None:
    """sha256 of "alert(1)", base64."""
    made = policy("<script>alert(1)</script><script src='x'></script>")
    assert "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in made
    assert made.count("sha256-") == 1


def test_a_browser_is_introduced_once(world: World) -> None:
    first = world.get("/", cookie="")
    cookie = first.headers["set-cookie"]
    name, value = cookie.partition(";")[0].split("=", 1)
    assert name == COOKIE
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="):
        assert part in cookie
    assert "Secure" not in cookie
    assert world.site.identities.of({COOKIE: value}, {}, None) is not None
    assert "set-cookie" not in world.get("/", cookie=f"{COOKIE}={value}").headers
    assert "set-cookie" in world.get("/", cookie=f"{COOKIE}={value}x").headers
    assert "set-cookie" in world.get("/unchanged", cookie="").headers


def test_only_pages_introduce(world: World) -> None:
    for path in ("/healthz", f"/{frontend.path()}style.css", f"/live/{KEY}", "/no/such/page"):
        assert "set-cookie" not in world.get(path, cookie="").headers
    assert "set-cookie" not in world.get("/", cookie="", sec_fetch_dest="iframe").headers


def test_health(world: World) -> None:
    answer = world.get("/healthz", cookie="")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "store": "ok", "embedded_backend": None},
    )


def test_the_key_is_in_no_answer(world: World) -> None:
    world.dify.fail("messages", Refusal.of(500, "unknown", f"it was {world.dify.key}"))
    place = world.site.directory.open(world.ada, world.site.apps[0], "conv")
    with world.live(place.key) as stream:
        assert world.dify.key not in json.dumps(stream.event())
    assert world.dify.key not in world.get(f"/turns/{place.key}?before=x").text


def test_the_chat_names_what_it_needs_before_it_is_asked_for(world: World) -> None:
    links = world.get("/", sec_fetch_dest="document").headers["link"].split(", ")
    for link in links:
        path, _, how = link.partition(">; ")
        answer = world.get(path.removeprefix("<"))
        assert answer.status_code == 200
        kind = answer.headers["content-type"].partition(";")[0]
        assert (kind, how) in {
            ("text/javascript", "rel=modulepreload"),
            ("text/css", "rel=preload; as=style"),
            ("application/json", "rel=preload; as=fetch; crossorigin"),
        }
    assert any("transcript.js" in link for link in links)
    folders = {parts[3] for link in links if len(parts := link.split("/")) > 4}
    assert folders <= {"markdown", "vendor"}, "what stands on other pages is fetched there"
    assert "link" not in world.get("/unchanged", sec_fetch_dest="document").headers


def test_streamlits_scripts_come_compressed_and_unchanged(world: World) -> None:
    scripts = assets.FOLDER / "static" / "js"
    largest = max(scripts.iterdir(), key=lambda path: path.stat().st_size)
    answer = world.get(f"/static/js/{largest.name}", accept_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"].endswith("immutable")
    assert answer.headers["content-security-policy"]
    assert answer.content == largest.read_bytes()
    assert int(answer.headers["content-length"]) < largest.stat().st_size / 2
    # What is not compressed, or not there, is Streamlit's business; here that means nobody's.
    assert world.get(f"/static/js/{largest.name}", accept_encoding="identity").status_code == 404
    assert world.get("/static/js/../../index.html").status_code == 404


# /turns/{key}/{turn}/…


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "7",
        '{"content": "x"}',
        '{"rating": "like"}',
        '{"rating": "great", "content": ""}',
        '{"rating": "like", "content": 7}',
        json.dumps({"rating": "like", "content": "x" * 2001}),
        "[" * 60_000,
        " " * 64_001,
    ],
)
def test_a_body_that_is_no_rating_is_refused(world: World, body: str) -> None:
    place = world.place()
    turn = world.ask(place).turn
    url = f"{world.url}/turns/{place.key}/{turn.id}/rating"
    answer = httpx.post(url, content=body, headers=world.headers, timeout=LONG)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_param"
    assert world.dify.ratings == {}


def test_an_answer_of_somebody_else_is_neither_rated_nor_followed(world: World) -> None:
    place = world.place()
    started = world.ask(place)
    assert started.done.wait(LONG)
    stranger = {"cookie": f"{COOKIE}={world.site.identities.new_cookie()}"}
    url = f"{world.url}/turns/{place.key}/{started.turn.id}"
    rated = {"json": {"rating": "like", "content": ""}, "timeout": LONG}
    assert httpx.post(f"{url}/rating", headers=stranger, **rated).status_code == 404
    assert httpx.post(f"{url}/rating", **rated).status_code == 403
    assert httpx.get(f"{url}/suggestions", headers=stranger, timeout=LONG).status_code == 404
    assert httpx.post(f"{url}x/rating", headers=world.headers, **rated).status_code == 404
    assert world.dify.ratings == {}
    assert httpx.post(f"{url}/rating", headers=world.headers, **rated).status_code == 204
    assert [len(given) for given in world.dify.ratings.values()] == [1]


def test_what_an_answer_changed_is_for_its_owner(world: World) -> None:
    world.site.apps[0].profile()  # a basic chat, which the site itself asks for no variables
    place = world.place()
    started = world.ask(place)
    assert started.done.wait(LONG)
    written = {"created_at": 1_795_227_258, "updated_at": 1_795_227_261}
    token = {"id": "s", "name": "token", "value_type": "secret", "value": "hush-hush", **written}
    visits = {"id": "v", "name": "visits", "value_type": "number", "value": "1", **written}
    read = [Variable.from_json(each) for each in (token, visits)]
    world.site.variable_log.note(place_of(place), read, "answer", turn=started.turn.id, new=True)
    path = f"/turns/{place.key}/{started.turn.id}/variables"
    assert world.get(path, cookie=f"{COOKIE}={world.site.identities.new_cookie()}").status_code == 404
    assert world.get(path, cookie="").status_code == 403
    assert world.get(path).json() == {
        "changes": [
            {"name": "token", "type": "secret", "secret": True, "lines": []},
            {"name": "visits", "type": "number", "secret": False, "lines": ["+1"]},
        ]
    }
    assert world.get(f"/turns/{place.key}/another/variables").json() == {"changes": []}


# Looks at somebody else's conversation


def test_a_look_is_streamed_and_nothing_else_answers_to_its_key(world: World) -> None:
    bob = Identity("bob", Role.AGENT, "Bob")
    run = world.site.runs.start(
        bob,
        world.site.apps[0].client,
        world.site.directory.open(bob, world.site.apps[0], "~a-key-of-bobs"),
        Draft("mine"),
        "send-mine",
    )
    assert run.done.wait(LONG)
    conversation_id = run.conversation.conversation_id
    assert conversation_id
    key = world.site.looks.open(world.ada, world.site.apps[0], "bob", conversation_id).key
    with world.live(key) as stream:
        assert [turn["query"] for turn in stream.event("snapshot")[1]["turns"]] == ["mine"]
        assert world.get(f"/turns/{key}", before=run.turn.message_id).status_code == 200
        for path in (
            f"/stop/{key}",
            f"/turns/{key}/{run.turn.id}/rating",
            f"/turns/{key}/{run.turn.id}/form",
            f"/turns/{key}/{run.turn.id}/form/file",
        ):
            assert world.post(path).status_code == 404
        assert world.get(f"/turns/{key}/{run.turn.id}/suggestions").status_code == 404
        assert world.get(f"/speech/{key}/{run.turn.id}").status_code == 404
        world.site.looks.forget("bob")
        list(stream._blocks)  # it ends: whoever may look no more is sent nothing more
    assert world.get(f"/live/{key}").status_code == 404
