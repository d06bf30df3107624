"""Files that were picked for a question and are not sent yet: kept by the site, because a browser that has
handed them over cannot be asked for them again. In memory alone: a restart loses them, a reload does not."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from PIL import Image

from services.dify.client import Client
from services.dify.errors import DifyError
from services.dify.parts import File
from services.identity import Identity
from services.uploads import Chosen, Rules, Unfit, linked, unfit, upload

MOST_BYTES = 256 * 1024 * 1024
"""Of all people together; beyond it, files of the conversation that was longest untouched are let go."""
THUMBNAIL = 96
"""Pixels of its longer side."""
MOST_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True)
class Pending:
    """One file on its way. It has content, or the address of a file that Dify will fetch."""

    id: str
    name: str
    content: bytes = b""
    url: str = ""
    kind: str = ""
    """Type of a linked file whose name does not tell it."""
    unfit: Unfit | None = None
    failed: str = ""
    """Code of the error that its upload ended with."""
    file: File | None = None
    """Set once Dify has it."""
    thumbnail: bytes = b""
    """PNG."""


class PendingFiles:
    """By conversation key. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_key: OrderedDict[str, tuple[Pending, ...]] = OrderedDict()

    def of(self, key: str) -> tuple[Pending, ...]:
        """In the order of picking."""
        with self._lock:
            return self._by_key.get(key, ())

    def put(self, key: str, pending: Pending) -> None:
        """Add a file, or what is known of it now."""
        with self._lock:
            here = self._by_key.get(key, ())
            known = any(each.id == pending.id for each in here)
            self._by_key[key] = (
                tuple(pending if each.id == pending.id else each for each in here)
                if known
                else (*here, pending)
            )
            self._by_key.move_to_end(key)
            while len(self._by_key) > 1 and self._bytes() > MOST_BYTES:
                self._by_key.popitem(last=False)

    def remove(self, key: str, pending_id: str) -> None:
        with self._lock:
            left = tuple(each for each in self._by_key.get(key, ()) if each.id != pending_id)
            self._by_key[key] = left
            if not left:
                del self._by_key[key]

    def clear(self, key: str) -> None:
        with self._lock:
            self._by_key.pop(key, None)

    def _bytes(self) -> int:
        return sum(len(each.content) for files in self._by_key.values() for each in files)


def picked(pending_id: str, name: str, content: bytes, rules: Rules) -> Pending:
    """A file from a person's disk, looked at."""
    wrong = unfit(Chosen(name, content), rules)
    return Pending(pending_id, name, content, unfit=wrong, thumbnail=b"" if wrong else thumbnail(content))


def brought(client: Client, identity: Identity, pending: Pending, rules: Rules) -> Pending:
    """The same once Dify has it, or with the reason why it has not. Blocks on Dify; raises Denied alone."""
    if pending.unfit or pending.file:
        return pending
    if pending.url:
        return replace(pending, file=linked(pending.url, pending.name, pending.kind))
    try:
        file = upload(client, identity, Chosen(pending.name, pending.content), rules)
    except DifyError as error:
        return replace(pending, failed=error.code)
    return replace(pending, file=file, failed="")


def thumbnail(content: bytes) -> bytes:
    """A small PNG of a picture; empty for anything else, and for pictures too large to be looked at."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MOST_PIXELS:
                return b""
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            small = io.BytesIO()
            image.convert("RGBA").save(small, "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    return small.getvalue()
