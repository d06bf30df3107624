"""The transcript's own files as a browser fetches them: which there are, and what names their version."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "components" / "transcript" / "frontend"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".woff2": "font/woff2",
}


@lru_cache
def files() -> dict[str, Path]:
    """All that may be asked for, by path below the folder: nothing else on disk can be reached."""
    found = (path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): path for path in sorted(found)}


@lru_cache
def digest() -> str:
    """Names this version of all files together."""
    state = hashlib.sha256()
    for name, path in files().items():
        state.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()[:12]


def path() -> str:
    """Where this version stands on the site, relative to its root."""
    return f"assets/{digest()}/"
