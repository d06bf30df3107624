"""Picked files on the disk, so that a restart of the site does not lose them: one folder a conversation.

Its name is a hash of whose it is, and one of that and its key: nobody finds the files of another person by
claiming a key, and all of one person's can be found without knowing the keys.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from services.dify.parts import File
from services.pending_file import Pending
from services.uploads import Unfit

log = logging.getLogger(__name__)
LONGEST = 7 * 24 * 3600.0
"""Seconds for which files that nobody touches are kept."""
INDEX = "files.json"


class PendingFolder:
    """Not thread-safe itself. A disk that fails is told in the log, and the files are in memory alone."""

    def __init__(self, root: Path, most: int) -> None:
        """`most` bytes stay at the start; what was longest untouched goes first."""
        self._root = root
        try:
            self._tidy(most)
        except OSError as error:
            log.warning("picked files of earlier cannot be cleaned up: %s", error.strerror)

    def read(self, user: str, key: str) -> tuple[Pending, ...]:
        folder = self._of(user, key)
        try:
            rows = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            return tuple(_pending(row, folder) for row in rows)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("picked files cannot be read: %s", type(error).__name__)
            return ()

    def write(self, user: str, key: str, files: Sequence[Pending]) -> None:
        """These and no others."""
        folder = self._of(user, key)
        try:
            if not files:
                shutil.rmtree(folder, ignore_errors=True)
                return
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for each in files:
                if each.content and not (folder / _name(each.id)).exists():
                    _put(folder / _name(each.id), each.content)
            _put(folder / INDEX, json.dumps([_row(each) for each in files]).encode())
            wanted = {INDEX, *(_name(each.id) for each in files)}
            for path in folder.iterdir():
                if path.name not in wanted:
                    path.unlink()
        except OSError as error:
            log.warning("picked files are in memory alone: %s", error.strerror)

    def count(self, user: str) -> int:
        """Files of a person, of all conversations."""
        return sum(map(_files, self._all_of(user)))

    def forget(self, user: str) -> None:
        """All that is here of this person goes."""
        for folder in self._all_of(user):
            shutil.rmtree(folder, ignore_errors=True)

    def let_go(self, longest: float) -> int:
        """Folders that nobody has touched for so many seconds; how many files were in them."""
        gone, oldest = 0, time.time() - longest
        folders = list(self._root.iterdir()) if self._root.is_dir() else []
        for folder in folders:
            if folder.is_dir() and folder.stat().st_mtime < oldest:
                gone += _files(folder)
                shutil.rmtree(folder, ignore_errors=True)
        return gone

    def _of(self, user: str, key: str) -> Path:
        both = f"{user}\0{key}"
        return self._root / f"{_name(user)}-{_name(both)}"

    def _all_of(self, user: str) -> list[Path]:
        return list(self._root.glob(f"{_name(user)}-*"))

    def _tidy(self, most: int) -> None:
        if not self._root.is_dir():
            return
        taken, oldest = 0, time.time() - LONGEST
        folders = [(path.stat().st_mtime, path) for path in self._root.iterdir() if path.is_dir()]
        for touched, folder in sorted(folders, reverse=True):
            taken += sum(path.stat().st_size for path in folder.iterdir())
            if touched < oldest or taken > most:
                shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path) -> int:
    return sum(path.name != INDEX for path in folder.iterdir())


def _put(path: Path, content: bytes) -> None:
    """Whole or not at all, and for nobody else on this machine."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def _name(identifier: str) -> str:
    return hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()[:32]


def _row(pending: Pending) -> dict[str, Any]:
    row = {f.name: getattr(pending, f.name) for f in fields(pending) if f.name != "content"}
    row["thumbnail"] = b64encode(pending.thumbnail).decode()
    row["unfit"] = asdict(pending.unfit) if pending.unfit else None
    row["file"] = asdict(pending.file) if pending.file else None
    return row


def _pending(row: dict[str, Any], folder: Path) -> Pending:
    known = {
        **row,
        "thumbnail": b64decode(row["thumbnail"]),
        "unfit": Unfit(**row["unfit"]) if row["unfit"] else None,
        "file": File(**row["file"]) if row["file"] else None,
    }
    path = folder / _name(row["id"])
    return Pending(**known, content=path.read_bytes() if path.exists() else b"")
