"""Heading "Feedback": rate a message, and all ratings of the app. Recordings 62_*."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.end_users import EndUser, Heard
from services.dify.loose import mapping, text
from services.dify.records import Page, moment


@dataclass(frozen=True, slots=True)
class Feedback:
    id: str
    conversation_id: str = ""
    message_id: str = ""
    rating: str = ""
    """like or dislike."""
    content: str = ""
    from_source: str = ""
    """user or admin."""
    from_end_user_id: str = ""
    from_account_id: str = ""
    created_at: float | None = None
    updated_at: float | None = None

    @classmethod
    def from_json(cls, value: Any) -> Feedback:
        row = mapping(value)
        return cls(
            id=text(row.get("id")),
            conversation_id=text(row.get("conversation_id")),
            message_id=text(row.get("message_id")),
            rating=text(row.get("rating")),
            content=text(row.get("content")),
            from_source=text(row.get("from_source")),
            from_end_user_id=text(row.get("from_end_user_id")),
            from_account_id=text(row.get("from_account_id")),
            created_at=moment(row.get("created_at")),
            updated_at=moment(row.get("updated_at")),
        )


class Feedbacks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.heard: Heard | None = None

    def give(
        self,
        message_id: str,
        user: str,
        rating: Literal["like", "dislike"] | None,
        content: str | None = None,
    ) -> None:
        """None takes the rating back (Invalid where there was none). `content` None erases an earlier one."""
        body = {"rating": rating, "user": user}
        if content is not None:
            body["content"] = content
        self._connection.ask("POST", f"/messages/{segment(message_id)}/feedbacks", body=body)

    def list(self, page: int = 1, limit: int = 20) -> Page[Feedback]:
        """Of all end users, newest first; `limit` up to 101. The server does not say whether more follow."""
        answer = self._connection.ask("GET", "/app/feedbacks", params={"page": page, "limit": limit})
        found = Page.from_json(answer, Feedback.from_json)
        if self.heard:
            rows = (row for row in found.data if row.from_end_user_id)
            self.heard([EndUser(row.from_end_user_id) for row in rows], "feedback")
        return found
