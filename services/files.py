"""Files of a conversation as its reader gets them: from Dify alone, and of a type that their bytes prove.

A signed address ends after 300 s and may name a host that nobody here can reach; so a file is asked for by
its address, by the preview endpoint, and at last by the address that history signs anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import BytesIO

import puremagic
from PIL import Image

from services.apps import App
from services.conversations import Conversation
from services.dify.download import Download
from services.dify.errors import DifyError, NotFound, TooLarge, Unreachable
from services.dify.parts import File
from services.shelf import Shelf, Shelved
from services.turn import Turn

log = logging.getLogger(__name__)
LARGEST = 128 * 1024 * 1024
"""Bytes of any file; Dify's own limit for a video is 100 MB."""
LARGEST_IMAGE = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
"""A small file can unfold to more than a browser's memory."""
HEAD = 65_536
"""Bytes that tell a type."""
PLAYED = ("audio/", "video/")
SHOWN = {
    "image/png": "image/png",
    "image/jpeg": "image/jpeg",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
    "audio/mpeg": "audio/mpeg",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/mp4": "audio/mp4",
    "audio/flac": "audio/flac",
    "audio/ogg": "audio/ogg",
    "application/ogg": "audio/ogg",
    "video/mp4": "video/mp4",
    "video/webm": "video/webm",
}
"""What may be shown in the page -> how it is sent; all else is for saving alone, SVG and HTML above all."""
Source = Callable[[], AbstractContextManager[Download]]


class NoSuchFile(LookupError):
    """This turn has no such file, or it is none of Dify's."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose bytes are here, or on their way."""

    file: File
    bytes: Shelved
    media_type: str | None
    """One of SHOWN; None where it is for saving alone."""


class Files:
    """Safe to use from any thread."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        self._fetching = threading.BoundedSemaphore(16)

    def forget(self) -> None:
        """Keep nothing of what was fetched; whoever looks again has it fetched again."""
        self._shelf.clear()

    def open(self, app: App, conversation: Conversation, turn: Turn, file_id: str) -> Opened:
        """Blocks until its type is known. Raises NoSuchFile, DifyError."""
        file = next((f for f in (*turn.attachments, *turn.files) if f.id == file_id), None)
        if file is None or file.elsewhere:
            raise NoSuchFile(file_id)

        def fetch(into: Shelved) -> DifyError | None:
            with self._fetching:
                return _fetch(_sources(app, conversation, turn, file), into)

        found = self._shelf.get((app.slug, conversation.key, turn.id, file_id), fetch)
        kind = media_type(found.head(HEAD))
        if kind and kind.startswith("image/") and not is_safe(found.head(LARGEST_IMAGE + 1)):
            kind = None
        return Opened(file, found, kind)


def media_type(head: bytes) -> str | None:
    """How these bytes may be shown, whatever anybody says they are; None where they may not."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        matches = []
    found = next((SHOWN[match.mime_type] for match in matches if match.mime_type in SHOWN), None)
    if found is None and len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg"  # frames without a tag before them
    return found


def is_safe(content: bytes) -> bool:
    """Whether an image is one, and small enough to be unfolded."""
    if len(content) > LARGEST_IMAGE:
        return False
    try:
        with Image.open(BytesIO(content)) as image:
            return image.width * image.height <= MOST_PIXELS
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False


def _sources(app: App, conversation: Conversation, turn: Turn, file: File) -> Iterator[Source]:
    files, user = app.client.files, conversation.user
    if file.upload_file_id:
        yield lambda: files.preview(file.upload_file_id, user=user)
    if file.url:
        yield lambda: files.signed(file.url)
    yield lambda: _signed_anew(app, conversation, turn, file)


@contextmanager
def _signed_anew(app: App, conversation: Conversation, turn: Turn, file: File) -> Iterator[Download]:
    conversation_id = turn.conversation_id or conversation.conversation_id or ""
    page = app.client.messages.list(conversation_id, conversation.user, limit=100)
    found = (f for message in page.data if message.id == turn.message_id for f in message.files)
    fresh = next((f for f in found if f.id == file.id and f.url), None)
    if fresh is None:
        raise NotFound("file_not_found", "Dify no longer has this file.", 404)
    with app.client.files.signed(fresh.url) as download:
        yield download


def _fetch(sources: Iterator[Source], into: Shelved) -> DifyError | None:
    """None where it came whole; else why it did not."""
    failure: DifyError = Unreachable("connection_lost", "The file did not arrive.")
    for source in sources:
        try:
            with source() as download:
                for chunk in download.chunks:
                    into.add(chunk)
                    if into.here > LARGEST:
                        raise TooLarge("file_too_large", "The file is too large to be shown here.", 413)
            return None
        except DifyError as error:
            log.info("a file could not be fetched: %s", error.code)
            failure = error
            if into.here or isinstance(error, Unreachable):
                break
    return failure
