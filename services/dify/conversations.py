"""Heading "Conversations": list, rename, delete. Recordings 63_*, 64_*, 65_*."""

from __future__ import annotations

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import mapping
from services.dify.records import Conversation, Page


class Conversations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, user: str, *, last_id: str | None = None, limit: int = 20, sort_by: str = "-updated_at"
    ) -> Page[Conversation]:
        """The page after `last_id`; `limit` 1 to 100; `sort_by` created_at, updated_at, "-" newest first."""
        params = {"user": user, "last_id": last_id, "limit": limit, "sort_by": sort_by}
        return Page.from_json(
            self._connection.ask("GET", "/conversations", params=params), Conversation.from_json
        )

    def rename(
        self, conversation_id: str, user: str, *, name: str = "", auto_generate: bool = False
    ) -> Conversation | None:
        """The renamed conversation; None from servers that only say "success": read the list again.

        Without `auto_generate`, `name` must not be blank, and over 255 characters is a 500.
        """
        answer = self._connection.ask(
            "POST",
            f"/conversations/{segment(conversation_id)}/name",
            body={"name": name, "auto_generate": auto_generate, "user": user},
        )
        renamed = Conversation.from_json(mapping(answer))
        return renamed if renamed.id else None

    def delete(self, conversation_id: str, user: str) -> None:
        """Raises NotFound where it was gone before; not where only our first attempt had deleted it."""
        self._connection.ask("DELETE", f"/conversations/{segment(conversation_id)}", body={"user": user})
