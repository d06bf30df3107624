"""Images of a conversation as `data:` addresses, as far as Dify still has them."""

from __future__ import annotations

import base64

import puremagic

from services.apps import App
from services.dify.errors import DifyError
from services.dify.parts import File

LARGEST = 8_000_000
"""Bytes of one image."""
TOGETHER = 100_000_000
"""Bytes of all images in one file."""
SHOWN = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
"""What a page may show; SVG is none of it, since it can be more than a picture."""


class Pictures:
    def __init__(self, app: App, user: str) -> None:
        self._app, self._user = app, user
        self._left = TOGETHER

    def address(self, file: File) -> str | None:
        """None for what is gone, too large, or no image."""
        if not file.upload_file_id:
            return None
        content = b""
        try:
            with self._app.client.files.preview(file.upload_file_id, user=self._user) as download:
                for chunk in download.chunks:
                    content += chunk
                    if len(content) > min(LARGEST, self._left):
                        return None
        except DifyError:
            return None
        media_type = _kind(content)
        if media_type is None:
            return None
        self._left -= len(content)
        return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _kind(content: bytes) -> str | None:
    try:
        return SHOWN.get(puremagic.from_string(content).lower())
    except (puremagic.PureError, ValueError):
        return None
