"""The websocket of a tab, which is one person's for as long as it is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from routes.asking import identity_of, known_by
from services.identity import Departures

DRAW = BackMsg(rerun_script=ClientState()).SerializeToString()
"""What a browser sends to have a page drawn."""


async def personal(app: ASGIApp, connection: HTTPConnection, receive: Receive, send: Send) -> None:
    """A websocket of one person: it is closed as soon as they are no longer signed in as when it was opened,
    and it never takes up what was left of another person's tab. Such a tab is drawn anew at once, for the
    browser would leave on the screen what stands there.
    """
    known = known_by(connection)
    if known is None:
        return await app(connection.scope, receive, send)
    site, identity = known
    # Streamlit's third subprotocol is the id of the session that is to go on.
    names = [name.strip() for name in connection.headers.get("sec-websocket-protocol", "").split(",")]
    drawn_for = site.tabs.of(names[2]) if len(names) > 2 else None
    first: list[Message] = []

    def known_still() -> bool:
        return identity_of(connection, site.identities) == identity

    async with _Watched(receive, site.departures) as watched:

        async def theirs() -> Message:
            if first:
                return first.pop()
            message = await watched.next(known_still)
            if message and message["type"] == "websocket.connect" and drawn_for not in {None, identity}:
                first.append({"type": "websocket.receive", "bytes": DRAW})
            if message is None or (message["type"] == "websocket.receive" and not known_still()):
                await send({"type": "websocket.close", "code": 1008})
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        scope = connection.scope
        if len(names) > 2 and (identity is None or drawn_for != identity):
            anew = ", ".join(names[:2]).encode("latin-1")
            headers = [(n, anew if n == b"sec-websocket-protocol" else v) for n, v in scope["headers"]]
            scope = {**scope, "headers": headers}
        return await app(scope, theirs, send)


class _Watched:
    """What comes on a websocket, until somebody's sign-in ends."""

    def __init__(self, receive: Receive, departures: Departures) -> None:
        self._receive, self._departures = receive, departures
        self._loop = asyncio.get_running_loop()
        self._left = asyncio.Event()
        self._coming: asyncio.Task[Message] | None = None

    async def __aenter__(self) -> Self:
        self._departures.watch(self._wake)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._departures.unwatch(self._wake)
        if self._coming:
            self._coming.cancel()

    async def next(self, known_still: Callable[[], bool]) -> Message | None:
        """None where a sign-in has ended, and it was theirs."""
        coming = self._coming = self._coming or asyncio.ensure_future(_awaited(self._receive))
        while not coming.done():
            leaving = asyncio.ensure_future(self._left.wait())
            await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
            if self._left.is_set():
                self._left.clear()
                if not known_still():
                    return None
        self._coming = None
        return coming.result()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the loop was closed with the site
            self._loop.call_soon_threadsafe(self._left.set)


async def _awaited(receive: Receive) -> Message:
    return await receive()
