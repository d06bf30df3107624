"""GET /files/{key}/{turn}/{file}: a file of a question or an answer, for its owner; `?download=1` to save it.

GET /icons/{app} and /icons/{app}/{tool}: an app's icon, a tool's.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from routes.asking import asked_app, asked_by, read_conversation
from routes.lanes import Lanes
from services.conversations import Conversation
from services.dify.errors import DifyError, NotFound
from services.files import PLAYED, NoSuchFile, Opened
from services.shelf import Shelved
from services.site import Site
from services.turn import Turn

THREADS = Lanes(20)
"""Of their own: a Dify that hangs here must not hold up what needs no Dify."""
CHUNK = 256 * 1024
PRIVATE = "private, max-age=600"
"""Another person's browser, or a shared cache, has no use of it."""
RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


async def file(request: Request) -> Response:
    site, _, conversation = await read_conversation(request)
    wanted, app = request.path_params["file"], site.app_of(conversation)
    lane = THREADS.of(app.slug)
    try:
        turn = await run_sync(_turn, site, conversation, request.path_params["turn"], limiter=lane)
        opened = await run_sync(site.files.open, app, conversation, turn, wanted, limiter=lane)
        if "download" in request.query_params:
            return _answer(opened.bytes, _for_saving(opened), lane)
        if opened.media_type is None:
            return _refusal("unsupported_preview", "This file can be saved, not shown.", 415)
        if opened.media_type.startswith(PLAYED):
            return await _played(request, opened, lane)
    except NoSuchFile:
        return _refusal("file_not_found", "There is no such file.", 404)
    except DifyError as error:
        return _refusal(error.code, error.message, 404 if isinstance(error, NotFound) else 502)
    return _answer(opened.bytes, {"Content-Type": opened.media_type, "Content-Disposition": "inline"}, lane)


async def icon(request: Request) -> Response:
    """Without content where there is none: the page draws a letter then, and nothing has failed."""
    site, identity = asked_by(request)
    app, tool = asked_app(site, identity, request.path_params["app"]), request.path_params.get("tool")
    found = await run_sync(site.icons.of, app, tool, limiter=THREADS.of(app.slug))
    if found is None:
        return Response(status_code=204, headers={"Cache-Control": "private, max-age=60"})
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": PRIVATE})


def _turn(site: Site, conversation: Conversation, turn_id: str) -> Turn:
    """Also where this process has not read the conversation yet."""
    turn = conversation.turn(turn_id)
    if turn is None:
        site.directory.load(conversation, site.app_of(conversation))
        turn = conversation.turn(turn_id)
    if turn is None:
        raise NoSuchFile(turn_id)
    return turn


def _for_saving(opened: Opened) -> dict[str, str]:
    file = opened.file
    name = file.name or f"{file.type or 'file'}{mimetypes.guess_extension(opened.media_type or '') or ''}"
    return {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, errors='replace')}",
    }


async def _played(request: Request, opened: Opened, lane: CapacityLimiter) -> Response:
    """Sound and video, in the part that the player asks for: without ranges it cannot jump."""
    headers = {"Content-Type": opened.media_type or "", "Accept-Ranges": "bytes"}
    asked = RANGE.fullmatch(request.headers.get("range", "").strip())
    if not asked or asked.groups() == ("", ""):
        return _answer(opened.bytes, headers, lane)
    size = await run_sync(lambda: opened.bytes.size, limiter=lane)
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers |= {"Content-Range": f"bytes {start}-{end}/{size}", "Content-Length": str(end - start + 1)}
    return _answer(opened.bytes, headers, lane, start, end + 1, 206)


def _answer(
    found: Shelved,
    headers: dict[str, str],
    lane: CapacityLimiter,
    start: int = 0,
    end: int | None = None,
    status: int = 200,
) -> Response:
    if found.done and end is None and not found.failure:
        headers = {**headers, "Content-Length": str(found.here)}
    body = _read(found, start, end, lane)
    return StreamingResponse(body, status, {"Cache-Control": PRIVATE, **headers})


async def _read(found: Shelved, at: int, end: int | None, lane: CapacityLimiter) -> AsyncIterator[bytes]:
    """As it comes. Where it breaks off, so does the answer: a browser must not take a part for the whole."""
    while end is None or at < end:
        most = CHUNK if end is None else min(CHUNK, end - at)
        chunk = await run_sync(found.read, at, most, limiter=lane)
        if not chunk:
            return
        at += len(chunk)
        yield chunk


def _refusal(code: str, message: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": message}, status, {"Cache-Control": "no-store"})
