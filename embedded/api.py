"""The API: routers, failures and headers put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Response
from starlette.types import ASGIApp

from embedded import application, chat, conversations, errors, messages
from embedded.backend import Backend
from embedded.responses import CommonHeaders, CompactJSON

PREFIX = "/v1"


def build(backend: Backend) -> ASGIApp:
    """The ASGI app of a backend, which it closes when the server ends."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        backend.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.backend = backend
    v1 = APIRouter(prefix=PREFIX)
    for part in (application, chat, conversations, messages):
        v1.include_router(part.router)
    app.include_router(v1)
    app.add_api_route(PREFIX, _to_root)
    app.add_api_route("/healthz", _health)
    errors.install(app)
    return CommonHeaders(app)


def _health() -> Response:
    return CompactJSON({"status": "ok"})


def _to_root() -> Response:
    # Recording 12_root_no_slash. What it leads to does not exist either (12_index_root).
    return Response(status_code=308, headers={"Location": f"{PREFIX}/"}, media_type="text/html")
