"""Store: conversations, messages and ratings, in the words of the API."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any, Literal, TypeAlias
from uuid import uuid4

from embedded.database import Database
from embedded.records import NAME_LENGTH, Asked, Conversation, Message, Outcome
from embedded.tables.attachments import Attachment, Attachments

SortBy: TypeAlias = Literal["created_at", "-created_at", "updated_at", "-updated_at"]

# Ties are broken by age, so no row is skipped.
LISTED = Template("""
    SELECT * FROM conversations WHERE app_id = :app AND user = :user AND (
        :after IS NULL
        OR ($column, seq) $beyond (
            (SELECT $column FROM conversations WHERE id = :after),
            (SELECT seq FROM conversations WHERE id = :after)
        )
    ) ORDER BY $column $order, seq $order LIMIT :limit
""")
MESSAGES = """
    SELECT messages.*, feedbacks.rating FROM messages
    LEFT JOIN feedbacks ON feedbacks.message_id = messages.id AND feedbacks.source = 'user'
"""


class Store:
    """The database. A conversation is named by app, user and id: another user's does not exist."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._attachments = Attachments(database)

    def conversation(self, app_id: str, user: str, conversation_id: str) -> Conversation | None:
        """One conversation, None if this user has no such."""
        row = self._database.one(
            "SELECT * FROM conversations WHERE app_id = ? AND user = ? AND id = ?",
            app_id,
            user,
            conversation_id,
        )
        return Conversation.of(row) if row else None

    def conversations(
        self, app_id: str, user: str, sort_by: SortBy, limit: int, after: Conversation | None
    ) -> list[Conversation]:
        """Up to `limit` conversations in that order, those behind `after` if given."""
        # Only the four words of SortBy reach the statement.
        beyond, order = ("<", "DESC") if sort_by.startswith("-") else (">", "ASC")
        sql = LISTED.substitute(column=sort_by.removeprefix("-"), beyond=beyond, order=order)
        values = {"app": app_id, "user": user, "after": after.id if after else None, "limit": limit}
        return [Conversation.of(row) for row in self._database.all(sql, values)]

    def ask(
        self,
        app_id: str,
        user: str,
        query: str,
        inputs: Mapping[str, Any],
        introduction: str,
        conversation: Conversation | None,
        files: Sequence[Attachment] = (),
    ) -> Asked:
        """Write a question down with its files, in a new conversation if none is given; its answer is still
        empty."""
        now, message_id, values = time.time(), str(uuid4()), json.dumps(dict(inputs))
        conversation_id = conversation.id if conversation else str(uuid4())
        with self._database.change() as db:
            if conversation is None:
                name = query[:NAME_LENGTH] + ("…" if len(query) > NAME_LENGTH else "")
                db.execute(
                    "INSERT INTO conversations (id, app_id, user, name, inputs, introduction, created_at,"
                    " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (conversation_id, app_id, user, name, values, introduction, now, now),
                )
            else:
                db.execute("UPDATE conversations SET updated_at = ? WHERE id = ?", (now, conversation_id))
            (count,) = db.execute(
                "SELECT count(*) FROM messages WHERE conversation_id = ?", (conversation_id,)
            ).fetchone()
            before = db.execute(
                "SELECT query FROM messages WHERE conversation_id = ? ORDER BY seq DESC LIMIT 1",
                (conversation_id,),
            ).fetchone()
            db.execute(
                "INSERT INTO messages (id, conversation_id, inputs, query, created_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (message_id, conversation_id, values, query, now),
            )
        known = conversation.inputs if conversation else inputs
        kept = tuple(self._attachments.attach(message_id, each) for each in files)
        previous = before["query"] if before else None
        is_new = conversation is None
        return Asked(message_id, conversation_id, known, now, previous, is_new, count + 1, kept)

    def finish(self, message_id: str, outcome: Outcome) -> None:
        """Write an answer down; nothing happens if its conversation was deleted meanwhile."""
        self._database.write(
            "UPDATE messages SET answer = ?, status = ?, error = ?, prompt_tokens = ?, completion_tokens = ?,"
            " latency = ?, resources = ?, thoughts = ? WHERE id = ?",
            outcome.answer,
            outcome.status,
            outcome.error,
            outcome.prompt_tokens,
            outcome.completion_tokens,
            outcome.latency,
            json.dumps(outcome.resources),
            json.dumps(outcome.thoughts),
            message_id,
        )

    def name(self, conversation_id: str, name: str) -> None:
        """Name a conversation as its user wants."""
        self._database.write(
            "UPDATE conversations SET name = ?, named_by = 'user', updated_at = ? WHERE id = ?",
            name,
            time.time(),
            conversation_id,
        )

    def name_automatically(self, conversation_id: str, name: str) -> None:
        """Name a conversation, unless its user did."""
        self._database.write(
            "UPDATE conversations SET name = ?, named_by = 'title', updated_at = ?"
            " WHERE id = ? AND named_by = 'question'",
            name,
            time.time(),
            conversation_id,
        )

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with its messages and their ratings."""
        self._database.write("DELETE FROM conversations WHERE id = ?", conversation_id)

    def message(self, app_id: str, user: str, message_id: str) -> Message | None:
        """One message, None if this user has no such."""
        row = self._database.one(
            f"{MESSAGES} JOIN conversations ON conversations.id = messages.conversation_id"
            " WHERE messages.id = ? AND app_id = ? AND user = ?",
            message_id,
            app_id,
            user,
        )
        return Message.of(row) if row else None

    def messages(self, conversation_id: str, limit: int, before: Message | None) -> list[Message]:
        """Up to `limit` messages, newest first, those older than `before` if given."""
        older = "(:before IS NULL OR messages.seq < (SELECT seq FROM messages WHERE id = :before))"
        sql = f"{MESSAGES} WHERE conversation_id = :conversation AND {older} ORDER BY messages.seq DESC"
        sql += " LIMIT :limit"
        values = {
            "conversation": conversation_id,
            "before": before.id if before else None,
            "limit": limit,
        }
        return [Message.of(row) for row in self._database.all(sql, values)]

    def first_query(self, conversation_id: str) -> str:
        """The question a conversation began with."""
        row = self._database.one(
            "SELECT query FROM messages WHERE conversation_id = ? ORDER BY seq LIMIT 1", conversation_id
        )
        return row["query"] if row else ""

    def last_turns(self, conversation_id: str, count: int) -> list[tuple[str, str]]:
        """The newest questions that have an answer, each with it, oldest first."""
        rows = self._database.all(
            "SELECT query, answer FROM messages WHERE conversation_id = :id AND answer <> ''"
            " ORDER BY seq DESC LIMIT :count",
            {"id": conversation_id, "count": count},
        )
        return [(row["query"], row["answer"]) for row in reversed(rows)]

    def has_message(self, app_id: str, message_id: str) -> bool:
        """Whether an app has a message, of whatever user."""
        sql = (
            "SELECT 1 FROM messages JOIN conversations ON conversations.id = conversation_id"
            " WHERE app_id = ? AND messages.id = ?"
        )
        return self._database.one(sql, app_id, message_id) is not None

    def number(self, message: Message) -> int:
        """Which question of its conversation a message is, counted from 1."""
        row = self._database.one(
            "SELECT count(*) AS number FROM messages WHERE conversation_id = ?"
            " AND seq <= (SELECT seq FROM messages WHERE id = ?)",
            message.conversation_id,
            message.id,
        )
        return int(row["number"]) if row else 1
