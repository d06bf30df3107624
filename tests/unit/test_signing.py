"""Signing in and out on a real server, and what is refused to whom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from routes import afterwards, audit, conversations, human_input, live, share, signing, speech
from routes.asking import FIRST
from routes.security import Security
from services import assembly
from services import site as sites
from services.accounts import attempts
from services.accounts.book import Accounts
from services.accounts.passwords import Passwords
from services.accounts.sessions import COOKIE, SECURE_COOKIE
from services.apps import App
from services.dify.client import Client
from services.draft import Draft
from services.identities.accounts import LocalAccounts
from services.identity import Departures, Identity, Role, Secret
from services.limits import HOUR, Limits
from services.site import Site
from services.store import Store
from tests.unit.test_routes import listening
from tests.upstream import Answer, Gate, Upstream, stops_delivered

LONG = 20.0
GOOD = "correct horse battery"
PAGE = {"accept": "text/html,*/*", "sec-fetch-dest": "document"}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def streamlit(_: Request) -> Response:
    """Whatever Streamlit serves."""
    return PlainTextResponse("Streamlit's", media_type="text/html")


@dataclass
class World:
    dify: Upstream
    site: Site
    book: Accounts
    url: str
    browsers: ExitStack

    def browser(self, name: str = "", *, secure: bool = False, **headers: str) -> httpx.Client:
        """Signed in as `name`, where one is given."""
        given = {"x-forwarded-proto": "https"} if secure else {}
        browser = httpx.Client(base_url=self.url, headers={**PAGE, **given, **headers}, timeout=LONG)
        self.browsers.enter_context(browser)
        if name:
            answer = browser.post("/signin", data={"name": name, "password": GOOD})
            assert answer.status_code == 303
        return browser

    def member(self, name: str, role: Role) -> None:
        given = self.book.admit(name, role)
        token = self.book.sign_in(name, given, None, secure=False)
        first = self.book.sessions.of({COOKIE: token})
        assert first is not None
        self.book.change_password(first, given, GOOD, None, secure=False)

    def identity(self, browser: httpx.Client) -> Identity | None:
        return self.site.identities.of(dict(browser.cookies), {}, None)


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    routes = [
        Route("/live/{key}", live.events),
        Route("/stop/{key}", live.stop, methods=["POST"]),
        Route("/turns/{key}/{turn}/rating", afterwards.rate, methods=["POST"]),
        Route("/turns/{key}/{turn}/form", human_input.submit, methods=["POST"]),
        Route("/turns/{key}/{turn}/form/file", human_input.file, methods=["POST"]),
        Route("/speech/{key}/{turn}", speech.speech),
        Route("/share/{token}", share.page),
        *conversations.ROUTES,
        *signing.ROUTES,
        Route("/audit.csv", audit.file),
        Route("/{path:path}", streamlit, methods=["GET", "PUT", "DELETE"]),
    ]
    with listening(Starlette(routes=routes, middleware=[Middleware(Security)])) as url:
        yield url


@pytest.fixture(scope="module")
def dify() -> Iterator[Upstream]:
    with Upstream() as running:
        yield running


@pytest.fixture
def world(served: str, dify: Upstream, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(live, "stopping", live.Stopping())
    dify.forget()
    with ExitStack() as browsers:
        store, departures, secret = Store.in_memory(), Departures(), Secret(b"s" * 32)
        book = Accounts(store.database, secret, departures, Passwords(CHEAP))
        app = App("app", Client(dify.url, dify.key))
        site = assembly.over(app, LocalAccounts(book), store, departures=departures)
        sites.use(site)
        made = World(dify, site, book, served, browsers)
        made.member("ada", Role.AGENT)
        made.member("vic", Role.VIEWER)
        yield made
    live.stopping.now = True
    site.stop()
    stops_delivered()
    app.client.close()
    sites.refuse("over")


# The forms


def test_a_page_leads_to_signing_in_and_that_back_to_the_page(world: World) -> None:
    browser = world.browser()
    sent = browser.get("/history?app=a&c=1%262")
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/signin?next=")
    form = browser.get(sent.headers["location"])
    assert form.status_code == 200
    wanted = re.search(r'name="next" value="([^"]*)"', form.text)
    assert wanted is not None
    onward = wanted[1].replace("&amp;", "&")
    there = browser.post("/signin", data={"name": "Ada", "password": GOOD, "next": onward})
    assert (there.status_code, there.headers["location"]) == (303, "/history?app=a&c=1%262")
    assert browser.get(there.headers["location"]).text == "Streamlit's"
    assert browser.get(sent.headers["location"]).headers["location"] == "/history?app=a&c=1%262"


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "http:evil.example",
    "/signin?next=/",
    "/\r\nSet-Cookie: a=b",
    "//[",
    "",
)


def test_it_leads_nowhere_else(world: World) -> None:
    browser = world.browser()
    for onward in ELSEWHERE:
        answer = browser.post("/signin", data={"name": "ada", "password": GOOD, "next": onward})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), onward
        assert "a=b" not in answer.headers.get_list("set-cookie")


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(world: World, secure: bool) -> None:
    answer = world.browser(secure=secure).post("/signin", data={"name": "ada", "password": GOOD})
    (cookie,) = answer.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    assert name == (SECURE_COOKIE if secure else COOKIE)
    kept = set(rest.split("; ")[1:])
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= kept
    assert ("Secure" in kept) is secure
    assert not any(each.startswith("Domain") for each in kept)


def test_each_sign_in_has_a_new_token_and_ends_the_one_before(world: World) -> None:
    browser = world.browser("ada")
    first = browser.cookies[COOKIE]
    browser.post("/signin", data={"name": "ada", "password": GOOD})
    assert browser.cookies[COOKIE] != first
    assert world.book.sessions.of({COOKIE: first}) is None
    fixed = world.browser()
    fixed.cookies.set(COOKIE, "a-token-that-somebody-has-put-here", domain="127.0.0.1")
    answer = fixed.post("/signin", data={"name": "ada", "password": GOOD})
    assert "a-token-that-somebody-has-put-here" not in answer.headers["set-cookie"]


def test_who_does_not_come_in_is_told_the_same_whatever_was_wrong(world: World) -> None:
    world.book.disable("vic")
    told = set()
    for name in ("ada", "vic", "nobody"):
        answer = world.browser().post("/signin", data={"name": name, "password": "not the password"})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        told.add(answer.text.replace(f'value="{name}"', ""))
    assert len(told) == 1
    assert "do not match" in told.pop()


def test_too_many_attempts_are_told_to_wait(world: World) -> None:
    browser = world.browser()
    for _ in range(attempts.FREE_OF_NAME):
        assert browser.post("/signin", data={"name": "ada", "password": "no"}).status_code == 401
    answer = browser.post("/signin", data={"name": "ada", "password": GOOD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= attempts.FIRST + 1
    assert "Wait a minute" in answer.text


def test_what_was_typed_is_text(world: World) -> None:
    name = '"><script>alert(1)</script>'
    answer = world.browser().post("/signin", data={"name": name, "password": "x", "next": f"/{name}"})
    assert "<script" not in answer.text
    assert (
        "script-src" in answer.headers["content-security-policy"]
        or "default-src 'none'" in (answer.headers["content-security-policy"])
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_no_form_breaks_it(world: World) -> None:
    browser = world.browser()
    for body in [
        b"",
        b"name",
        b"\xff\xfe=%00",
        b"a=b&" * 50,
        b"name=" + b"x" * 9_000,
        b"password=%ED%A0%80&name=ada",
    ]:
        assert browser.post("/signin", content=body).status_code in {400, 401, 413, 429}, body


def test_forms_of_other_sites_are_not_taken(world: World) -> None:
    browser = world.browser("ada")
    form = {"name": "ada", "password": GOOD}
    for headers in [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example"},
    ]:
        for path in ("/signin", "/password", "/signout"):
            assert browser.post(path, data=form, headers=headers).status_code == 403, (path, headers)
    assert world.identity(browser) is not None


def test_a_one_time_password_opens_nothing_but_its_own_change(world: World) -> None:
    given = world.book.admit("new", Role.AGENT)
    browser = world.browser()
    sent = browser.post("/signin", data={"name": "new", "password": given, "next": "/history"})
    assert sent.headers["location"] == "/password?next=%2Fhistory"
    assert browser.get("/history").headers["location"].startswith("/signin")
    assert browser.get("/live/x", headers={"sec-fetch-dest": "empty"}).status_code == 401
    assert browser.get("/signin").status_code == 200
    form = browser.get(sent.headers["location"])
    assert "One-time password" in form.text
    change = {"current": given, "next": "/history"}
    for new, again, said in (
        (GOOD, GOOD + "!", "differ"),
        ("short", "short", "too short"),
        (given, given, "already"),
    ):
        answer = browser.post("/password", data={**change, "new": new, "again": again})
        assert answer.status_code == 400
        assert said in answer.text
    done = browser.post("/password", data={**change, "new": GOOD, "again": GOOD})
    assert (done.status_code, done.headers["location"]) == (303, "/history")
    assert browser.get("/history").text == "Streamlit's"


def test_the_password_page_is_for_those_who_are_in(world: World) -> None:
    assert world.browser().get("/password").headers["location"].startswith("/signin")
    browser = world.browser("ada")
    wrong = {"current": "not the current", "new": "another good one", "again": "another good one"}
    assert browser.post("/password", data=wrong).status_code == 401
    other = world.browser("ada")
    assert browser.post("/password", data={**wrong, "current": GOOD}).status_code == 303
    assert world.identity(browser) is not None
    assert world.identity(other) is None


@pytest.mark.parametrize("everywhere", [False, True])
def test_signing_out_here_and_everywhere(world: World, everywhere: bool) -> None:
    here, there = world.browser("ada"), world.browser("ada")
    taken = here.cookies[COOKIE]
    answer = here.post("/signout", data={"everywhere": "1"} if everywhere else {})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert COOKIE not in here.cookies
    assert world.book.sessions.of({COOKIE: taken}) is None
    assert (world.identity(there) is None) is everywhere
    assert here.post("/signout").status_code == 303, "once more does no harm"
    other = world.browser("ada")
    other.get("/signout")
    assert world.identity(other) is not None, "no link signs anybody out"


def test_before_there_are_accounts_the_page_says_how_to_make_one(world: World) -> None:
    assert "services.accounts" not in world.browser().get("/signin").text
    empty = Accounts(Store.in_memory().database, Secret(b"x"), Departures(), Passwords(CHEAP))
    object.__setattr__(world.site, "identities", LocalAccounts(empty))
    assert "python -m services.accounts admin" in world.browser().get("/signin").text


# What is open to whom


def test_what_needs_no_signing_in(world: World) -> None:
    browser = world.browser()
    assert browser.get("/share/none").status_code == 404
    assert (
        browser.get("/static/app.js", headers={"sec-fetch-dest": "script", "accept": "*/*"}).status_code
        == 200
    )


def test_a_route_says_401_to_whoever_is_not_signed_in(world: World) -> None:
    forged = world.browser()
    forged.cookies.set(COOKIE, "forged", domain="127.0.0.1")
    for browser in (world.browser(), forged):
        for path in ("/live/x", "/speech/x/y", "/conversations", "/media/x.png"):
            headers = {"sec-fetch-dest": "empty", "accept": "*/*"}
            assert browser.get(path, headers=headers).status_code == 401, path
    assert world.dify.requests == []


FORBIDDEN: list[tuple[str, str, Any]] = [
    ("POST", "/stop/{key}", None),
    ("POST", "/turns/{key}/send-hi/rating", {"rating": None}),
    ("POST", "/turns/{key}/send-hi/form", {"form": "f", "inputs": {}, "action": "a"}),
    ("POST", "/turns/{key}/send-hi/form/file", None),
    ("POST", "/conversations/delete", {"ids": ["x"]}),
    ("POST", "/conversations/undo", {"ids": ["x"]}),
    ("POST", "/conversations/x/name", {"name": "y"}),
    ("POST", "/conversations/x/pin", {"pinned": True}),
    ("PUT", "/_stcore/upload_file/session/file", None),
]


def test_a_viewer_is_refused_what_viewers_may_not_do(world: World) -> None:
    browser = world.browser("vic")
    vic = world.identity(browser)
    assert vic is not None
    world.site.directory.open(vic, world.site.apps[0], "~a-key-of-vic")
    for method, path, body in FORBIDDEN:
        asked = browser.request(method, path.format(key="a-key-of-vic"), json=body)
        assert asked.status_code == 403, (path, asked.text)
    # Rows that say whose the conversation is may be read, nothing may be changed.
    assert {method for method, *_ in world.dify.requests} <= {"GET"}


def test_an_agent_may_upload(world: World) -> None:
    assert world.browser("ada").put("/_stcore/upload_file/session/file").status_code == 200
    assert world.browser().put("/_stcore/upload_file/session/file").status_code == 403


def test_what_is_picked_fills_no_memory_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit keeps each file in memory, as many as are sent."""
    monkeypatch.setattr(world.site.meter, "limits", Limits(uploads=1_000))
    world.member("ben", Role.AGENT)
    ada, ben = world.browser("ada"), world.browser("ben")
    path = "/_stcore/upload_file/session/file"
    assert [ada.put(path, content=b"x" * 600).status_code for _ in range(3)] == [200, 429, 429]
    refused = ada.put(path, content=b"x" * 600)
    assert 0 < int(refused.headers["retry-after"]) <= HOUR
    assert ada.delete(path).status_code == 200
    assert ada.put(path, content=iter([b"of no known length"])).status_code == 411
    assert ben.put(path, content=b"x" * 600).status_code == 200, "each person has a limit of their own"


# What is open already


def test_a_stream_ends_with_its_session_also_while_an_answer_arrives(world: World) -> None:
    gate, late = Gate(), Gate()
    world.dify.next(Answer("one ", gate, "two", late))
    browser = world.browser("ada")
    ada = world.identity(browser)
    assert ada is not None
    place = world.site.directory.open(ada, world.site.apps[0], "~a-key-of-ada")
    run = world.site.runs.start(ada, world.site.apps[0].client, place, Draft("hi"), "send-hi")
    with browser.stream("GET", "/live/a-key-of-ada") as stream:
        text = stream.iter_text()
        assert stream.status_code == 200
        while "one" not in next(text):
            pass
        assert world.browser("ada").post("/signout", data={"everywhere": "1"}).status_code == 303
        gate.open()
        assert "two" not in "".join(text), "the stream has ended, and says no more"
    assert browser.get("/live/a-key-of-ada", headers={"accept": "text/event-stream"}).status_code == 401
    late.open()
    assert run is not None
    assert run.done.wait(LONG)
    assert run.turn.answer == "one two", "the answer itself is not lost"


class Socket:
    """A websocket as the server sees it, and the app behind the middleware."""

    def __init__(self, cookie: str, *protocols: str) -> None:
        self.sent: list[dict[str, Any]] = []
        self.seen: list[str] = []
        self.protocols = ""
        headers = [(b"host", b"127.0.0.1"), (b"cookie", cookie.encode())]
        if protocols:
            headers.append((b"sec-websocket-protocol", ", ".join(protocols).encode()))
        self.scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers, "query_string": b""}

    async def app(self, scope: Any, receive: Any, _: Any) -> None:
        self.protocols = dict(scope["headers"]).get(b"sec-websocket-protocol", b"").decode()
        assert (await receive())["type"] == "websocket.connect"
        while (message := await receive())["type"] == "websocket.receive":
            self.seen.append(message.get("text", "draw"))

    def run(self, *steps: Any) -> None:
        """Each step is a message from the browser, or something to do before the next one."""
        left = iter(({"type": "websocket.connect"}, *steps))

        async def receive() -> dict[str, Any]:
            for step in left:
                if isinstance(step, dict):
                    return step
                if isinstance(step, str):
                    return {"type": "websocket.receive", "text": step}
                step()
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Any) -> None:
            self.sent.append(message)

        anyio.run(Security(self.app), self.scope, receive, send)


def test_an_open_websocket_does_nothing_more_after_signing_out(world: World) -> None:
    browser = world.browser("ada")
    socket = Socket(f"{COOKIE}={browser.cookies[COOKIE]}")
    socket.run("before", lambda: browser.post("/signout"), "a question")
    assert socket.seen == ["before"]
    assert socket.sent == [{"type": "websocket.close", "code": 1008}]


def test_a_tab_is_taken_up_again_by_its_own_person_alone(world: World) -> None:
    ada, vic = world.browser("ada"), world.browser("vic")
    person = world.identity(ada)
    assert person is not None
    world.site.tabs.drawn("tab-of-ada", person)
    for browser, offered, kept in (
        (ada, "tab-of-ada", True),
        (vic, "tab-of-ada", False),
        (ada, "tab-from-before-a-restart", False),
    ):
        socket = Socket(f"{COOKIE}={browser.cookies[COOKIE]}", "streamlit", "xsrf", offered)
        socket.run("hello")
        assert socket.seen == (["draw", "hello"] if browser is vic else ["hello"])
        assert socket.protocols == ("streamlit, xsrf, tab-of-ada" if kept else "streamlit, xsrf")
    nobody = Socket("", "streamlit", "xsrf", "tab-of-ada")
    nobody.run("hello")
    assert nobody.protocols == "streamlit, xsrf"
    assert nobody.seen == ["draw", "hello"]


def test_a_role_that_has_changed_is_another_person_to_a_tab(world: World) -> None:
    browser = world.browser("ada")
    person = world.identity(browser)
    assert person is not None
    world.site.tabs.drawn("tab", person)
    world.member("ada", Role.VIEWER)
    now = world.identity(world.browser("ada"))
    assert now is not None
    assert now.user == person.user
    assert world.site.tabs.of("tab") != now


def test_the_audit_trail_is_a_file_for_admins_alone(world: World) -> None:
    world.member("dan", Role.ADMIN)
    stranger = world.browser().get("/audit.csv", headers={"accept": "*/*"})
    assert (stranger.status_code, stranger.text) == (401, FIRST["accounts"])
    for name in ("ada", "vic"):
        assert world.browser(name).get("/audit.csv").status_code == 403
    browser = world.browser("dan")
    answer = browser.get("/audit.csv?action=audit")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["name"], row["action"]) for row in rows] == [
        ("dan", "audit.exported"),
        ("vic", "audit.refused"),
        ("ada", "audit.refused"),
    ]
    assert browser.get("/audit.csv?since=soon").status_code == 400
