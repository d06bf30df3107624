"""Icons of apps and of their tools: fetched from Dify once, and kept. What cannot be had is None for a while.

Their addresses are signed, or known inside the server's network alone; a browser is given ours instead. An
icon on any other host is never fetched: it would tell a stranger who reads, or let one reach inside.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from services.apps import App, Profile
from services.dify.errors import DifyError
from services.files import is_safe, media_type

LARGEST = 1024 * 1024
"""Bytes."""
KEPT, MISSED = 3600.0, 60.0
"""Seconds for which an icon, or its lack, is not asked for again."""
MOST = 500
"""Icons in memory."""


@dataclass(frozen=True, slots=True)
class Icon:
    content: bytes
    media_type: str


class Icons:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Icon | None]] = {}

    def of(self, app: App, tool: str | None = None) -> Icon | None:
        """Of one of the app's tools; of the app itself where none is named. Blocks on Dify."""
        profile = app.known
        address = _address(profile, tool) if profile else ""
        if not address:
            return None
        key = (app.slug, tool or "")
        with self._lock:
            until, icon = self._known.get(key, (0.0, None))
        if until > time.monotonic():
            return icon
        icon = _fetched(app, address)
        with self._lock:
            self._known[key] = time.monotonic() + (KEPT if icon else MISSED), icon
            while len(self._known) > MOST:
                self._known.pop(next(iter(self._known)))
        return icon


def _address(profile: Profile, tool: str | None) -> str:
    if tool is None:
        return profile.icon_address
    icon = profile.meta.tool_icons.get(tool)
    return icon.url if icon else ""


def _fetched(app: App, address: str) -> Icon | None:
    content = b""
    try:
        with app.client.files.signed(address) as download:
            for chunk in download.chunks:
                content += chunk
                if len(content) > LARGEST:
                    return None
    except DifyError:
        return None
    kind = media_type(content)
    return Icon(content, kind) if kind and kind.startswith("image/") and is_safe(content) else None
