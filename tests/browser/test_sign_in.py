"""Signing in for real: at an OpenID provider in a browser, and through a proxy; pages and routes agree."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from components import words_sign_in
from tests.browser.conftest import Arrive
from tests.browser.person import Person
from tests.site import PATIENCE, Site, free_port, served, until
from tests.upstream import Answer, Gate, Upstream

GROUPS = {
    "ada": ["staff", "it"],
    # As many as a large company has: all of them in cookies, and no websocket could be opened.
    "grace": ["support", *(hashlib.sha256(bytes([number])).hexdigest() for number in range(120))],
}
Headers = list[tuple[str, str]]
ROLES = "support=agent, it=admin"
STYLES = "https://cdn.jsdelivr.net/npm/@picocss/"
COOKIE_SECRET = "c" * 64
KEY = "k" * 40
REFUSED = {401, 403}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An OpenID provider in a process of its own, which signs in whoever presses their name."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    for name, groups in GROUPS.items():
        command += ["--user-claims", json.dumps({"sub": name, "name": name.title(), "groups": groups})]
    with (tmp_path_factory.mktemp("provider") / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: _listens(port), "the provider")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


@pytest.fixture(scope="module")
def company(scripted: Upstream, provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("company"), free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
[auth.example]
client_id = "console"
client_secret = "canary-client-secret"
server_metadata_url = "{provider}/.well-known/openid-configuration"
""",
        encoding="utf-8",
    )
    settings = {"AUTH": "oidc", "AUTH_ROLES": ROLES, "NO_PROXY": "localhost,127.0.0.1"}
    dify = (scripted.url, scripted.key)
    with served(folder, dify, "--secrets.files", str(secrets), port=port, **settings) as site:
        yield site


def somebody_at(arrive: Arrive, site: Site, provider: str) -> Person:
    """Who may be sent to the provider; its page wants a style sheet that is nowhere near."""
    somebody = arrive(site.url)
    somebody.elsewhere += [provider, STYLES]
    somebody.context.route(f"{STYLES}**", lambda route: route.fulfill(content_type="text/css", body=""))
    return somebody


@pytest.fixture
def stranger(arrive: Arrive, company: Site, provider: str, dify: Upstream) -> Person:
    return somebody_at(arrive, company, provider)


def choose(person: Person, name: str) -> None:
    person.page.get_by_role("button", name="Sign in with Example").click()
    person.page.get_by_role("button", name=name, exact=True).click()


def sign_in(person: Person, name: str) -> None:
    choose(person, name)
    person.ready()


def cookies(person: Person) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in person.context.cookies()}


def status(site: Site, path: str, cookies: dict[str, str], headers: Headers | None = None) -> int:
    with (
        httpx.Client(cookies=cookies, headers=headers, trust_env=False, timeout=PATIENCE) as client,
        client.stream("GET", site.url + path) as answer,
    ):
        return answer.status_code


def test_from_signing_in_to_signing_out(
    stranger: Person, company: Site, arrive: Arrive, dify: Upstream, provider: str
) -> None:
    page = stranger.open("/history")
    expect(page.get_by_text(words_sign_in.WELCOME)).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    choose(stranger, "ada")
    # One comes to the page that was asked for.
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.get_by_text("Ada · administrator")).to_be_visible()
    stranger.chat()
    assert all(
        cookie["httpOnly"] and cookie["sameSite"] == "Lax"
        for cookie in stranger.context.cookies()
        if cookie["name"].startswith("_streamlit_user")
    )
    key, ada = stranger.key, cookies(stranger)
    stranger.ask("Who am I?")
    stranger.gets("Echo: Who am I?")
    assert status(company, f"/live/{key}", ada) == 200
    address = f"/?c={stranger.sees_named_address()}"

    other = somebody_at(arrive, company, provider)
    other.open()
    sign_in(other, "grace")
    expect(other.page.get_by_text("Grace · agent")).to_be_visible()
    assert sum(map(len, cookies(other).values())) < 4_000
    other.open(address)
    expect(other.page.get_by_text("Dify no longer has this conversation")).to_be_visible()
    expect(other.turns).to_have_count(0)

    # What Ada could see, her browser sees no more once she is gone, nor does a copy of her cookies.
    gate = Gate()
    dify.next(Answer("slowly", gate, "!"))
    stranger.ask("And now?")
    stranger.sees("slowly")
    stranger.expects_trouble()  # what the page left behind still asks for is a 401
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # the provider's own page
    expect(page.get_by_text(words_sign_in.WELCOME)).to_be_visible()
    gate.open()
    assert not any(name.startswith("_streamlit_user") for name in cookies(stranger))
    for shown in (cookies(stranger), ada):
        assert status(company, f"/live/{key}", shown) in REFUSED
    stranger.open(address)
    expect(page.get_by_text(words_sign_in.WELCOME)).to_be_visible()
    assert stranger.turns.count() == 0
    assert "canary-client-secret" not in company.log + page.content()


def test_another_person_in_the_same_browser(stranger: Person, company: Site) -> None:
    """Whoever was signed in before is so no longer, in tabs that are still open either."""
    stranger.open()
    sign_in(stranger, "ada")
    key, ada = stranger.key, cookies(stranger)
    token = jwt.encode(
        {"alg": "HS256"},
        {"provider": "example", "exp": int(time.time()) + 60},
        OctKey.import_key(COOKIE_SECRET),
    )
    stranger.open(f"/auth/login?provider={token}")
    stranger.page.get_by_role("button", name="grace", exact=True).click()
    expect(stranger.page.get_by_text("Grace · agent")).to_be_visible()
    assert status(company, f"/live/{key}", ada) in REFUSED
    assert status(company, f"/live/{key}", cookies(stranger)) == 404


# By a proxy


@pytest.fixture(scope="module")
def inner(scripted: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = {
        "AUTH": "proxy",
        "AUTH_ROLES": ROLES,
        "AUTH_PROXY_SECRET": KEY,
        "AUTH_PROXY_NETWORKS": "127.0.0.1",
    }
    with served(tmp_path_factory.mktemp("inner"), (scripted.url, scripted.key), **settings) as site:
        yield site


def page_of(site: Site, headers: Headers) -> str:
    """What a page says to whoever opens its websocket with these headers."""
    ask = BackMsg()
    ask.rerun_script.query_string = ""
    said = ""
    address = f"{site.url.replace('http', 'ws')}/_stcore/stream"
    with connect(address, additional_headers=headers, subprotocols=["streamlit"], max_size=None) as line:  # type: ignore[list-item]
        line.send(ask.SerializeToString())
        while True:
            message = ForwardMsg.FromString(line.recv(PATIENCE))  # type: ignore[arg-type]
            said += str(message)
            if message.WhichOneof("type") == "script_finished":
                return said


USER, SECRET = ("X-Forwarded-User", "ada"), ("X-Proxy-Secret", KEY)
NAMED = [USER, SECRET, ("X-Forwarded-Groups", "staff,support"), ("X-Forwarded-Preferred-Username", "Ada")]


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        (NAMED, True),
        ([*NAMED, ("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "https")], True),
        ([USER], False),
        ([USER, ("X-Proxy-Secret", "k" * 39)], False),
        ([*NAMED, ("X-Proxy-Secret", KEY)], False),
        ([*NAMED, ("x-forwarded-user", "eve")], False),
        ([], False),
    ],
    ids=["the proxy", "with a visitor's address", "no secret", "another", "twice", "two users", "nothing"],
)
def test_pages_and_routes_agree_on_who_the_proxy_sends(inner: Site, sent: Headers, known: bool) -> None:
    assert status(inner, "/live/nobodys", {}, sent) in ({404} if known else REFUSED)
    said = page_of(inner, sent)
    told = "does not know the proxy" in said or words_sign_in.NOT_LET_IN in said
    assert told is not known
    assert ("Ada · agent".encode("unicode_escape").decode() in said or "Ada" in said) is known
    assert KEY not in said + inner.log
