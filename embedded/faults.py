"""Faults on demand: what networks and gateways do to answers. By question (`demo: http 429`), and for
tests by the header `X-Embedded-Fault`, which is heard only where the server was started with `--faults`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from embedded.errors import Refused

HEADER = "x-embedded-fault"
GATEWAY_PAGE = """<html>
<head><title>{status} {reason}</title></head>
<body>
<center><h1>{status} {reason}</h1></center>
<hr><center>nginx</center>
</body>
</html>
"""
REASONS = {
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
    "504": "Gateway Timeout",
}
MALFORMED = (
    b'data: {"event": "message", "message_id": : "broken"}\n\n',
    b"data: no JSON at all\n\n",
    b'data: ["a", "list"]\n\n',
    b'data: {"event": "never_heard_of", "answer": 7}\n\n',
    b"nonsense without a colon\n\n",
    b"data\n\n",
    b": a comment\n\n",
)
FLOODED = b": flood " + b"x" * 1000 + b"\n\n"
FLOODS = 2000  # frames of a flood
HANGS = 600.0  # seconds
LONGEST_SLEEP = 60.0


def refusal(kind: str, arguments: Sequence[str] = ()) -> Refused:
    """A status as servers and gateways send it: 429 (with Retry-After, 1 second if none is named), 500, 502,
    503, 504, or `html`: a gateway's page with 502."""
    if kind == "429":
        after = arguments[0] if arguments and arguments[0].isdecimal() else "1"
        message = "Too many requests. Please try again later."
        return Refused(429, "too_many_requests", message, headers={"Retry-After": after})
    if kind == "html" or (kind in REASONS and "html" in arguments):
        status = "502" if kind == "html" else kind
        page = GATEWAY_PAGE.format(status=status, reason=REASONS[status])
        return Refused(int(status), "unknown", REASONS[status], page=page)
    status = kind if kind in REASONS else "503"
    return Refused(int(status), "unknown" if status == "500" else "service_unavailable", REASONS[status])


class Faults:
    """`X-Embedded-Fault: slow 2 | cut 500 | stall 500 | malformed | flood | 429 5 | 500 … 504 [html] | html`:
    seconds, or bytes of the body after which it happens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = Headers(scope=scope).get(HEADER, "").split() if scope["type"] == "http" else []
        match wanted:
            case []:
                await self._app(scope, receive, send)
            case ["slow", *rest]:
                await asyncio.sleep(min(_number(rest, 1), LONGEST_SLEEP))
                await self._app(scope, receive, send)
            case ["cut" | "stall" as kind, *rest]:
                await self._app(scope, receive, _Shortened(send, int(_number(rest, 0)), kind == "stall"))
            case ["malformed"]:
                await self._app(scope, receive, _inserting(send, MALFORMED))
            case ["flood"]:
                await self._app(scope, receive, _inserting(send, [FLOODED] * FLOODS))
            case [kind, *rest]:
                await refusal(kind, rest).response()(scope, receive, send)


class _Shortened:
    # Lets so many bytes through, then hangs for long or pretends that the answer is over: without the end
    # that HTTP asks for, the server closes the connection.
    def __init__(self, send: Send, left: int, hangs: bool) -> None:
        self._send, self._left, self._hangs = send, left, hangs
        self._over = False

    async def __call__(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.body":
            body: bytes = message.get("body", b"")
            if len(body) > self._left or not message.get("more_body"):
                self._over = True
                await self._send({**message, "body": body[: self._left], "more_body": True})
                if self._hangs:
                    await asyncio.sleep(HANGS)
                return
            self._left -= len(body)
        await self._send(message)


def _inserting(send: Send, parts: Sequence[bytes]) -> Send:
    # Puts parts behind the first piece of a stream; a whole body loses its last byte instead.
    done = False

    async def insert(message: Message) -> None:
        nonlocal done
        if message["type"] == "http.response.start":
            names = (b"content-length",)
            headers = [each for each in message["headers"] if each[0].lower() not in names]
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body" and not done:
            done = True
            body: bytes = message.get("body", b"")
            if body.endswith(b"\n\n"):
                await send({**message, "body": body, "more_body": True})
                for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                message = {**message, "body": b""}
            else:
                message = {**message, "body": body.rstrip()[:-1]}
        await send(message)

    return insert


def _number(arguments: Sequence[str], default: float) -> float:
    try:
        return max(0.0, float(arguments[0]))
    except (IndexError, ValueError):
        return default
