"""The one fault tool: a TCP relay on loopback that does to a connection what a network would.

    with Relay(dify.port) as relay:
        relay.next("/v1/chat-messages", Fault(cut_after=200, reset=True))   # the next request of that path
        relay.always("/_stcore/stream", Fault(refuse=True))                 # from now on; None ends it
        relay.cut("/_stcore/stream")                                        # what is open now
        with relay.down(): ...      # nothing gets through
        with relay.closed(): ...    # nobody listens

It understands as much HTTP as it needs to know requests apart: every request gets a connection of its own
(the relay asks the server to close each), so that a script for one request touches no other.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakSet

PIECE = 65_536
GONE = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError)


@dataclass(frozen=True)
class Fault:
    """What happens to a connection; the default is nothing. Bytes are those of the response's body."""

    refuse: bool = False
    """Closed with a reset as soon as it is known what is asked; nothing reaches the server."""
    take: int | None = None
    """So many bytes of the request's body are taken, then the line breaks; the server hears nothing."""
    delay: float = 0.0
    """Seconds until the request goes on to the server."""
    cut_after: int | None = None
    """The response ends after so many bytes …"""
    reset: bool = False
    """… with a reset instead of an ordinary end."""
    stall_after: int | None = None
    """After so many bytes nothing more comes, and the connection stays open."""
    drip: tuple[int, float] | None = None
    """(bytes, seconds): so many at a time, with so long a pause after each."""
    answer: bytes | None = None
    """A whole HTTP response, given instead of asking the server …"""
    heard: bool = False
    """… or instead of what the server said, which is asked all the same and heard to its end."""


PASS = Fault()


def response(status: int, body: bytes = b"", kind: str = "text/html", **headers: str) -> bytes:
    """For Fault.answer; `retry_after="3"` for a header of that name."""
    lines = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + body


def refusal(status: int, code: str, message: str, **headers: str) -> bytes:
    """What Dify says no with, for Fault.answer."""
    body = json.dumps({"code": code, "message": message, "status": status}).encode()
    return response(status, body, "application/json", **headers)


@dataclass(eq=False)
class Connection:
    """One request on its way. `path` without the query."""

    method: str
    path: str
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    sent: int = field(default=0)
    """Bytes of the response's body that the client was given."""


class Relay:
    """In a thread of its own; every public method may be called from the test at any time."""

    def __init__(self, target: int, certificate: Path | None = None) -> None:
        """With a certificate (PEM, its key beside it) it speaks TLS to who comes."""
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self.target = target
        """The port behind; may be changed, for a server that comes back elsewhere."""
        self.requests: list[tuple[str, str]] = []
        """(method, path) of all that was asked, in the order of arrival, refused ones too."""
        self._once: list[tuple[str, Fault]] = []
        self._standing: dict[str, Fault] = {}
        self._down = False
        self._open: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: WeakSet[asyncio.StreamWriter] = WeakSet()
        self._loop = asyncio.new_event_loop()
        self._socket: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    # What a test says

    def next(self, path: str, *faults: Fault) -> None:
        """For the next requests whose path begins so, one each; they go before what is said for always."""
        self._once += [(path, fault) for fault in faults]

    def always(self, path: str, fault: Fault | None) -> None:
        """For all requests whose path begins so, from now on; None lets them pass again."""
        if fault is None:
            self._standing.pop(path, None)
        else:
            self._standing[path] = fault

    def cut(self, path: str = "/", *, reset: bool = True) -> int:
        """Break what is open now and begins so; how many that were."""
        return self._do(self._cut(path, reset))

    @contextmanager
    def down(self) -> Iterator[None]:
        """The network is gone: what is open breaks, and nothing new gets through."""
        self._down = True
        self.cut()
        try:
            yield
        finally:
            self._down = False

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Nobody listens on the port: connections are refused before anything is sent."""
        self._do(self._unlisten())
        try:
            yield
        finally:
            self._do(self._listen())

    def forget(self) -> None:
        """Between tests on the same relay: nothing scripted, nothing asked."""
        self._once.clear()
        self._standing.clear()
        self.requests.clear()

    def count(self, method: str, path: str) -> int:
        """Requests of exactly this path."""
        return self.requests.count((method, path))

    # The relay

    def __enter__(self) -> Relay:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        # The first time on the socket that chose the port, later on that port again.
        listening, self._socket = self._socket or socket.create_server(("127.0.0.1", self.port)), None
        self._server = await asyncio.start_server(self._accept, sock=listening, ssl=self._tls)

    async def _unlisten(self) -> None:
        self._server.close()
        await self._cut("/", reset=True)

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        for writer in self._writers:  # what has something left to send would outlive the loop
            writer.transport.abort()
        await asyncio.sleep(0.01)  # a transport closes its socket in a later turn of the loop

    async def _cut(self, path: str, reset: bool) -> int:
        chosen = [c for c in self._open if c.path.startswith(path)]
        for connection in chosen:
            _end(connection.client, reset)
            if connection.server:
                _end(connection.server, reset)
        return len(chosen)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await self._serve(reader, writer)
        except GONE:
            pass  # one of the two went away, which is what this relay is about
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            return _end(writer, reset=True)
        head = await reader.readuntil(b"\r\n\r\n")
        method, address, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        connection = Connection(method, address.partition("?")[0], writer)
        self.requests.append((method, connection.path))
        fault = self._fault(connection.path)
        if fault.take is not None:
            await reader.readexactly(fault.take)
        if self._down or fault.refuse or fault.take is not None:
            return _end(writer, reset=True)
        self._open.add(connection)
        try:
            await asyncio.sleep(fault.delay)
            if fault.answer is None or fault.heard:
                await self._forward(connection, reader, head, fault)
            if fault.answer is not None:
                writer.write(fault.answer)
                await writer.drain()
        finally:
            self._open.discard(connection)
        return None

    def _fault(self, path: str) -> Fault:
        for index, (prefix, fault) in enumerate(self._once):
            if path.startswith(prefix):
                del self._once[index]
                return fault
        return next((fault for prefix, fault in self._standing.items() if path.startswith(prefix)), PASS)

    async def _forward(
        self, connection: Connection, reader: asyncio.StreamReader, head: bytes, fault: Fault
    ) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return _end(connection.client, reset=True)
        connection.server = to_server
        self._writers.add(to_server)
        to_server.write(_asking_to_close(head))
        up = asyncio.ensure_future(_pumped(reader, to_server))
        try:
            said = await from_server.readuntil(b"\r\n\r\n")
            if fault.heard:
                await from_server.read()
            else:
                connection.client.write(said)
                await self._body(connection, from_server, fault)
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            to_server.close()
        return None

    async def _body(self, connection: Connection, from_server: asyncio.StreamReader, fault: Fault) -> None:
        size, pause = fault.drip or (PIECE, 0.0)
        while True:
            for limit, stalls in ((fault.stall_after, True), (fault.cut_after, False)):
                if limit is None:
                    continue
                size = min(size, limit - connection.sent)
                if size <= 0 and stalls:
                    await asyncio.Event().wait()
                elif size <= 0:
                    await connection.client.drain()
                    return _end(connection.client, fault.reset)
            piece = await from_server.read(size)
            if not piece:
                return None
            connection.client.write(piece)
            await connection.client.drain()
            connection.sent += len(piece)
            if pause:
                await asyncio.sleep(pause)


def _asking_to_close(head: bytes) -> bytes:
    lines = head[:-4].split(b"\r\n")
    if any(line.lower().startswith(b"upgrade:") for line in lines):
        return head
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close", b"", b""])


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.write_eof()


def _end(writer: asyncio.StreamWriter, reset: bool) -> None:
    if reset:
        # Lingering for no time at all is what makes the kernel say RST.
        with suppress(OSError):
            plain = writer.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if writer.transport.is_closing():
        return
    writer.transport.abort() if reset else writer.close()
