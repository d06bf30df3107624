"""Dialects: the edge where what the server says becomes what one of the API documents says it would."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from embedded.documents import DOCUMENTS, Document
from embedded.errors import PAGE_NOT_FOUND, Refused
from embedded.responses import CommonHeaders, without_cors
from embedded.translation import Translation

Dialect: TypeAlias = Literal["real", "000", "001", "002", "003", "004"]
NAMES = get_args(Dialect)

ROUTES = {
    "chat": r"POST /chat-messages",
    "upload": r"POST /files/upload",
    "preview": r"GET /files/[^/]+/preview",
    "end_user": r"GET /end-users/.*",
    "feedback": r"POST /messages/[^/]+/feedbacks",
    "feedbacks": r"GET /app/feedbacks",
    "conversations": r"GET /conversations",
    "messages": r"GET /messages",
    "variables": r"GET /conversations/[^/]+/variables",
    "variable": r"PUT /conversations/[^/]+/variables/.*",
    "name": r"POST /conversations/[^/]+/name",
    "conversation": r"DELETE /conversations/[^/]+",
    "hear": r"POST /audio-to-text",
    "say": r"POST /text-to-audio",
    "info": r"GET /info",
    "parameters": r"GET /parameters",
    "site": r"GET /site",
    "annotations": r"(GET|POST) /apps/annotations",
    "annotation": r"(PUT|DELETE) /apps/annotations/.*",
    "reply": r"POST /apps/annotation-reply/[^/]+",
    "job": r"GET /apps/annotation-reply/[^/]+/status/.*",
}


def spoken(app: ASGIApp, dialect: Dialect) -> ASGIApp:
    """The app as it speaks in a dialect; the real one is left alone."""
    return app if dialect == "real" else Translator(app, DOCUMENTS[dialect])


class Translator:
    """Changes requests on their way in and answers on their way out, by the route they belong to."""

    def __init__(self, app: ASGIApp, document: Document) -> None:
        self._app = app
        self._document = document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _route(scope)
        if name is None:
            await self._app(scope, receive, send)
        elif name in self._document.lacks:
            page = without_cors(Response(PAGE_NOT_FOUND, 404, media_type="text/html"))
            await CommonHeaders(page)(scope, receive, send)
        elif name == "hear" and _size(scope) > self._document.largest_audio:
            refused = Refused(413, "audio_too_large", "Audio size exceeded.").response()
            await CommonHeaders(refused)(scope, receive, send)
        else:
            scope = self._asked(name, scope)
            scope, receive = await self._request(name, scope, receive)
            await self._app(scope, receive, Translation(self._document, name, send))

    def _asked(self, name: str, scope: Scope) -> Scope:
        if name not in ("conversations", "messages"):
            return scope
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        limit = query.get("limit", "")
        if self._document.largest_limit and limit.isdecimal() and int(limit) > 100:
            query["limit"] = "100"
        if self._document.unsorted:
            query.pop("sort_by", None)
        return {**scope, "query_string": urlencode(query).encode()}

    async def _request(self, name: str, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        headers = MutableHeaders(scope=scope)
        body: Any = None
        if name == "say" and self._document.speaks_forms:
            body = await _form(scope, receive)
        elif name in self._document.requests:
            raw = await Request(scope, receive).body()
            try:
                body = json.loads(raw or b"{}")
            except ValueError:
                return scope, _given(raw, receive)
            if isinstance(body, dict):
                body = self._document.requests[name](body)
        if body is None:
            return scope, receive
        content = json.dumps(body).encode()
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(content))
        return {**scope, "headers": headers.raw}, _given(content, receive)


def _route(scope: Scope) -> str | None:
    if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
        return None
    asked = f"{scope['method']} {scope['path'].removeprefix('/v1')}"
    return next((name for name, pattern in ROUTES.items() if re.fullmatch(pattern, asked)), None)


def _size(scope: Scope) -> int:
    size = Headers(scope=scope).get("content-length", "")
    return int(size) if size.isdecimal() else 0


async def _form(scope: Scope, receive: Receive) -> dict[str, Any]:
    try:
        form = await Request(scope, receive).form()
    except MultiPartException:
        form = None
    found: dict[str, Any] = {name: value for name, value in (form or {}).items() if isinstance(value, str)}
    return {**found, "format": "wav"}


def _given(content: bytes, after: Receive) -> Receive:
    # The body once; then whatever comes, which is the end of the connection: a stream waits for that.
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return await after()
        given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return receive
