"""A real server on loopback: the transcript's frontend under the product's content security policy, and the
live protocol from scripts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.browser.harness.script import Opened, Script

PAGES = Path(__file__).parent / "pages"
FRONTEND = Path(__file__).parents[3] / "components" / "transcript" / "frontend"
POLICY = (
    "default-src 'self'; script-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class Policy:
    """Pure ASGI, so that streams are not buffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", POLICY.encode()))
                message["headers"].append((b"x-content-type-options", b"nosniff"))
            await send(message)

        await self.app(scope, receive, strict)


class Harness:
    """The server's state: one Script per conversation key."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.scripts: dict[str, Script] = {}

    def script(self, key: str) -> Script:
        return self.scripts.setdefault(key, Script())

    def data(self, request: Request) -> Response:
        key = request.path_params["key"]
        base: dict[str, Any] = {
            "key": key,
            "live": f"live/{key}",
            "turns": f"turns/{key}",
            "stop": f"stop/{key}",
            "files": f"files/{key}",
            "assets": "assets/",
            "app": {"name": "Support desk", "icon": "🤖", "icon_url": None, "color": None},
            "opening": {"statement": "", "questions": []},
            "allow": {"copy": True, "retry": True, "stop": True},
            "labels": {"locale": "en-GB"},
        }
        return JSONResponse(base | self.script(key).data)

    async def live(self, request: Request) -> Response:
        script = self.script(request.path_params["key"])
        last = request.query_params.get("last", "")
        header = request.headers.get("last-event-id", "")
        script.opened.append(Opened(last, header, request.headers.get("sec-fetch-dest", "")))
        if script.live_status != 200:
            return Response("<h1>no</h1>", script.live_status, media_type="text/html")
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(
            self._events(script, last or header), media_type="text/event-stream", headers=headers
        )

    async def _events(self, script: Script, last: str) -> AsyncIterator[str]:
        loop, fresh = asyncio.get_running_loop(), asyncio.Event()
        forget = script.watch(lambda: loop.call_soon_threadsafe(fresh.set))
        generation, position = script.generation, script.position(last)
        script.open_streams += 1
        try:
            if position is None:
                position, frame = script.snapshot()
                yield frame
            while script.generation == generation:
                fresh.clear()
                frames = script.frames(position)
                position += len(frames)
                if frames:
                    yield "".join(frames)
                else:
                    yield ": still here\n\n"
                await fresh.wait()
            yield script.parting
        finally:
            forget()
            script.open_streams -= 1

    async def turns(self, request: Request) -> Response:
        script = self.script(request.path_params["key"])
        cursor = request.query_params.get("before", "")
        script.page_requests.append(cursor)
        page = script.pages.get(cursor, 404)
        return Response(status_code=page) if isinstance(page, int) else JSONResponse(page)

    async def stop(self, request: Request) -> Response:
        script = self.script(request.path_params["key"])
        script.stops += 1
        return Response(status_code=script.stop_status)

    def file(self, request: Request) -> Response:
        script = self.script(request.path_params["key"])
        content, kind = script.files.get(request.path_params["file"], (b"", ""))
        return Response(content, 200 if content else 404, media_type=kind)

    def app(self) -> Starlette:
        routes = [
            Route("/", lambda _request: FileResponse(PAGES / "page.html")),
            Route("/data/{key}", self.data),
            Route("/live/{key}", self.live),
            Route("/turns/{key}", self.turns),
            Route("/stop/{key}", self.stop, methods=["POST"]),
            Route("/files/{key}/{turn}/{file}", self.file),
            Mount("/page", StaticFiles(directory=PAGES)),
            Mount("/assets", StaticFiles(directory=FRONTEND)),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Policy)])


@contextlib.contextmanager
def serve() -> Iterator[Harness]:
    """A harness on a free port of loopback, until the block ends."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    harness = Harness(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(harness.app(), log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield harness
    finally:
        for script in harness.scripts.values():
            script.drop()
        server.should_exit = True
        thread.join()
        listener.close()
