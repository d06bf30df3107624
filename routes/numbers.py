"""GET /numbers/{kind}.csv: numbers to take away; kind is day, app, person or question.

`?days=` says of how many days, today included, `?zone=` whose days (as Europe/Berlin; UTC without it),
`?app=` of which app; without it of all that this person may use. Written while it is read; curators and up.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from routes.asking import asked_by, refusal
from services.apps import NoSuchApp
from services.database import StoreError
from services.identity import Denied
from services.numbers import sheet
from services.numbers.period import LONGEST, Period

THREADS = CapacityLimiter(4)
LINES = 500
"""Sent together."""


async def file(request: Request) -> Response:
    site, identity = asked_by(request)
    kind, asked = request.path_params["kind"], request.query_params
    if kind not in sheet.KINDS:
        raise HTTPException(404)
    try:
        days, zone = int(asked.get("days", "30")), ZoneInfo(asked.get("zone", "UTC"))
        if not 1 <= days <= LONGEST:
            raise ValueError(days)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return refusal("invalid_param", f"days: 1 to {LONGEST}; zone: a name such as Europe/Berlin.", 400)
    try:
        apps = site.counted(identity, asked.get("app", ""))
    except NoSuchApp:
        raise HTTPException(404) from None
    period = Period.of_days(days, zone, time.time())
    try:
        lines = await run_sync(
            sheet.written, site.numbers, identity, kind, period, apps, limiter=THREADS
        )  # fmt: skip
        first = await run_sync(_some, lines, limiter=THREADS)  # what fails at once is told as an error
    except Denied as denied:
        return refusal("denied", str(denied), 403)
    except StoreError:
        return refusal("store", "The database cannot be read.", 503)
    headers = {
        "Content-Disposition": f'attachment; filename="numbers-{kind}-{period.first}-{period.last}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_sent(first, lines), headers=headers, media_type="text/csv; charset=utf-8")


def _some(lines: Iterator[str]) -> str:
    return "".join(islice(lines, LINES))


async def _sent(first: str, lines: Iterator[str]) -> AsyncIterator[str]:
    """A failure in the middle cuts the connection: a proper end would read as "that was all"."""
    piece = first
    while piece:
        yield piece
        piece = await run_sync(_some, lines, limiter=THREADS)


ROUTES = [Route("/numbers/{kind}.csv", file)]
