"""The JSON that a browser sends."""

from __future__ import annotations

import json

from starlette.requests import Request


async def body_of(request: Request, largest: int) -> object:
    """Raises ValueError for what is no JSON, or over so many bytes."""
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > largest:
            raise ValueError("too long")
    try:
        found: object = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    return found
