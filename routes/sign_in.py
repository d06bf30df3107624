"""Streamlit's sign-in by OIDC, seen from outside of its pages: what it was told, its cookie, its routes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_redirect_uri, get_secrets_auth_section
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import (
    AUTH_COOKIE_MAX_AGE_SECONDS,
    TOKENS_COOKIE_NAME,
    USER_COOKIE_NAME,
)

from routes import signing_page as page
from routes.asking import address_of, cookies_of
from routes.signing import local
from services.identities.oidc import Oidc, Streamlits
from services.identities.registration import Registration
from services.settings_error import SettingsError
from services.site import Misconfigured, current

LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", "/oauth2callback"
ITS_COOKIES = "_streamlit_"
ONWARD = "console_onward"
PATIENCE = 900
"""Seconds that somebody may take to sign in and still comes to the page that was asked for."""
PROVIDER_REFUSES = {"access_denied", "interaction_required", "consent_required", "account_selection_required"}
LONGEST_TOKEN = 3_000
"""Characters. A websocket opens with 8 kB of cookies at the most, other sites' on this host among them."""


def streamlits() -> Streamlits:
    """From secrets.toml. Raises SettingsError."""
    try:
        section = get_secrets_auth_section()
        told = section.to_dict() | {"redirect_uri": get_redirect_uri(section)}
    except (OSError, ValueError) as error:
        raise SettingsError(f"secrets.toml cannot be read: {error}") from None
    registration = Registration.read(told if section else {})
    return Streamlits(registration, reader(str(told["cookie_secret"])))


def reader(secret: str, cookie: str = USER_COOKIE_NAME) -> Callable[[Mapping[str, str]], bytes | None]:
    """What Streamlit has written into a cookie that it signs with this secret, put together again."""

    def written(cookies: Mapping[str, str]) -> bytes | None:
        def one(name: str) -> bytes | None:
            value = cookies.get(name, "").encode("latin-1", "replace")
            return decode_signed_value(secret, name, value, AUTH_COOKIE_MAX_AGE_SECONDS / 86_400)

        return get_cookie_with_chunks(one, cookie)

    return written


class SignIn:
    """Middleware that sees people come and go at Streamlit's own routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        identities = _oidc() if scope["type"] == "http" else None
        path = scope.get("path")
        if identities is None or path not in {LOGIN, LOGOUT, CALLBACK}:
            return await self._app(scope, receive, send)
        connection = HTTPConnection(scope)
        shown = cookies_of(connection)
        onward = local(connection.query_params.get("next", ""))
        instead = None
        if path == LOGOUT:
            if connection.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
                refusal = PlainTextResponse("Another site cannot sign you out.", HTTPStatus.FORBIDDEN)
                return await refusal(scope, receive, send)
            await run_in_threadpool(identities.signed_out, shown)

        async def seen(message: Message) -> None:
            nonlocal instead
            if instead:
                return None  # what was not drawn has no body either
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if path == LOGIN:
                    headers.append("set-cookie", _kept(onward))
                if path == CALLBACK and USER_COOKIE_NAME in (given := _given(headers)):
                    _shorten(headers, given, identities)
                    # Whoever was signed in here before is so no longer, in other tabs either.
                    await run_in_threadpool(identities.signed_out, shown)
                    await run_in_threadpool(identities.signed_in, _given(headers), address_of(connection))
                    if ONWARD in shown:
                        headers["location"] = local(unquote(shown[ONWARD]))
                        headers.append("set-cookie", _kept(""))
                elif told := _failed(path, message["status"], connection.query_params):
                    instead = _page(told, headers.getlist("set-cookie"))
                    return await instead(scope, receive, send)
                if identities.registration.secure:
                    _only_by_https(headers)
            return await send(message)

        return await self._app(scope, receive, seen)


def _failed(path: str, status: int, query: QueryParams) -> str:
    """What is to be said of a sign-in that has come to nothing; empty for what goes on, and for the way back
    from a sign-out, which leads here without a word."""
    if path == LOGIN and status >= HTTPStatus.BAD_REQUEST:
        return page.PROVIDER_AWAY
    if path != CALLBACK or not ("error" in query or "code" in query):
        return ""
    return page.PROVIDER_REFUSED if query.get("error") in PROVIDER_REFUSES else page.PROVIDER_FAILED


def _page(told: str, cookies: list[str]) -> Response:
    html = page.not_signed_in(told.format(contact=current().auth.contact or page.ADMINISTRATOR))
    answer = HTMLResponse(html, HTTPStatus.FORBIDDEN, {"Cache-Control": "no-store"})
    for line in cookies:
        answer.headers.append("set-cookie", line)
    return answer


def _kept(onward: str) -> str:
    """A cookie that has the way back from the provider know where somebody wanted to go; empty: no more."""
    age = PATIENCE if onward else 0
    return f"{ONWARD}={quote(onward, safe='')}; Path={CALLBACK}; Max-Age={age}; HttpOnly; SameSite=Lax"


def _oidc() -> Oidc | None:
    try:
        identities = current().identities
    except Misconfigured:
        return None
    return identities if isinstance(identities, Oidc) else None


def _given(headers: Headers) -> dict[str, str]:
    """The cookies that an answer sets; the last of a name is the one that the browser keeps."""
    pairs = (line.partition(";")[0].partition("=") for line in headers.getlist("set-cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _shorten(headers: MutableHeaders, given: Mapping[str, str], identities: Oidc) -> None:
    """Streamlit's cookies anew, with what counts here alone, and of the tokens the one that a provider wants
    to see at the sign-out, if it is short.
    """
    claims = identities.shortened(given)
    if claims is None:
        return
    lines = headers.getlist("set-cookie")
    attributes = next(line.partition(";")[2] for line in lines if line.startswith(f"{USER_COOKIE_NAME}="))
    del headers["set-cookie"]
    for line in lines:
        if not line.startswith(USER_COOKIE_NAME):  # nor the tokens', whose name begins so
            headers.append("set-cookie", line)
    written = reader(get_cookie_secret(), TOKENS_COOKIE_NAME)(given)
    token = json.loads(written).get("id_token", "") if written else ""
    kept = {"id_token": token} if len(token) <= LONGEST_TOKEN else {}
    for cookie, value in ((USER_COOKIE_NAME, claims), (TOKENS_COOKIE_NAME, kept)):
        signed = create_signed_value(get_cookie_secret(), cookie, json.dumps(value)).decode()
        headers.append("set-cookie", f"{cookie}={signed};{attributes}")


def _only_by_https(headers: MutableHeaders) -> None:
    """Streamlit leaves that out, for its cookies would else be lost on http://localhost in Safari."""
    lines = headers.getlist("set-cookie")
    if not lines:
        return
    del headers["set-cookie"]
    for line in lines:
        bare = line.startswith((ITS_COOKIES, ONWARD)) and "; secure" not in line.lower()
        headers.append("set-cookie", f"{line}; Secure" if bare else line)
