"""GET /assets/{digest}/…: the transcript's own modules and libraries, as they are on disk; and GET /static/…,
Streamlit's scripts, which it serves plain: three megabytes for a first page.

The names of both change with what is in them (ours by a digest in the path, so that relative imports stay
inside one version), and a browser may keep each for ever. Compressed once per process, at the first request.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services import frontend

COMPRESSED = {".js", ".css", ".json"}
FOLDER = Path(streamlit.__file__).parent / "static"
_compressed: dict[Path, bytes] = {}


async def asset(request: Request) -> Response:
    path = frontend.files().get(request.path_params["path"])
    if path is None or request.path_params["digest"] != frontend.digest():
        raise HTTPException(404)
    return await _answer(path, request.headers)


class StreamlitScripts:
    """Answers GET /static/… for what can be compressed and lets everything else pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        scripts = (path for path in (FOLDER / "static").rglob("*") if path.suffix in COMPRESSED)
        self._files = {f"/{path.relative_to(FOLDER).as_posix()}": path for path in scripts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._files:
            headers = Headers(scope=scope)
            if "gzip" in headers.get("accept-encoding", ""):
                app = await _answer(self._files[scope["path"]], headers)
        await app(scope, receive, send)


async def _answer(path: Path, asked: Headers) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if path.suffix in COMPRESSED and "gzip" in asked.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = _compressed.get(path) or await run_in_threadpool(_compress, path)
    else:
        content = await run_in_threadpool(path.read_bytes)
    return Response(content, media_type=frontend.TYPES[path.suffix], headers=headers)


def _compress(path: Path) -> bytes:
    _compressed[path] = gzip.compress(path.read_bytes(), 6, mtime=0)
    return _compressed[path]
