"""What holds for every answer of this site: who may ask from where, its headers, who is who.

Pure ASGI, because Starlette's BaseHTTPMiddleware would buffer streams and uploads.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from routes import policies, uploading
from routes.asking import identity_of, known_by
from routes.policies import SIGNING
from routes.websocket import personal
from services import frontend
from services.site import Misconfigured, current

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OF_THE_TRANSCRIPT = ("markdown/", "vendor/")
"""Folders of the frontend, beside the files that stand in none."""
OPEN_TO_ALL = (*SIGNING, "/share/", "/assets/", "/healthz")
"""Paths of documents that need no signing in."""


class Security:
    """`hosts`: names under which the site may be asked, besides those of this machine."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._hosts = LOCAL | {name for host in hosts if (name := _name(host))}
        index = Path(streamlit.__file__).parent / "static" / "index.html"
        self._policy = policies.policy(index.read_text(encoding="utf-8"))
        entry = f"/{frontend.path()}"
        links = [f"<{entry}{name}>; {how}" for name in frontend.files() if (how := _preload(name))]
        self._preload = ", ".join(links)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return await self._app(scope, receive, send)
        connection = HTTPConnection(scope)
        refusal = self._refusal(connection)
        if scope["type"] == "websocket":
            if not refusal:
                return await personal(self._app, connection, receive, send)
            await receive()
            return await send({"type": "websocket.close", "code": 1008})

        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add(connection, MutableHeaders(scope=message), message["status"])
            await send(message)

        instead = PlainTextResponse(refusal, 403) if refusal else _unless_signed_in(connection)
        try:
            await (instead or self._app)(scope, receive, with_headers)
        except Exception:
            # Starlette would answer outside of this middleware, and so without its headers.
            if not begun:
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, with_headers)
            raise

    def _refusal(self, connection: HTTPConnection) -> str | None:
        """Why this request is not answered at all; None if it is."""
        headers = connection.headers
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return "This site is not known under that name."
        if connection.scope["type"] == "http" and connection.scope["method"] in SAFE:
            return None
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return "Requests from other sites are not taken."
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return "Requests from other sites are not taken."
        return None

    def _add(self, connection: HTTPConnection, headers: MutableHeaders, status: int) -> None:
        path = connection.scope["path"]
        headers["Content-Security-Policy"] = policies.of(path, self._policy)
        headers["X-Content-Type-Options"] = "nosniff"
        # Without any referrer a form's Origin would be "null".
        headers["Referrer-Policy"] = "same-origin" if path in SIGNING else "no-referrer"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self), autoplay=(self)"
        if Headers(scope=connection.scope).get("sec-fetch-dest", "document") != "document":
            return
        # A page that the browser still has (304) brings no type, and may outlive the cookie.
        kind = headers.get("content-type", "text/html" if status == 304 else "")
        if kind.startswith("text/html"):
            if path == "/":  # the chat; other pages have no transcript
                headers["Link"] = self._preload
            self._introduce(connection, headers)

    def _introduce(self, connection: HTTPConnection, headers: MutableHeaders) -> None:
        """Give a browser that has none its id, with the first page, so that all that follows has it."""
        try:
            identities = current().identities
        except Misconfigured:
            return
        if identity_of(connection, identities) is not None:
            return
        cookie = identities.introduction(secure=connection.url.scheme == "https")
        if cookie:
            headers.append("Set-Cookie", cookie)


def _unless_signed_in(connection: HTTPConnection) -> ASGIApp | None:
    """What is said instead of a page to those who have to sign in first, and of Streamlit's own uploads and
    media to those who may not have them; None for everything else.
    """
    scope, headers = connection.scope, connection.headers
    path = scope["path"]
    known = known_by(connection)
    if known is None or path.startswith(OPEN_TO_ALL):
        return None
    site, identity = known
    if path.startswith(uploading.PATH):
        return uploading.refused(site, identity, connection)
    if identity is not None or site.identities.mode == "open":
        return None
    if path.startswith("/media/"):
        return PlainTextResponse("Sign in first.", 401)
    page = (
        "text/html" in headers.get("accept", "") and headers.get("sec-fetch-dest", "document") == "document"
    )
    if site.identities.mode != "accounts" or scope["method"] != "GET" or not page:
        return None
    query = connection.url.query
    wanted = quote(f"{path}?{query}" if query else path, safe="/")
    return RedirectResponse(f"/signin?next={wanted}", 303, {"Cache-Control": "no-store"})


def _name(netloc: str) -> str | None:
    try:
        return urlsplit(f"//{netloc}").hostname
    except ValueError:
        return None


def _preload(name: str) -> str | None:
    """How a browser gets a file before it is asked for: those of the transcript, mermaid and fonts excepted.
    Other components import what they need when they are drawn."""
    if "/" in name and not name.startswith(OF_THE_TRANSCRIPT):
        return None
    if name.endswith(".js"):
        return None if "mermaid" in name else "rel=modulepreload"
    if name.endswith(".json"):
        return "rel=preload; as=fetch; crossorigin"
    return "rel=preload; as=style" if name in {"style.css", "answer.css", "markdown.css"} else None
