"""Who may ask for what: other people, other sites, other names of this one."""

from __future__ import annotations

import http.client
import re

import httpx
import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.conftest import Arrive
from tests.browser.person import COOKIE, Person
from tests.site import PATIENCE, Site
from tests.upstream import Answer, Gate, Upstream

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PATHS = ("/messages", "/conversations", "/chat-messages", "/info", "/site", "/meta", "/parameters")
FOREIGN_ORIGINS = ("https://evil.example", "null", "http://127.0.0.1:1", "http://localhost:1")


def asking(site: Site, cookies: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=site.url, cookies=cookies, trust_env=False, timeout=PATIENCE)


def head(client: httpx.Client, path: str) -> httpx.Response:
    """Status and headers, whether or not the body ever ends."""
    with client.stream("GET", path) as answer:
        return answer


def raw(site: Site, path: str, cookie: str = "") -> tuple[int, bytes]:
    """Status and body, the request sent as it stands: httpx would tidy it up."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Cookie": cookie.encode()} if cookie else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_every_answer_carries_the_headers(person: Person, site: Site) -> None:
    with asking(site, person.cookie) as client:
        static = re.search(r'\./(static/[^"]+\.js)', client.get("/").text)
        asset = re.search(r"assets/\w+/[\w./-]+\.(?:js|css)", person.page.content())
        assert static
        assert asset
        paths = ["/", "/history", "/healthz", "/nowhere", "/live/nobody", f"/live/{person.key}"]
        for path in [*paths, f"/{static[1]}", f"/{asset[0]}", "/_stcore/health"]:
            answer = head(client, path)
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
            policy = dict(
                part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
            )
            for closed in ("object-src", "frame-ancestors", "base-uri"):
                assert policy[closed] == "'none'", path
            assert "unsafe" not in policy["script-src"], path
            assert "http" not in " ".join(policy.values()), path


def test_the_cookie_is_nobodys_but_the_servers(person: Person) -> None:
    (ours,) = [c for c in person.context.cookies() if c["name"] == COOKIE]
    assert ours["httpOnly"]
    assert ours["sameSite"] == "Lax"
    assert COOKIE not in person.page.evaluate("document.cookie")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "["])
def test_a_foreign_host_name_is_refused(host: str, site: Site) -> None:
    with asking(site) as client:
        for path in ("/", "/healthz", "/live/x", "/_stcore/health", "/_stcore/host-config"):
            assert client.get(path, headers={"Host": host}).status_code == 403, path
        assert client.post("/stop/x", headers={"Host": host}).status_code == 403


def test_another_site_stops_nothing(person: Person, dify: Upstream, site: Site) -> None:
    gate = Gate()
    stop = f"/stop/{person.key}"
    dify.next(Answer("Going ", gate, "on."))
    person.ask("Talk")
    person.sees("Going")
    foreign = [{"Origin": origin} for origin in FOREIGN_ORIGINS]
    with asking(site, person.cookie) as client:
        for headers in (*foreign, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            assert client.post(stop, headers=headers).status_code == 403, headers
        client.get(stop)  # as a link or an image would
    gate.open()
    person.gets("Going on.")
    assert dify.stops == []


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_another_site_opens_no_websocket(origin: str, site: Site) -> None:
    address = f"ws://127.0.0.1:{site.port}/_stcore/stream"
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(address, additional_headers={"Origin": origin}, proxy=None),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_another_persons_conversation_is_nowhere(
    person: Person, arrive: Arrive, dify: Upstream, site: Site
) -> None:
    gate = Gate()
    mine = person.key
    dify.next(Answer("Hushed ", gate, "words."))
    person.ask("a secret")
    person.sees("Hushed")
    stranger = arrive(site.url)
    stranger.chat()
    assert stranger.key != mine
    for cookies, status in ((stranger.cookie, 404), ({}, 403), ({COOKIE: "x.y"}, 403)):
        with asking(site, cookies) as client:
            assert head(client, f"/live/{mine}").status_code == status
            assert client.get(f"/turns/{mine}?before=x").status_code == status
            assert client.post(f"/stop/{mine}").status_code == status
    gate.open()
    person.gets("Hushed words.")
    named = person.sees_named_address()
    dify.requests.clear()
    for address in (f"~{mine}", named):
        page = stranger.open(f"/?c={address}")
        expect(page.get_by_text(re.compile("does not exist|no longer has this conversation"))).to_be_visible()
        assert "secret" not in page.content()
        assert "Hushed" not in page.content()
    assert dify.stops == []
    # The stranger's claim was put to Dify, under the stranger's own name.
    users = {query["user"] for _, path, query in dify.requests if path == "/messages"}
    assert len(users - {dify.asked[0].body["user"]}) == 1


def test_a_forged_cookie_is_nobody(person: Person, site: Site) -> None:
    path = f"/live/{person.key}"
    name, _, signature = person.cookie[COOKIE].partition(".")
    forged = [f"{name}x.{signature}", f"{name}.{'0' * len(signature)}", f"{name}.", name, f".{signature}"]
    for value in [*forged, "é.é", "x" * 5_000]:
        assert raw(site, path, f"{COOKIE}={value}")[0] == 403, value


def test_no_file_but_the_assets_can_be_had(person: Person, site: Site) -> None:
    found = re.search(r"assets/(\w+)/", person.page.content())
    assert found
    assets = f"/assets/{found[1]}"
    assert raw(site, f"{assets}/transcript.js")[0] == 200
    inside = ["/../../../app.py", "/%2e%2e/%2e%2e/%2e%2e/app.py", "//etc/passwd", "/vendor", "/"]
    outside = [
        "/assets/x/transcript.js",
        "/app.py",
        "/.streamlit/config.toml",
        "/app/static/x",
        "/data/secret",
    ]
    for path in (*(assets + end for end in inside), *outside):
        status, body = raw(site, path)
        # An address that might be a page's gets Streamlit's index.html.
        assert status in {400, 404} or b"<title>" in body, path
        assert b"refuse_exposure" not in body
        assert b"root:" not in body


def test_an_odd_cursor_is_answered_in_order(person: Person, dify: Upstream, site: Site) -> None:
    turns = f"/turns/{person.key}"
    person.ask("one")
    person.gets("Echo: one")
    with asking(site, person.cookie) as client:
        for before in ("x", "../../conversations", "a" * 5_000, "\0", "1&user=other&limit=100"):
            answer = client.get(turns, params={"before": before})
            assert answer.status_code in {200, 400, 404, 502}, before
            assert answer.headers["content-type"].startswith("application/json")
    users = {query["user"] for _, path, query in dify.requests if path == "/messages"}
    assert users == {dify.asked[0].body["user"]}
    assert {path for _, path, _ in dify.requests} <= set(PATHS)
