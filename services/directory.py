"""Which conversation an address means, whether this person may see it, and what stands in it.

A key in an address is a claim: it opens only for its owner. So is a conversation id, which Dify itself checks
against the end user as soon as its history is read.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from services.apps import App
from services.conversations import Conversation
from services.dify.errors import DifyError, EndpointMissing, NotFound, Refused, ServerFailed
from services.identity import Identity
from services.merge import merge
from services.outcome import Failure
from services.search import Search
from services.store import Owned, Store, StoreError
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
KEPT = 600.0
"""Seconds for which a conversation that nobody looks at stays in memory."""
KEY = re.compile(r"[A-Za-z0-9_-]{12,40}")


class NotTheirs(LookupError):
    """No such conversation, or another person's: never said which."""


class Directory:
    """All open conversations of this process. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        self._store, self._search = store, Search(store)
        self._lock = threading.Lock()
        self._open: dict[str, Conversation] = {}
        self.vanished: Callable[[str, str, str], None] | None = None
        """Told where Dify says that there is no such conversation: app slug, user, conversation id."""
        self.was_read: Callable[[str, str], None] | None = None
        """Told whose history was read: app slug, user."""

    def new_key(self) -> str:
        return secrets.token_hex(12)

    def open(self, identity: Identity, app: App, address: str) -> Conversation:
        """The conversation of an address: `~<key>`, or the conversation id that Dify gave.

        A key that nobody holds yet begins a new conversation. Raises NotTheirs, also for one of another app.
        """
        self._let_go()
        if address.startswith("~"):
            place = self._by_key(identity, app, address[1:])
            if place.app != app.slug:
                raise NotTheirs
            return place
        claim = Owned("", app.slug, identity.user, address)
        with self._lock:
            if found := self._named(claim):
                return found
        owner = self._stored(lambda: self._store.by_conversation(app.slug, identity.user, address))
        with self._lock:
            # Another tab may have opened it meanwhile, and two keys for it would be two conversations.
            return self._named(claim) or self._opened(owner or replace(claim, key=self.new_key()))

    def of(self, identity: Identity, key: str) -> Conversation:
        """The conversation of a key, for a route. Raises NotTheirs."""
        with self._lock:
            conversation = self._open.get(key)
        if conversation is None:
            owner = self._stored(lambda: self._store.owner(key))
            if owner is None or owner.user != identity.user:
                raise NotTheirs
            conversation = self.adopt(owner)
        if conversation.user != identity.user:
            raise NotTheirs
        return conversation

    def adopt(self, owned: Owned) -> Conversation:
        """The conversation of a row of the store, whoever asks: for work without a visitor."""
        with self._lock:
            return self._opened(owned)

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

    def glimpse(self, app: App, user: str, conversation_id: str) -> Conversation:
        """The open one, or one for this occasion alone: thousands that are looked at once need no memory."""
        if found := self.at(app.slug, user, conversation_id):
            return found
        owner = self._stored(lambda: self._store.by_conversation(app.slug, user, conversation_id))
        return Conversation(owner or Owned(self.new_key(), app.slug, user, conversation_id))

    def running(self, app: App, user: str) -> set[str]:
        """Ids of the person's conversations in which an answer is on its way."""
        with self._lock:
            mine = [c for c in self._open.values() if (c.app, c.user) == (app.slug, user)]
        return {c.conversation_id for c in mine if c.conversation_id and c.busy}

    def at(self, app: str, user: str, conversation_id: str) -> Conversation | None:
        """The conversation of this id, if it is open."""
        with self._lock:
            return self._named(Owned("", app, user, conversation_id))

    def forget(self, user: str) -> None:
        """This person's data is erased: whatever of it is open ends."""
        with self._lock:
            theirs = [each for each in self._open.values() if each.user == user]
            for each in theirs:
                each.erased = True
                del self._open[each.key]
        for each in theirs:
            with each.queueing:
                each.queued = ()
            each.wake()

    def close(self, app: str, user: str, conversation_id: str) -> None:
        """It exists no more: Dify tells whoever opens it again; what is on a screen stays there."""
        with self._lock:
            if found := self._named(Owned("", app, user, conversation_id)):
                del self._open[found.key]

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

    def _by_key(self, identity: Identity, app: App, key: str) -> Conversation:
        try:
            return self.of(identity, key)
        except NotTheirs:
            taken = key in self._open or self._stored(lambda: self._store.owner(key)) is not None
            if taken or not KEY.fullmatch(key):
                raise
        conversation = self.adopt(Owned(key, app.slug, identity.user, None))
        if conversation.user != identity.user:
            raise NotTheirs
        return conversation

    def _opened(self, owned: Owned) -> Conversation:
        return self._open.setdefault(owned.key, Conversation(owned))

    def _named(self, claim: Owned) -> Conversation | None:
        for conversation in self._open.values():
            if replace(claim, key=conversation.key) == conversation.owned:
                return conversation
        return None

    def _let_go(self) -> None:
        long_ago = time.monotonic() - KEPT
        with self._lock:
            idle = [
                c.key
                for c in self._open.values()
                if not (c.watched or c.busy or c.unsaved or c.queued) and c.touched_at < long_ago
            ]
            for key in idle:
                del self._open[key]

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
    final = isinstance(error, Refused) and not isinstance(error, ServerFailed)
    return Failure(error.code if final else "history_unreadable", error.message, error.status)
