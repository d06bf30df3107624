"""What a connection to this process inherits."""

from __future__ import annotations

import socket

from routes import nagle


def accepted(listener: socket.socket) -> bool:
    """Whether a fresh connection sends small frames at once."""
    with socket.create_connection(listener.getsockname()):
        ours, _ = listener.accept()
        with ours:
            return bool(ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_a_connection_sends_small_frames_at_once() -> None:
    with socket.socket(socket.AF_INET) as listener, socket.socket(socket.AF_UNIX), socket.socket() as idle:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not accepted(listener)
        nagle.switch_off()
        assert accepted(listener)
        assert not idle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
