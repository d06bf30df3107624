"""A server of the tests that ends leaves nobody waiting, nor a socket to the garbage collector."""

from __future__ import annotations

import socket
from contextlib import suppress

from tests.upstream import Answer, Upstream

LONG = 20.0


def test_an_answer_that_nobody_has_read_does_not_outlive_it() -> None:
    body = b'{"inputs":{},"query":"q","user":"u","response_mode":"streaming"}'
    with socket.socket() as connection:
        connection.settimeout(LONG)
        with Upstream() as dify:
            dify.next(Answer(b"x" * 50_000_000))
            head = f"POST /v1/chat-messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {dify.key}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.connect(("127.0.0.1", dify.port))
            connection.sendall(head.encode() + body)
            assert connection.recv(1)
        with suppress(ConnectionResetError):
            while connection.recv(1 << 20):
                pass
