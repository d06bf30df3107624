"""Small frames go at once, also where the network between is real."""

from __future__ import annotations

import gc
import socket


def switch_off() -> None:
    """Set TCP_NODELAY on this process's listening sockets; every connection accepted from now on inherits it.

    asyncio does that for sockets that name their protocol, and Streamlit's does not. With Nagle's algorithm a
    frame waits until the one before is acknowledged, which takes a round trip or, with delayed
    acknowledgements, 40 ms: half of all frames would come in pairs. Nobody hands the socket out, so it is
    looked for.
    """
    for found in gc.get_objects():
        if isinstance(found, socket.socket) and found.fileno() >= 0 and _listens(found):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _listens(found: socket.socket) -> bool:
    if found.family not in {socket.AF_INET, socket.AF_INET6} or found.type != socket.SOCK_STREAM:
        return False
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
