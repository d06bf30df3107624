"""A file or speech as it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

import httpx

from services.dify.errors import BrokenStream


@dataclass(frozen=True, slots=True)
class Download:
    """Iterate `chunks` once, inside the block that gave it. It raises BrokenStream if bytes are missing."""

    media_type: str
    """The server's word for it: untrusted."""
    name: str
    """From Content-Disposition, "" where there is none: untrusted."""
    size: int | None
    chunks: Iterator[bytes]

    @classmethod
    def of(cls, response: httpx.Response) -> Download:
        headers = Message()
        headers["Content-Type"] = response.headers.get("content-type", "application/octet-stream")
        headers["Content-Disposition"] = response.headers.get("content-disposition", "inline")
        length = response.headers.get("content-length", "")
        return cls(
            media_type=headers.get_content_type(),
            name=headers.get_filename() or "",
            size=int(length) if length.isascii() and length.isdigit() else None,
            chunks=_chunks(response),
        )


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError:
        broken = BrokenStream("connection_lost", "The file did not arrive whole.")
    else:
        return
    raise broken
