"""Files: upload, preview, and what signed addresses lead to. Source: "Files" in the API document, recordings
52_agent_message_file_get*, 80_* to 82_*."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from embedded.application import LIMITS
from embedded.caller import Caller, keyed, uploading
from embedded.errors import Refused, invalid
from embedded.responses import CompactJSON
from embedded.tables.attachments import type_of
from embedded.tables.end_users import TENANT

LIMIT_OF = {
    "image": "image_file_size_limit",
    "audio": "audio_file_size_limit",
    "video": "video_file_size_limit",
    "document": "file_size_limit",
}
MEGABYTE = 1024 * 1024

router = APIRouter(prefix="/files")
signed = APIRouter(prefix="/files")


@router.post("/upload")
async def upload(sent: Annotated[tuple[Caller, FormData], Depends(uploading)]) -> Response:
    """Keep a file for a later message. Its type is what the client says; its content is looked at on use."""
    caller, form = sent
    file = form.get("file")
    files = [each for _, each in form.multi_items() if isinstance(each, UploadFile)]
    if not isinstance(file, UploadFile):
        raise Refused(400, "no_file_uploaded", "Please upload your file.")
    if len(files) > 1:
        raise Refused(400, "too_many_files", "Only one file is allowed.")
    if not file.content_type:
        raise Refused(415, "unsupported_file_type", "File type not allowed.")
    name = file.filename or ""
    if not name:
        raise Refused(400, "filename_not_exists_error", "The specified filename does not exist.")
    if "/" in name or "\\" in name:
        raise invalid("Filename contains invalid characters")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if (file.size or 0) > LIMITS[LIMIT_OF[type_of(extension)]] * MEGABYTE:
        raise Refused(413, "file_too_large", "")
    content = await file.read()
    described = await asyncio.to_thread(_kept, caller, content, name, file.content_type)
    return CompactJSON(described, status_code=201)


@router.get("/{file_id:uuid}/preview")
def preview(caller: Annotated[Caller, Depends(keyed)], file_id: UUID, request: Request) -> Response:
    """A file that a message of this app uses, for any of its users. Ranges are ignored, on a real server
    too."""
    backend, key = caller.backend, str(file_id)
    row, using = backend.attachments.one(key), backend.attachments.app_using(key)
    if row is None or using is None:
        raise Refused(404, "file_not_found", "File not found in message context")
    if using != caller.app.id:
        raise Refused(403, "file_access_denied", "File access denied: not owned by requesting app")
    attachment = request.query_params.get("as_attachment", "").lower() in ("1", "true")
    kind: str = row["mime_type"]
    headers = {"Cache-Control": "public, max-age=3600"}
    if kind.startswith(("audio/", "video/")):
        headers["Accept-Ranges"] = "bytes"
    if attachment or "html" in kind or "svg" in kind or row["extension"] in ("html", "htm", "svg"):
        kind = "application/octet-stream"
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row['name'])}"
    return Response(_bytes(caller, key), media_type=kind, headers=headers)


@signed.get("/tools/{name}")
def drawn(name: str, request: Request) -> Response:
    """A picture that a tool made; its signed address is all it takes."""
    return _signed(request, name.partition(".")[0], "image/png")


@signed.get("/{file_id}/file-preview")
def uploaded(file_id: str, request: Request) -> Response:
    """An uploaded file; its signed address is all it takes. Always for saving, never for showing."""
    return _signed(request, file_id, "application/octet-stream")


def _signed(request: Request, file_id: str, kind: str) -> Response:
    backend = request.app.state.backend
    if not backend.links.valid(request.url.path, dict(request.query_params)):
        raise Refused(403, "forbidden", "Invalid request.")
    try:
        return Response(backend.files.read(file_id), media_type=kind)
    except KeyError:
        raise Refused(404, "not_found", "file is not found") from None


def _kept(caller: Caller, content: bytes, name: str, claimed: str) -> dict[str, object]:
    backend, app = caller.backend, caller.app
    file = backend.files.keep(content, name, claimed)
    created_at = backend.attachments.keep(app.id, caller.user, file)
    return {
        "id": file.id,
        "reference": None,
        "name": file.name,
        "size": file.size,
        "extension": file.extension,
        "mime_type": file.mime_type,
        "created_by": backend.end_users.id_of(app.id, caller.user),
        "created_at": int(created_at),
        "preview_url": None,
        "source_url": backend.links.upload(file.id, caller.base),
        "original_url": None,
        "user_id": None,
        "tenant_id": TENANT,
        "conversation_id": None,
        "file_key": None,
    }


def _bytes(caller: Caller, file_id: str) -> bytes:
    try:
        return caller.backend.files.read(file_id)
    except KeyError:
        raise Refused(404, "file_not_found", "File not found in message context") from None
