"""The API: routers, failures and headers put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import ASGIApp

import embedded.annotations
from embedded import (
    annotation_reply,
    application,
    audio,
    chat,
    conversations,
    end_users,
    errors,
    feedbacks,
    files,
    human_input,
    messages,
    runs,
    variables,
)
from embedded.backend import Backend
from embedded.dialects import Dialect, spoken
from embedded.faults import Faults
from embedded.personas import PERSONAS
from embedded.responses import CommonHeaders, CompactJSON, without_cors

PREFIX = "/v1"
PARTS = (
    annotation_reply,
    embedded.annotations,
    application,
    audio,
    chat,
    conversations,
    end_users,
    feedbacks,
    files,
    human_input,
    messages,
    runs,
    variables,
)
REDIRECTING = """<!doctype html>
<html lang=en>
<title>Redirecting...</title>
<h1>Redirecting...</h1>
<p>You should be redirected automatically to the target URL: <a href="{url}">{url}</a>. \
If not, click the link.
"""


def build(backend: Backend, dialect: Dialect = "real", faults: bool = False) -> ASGIApp:
    """The ASGI app of a backend, which it closes when the server ends."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        annotation_reply.work_later(backend)
        await _go_on(backend)
        yield
        backend.feeds.close()
        await backend.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.backend = backend
    v1 = APIRouter(prefix=PREFIX)
    for part in PARTS:
        v1.include_router(part.router)
    app.include_router(v1)
    app.include_router(files.signed)
    app.include_router(feedbacks.console)
    app.add_api_route(PREFIX, _to_root)
    app.add_api_route(f"{PREFIX}/", _root)
    app.add_api_route("/healthz", _health)
    errors.install(app)
    served: ASGIApp = spoken(CommonHeaders(app), dialect)
    return Faults(served) if faults else served


async def _go_on(backend: Backend) -> None:
    # Runs whose form was answered before the last end of the server, and those it ended in the middle.
    apps = {app.id: app for app in PERSONAS}
    await asyncio.to_thread(backend.runs.give_up, "The server was restarted")
    for app_id, run_id in await asyncio.to_thread(backend.runs.answered):
        await human_input.resume(backend, apps[app_id], run_id, "")


def _health() -> Response:
    return CompactJSON({"status": "ok"})


def _root() -> Response:
    # Recording 12_index_root: unlike other unknown paths, any origin may read that there is nothing.
    return Response(errors.PAGE_NOT_FOUND, 404, media_type="text/html")


def _to_root(request: Request) -> Response:
    # Recording 12_root_no_slash. What it leads to does not exist either (12_index_root).
    url = f"{str(request.base_url).rstrip('/')}{PREFIX}/"
    page = REDIRECTING.format(url=url)
    redirect = Response(page, status_code=308, headers={"Location": url}, media_type="text/html")
    return without_cors(redirect)
