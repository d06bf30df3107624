"""Files to take along.

POST /export gives `{"token": …}` for `{"ids": […], "format": "markdown" | "json" | "csv" | "html"}`, or with
`"query": {q, sort, since, until}` instead of ids; with `"mask": true` personal data is hidden. GET
/export/{token} is the file, written while it is read; GET /export/{token}/progress says how far that is. Both
are for the person who asked alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from routes.answering import LARGEST, plainly
from routes.asking import asked_app, asked_site, json_body
from routes.conversations import asked_for
from routes.lanes import Lanes
from services.exports.jobs import Job
from services.history import Query
from services.site import Site

THREADS = Lanes(8)
"""An export reads history page by page; many at once must not take what people need who chat."""
PIECE = 64_000
"""Bytes that are sent together."""


@plainly
async def ask(request: Request) -> Response:
    site, identity, app = asked_site(request)
    wanted: list[str] | Query
    mask = False
    match await json_body(request, LARGEST):
        case {"ids": [*ids], "format": str(kind), **rest} if ids and all(isinstance(i, str) for i in ids):
            wanted, mask = list(map(str, ids)), rest.get("mask") is True
        case {"query": dict(query), "format": str(kind), **rest}:
            wanted, mask = asked_for(query), rest.get("mask") is True
        case _:
            raise ValueError("ids or query, and format")
    return JSONResponse({"token": site.archive.exports.request(identity, app, wanted, kind, mask=mask).token})


@plainly
async def file(request: Request) -> Response:
    site, job = _job(request)
    exports = site.archive.exports
    pieces = _together(exports.written(job))
    lane = THREADS.of(job.app.slug)
    name = await run_sync(exports.name, job, limiter=lane)
    first = await run_sync(next, pieces, b"", limiter=lane)  # what fails at once is told as an error
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(
        _sent(first, pieces, lane), headers=headers, media_type=exports.writer(job).media_type
    )


@plainly
async def progress(request: Request) -> Response:
    _, job = _job(request)
    told: dict[str, Any] = {"state": job.state, "total": job.total, "done": job.done, "failed": job.failed}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _job(request: Request) -> tuple[Site, Job]:
    site, identity, _ = asked_site(request)
    job = site.archive.exports.of(identity, request.path_params["token"])
    if job is None:
        raise HTTPException(404)
    asked_app(site, identity, job.app.slug)
    return site, job


async def _sent(first: bytes, pieces: Iterator[bytes], lane: CapacityLimiter) -> AsyncIterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = await run_sync(next, pieces, b"", limiter=lane)


def _together(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Never an empty one: that is the end."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


ROUTES = [
    Route("/export", ask, methods=["POST"]),
    Route("/export/{token}", file),
    Route("/export/{token}/progress", progress),
]
