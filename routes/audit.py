"""GET /audit.csv?person=&action=&app=&about=&since=&until=: the audit trail as a file, for admins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from routes.answering import plainly
from routes.asking import asked_by, moment
from services.audit_reading import Wanted

THREADS = CapacityLimiter(2)
LONGEST = 255
"""Characters of what is looked for."""


@plainly
async def file(request: Request) -> Response:
    site, identity = asked_by(request)
    asked = request.query_params
    texts = {name: asked.get(name, "")[:LONGEST] for name in ("person", "action", "app", "about")}
    wanted = Wanted(**texts, since=moment(asked.get("since")), until=moment(asked.get("until")))
    pieces = await run_sync(site.administration.trail.export, identity, wanted, limiter=THREADS)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_sent(pieces), headers=headers, media_type="text/csv; charset=utf-8")


async def _sent(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while piece := await run_sync(next, pieces, b"", limiter=THREADS):
        yield piece
