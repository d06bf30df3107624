"""Files that were picked for a question and are not sent yet: kept by the site, because a browser that has
handed them over cannot be asked for them again. Neither a reload nor a restart loses them."""

from __future__ import annotations

import io
import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError
from services.identity import Identity
from services.limits import Meter
from services.pending_file import Pending
from services.pending_folder import PendingFolder
from services.store import Owned
from services.uploads import Chosen, Rules, linked, unfit, upload

__all__ = ["Pending", "PendingFiles", "brought", "form_of", "picked", "thumbnail"]

MOST_BYTES = 256 * 1024 * 1024
"""Of all people together; beyond it, whoever has most loses files of the conversation longest untouched."""
THUMBNAIL = 96
"""Pixels of its longer side."""
MOST_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
"""Others that Pillow knows run programs of the machine (EPS), or have decoders that few look after."""
Place = tuple[str, str]
"""Whose, and the conversation's key: before its first question a key alone says nothing of the owner."""


class PendingFiles:
    """By conversation. Safe to use from any thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """With a `folder` they outlive the process."""
        self._lock = threading.Lock()
        self._folder = PendingFolder(folder, MOST_BYTES) if folder else None
        self._known: OrderedDict[Place, tuple[Pending, ...]] = OrderedDict()

    def of(self, conversation: Conversation | Owned) -> tuple[Pending, ...]:
        """In the order of picking."""
        with self._lock:
            return self._here(_place(conversation))

    def put(self, conversation: Conversation | Owned, pending: Pending) -> None:
        """Add a file, or what is known of it now."""
        with self._lock:
            place = _place(conversation)
            here = self._here(place)
            known = any(each.id == pending.id for each in here)
            changed = tuple(pending if each.id == pending.id else each for each in here)
            self._keep(place, changed if known else (*here, pending))
            while self._bytes() > MOST_BYTES and (first := self._first_to_go(place)):
                self._keep(first, ())

    def remove(self, conversation: Conversation | Owned, pending_id: str) -> None:
        with self._lock:
            place = _place(conversation)
            self._keep(place, tuple(each for each in self._here(place) if each.id != pending_id))

    def clear(self, conversation: Conversation | Owned) -> None:
        with self._lock:
            self._keep(_place(conversation), ())

    def drop(self, user: str, key: str) -> None:
        """Those of its form as well, by whose it is and the conversation's key."""
        with self._lock:
            self._keep((user, key), ())
            self._keep((user, _form(key)), ())

    def count(self, user: str) -> int:
        """Files of a person that wait, of all conversations."""
        with self._lock:
            if self._folder:
                return self._folder.count(user)
            return sum(len(files) for place, files in self._known.items() if place[0] == user)

    def forget(self, user: str) -> None:
        """This person's data is erased."""
        with self._lock:
            for place in [place for place in self._known if place[0] == user]:
                del self._known[place]
            if self._folder:
                self._folder.forget(user)

    def let_go(self, longest: float) -> int:
        """Files that nobody has touched for so many seconds; how many those were."""
        with self._lock:
            if self._folder is None:
                return 0
            self._known.clear()  # all of it is on the disk, and read again when it is looked at
            return self._folder.let_go(longest)

    def _here(self, place: Place) -> tuple[Pending, ...]:
        if place not in self._known:
            kept = self._folder.read(*place) if self._folder else ()
            if not kept:
                return ()
            self._known[place] = kept
        return self._known[place]

    def _keep(self, place: Place, files: tuple[Pending, ...]) -> None:
        self._known[place] = files
        self._known.move_to_end(place)
        if not files:
            del self._known[place]
        if self._folder:
            self._folder.write(*place, files)

    def _bytes(self) -> int:
        return sum(map(_size, self._known.values()))

    def _first_to_go(self, touched: Place) -> Place | None:
        """Of whoever has most, so that nobody's many files push out another's few. What is worked on now is
        never let go: None where that person has nothing else."""
        taken: Counter[str] = Counter()
        for (user, _), files in self._known.items():
            taken[user] += _size(files)
        ((most, _),) = taken.most_common(1)
        return next((place for place in self._known if place[0] == most and place != touched), None)


def _size(files: Sequence[Pending]) -> int:
    return sum(len(each.content) for each in files)


def _place(conversation: Conversation | Owned) -> Place:
    return conversation.user, conversation.key


def form_of(conversation: Conversation) -> Owned:
    """Where what is filled into its form waits: a place of its own."""
    return replace(conversation.owned, key=_form(conversation.key))


def _form(key: str) -> str:
    return f"{key}/form"


def picked(pending_id: str, name: str, content: bytes, rules: Rules) -> Pending:
    """A file from a person's disk, looked at."""
    wrong = unfit(Chosen(name, content), rules)
    return Pending(pending_id, name, content, unfit=wrong, thumbnail=b"" if wrong else thumbnail(content))


def brought(client: Client, identity: Identity, pending: Pending, rules: Rules, meter: Meter) -> Pending:
    """The same once Dify has it, or with the reason why it has not. Blocks on Dify; raises Denied alone."""
    if pending.unfit or pending.file:
        return pending
    if pending.url:
        return replace(pending, file=linked(pending.url, pending.name, pending.kind))
    try:
        file = upload(client, identity, Chosen(pending.name, pending.content), rules, meter)
    except DifyError as error:
        return replace(pending, failed=error.code)
    return replace(pending, file=file, failed="")


def thumbnail(content: bytes) -> bytes:
    """A small PNG of a picture; empty for anything else, and for pictures too large to be looked at."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return b""
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            small = io.BytesIO()
            image.convert("RGBA").save(small, "PNG")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    return small.getvalue()
