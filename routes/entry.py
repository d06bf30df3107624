"""GET / opened in a browser: sent on to the address of a new conversation.

The page would put it into the address itself, which makes another entry in the browser's history: Back from
the first page would then stay on the site.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from routes.asking import known_by


class Entry:
    """Middleware; whatever else is asked for passes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/"
        if whole and Headers(scope=scope).get("sec-fetch-dest") == "document":
            there = _named(HTTPConnection(scope))
            if there:
                onward = RedirectResponse(there, 302, {"Cache-Control": "no-store"})
                return await onward(scope, receive, send)
        return await self._app(scope, receive, send)


def _named(connection: HTTPConnection) -> str | None:
    """The address with its app and conversation; None where it has them, or the page says something else."""
    asked = dict(parse_qsl(connection.url.query, keep_blank_values=True))
    known = known_by(connection)
    if "c" in asked or known is None:
        return None
    site, identity = known
    if identity is None and site.identities.mode != "open":
        return None
    apps = site.apps_of(identity) if identity else site.apps
    if not apps:
        return None
    app = site.naming(asked.get("app", apps[0].slug))
    return f"/?{urlencode({**app, **asked, 'c': site.directory.new_address()})}"
