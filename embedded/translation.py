"""An answer on its way out, translated into what one of the API documents says it would be."""

from __future__ import annotations

import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

from embedded.documents import Document
from embedded.responses import CompactJSON


class Translation:
    """A JSON body is changed as a whole, an event stream frame by frame, anything else not at all."""

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
