"""All routes of the site behind their middleware, asked in this process; a new one is here by itself.

with whole() as site:
    answer = site.ask("GET", "/healthz")
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from streamlit import config

from tests.site import PATIENCE

HOST = ("host", "127.0.0.1")
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Whole:
    routes: list[Route]
    _app: ASGIApp
    _portal: BlockingPortal

    def ask(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        *,
        query: str = "",
        body: bytes = b"",
        scheme: str = "http",
    ) -> Answer:
        """An event stream is left after its first event. What a route raises is raised here."""
        return self._portal.call(self._asked, method, path, tuple(headers), query, body, scheme)

    async def _asked(
        self,
        method: str,
        path: str,
        headers: tuple[tuple[str, str], ...],
        query: str,
        body: bytes,
        scheme: str,
    ) -> Answer:
        given = headers if any(name == "host" for name, _ in headers) else (HOST, *headers)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": scheme,
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8501),
        }
        left = anyio.Event()
        to_come = [body]
        begun: list[Message] = []
        told = bytearray()

        async def receive() -> Message:
            if to_come:
                return {"type": "http.request", "body": to_come.pop(), "more_body": False}
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            told.extend(message.get("body", b""))
            kind = Headers(raw=begun[0]["headers"]).get("content-type", "")
            followed = kind.startswith("text/event-stream") and told.count(b"\n\n") > 1
            if followed or not message.get("more_body"):
                left.set()

        with anyio.fail_after(PATIENCE):
            await self._app(scope, receive, send)
        return Answer(begun[0]["status"], Headers(raw=begun[0]["headers"]), bytes(told))


@contextmanager
def whole() -> Iterator[Whole]:
    pinned = config._main_script_path
    try:
        from app import app
    finally:
        gc.enable()  # app.py leaves that to the lifespan
        config._main_script_path = pinned  # the first app of a process sets it, for good
    routes = [route for route in app._user_routes if isinstance(route, Route)]
    assert len(routes) == len(app._user_routes)
    with start_blocking_portal() as portal:
        yield Whole(routes, Starlette(routes=routes, middleware=app._user_middleware), portal)
