"""The names of a person's conversations, newest first: Dify's list, kept for a moment.

A new conversation is named at once after the first twenty letters of its question; the real title comes from
the server a second or more after the first answer began, without a word (recordings 64_auto_name_*).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.apps import App
from services.conversations import Conversation as Open
from services.dify.errors import DifyError
from services.dify.records import Conversation
from services.lately import Lately

FRESH_FOR = 3.0
"""Seconds for which the list is not read again."""
TITLE_AFTER = 2.5
"""Seconds after an answer's end when its title should be there."""
REMEMBERED = 300
"""Lists, of up to a hundred conversations each."""


@dataclass(frozen=True, slots=True)
class _Read:
    at: float
    limit: int
    rows: tuple[Conversation, ...]


class Titles:
    def __init__(self) -> None:
        self._read: Lately[tuple[str, str], _Read] = Lately(REMEMBERED)
        self.after_answer: Callable[[Open], None] | None = None
        """Called once an answer is there, before its title is looked for; blocks on Dify."""

    def of(self, app: App, user: str, limit: int) -> tuple[Conversation, ...] | None:
        """The newest `limit` (at most 100); None where they were never read and cannot be read now."""
        known = self._read.get((app.slug, user))
        if known and known.limit >= limit and time.monotonic() - known.at < FRESH_FOR:
            return known.rows[:limit]
        try:
            rows = app.client.conversations.list(user, limit=limit).data
        except DifyError:
            return known.rows[:limit] if known else None
        self._read.put((app.slug, user), _Read(time.monotonic(), limit, rows))
        return rows

    def known(self, app_slug: str, user: str) -> tuple[Conversation, ...]:
        """What was read last, however old; asks nobody."""
        read = self._read.get((app_slug, user))
        return read.rows if read else ()

    def forget(self, app_slug: str, user: str) -> None:
        """The list has changed: read it again at the next look."""
        self._read.pop((app_slug, user))

    def expect(self, conversation: Open) -> None:
        """A first answer has ended: look for its title once that should be there, and tell the readers."""

        def look() -> None:
            try:
                if self.after_answer:
                    self.after_answer(conversation)
            finally:
                self.forget(conversation.app, conversation.user)
                conversation.renamed()

        self.forget(conversation.app, conversation.user)
        timer = threading.Timer(TITLE_AFTER, look)
        timer.daemon = True
        timer.start()
