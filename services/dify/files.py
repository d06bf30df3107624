"""Heading "Files": upload, and the file behind an id. Recordings 80_*, 82_*."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.download import Download
from services.dify.end_users import EndUser, Heard
from services.dify.errors import NotFound
from services.dify.loose import mapping, text, whole
from services.dify.records import moment


@dataclass(frozen=True, slots=True)
class Upload:
    id: str
    name: str = ""
    size: int | None = None
    """Bytes."""
    extension: str = ""
    mime_type: str = ""
    created_by: str = ""
    """The end user's id (a UUID; older servers: a number), not the `user` string."""
    created_at: float | None = None
    source_url: str = ""
    """Signed, valid for 300 s."""

    @classmethod
    def from_json(cls, value: Any) -> Upload:
        row = mapping(value)
        return cls(
            id=text(row.get("id")),
            name=text(row.get("name")),
            size=whole(row.get("size")),
            extension=text(row.get("extension")),
            mime_type=text(row.get("mime_type")),
            created_by=text(row.get("created_by")),
            created_at=moment(row.get("created_at")),
            source_url=text(row.get("source_url")),
        )


class Files:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.heard: Heard | None = None

    def upload(self, name: str, content: bytes, media_type: str, user: str) -> Upload:
        """Never repeated. The server refuses a "/" in the name (Invalid) and too many bytes (TooLarge)."""
        answer = self._connection.ask(
            "POST",
            "/files/upload",
            form={"user": user},
            file=(name, content, media_type or "application/octet-stream"),
            read=self._connection.patience.headers,
        )
        there = Upload.from_json(answer)
        if self.heard and there.created_by:
            self.heard([EndUser(there.created_by, user)], "upload")
        return there

    @contextmanager
    def preview(
        self, file_id: str, *, user: str | None = None, as_attachment: bool = False
    ) -> Iterator[Download]:
        """The file's bytes. NotFound until a message has used the file (82_preview_unused_file)."""
        params = {"user": user, "as_attachment": "true" if as_attachment else None}
        path = f"/files/{segment(file_id)}/preview"
        with self._connection.open("GET", path, accept="*/*", params=params) as response:
            yield Download.of(response)

    @contextmanager
    def signed(self, address: str) -> Iterator[Download]:
        """What an address of Dify's own leads to, signed (for 300 s) or open to all.

        Only this server is asked, whatever host the address names: a FILES_URL is often known inside the
        server's network alone, and a foreign host must never be asked by us. NotFound for any address that
        Dify would not make.
        """
        target = self._connection.root + _own_path(address)
        with self._connection.open("GET", target, accept="*/*") as response:
            yield Download.of(response)


def _own_path(address: str) -> str:
    """Path and query of an address, from the part on that Dify serves files under (52_agent_message_file_get,
    81_message_file_url_get) or a tool's icon (10_app_agent_meta)."""
    try:
        path, _, query = httpx.URL(address).raw_path.decode("ascii").partition("?")
    except (httpx.InvalidURL, ValueError):
        path = query = ""
    places = [place for place in map(path.find, ("/files/", "/console/api/")) if place >= 0]
    if not places or any(part in {".", ".."} for part in unquote(path).split("/")):
        raise NotFound("not_found", "This is no address of a file.", 404)
    return path[min(places) :] + (f"?{query}" if query else "")
