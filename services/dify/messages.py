"""Heading "Chats" / "Conversations": the messages of a conversation, and questions that could follow one."""

from __future__ import annotations

from dataclasses import replace

from services.dify.addresses import segment
from services.dify.connection import Connection
from services.dify.loose import mapping
from services.dify.records import Message, Page


class Messages:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, conversation_id: str, user: str, first_id: str | None = None, limit: int = 20
    ) -> Page[Message]:
        """The newest page, or the one before message `first_id`; always oldest → newest inside the page.

        The page before begins at `data[0].id`. `limit` 1 to 100. Recordings 61_*.
        """
        params = {"conversation_id": conversation_id, "user": user, "first_id": first_id, "limit": limit}
        page = Page.from_json(self._connection.ask("GET", "/messages", params=params), Message.from_json)
        return replace(page, data=_oldest_first(page.data))

    def suggested(self, message_id: str, user: str) -> tuple[str, ...]:
        """Next questions; each call costs the app a model call. Raises Invalid where the app has them off."""
        answer = self._connection.ask(
            "GET",
            f"/messages/{segment(message_id)}/suggested",
            params={"user": user},
            read=self._connection.patience.headers,
        )
        questions = mapping(answer).get("data")
        return tuple(q for q in questions if isinstance(q, str) and q) if isinstance(questions, list) else ()


def _oldest_first(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """By created_at, whole seconds as they are: messages of one second keep the order that the rest shows.

    A message without a time stays after the one it followed.
    """
    known = [m.created_at for m in messages if m.created_at is not None]
    if known and known[0] > known[-1]:
        messages = messages[::-1]
    timed: list[tuple[float, Message]] = []
    last = 0.0
    for message in messages:
        last = last if message.created_at is None else message.created_at
        timed.append((last, message))
    return tuple(message for _, message in sorted(timed, key=lambda pair: pair[0]))
