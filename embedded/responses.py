"""What goes back over the wire: JSON in the server's two spellings, event streams, the common headers."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_CORS = "x-without-cors"  # inside the process only
VERSION = "1.16.0"  # of the server that was recorded; clients compare it with what they need


class CompactJSON(Response):
    """JSON as most endpoints write it: no spaces, `\\/`, `\\uXXXX`, newline (recording 10_app_chat_info)."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        # A slash occurs in JSON inside strings only.
        return json.dumps(content, separators=(",", ":")).replace("/", "\\/").encode() + b"\n"


class SpacedJSON(Response):
    """JSON as a blocking answer is written (recording 21_chat_blocking)."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode()


def without_cors(response: Response) -> Response:
    """A response that a real server gives before it looks whether it knows the path: without the headers that
    let other origins read it (recordings 12_root_no_slash, 32_err_get_method, 32_err_unknown_path)."""
    response.headers[NO_CORS] = "1"
    return response


class ConnectionCut(Exception):
    """Ends an event stream by closing its connection, without the chunk that would say "that was all"."""


class EventStream(StreamingResponse):
    """text/event-stream; leaving its frames by ConnectionCut breaks the connection."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        frames = self.body_iterator
        assert isinstance(frames, AsyncGenerator)
        try:
            async with aclosing(frames):
                await super().stream_response(send)
        except ConnectionCut:
            # The server sees a response without an end and closes the connection.
            return


class CommonHeaders:
    """Puts what Dify sends with every response on every response, and answers CORS preflights."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(message)
            await send(message)

        asked = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "origin" in asked:
            await _preflight(asked)(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    @staticmethod
    def _complete(message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if NO_CORS in headers:
            del headers[NO_CORS]
        else:
            headers.setdefault("Access-Control-Allow-Origin", "*")
            headers["Access-Control-Expose-Headers"] = "X-Env, X-Trace-Id, X-Version"
        headers["X-Version"] = VERSION
        headers["X-Env"] = "PRODUCTION"
        headers.setdefault("Vary", "Cookie")


def _preflight(asked: Headers) -> Response:
    # Recording 59_cors_preflight. Any origin may ask: what protects is the key, which a browser never adds.
    wanted = asked.get("access-control-request-headers", "").split(",")
    return Response(
        b"",
        media_type="text/html",
        headers={
            "Access-Control-Allow-Origin": asked["origin"],
            "Access-Control-Allow-Headers": ", ".join(each.strip() for each in wanted),
            "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
            "Vary": "Origin, Cookie",
        },
    )
