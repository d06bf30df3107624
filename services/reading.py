"""What stands in a conversation: Dify's history, page by page, with what this site has seen of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from services.apps import App
from services.conversations import Conversation
from services.dify.errors import DifyError, EndpointMissing, NotFound
from services.merge import merge
from services.outcome import Failure
from services.search import Search
from services.store import Store, StoreError
from services.turn import Turn

T = TypeVar("T")
log = logging.getLogger(__name__)
PAGE = 20
"""Messages read at once when a conversation opens."""
OLDER_PAGE = 50
"""The same for a reader who goes back."""
WHOLE_PAGE = 100
"""The same for who wants all of it; more Dify does not give."""
FRESH_FOR = 5.0
"""Seconds for which history is not read again for a new look."""


class Reading:
    """Reads the history of conversations. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        self._store, self._search = store, Search(store)
        self.vanished: Callable[[str, str, str], None] | None = None
        """Told where Dify says that there is no such conversation: app slug, user, conversation id."""
        self.was_read: Callable[[str, str], None] | None = None
        """Told whose history was read: app slug, user."""

    def expect(self, conversation: Conversation, app: App) -> None:
        """Begin to read what will be asked for as soon as the page is there, half a second from now."""
        if (
            conversation.conversation_id
            and conversation.loaded_at is None
            and not conversation.loading.locked()
        ):
            threading.Thread(target=self.load, args=(conversation, app), name="history", daemon=True).start()

    def load(self, conversation: Conversation, app: App) -> None:
        """Read the newest page of history, unless that was just done; blocks on Dify.

        What fails is told in `conversation.trouble`, and what this site has seen is shown.
        """
        with conversation.loading:
            last = conversation.loaded_at
            if last is not None and (conversation.busy or time.monotonic() - last < FRESH_FOR):
                return
            since = conversation.seq
            seen = _seen(self._kept(conversation), conversation)
            if seen and not conversation.entries:
                with conversation.lock:  # there to be seen should Dify take long
                    conversation.reset(seen, None, None, since)
                    since = conversation.seq
            try:
                page, more = self._page(conversation, app, None, PAGE)
            except DifyError as error:
                conversation.reset(conversation.turns(), conversation.older, _unread(error), since)
                if self.vanished and isinstance(error, NotFound) and conversation.conversation_id:
                    self.vanished(app.slug, conversation.user, conversation.conversation_id)
                return
            older = page[0].message_id if more and page else None
            conversation.reset(merge(seen, page, more=more), older, None, since)

    def older(
        self, conversation: Conversation, app: App, before: str
    ) -> tuple[list[tuple[int, Turn]], str | None]:
        """The page before message `before`, oldest first, each turn with its index, and where the next page
        begins. Raises DifyError.
        """
        page, more = self._page(conversation, app, before, OLDER_PAGE)
        seen = _seen(self._kept(conversation), conversation)
        newer = next((t for t in conversation.turns() if t.message_id == before), None)
        turns = merge(seen, page, more=more, until=newer.asked_at if newer else None)
        shown = {turn.id for turn in conversation.turns()}
        turns = [turn for turn in turns if turn.id not in shown]
        return conversation.remember(turns), page[0].message_id if more and page else None

    def whole(self, conversation: Conversation, app: App) -> Iterator[list[Turn]]:
        """All pages of history with what this site has seen of them: newest page first, each oldest first.

        Nothing of it is kept in `conversation`. Raises DifyError.
        """
        seen = _seen(self._kept(conversation), conversation)
        before, until = None, None
        while True:
            page, more = self._page(conversation, app, before, WHOLE_PAGE)
            yield merge(seen, page, more=more, until=until)
            if not (more and page):
                return
            before, until = page[0].message_id, page[0].asked_at

    def _page(
        self, conversation: Conversation, app: App, before: str | None, limit: int
    ) -> tuple[list[Turn], bool]:
        conversation_id = conversation.conversation_id
        if not conversation_id:
            return [], False
        try:
            page = app.client.messages.list(conversation_id, conversation.user, first_id=before, limit=limit)
        except EndpointMissing:
            return [], False  # this server keeps no readable history; ours is all there is
        if self.was_read:
            self.was_read(app.slug, conversation.user)
        turns = [Turn.from_message(message) for message in page.data]
        self._stored(lambda: self._search.saw(conversation, conversation_id, turns))
        return self._with_reasons(conversation, turns), page.has_more

    def _with_reasons(self, conversation: Conversation, turns: list[Turn]) -> list[Turn]:
        """Dify tells a rating and never its words; ours are good as long as the rating is the same."""
        rated = [turn.message_id for turn in turns if turn.rating]
        kept = (self._stored(lambda: self._store.ratings(conversation.user, rated)) if rated else None) or {}
        return [
            replace(turn, rating=ours)
            if turn.rating and (ours := kept.get(turn.message_id)) and ours.rating == turn.rating.rating
            else turn
            for turn in turns
        ]

    def _kept(self, conversation: Conversation) -> list[Turn]:
        """What the store has, oldest first."""
        return self._stored(lambda: self._store.turns(conversation.key)) or []

    def _stored(self, read: Callable[[], T]) -> T | None:
        """None also where the store cannot be read: chat goes on without it."""
        try:
            return read()
        except StoreError as error:
            log.warning("the store could not be read: %s", error)
            return None


def _seen(kept: list[Turn], conversation: Conversation) -> list[Turn]:
    """The turns asked on this site, oldest first: from the store, and newer than that, from memory."""
    # A turn whose id is Dify's is known from history alone, and gone as soon as history lacks it.
    seen = {turn.id: turn for turn in kept}
    seen |= {turn.id: turn for turn in conversation.turns() if turn.id != turn.message_id}
    return sorted(seen.values(), key=lambda turn: turn.asked_at or 0.0)


def _unread(error: DifyError) -> Failure:
    """Why history is not shown: Dify's refusal by its own code, everything else as one."""
    return Failure(error.code if error.refused else "history_unreadable", error.message, error.status)
