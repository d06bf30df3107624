"""Heading "End Users". Recordings 83_*."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import flag, mapping, text
from services.dify.records import moment


@dataclass(frozen=True, slots=True)
class EndUser:
    id: str
    """A UUID, as in Upload.created_by."""
    user: str = ""
    """The `user` string that the requests brought."""
    name: str = ""
    type: str = ""
    is_anonymous: bool = False
    session_id: str = ""
    created_at: float | None = None
    updated_at: float | None = None

    @classmethod
    def from_json(cls, value: Any) -> EndUser:
        row = mapping(value)
        return cls(
            id=text(row.get("id")),
            user=text(row.get("external_user_id")) or text(row.get("session_id")),
            name=text(row.get("name")),
            type=text(row.get("type")),
            is_anonymous=flag(row.get("is_anonymous")),
            session_id=text(row.get("session_id")),
            created_at=moment(row.get("created_at")),
            updated_at=moment(row.get("updated_at")),
        )


Heard = Callable[[Sequence[EndUser], str], None]
"""Told of end users that an answer names, and in what: upload, feedback, or "" where one was asked for."""


class EndUsers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.heard: Heard | None = None

    def get(self, end_user_id: str) -> EndUser:
        """Raises NotFound for another app's end user, EndpointMissing for an id that is no UUID."""
        found = EndUser.from_json(self._connection.ask("GET", f"/end-users/{segment(end_user_id)}"))
        if self.heard:
            self.heard([found], "")
        return found
