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
from embedded.responses import CommonHeaders, CompactJSON, without_cors

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
        elif (
            name == "hear"
            and int(Headers(scope=scope).get("content-length", 0)) > self._document.largest_audio
        ):
            refused = Refused(413, "audio_too_large", "Audio size exceeded.").response()
            await CommonHeaders(refused)(scope, receive, send)
        else:
            scope = self._asked(name, scope)
            scope, receive = await self._request(name, scope, receive)
            await self._app(scope, receive, _Answer(self._document, name, send))

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


class _Answer:
    # A JSON body is gathered and changed as a whole, an event stream frame by frame, anything else not at
    # all.
    def __init__(self, document: Document, name: str, send: Send) -> None:
        self._document, self._name, self._send = document, name, send
        self._start: Message = {}
        self._kind = ""
        self._body = b""
        self._texts = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            self._kind = Headers(raw=message["headers"]).get("content-type", "").partition(";")[0]
            if self._kind != "application/json":
                await self._send(message)
        elif self._kind == "application/json":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._whole()
        elif self._kind == "text/event-stream":
            await self._send({**message, "body": self._translated(message.get("body", b""))})
        else:
            await self._send(message)

    async def _whole(self) -> None:
        document, name, status = self._document, self._name, self._start["status"]
        body = json.loads(self._body) if self._body else None
        if status < 300:
            status = document.statuses.get(name, status)
            if name in document.answers and body is not None:
                body = document.answers[name](body)
            elif body is None and status == 200:
                body = {"result": "success"}
        elif document.refusal and isinstance(body, dict):
            body = document.refusal(body)
        content = b"" if status == 204 else CompactJSON(body).body
        headers = MutableHeaders(raw=list(self._start["headers"]))
        if status != 204:
            headers["content-length"] = str(len(content))
        await self._send({**self._start, "status": status, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": bytes(content)})

    def _translated(self, piece: bytes) -> bytes:
        *frames, self._body = (self._body + piece).split(b"\n\n")
        return b"".join(self._frame(each) for each in frames)

    def _frame(self, frame: bytes) -> bytes:
        try:
            event = json.loads(frame.removeprefix(b"data: "))
        except ValueError:
            return frame + b"\n\n"
        if isinstance(event, dict):
            for change in self._document.frames:
                event = change(event)
                if event is None:
                    return b""
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        if self._document.broken and isinstance(event, dict) and event.get("event") == "message":
            self._texts += 1
            if self._texts in (2, 3):
                text = text.replace('"message_id":', f'"message_id"{self._document.broken}', 1)
        return b"data: " + text.encode() + b"\n\n"


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
