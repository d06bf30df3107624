"""Links: the addresses of files, signed and valid for five minutes. Source: recordings
52_agent_message_file_get, 81_message_file_url_get."""

from __future__ import annotations

import time
from collections.abc import Mapping

from embedded.tables.attachments import Attachment
from embedded.uploads import Files


class Links:
    """Signed addresses. `files_url` is what stands before `/files`: None takes the server's own address as
    the client wrote it, "" makes them relative, as on a server whose FILES_URL is empty."""

    def __init__(self, files: Files, files_url: str | None) -> None:
        self._files = files
        self._files_url = files_url

    def upload(self, file_id: str, base: str) -> str:
        """The address of an uploaded file."""
        return self._signed(f"/files/{file_id}/file-preview", base)

    def of(self, attachment: Attachment, base: str) -> str:
        """The address of a message's file."""
        if attachment.file_id is None:
            return attachment.url or ""
        if attachment.belongs_to == "assistant":
            extension = attachment.name.rpartition(".")[2]
            return self._signed(f"/files/tools/{attachment.file_id}.{extension}", base)
        return self.upload(attachment.file_id, base)

    def valid(self, path: str, query: Mapping[str, str]) -> bool:
        """Whether an address was signed here, less than five minutes ago."""
        return self._files.valid(path, query, time.time())

    def _signed(self, path: str, base: str) -> str:
        root = base if self._files_url is None else self._files_url.rstrip("/")
        return f"{root}{path}?{self._files.sign(path, time.time())}"
