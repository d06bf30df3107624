"""One file that was picked for a question and is not sent yet."""

from __future__ import annotations

from dataclasses import dataclass

from services.dify.parts import File
from services.uploads import Unfit


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
