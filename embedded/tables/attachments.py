"""Attachments: uploaded and drawn files, and which message uses which. Source: recordings 80_* to 82_*."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any
from uuid import uuid4

from embedded.database import Database
from embedded.uploads import StoredFile

TYPES = ("image", "document", "audio", "video", "custom")
IMAGES = frozenset(("jpg", "jpeg", "png", "webp", "gif", "svg"))
AUDIO = frozenset(("mp3", "m4a", "wav", "amr", "mpga"))
VIDEO = frozenset(("mp4", "mov", "mpeg", "webm"))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message: what a user sent (`belongs_to` user) or a tool made (assistant)."""

    belongs_to: str
    type: str
    transfer_method: str
    file_id: str | None
    name: str
    mime_type: str
    size: int
    url: str | None = None
    """Of a remote file; files of our own are signed anew each time they are shown."""
    id: str = ""

    @classmethod
    def of(cls, row: Row) -> Attachment:
        """A row of the table `message_files`."""
        return cls(
            row["belongs_to"],
            row["type"],
            row["transfer_method"],
            row["file_id"],
            row["name"],
            row["mime_type"],
            row["size"],
            row["url"],
            row["id"],
        )

    def in_history(self, url: str) -> dict[str, Any]:
        """The item of `message_files` in GET /messages."""
        return {
            "id": self.id,
            "filename": self.name,
            "type": self.type,
            "url": url,
            "mime_type": self.mime_type,
            "size": self.size,
            "transfer_method": self.transfer_method,
            "belongs_to": self.belongs_to,
            "upload_file_id": self.file_id,
        }

    def in_form(self) -> dict[str, Any]:
        """The value of a form's control, as a conversation keeps it and its list shows it."""
        dot, extension = ("", "") if "." not in self.name else (".", self.name.rpartition(".")[2])
        return {
            "dify_model_identity": "__dify__file__",
            "id": None,
            "type": self.type,
            "transfer_method": self.transfer_method,
            "remote_url": self.url or "",
            "related_id": self.file_id,
            "filename": self.name,
            "extension": dot + extension,
            "mime_type": self.mime_type,
            "size": self.size,
        }

    @classmethod
    def of_form(cls, value: Mapping[str, Any]) -> Attachment:
        """What `in_form` told."""
        file_id, url = value["related_id"], value["remote_url"] or None
        kind, method = value["type"], value["transfer_method"]
        return cls("user", kind, method, file_id, value["filename"], value["mime_type"], value["size"], url)

    def at_the_end(self, url: str) -> dict[str, Any]:
        """The item of `files` in message_end."""
        dot, extension = ("", "") if "." not in self.name else (".", self.name.rpartition(".")[2])
        return {
            "related_id": self.id,
            "extension": dot + extension,
            "filename": self.name,
            "size": self.size,
            "mime_type": self.mime_type,
            "transfer_method": self.transfer_method,
            "type": self.type,
            "url": url,
            "upload_file_id": self.file_id,
            "remote_url": self.url or "",
        }


def type_of(extension: str) -> str:
    """What kind of file an extension (lower case, without a dot) stands for."""
    for kind, extensions in (("image", IMAGES), ("audio", AUDIO), ("video", VIDEO)):
        if extension in extensions:
            return kind
    return "document"


class Attachments:
    """The tables `files` and `message_files`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, app_id: str, user: str, file: StoredFile) -> float:
        """Write down whose a stored file is; the time it was."""
        now = time.time()
        self._database.write(
            "INSERT INTO files (id, app_id, user, name, extension, mime_type, size, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            file.id,
            app_id,
            user,
            file.name,
            file.extension,
            file.mime_type,
            file.size,
            now,
        )
        return now

    def one(self, file_id: str) -> Row | None:
        """The row of one file: id, app_id, user, name, extension, mime_type, size, created_at."""
        return self._database.one("SELECT * FROM files WHERE id = ?", file_id)

    def app_using(self, file_id: str) -> str | None:
        """The app in one of whose messages a file is, None if it is in none."""
        row = self._database.one(
            "SELECT app_id FROM message_files JOIN messages ON messages.id = message_files.message_id"
            " JOIN conversations ON conversations.id = messages.conversation_id WHERE file_id = ? LIMIT 1",
            file_id,
        )
        return row["app_id"] if row else None

    def attach(self, message_id: str, attachment: Attachment) -> Attachment:
        """Write down that a message has a file; the same with its id."""
        made = str(uuid4())
        self._database.write(
            "INSERT INTO message_files (id, message_id, belongs_to, type, transfer_method, file_id, name,"
            " mime_type, size, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            made,
            message_id,
            attachment.belongs_to,
            attachment.type,
            attachment.transfer_method,
            attachment.file_id,
            attachment.name,
            attachment.mime_type,
            attachment.size,
            attachment.url,
        )
        row = self._database.one("SELECT * FROM message_files WHERE id = ?", made)
        assert row is not None
        return Attachment.of(row)

    def of_message(self, message_id: str) -> list[Attachment]:
        """The files of a message in their order."""
        rows = self._database.all(
            "SELECT * FROM message_files WHERE message_id = :id ORDER BY seq", {"id": message_id}
        )
        return [Attachment.of(row) for row in rows]
