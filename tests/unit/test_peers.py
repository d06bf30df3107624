"""Which address decides who is a proxy: the socket's, whatever a header says."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from routes import peers
from tests.unit.test_routes import LONG, listening


async def tell(request: Request) -> Response:
    return JSONResponse([request.client.host if request.client else None, request.url.scheme])


def test_uvicorn_believes_this_machine_the_scheme_alone() -> None:
    says = {"x-forwarded-for": "10.0.0.5", "x-forwarded-proto": "https"}
    with listening(Starlette(routes=[Route("/", tell)])) as url:

        def told() -> list[str]:
            return list(httpx.get(url, headers=says, timeout=LONG, trust_env=False).json())

        assert told() == ["10.0.0.5", "https"]  # else there would be nothing to keep
        peers.keep()
        assert told() == ["127.0.0.1", "https"]
