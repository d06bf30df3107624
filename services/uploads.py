"""Files that go with a question: checked by name, size and content before anything is sent, then uploaded.

Which type a file counts as goes by its extension, as in Dify (behaviour of POST /files/upload). Dify takes
almost anything there and ignores later, without a word, what the app does not allow: hence the checks here.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote, urlsplit

import puremagic

from services.dify.client import Client
from services.dify.parameters import FileUpload, InputField
from services.dify.parts import File
from services.identity import Identity, Role
from services.limits import Meter

DOCUMENTS = "txt markdown md mdx pdf html htm xlsx xls vtt properties doc docx csv eml msg pptx ppt xml epub"
EXTENSIONS = {
    "image": frozenset({"jpg", "jpeg", "png", "webp", "gif", "svg"}),
    "audio": frozenset({"mp3", "m4a", "wav", "amr", "mpga"}),
    "video": frozenset({"mp4", "mov", "mpeg", "webm"}),
    "document": frozenset(DOCUMENTS.split()),
}
BARE_SOUND = re.compile(rb"\xff[\xe0-\xff]|#!AMR\n")
"""Frames of MPEG sound, of which puremagic knows few, and AMR, which it does not know."""
MEDIA = frozenset({"image", "audio", "video"})
"""Types whose content can be told from a name that lies."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person picked."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """What an app takes in one place."""

    types: frozenset[str]
    extensions: frozenset[str]
    """Lower case, without the dot; they count where "custom" is among the types."""
    megabytes: Mapping[str, int]
    most: int

    @classmethod
    def of_field(cls, field: InputField, upload: FileUpload) -> Rules:
        most = (field.max_length or 5) if field.kind == "file-list" else 1
        types, extensions = frozenset(field.file_types), frozenset(field.file_extensions)
        return cls(types or frozenset(EXTENSIONS), extensions, upload.megabytes, most)

    @classmethod
    def of_chat(cls, upload: FileUpload) -> Rules:
        """What may go with a question; no types where the app takes no files."""
        types = frozenset(upload.types) if upload.enabled else frozenset()
        return cls(types, frozenset(upload.extensions), upload.megabytes, upload.number_limit)

    @property
    def all_extensions(self) -> tuple[str, ...]:
        """What a file dialog may offer."""
        known = (e for kind in self.types & EXTENSIONS.keys() for e in EXTENSIONS[kind])
        return tuple(sorted({*known, *(self.extensions if "custom" in self.types else ())}))


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a file cannot go; `limit` in MB (size) or files (many)."""

    code: Literal["empty", "type", "size", "content", "many", "address"]
    name: str
    limit: int = 0


def extension(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")


def kind(name: str, rules: Rules) -> str | None:
    """The type under which the app takes a file of this name; None if it does not."""
    ending = extension(name)
    usual = next((kind for kind, endings in EXTENSIONS.items() if ending in endings), "custom")
    if usual in rules.types and (usual != "custom" or ending in rules.extensions):
        return usual
    return "custom" if "custom" in rules.types and ending in rules.extensions else None


def unfit(chosen: Chosen, rules: Rules) -> Unfit | None:
    """Why this file cannot go; None if it can."""
    found = kind(chosen.name, rules)
    if found is None:
        return Unfit("type", chosen.name)
    if not chosen.content:
        return Unfit("empty", chosen.name)
    limit = rules.megabytes.get(found if found in MEDIA else "document", 0)
    if limit and len(chosen.content) > limit * 1024 * 1024:
        return Unfit("size", chosen.name, limit)
    if found in MEDIA and extension(chosen.name) != "svg" and not _shows(found, chosen.content):
        return Unfit("content", chosen.name)
    return None


def unlinkable(url: str, chosen_kind: str, rules: Rules) -> Unfit | None:
    """Why a file cannot go by its address; Dify itself fetches it. None if it can."""
    try:
        parts = urlsplit(url)
    except ValueError:  # half of a bracket, or a sign that only looks like a slash
        return Unfit("address", url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return Unfit("address", url)
    name = linked_name(url)
    if chosen_kind:
        return None if chosen_kind in rules.types else Unfit("type", name)
    return None if kind(name, rules) else Unfit("type", name)


def linked_name(url: str) -> str:
    """What a file is called after its address, which `unlinkable` finds nothing wrong with."""
    parts = urlsplit(url)
    return PurePosixPath(unquote(parts.path)).name or parts.hostname or url


def linked(url: str, name: str, found: str) -> File:
    """A file that Dify fetches by itself when the question comes."""
    return File(id=uuid.uuid5(uuid.NAMESPACE_URL, url).hex, type=found, url=url, belongs_to="user", name=name)


def media_type(chosen: Chosen) -> str:
    """By content, else by name."""
    try:
        return puremagic.from_string(chosen.content, mime=True, filename=chosen.name) or ""
    except (puremagic.PureError, ValueError):
        return ""


def upload(client: Client, identity: Identity, chosen: Chosen, rules: Rules, meter: Meter) -> File:
    """Bring one file to Dify. Raises Denied, DifyError, TooMuch among them; `unfit` comes first."""
    identity.require(Role.AGENT)
    meter.upload(identity.user, len(chosen.content))
    name = chosen.name.replace("/", "_")  # which Dify refuses
    mime = media_type(chosen)
    there = client.files.upload(name, chosen.content, mime, identity.user)
    return File(
        id=there.id,
        type=kind(chosen.name, rules) or "custom",
        belongs_to="user",
        name=chosen.name,
        mime_type=there.mime_type or mime,
        size=len(chosen.content),
        upload_file_id=there.id,
    )


def _shows(found: str, content: bytes) -> bool:
    """Whether the content can be what the extension says; sound and film share containers. SVG, which may
    hold a script, comes under its own name alone."""
    if found == "audio" and BARE_SOUND.match(content):
        return True
    try:
        types = {match.mime_type for match in puremagic.magic_string(content[:65_536])}
    except (puremagic.PureError, ValueError):
        return False
    kinds = {known.partition("/")[0] for known in types - {"image/svg+xml"}}
    return (
        found in kinds or (found == "audio" and "video" in kinds) or (found == "video" and "audio" in kinds)
    )
