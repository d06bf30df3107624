"""Files: what was uploaded or drawn, kept as bytes, and the signed addresses that show it for a while.

Source: "Files" in the API document; recordings 80_upload_*, 81_message_file_url_get.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

LASTS = 300  # seconds that a signed address is good for
LONGEST_NAME = 200  # characters

# Where a content says what it is: offset, bytes, type. The first that fits.
SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
BRANDS = {b"M4A ": "audio/m4a", b"avif": "image/avif", b"heic": "image/heic", b"qt  ": "video/quicktime"}
LAYERS = {0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2}
"""Second byte of an MPEG audio frame: layer III of the versions 1, 2 and 2.5, with and without a checksum."""
OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def sniffed(content: bytes) -> str | None:
    """The MIME type that the content shows, whatever it is called; None for what is not known."""
    if content[:4] == b"RIFF":
        return RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return BRANDS.get(content[8:12], "video/mp4")
    for offset, signature, kind in SIGNATURES:
        if content.startswith(signature, offset):
            return _in_zip(content) if kind == "application/zip" else kind
    if (
        content[:1] == b"\xff"
        and len(content) > 3
        and content[1] in LAYERS
        and content[2] >> 4 not in (0, 15)
    ):
        return "audio/mpeg"
    return _text(content)


def _in_zip(content: bytes) -> str:
    found = (kind for folder, kind in OFFICE.items() if folder in content[:4096] or folder in content[-4096:])
    return next(found, "application/zip") if b"[Content_Types].xml" in content else "application/zip"


def _text(content: bytes) -> str | None:
    if not content or b"\0" in content:
        return None
    try:
        head = content.decode("utf-8-sig")[:1024].lstrip().lower()
    except UnicodeDecodeError:
        return None
    if re.match(r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!doctype svg[^>]*>\s*)*<svg[\s>]", head, re.DOTALL):
        return "image/svg+xml"
    if re.match(r"(<!--.*?-->\s*)*<(!doctype html|html|head|body|script|iframe)\b", head, re.DOTALL):
        return "text/html"
    return "text/plain"


def safe_name(name: str) -> str:
    """A file's name without folders, control and direction characters, at most 200 characters, its extension
    kept; "file" if nothing is left."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if not unicodedata.category(letter).startswith("C")).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if dot and stem and len(extension) <= 20:
        return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension
    return name[:LONGEST_NAME] or "file"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is listed. `size` in bytes; `extension` in lower case, without its dot."""

    id: str
    name: str
    extension: str
    mime_type: str
    size: int


class Files:
    """The bytes of files in `folder`, by id; for any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._key = _key(folder / "signing.key")

    def keep(self, content: bytes, name: str, claimed: str) -> StoredFile:
        """Write a file down: all of it or nothing, on the disk when this returns. Raises OSError.

        `mime_type` is the one that was claimed, as a real server answers; what the content is says `sniffed`.
        """
        name = safe_name(name)
        stem, _, extension = name.rpartition(".")
        stored = StoredFile(str(uuid4()), name, extension.lower() if stem else "", claimed, len(content))
        _write(self._path(stored.id), content)
        return stored

    def read(self, file_id: str) -> bytes:
        """The bytes of a file. Raises KeyError if there are none under this id."""
        try:
            return self._path(file_id).read_bytes()
        except FileNotFoundError:
            raise KeyError(file_id) from None

    def delete(self, file_id: str) -> None:
        """Forget a file. Raises KeyError if there is none under this id."""
        try:
            self._path(file_id).unlink()
        except FileNotFoundError:
            raise KeyError(file_id) from None

    def sign(self, path: str, now: float) -> str:
        """The query that opens `path` from `now` (seconds since 1970) on for 300 seconds."""
        timestamp, nonce = str(int(now)), secrets.token_hex(16)
        return urlencode({"timestamp": timestamp, "nonce": nonce, "sign": self._sign(path, timestamp, nonce)})

    def valid(self, path: str, query: Mapping[str, str], now: float) -> bool:
        """Whether `query` is one that `sign` gave for this path, not too long before `now`."""
        timestamp, nonce, given = (query.get(name, "") for name in ("timestamp", "nonce", "sign"))
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            return False
        right = self._sign(path, timestamp, nonce).encode()
        if not hmac.compare_digest(right, given.encode(errors="replace")):
            return False
        return -1 <= now - int(timestamp) <= LASTS  # a clock may have been set back a little

    def _sign(self, path: str, timestamp: str, nonce: str) -> str:
        text = "\n".join((path, timestamp, nonce)).encode(errors="replace")
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, hashlib.sha256)).decode()

    def _path(self, file_id: str) -> Path:
        # Only a UUID becomes a path; whatever else is asked for cannot lead out of the folder.
        try:
            return self._folder / str(UUID(file_id))
        except ValueError:
            raise KeyError(file_id) from None


def _key(path: Path) -> bytes:
    if not path.exists():
        _write(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
        _sync(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    # A name is on the disk only when its folder is.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
