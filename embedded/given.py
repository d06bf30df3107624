"""Given: the files that a question brings, checked as Dify checks them. Source: recordings 81_*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from embedded.app import App
from embedded.application import MOST_FILES
from embedded.backend import Backend
from embedded.controls import FILES
from embedded.errors import invalid
from embedded.tables.attachments import TYPES, Attachment, type_of
from embedded.uploads import sniffed

METHODS = ("remote_url", "local_file", "tool_file", "datasource_file")
LONGEST_TEXT = 2000  # characters of a text file that are looked at
UNKNOWN = "Invalid upload file"


def read(backend: Backend, app: App, user: str, files: Sequence[Any] | None) -> tuple[Attachment, ...]:
    """The files of a request. One whose kind is not what its `type` says is left out, silently, and all are
    where the app takes none; a remote one is believed, not fetched. Raises Refused 400."""
    if not files or not app.features.files:
        return ()
    found = []
    for each in files:
        if not isinstance(each, dict):
            raise invalid(UNKNOWN)
        attachment = _one(backend, app, user, each)
        if attachment.type == each.get("type") or each.get("type") == "custom":
            found.append(attachment)
    for kind in TYPES:
        if sum(each.type == kind for each in found) > MOST_FILES:
            raise invalid(f"Number of {kind} files exceeds the maximum limit {MOST_FILES}")
    return tuple(found)


def _one(backend: Backend, app: App, user: str, given: dict[str, Any]) -> Attachment:
    method = given.get("transfer_method")
    if method not in METHODS:
        raise invalid(f"{method!r} is not a valid FileTransferMethod")
    if method == "remote_url":
        return _remote(str(given.get("url") or given.get("remote_url") or ""))
    try:
        row = backend.attachments.one(str(UUID(str(given.get("upload_file_id")))))
    except ValueError:
        row = None
    if row is None or row["app_id"] != app.id or row["user"] != user:
        raise invalid(UNKNOWN)
    kind = type_of(row["extension"])
    return Attachment("user", kind, method, row["id"], row["name"], row["mime_type"], row["size"])


def _remote(url: str) -> Attachment:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Invalid file url")
    name = PurePosixPath(parts.path).name or "file"
    kind = type_of(name.rpartition(".")[2].lower() if "." in name else "")
    return Attachment("user", kind, "remote_url", None, name, "", -1, url)


def filled(backend: Backend, app: App, user: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values with what is known of their files in place of the ids. Raises Refused 400."""
    known = dict(inputs)
    for control in app.controls:
        if control.kind not in FILES or known.get(control.variable) is None:
            continue
        value = known[control.variable]
        files = [_one(backend, app, user, each) for each in (value if isinstance(value, list) else [value])]
        for file in files:
            if file.type not in control.file_types:
                raise invalid(f"File validation failed for file: {file.name}")
        shown = [each.in_form() for each in files]
        known[control.variable] = shown if control.kind == "file-list" else shown[0]
    return known


def of_form(inputs: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The files that a conversation was begun with, in the order of the form."""
    values = [each for value in inputs.values() for each in (value if isinstance(value, list) else [value])]
    return tuple(Attachment.of_form(each) for each in values if isinstance(each, dict))


def described(backend: Backend, files: Sequence[Attachment]) -> str:
    """What came with a question, in words, from the files' contents; "" if nothing did."""
    return "\n".join(_described(backend, each) for each in files)


def _described(backend: Backend, file: Attachment) -> str:
    if file.file_id is None:
        return f"You sent me a link to **{file.name}**; I do not fetch links."
    try:
        content = backend.files.read(file.file_id)
    except KeyError:
        return f"You sent me **{file.name}**, but it is gone."
    kind = sniffed(content)
    said = f"You sent me **{file.name}** ({len(content):,} bytes, {kind or file.mime_type})."
    if file.type == "image" and not (kind or "").startswith("image/"):
        return f"You sent me **{file.name}**, but it is no image."
    if file.name.lower().endswith((".txt", ".md", ".csv")):
        text = content[: LONGEST_TEXT * 4].decode(errors="replace")[:LONGEST_TEXT].strip()
        return f"{said} It begins:\n\n```\n{text.replace('```', '')}\n```"
    return said
