"""What stands around Streamlit's own sign-in routes: here its sign-out, with nothing of a page about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from routes.sign_in import SignIn
from services import assembly
from services import site as sites
from services.settings import Settings
from tests.unit.test_oidc import World
from tests.unit.test_routes import LONG, listening


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with listening(Starlette(routes=create_auth_routes(""), middleware=[Middleware(SignIn)])) as url:
        yield url


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World()
    site = replace(assembly.built(Settings(tmp_path), tmp_path), identities=made.site)
    sites.use(site)
    yield made
    sites.refuse("over")
    site.stop()


def sign_out(server: str, cookies: dict[str, str], **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(cookies=cookies, trust_env=False, timeout=LONG) as client:
        return client.get(f"{server}/auth/logout", headers=given)


def test_a_copy_of_the_cookie_is_nobody_after_the_sign_out(server: str, world: World) -> None:
    jar = world.signed_in()
    assert world.who(jar) is not None
    answer = sign_out(server, jar, sec_fetch_site="same-origin")
    assert answer.status_code == 302
    assert world.who(jar) is None


def test_cookies_travel_by_https_alone_where_the_site_does(server: str, world: World) -> None:
    lines = sign_out(server, world.signed_in()).headers.get_list("set-cookie")
    assert lines
    assert all(line.endswith("; Secure") for line in lines)


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
def test_another_site_signs_nobody_out(server: str, world: World, where: str) -> None:
    jar = world.signed_in()
    answer = sign_out(server, jar, sec_fetch_site=where)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert world.who(jar) is not None
