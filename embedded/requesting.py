"""Requesting: the way through the chatflow whose request fails and is tried again. Source: recordings
53_flow_error_*."""

from __future__ import annotations

import asyncio
import os
from urllib.parse import urlsplit

from embedded.workflow import NodeFailed, Workflow, answered, start

CLOSED = ("127.0.0.1", 9)  # nobody listens there: a request that is refused, really
RETRIES = 2
BETWEEN_RETRIES = 0.3  # seconds


async def request(flow: Workflow, base: str, recovers: bool) -> None:
    """A request that is refused twice, and a third time unless it `recovers`: then it reaches `base`."""
    flow.say("The request's status: ", "answer", "answer")
    await start(flow)
    async with flow.node("http", "http-request", "HTTP") as node:
        node.inputs = {}
        own = urlsplit(base)
        reachable = (own.hostname or CLOSED[0], own.port or 80)
        for attempt in range(RETRIES + 1):
            address = reachable if recovers and attempt == RETRIES else CLOSED
            node.process = {"request": f"GET /healthz HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n"}
            try:
                status = await _asked(*address)
                break
            except OSError as error:
                reason = f"[Errno {error.errno}] {os.strerror(error.errno)}" if error.errno else str(error)
                if attempt == RETRIES:
                    raise NodeFailed(reason) from None
                flow.retried(node, attempt + 1, reason)
                await asyncio.sleep(BETWEEN_RETRIES)
                flow.check()
        node.outputs = {"status_code": status, "body": "", "headers": {}, "files": []}
    flow.say(str(status), "http", "status_code")
    await answered(flow, "answer", "Answer")


async def _asked(host: str, port: int) -> int:
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    try:
        writer.write(f"GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 5)
        return int(line.split()[1])
    except (IndexError, ValueError):
        raise OSError("no HTTP") from None
    finally:
        writer.close()
