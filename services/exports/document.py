"""One conversation as it is exported: Dify's whole history of it, with what this site knows besides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from services.apps import App
from services.dify.errors import DifyError
from services.dify.records import Conversation
from services.dify.variables import Variable
from services.directory import Directory
from services.turn import Turn

MASK = "********"
UNNAMED = "Conversation"


@dataclass(frozen=True, slots=True)
class Document:
    row: Conversation
    turns: tuple[Turn, ...] = ()
    """Oldest first."""
    variables: tuple[Variable, ...] = ()
    app: str = ""
    """What the app calls itself."""
    problem: str = ""
    """Why it could not be read, or not whole."""

    @property
    def title(self) -> str:
        return " ".join(self.row.name.split()) or UNNAMED


class Writer(Protocol):
    """One format. The parts of a file, in order: `head`, `one` for each conversation, `foot`."""

    media_type: str
    extension: str

    def head(self, title: str, /) -> str: ...
    def one(self, document: Document) -> Iterator[str]: ...
    def foot(self) -> str: ...


def gathered(app: App, directory: Directory, user: str, row: Conversation) -> Document:
    """Reads all of it; what cannot be read is told in `problem`."""
    profile = app.known
    name = profile.name if profile else ""
    pages: list[list[Turn]] = []
    problem = ""
    try:
        pages.extend(directory.whole(directory.glimpse(app, user, row.id), app))
    except DifyError as error:
        problem = f"This conversation could not be read whole: {error.message}"
    turns = tuple(turn for page in reversed(pages) for turn in page)
    flow = profile is not None and profile.info.mode == "advanced-chat"
    return Document(row, turns, _variables(app, user, row.id) if flow else (), name, problem)


def _variables(app: App, user: str, conversation_id: str) -> tuple[Variable, ...]:
    try:
        return app.client.variables.list(conversation_id, user).data
    except DifyError:
        return ()


def value(variable: Variable) -> Any:
    """What may be written down of it."""
    return MASK if variable.value_type == "secret" else variable.value


def moment(seconds: float | None) -> str:
    """ISO 8601 in UTC; "" where it is not known."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""


def day(seconds: float | None) -> str:
    """The same for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y, %H:%M UTC") if seconds else ""


def told(known: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Those of the inputs that hold something."""
    return ((name, held) for name, held in known.items() if held not in (None, ""))


def file_name(title: str, extension: str) -> str:
    """For a download: letters of any script, digits and dashes."""
    plain = re.sub(r"[^\w]+", "-", title, flags=re.UNICODE).strip("-_")[:60]
    return f"{plain or 'conversations'}.{extension}"
