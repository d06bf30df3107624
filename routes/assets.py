"""GET /assets/{digest}/…: the transcript's own modules and libraries, as they are on disk.

The digest of all files is in the path, so a browser may keep each for ever, and relative imports between the
modules stay inside one version. Compressed once per process, at the first request.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services import frontend

COMPRESSED = {".js", ".css", ".json"}


async def asset(request: Request) -> Response:
    name = request.path_params["path"]
    path = frontend.files().get(name)
    if path is None or request.path_params["digest"] != frontend.digest():
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if path.suffix in COMPRESSED and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = await run_in_threadpool(_compressed, name)
    else:
        content = await run_in_threadpool(path.read_bytes)
    return Response(content, media_type=frontend.TYPES[path.suffix], headers=headers)


@lru_cache
def _compressed(name: str) -> bytes:
    return gzip.compress(frontend.files()[name].read_bytes(), 6, mtime=0)
