"""uvicorn in a thread of the tests: it ends at once, and leaves no socket to the garbage collector."""

from __future__ import annotations

import asyncio
import socket

import uvicorn


class QuickServer(uvicorn.Server):
    """Tests start and end hundreds of these; nothing that still runs is waited for."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            # What has something left to send would outlive the loop, and fail the test that comes later.
            connection.transport.abort()
        await asyncio.sleep(0)  # a transport closes its socket in a later turn of the loop
