"""Where a sign-in elsewhere ends: on the page that was asked for, or on one that says why not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.web.server.starlette import starlette_app_utils

from routes import sign_in, signing_page
from services import assembly
from services import site as sites
from services.apps import App
from services.auth_settings import AuthSettings
from services.dify.client import Client
from services.store import Store
from tests.unit.test_oidc import CLAIMS, KEY, World
from tests.unit.test_routes import listening

LONG = 20.0


async def login(request: Request) -> Response:
    """As Streamlit's: to the provider, if it answers."""
    if request.query_params.get("provider") == "away":
        return PlainTextResponse("Authentication error", 400)
    return RedirectResponse("https://login.example/authorize")


async def callback(request: Request) -> Response:
    """As Streamlit's: to / in any case, with a cookie where it has worked."""
    answer = RedirectResponse("/", 302)
    if request.query_params.get("code") == "good":
        signed = starlette_app_utils.create_signed_value(KEY, "_streamlit_user", json.dumps(CLAIMS))
        answer.set_cookie("_streamlit_user", signed.decode(), path="/")
    return answer


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(sign_in, "get_cookie_secret", lambda: KEY)
    with Client("http://127.0.0.1:9/v1", "app-key") as client:
        auth = AuthSettings(contact="Grace & co")
        sites.use(assembly.over(App("app", client), World().site, Store.in_memory(), auth=auth))
        routes = [Route(sign_in.LOGIN, login), Route(sign_in.CALLBACK, callback)]
        app = Starlette(routes=routes, middleware=[Middleware(sign_in.SignIn)])
        with (
            listening(app) as url,
            httpx.Client(base_url=url, timeout=LONG, trust_env=False) as asking,
        ):
            yield asking
        sites.refuse("over")


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("/history?app=a&c=1%262", "/history?app=a&c=1%262"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
def test_one_comes_to_the_page_that_was_asked_for(browser: httpx.Client, wanted: str, there: str) -> None:
    sent = browser.get(sign_in.LOGIN, params={"provider": "keycloak", "next": wanted})
    assert sent.headers["location"].startswith("https://login.example/")
    line = next(line for line in sent.headers.get_list("set-cookie") if line.startswith(sign_in.ONWARD))
    assert "Path=/oauth2callback" in line
    assert "; Secure" in line, "the site is known by https"
    kept = {"cookie": line.partition(";")[0]}
    back = browser.get(sign_in.CALLBACK, params={"code": "good", "state": "s"}, headers=kept)
    assert (back.status_code, back.headers["location"]) == (302, there)
    assert any("Max-Age=0" in each for each in back.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"{sign_in.LOGIN}?provider=away", signing_page.PROVIDER_AWAY),
        (f"{sign_in.CALLBACK}?error=access_denied&state=s", signing_page.PROVIDER_REFUSED),
        (f"{sign_in.CALLBACK}?error=server_error&state=s", signing_page.PROVIDER_FAILED),
        (f"{sign_in.CALLBACK}?code=bad&state=s", signing_page.PROVIDER_FAILED),
    ],
)
def test_a_sign_in_that_came_to_nothing_ends_on_a_page_that_says_so(
    browser: httpx.Client, path: str, told: str
) -> None:
    answer = browser.get(path)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert told.partition("{contact}")[0].rstrip() in answer.text
    assert "Grace &amp; co" in answer.text
    assert 'href="/"' in answer.text


def test_the_way_back_from_a_sign_out_says_nothing(browser: httpx.Client) -> None:
    answer = browser.get(sign_in.CALLBACK)
    assert (answer.status_code, answer.headers["location"]) == (302, "/")
