"""GET /healthz: the site itself is up. Whether Dify is, is Dify's to say and told on the page."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.site import Misconfigured, current


async def healthz(_request: Request) -> Response:
    try:
        site = current()
    except Misconfigured as error:
        return JSONResponse({"status": "misconfigured", "problem": str(error)}, 503)
    backend = None
    if site.backend:
        backend = (
            "ready" if await run_in_threadpool(lambda: site.backend and site.backend.ready) else "starting"
        )
    store = "failing" if site.store_trouble else "ok"
    return JSONResponse({"status": "ok", "store": store, "embedded_backend": backend})
