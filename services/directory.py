"""Which conversation an address means, and whether this person may see it.

A key in an address is a claim: it opens only for its owner. So is a conversation id, which Dify itself checks
against the end user as soon as its history is read.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import replace
from typing import TypeVar
from weakref import WeakValueDictionary

from services.apps import App
from services.conversations import Conversation
from services.identity import Identity
from services.reading import Reading
from services.store import Owned, Store

KEPT = 600.0
"""Seconds for which a conversation that nobody looks at is kept in memory."""
Found = TypeVar("Found", Conversation, Conversation | None)
KEY = re.compile(r"[A-Za-z0-9_-]{12,40}")


class NotTheirs(LookupError):
    """No such conversation, or another person's: never said which."""


class Directory(Reading):
    """All open conversations of this process. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._lock = threading.Lock()
        self._open: WeakValueDictionary[str, Conversation] = WeakValueDictionary()
        """All there are: the page of a tab that nobody sees still holds its own, and what is asked there must
        be seen by whoever opens it again."""
        self._recent: dict[str, Conversation] = {}

    def new_key(self) -> str:
        return secrets.token_hex(12)

    def new_address(self) -> str:
        """Of a conversation that nobody has begun yet."""
        return f"~{self.new_key()}"

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
            conversation = self._held(self._open.get(key))
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
                self._drop(each)
        for each in theirs:
            with each.queueing:
                each.queued = ()
            each.wake()

    def close(self, app: str, user: str, conversation_id: str) -> None:
        """It exists no more: Dify tells whoever opens it again; what is on a screen stays there."""
        with self._lock:
            if found := self._named(Owned("", app, user, conversation_id)):
                self._drop(found)

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
        return self._held(self._open.setdefault(owned.key, Conversation(owned)))

    def _held(self, conversation: Found) -> Found:
        """Somebody wants it: from now on it is kept again."""
        if conversation:
            self._recent[conversation.key] = conversation
        return conversation

    def _drop(self, conversation: Conversation) -> None:
        self._open.pop(conversation.key, None)
        self._recent.pop(conversation.key, None)

    def _named(self, claim: Owned) -> Conversation | None:
        for conversation in self._open.values():
            if replace(claim, key=conversation.key) == conversation.owned:
                return self._held(conversation)
        return None

    def _let_go(self) -> None:
        long_ago = time.monotonic() - KEPT
        with self._lock:
            idle = [
                c.key
                for c in self._recent.values()
                if not (c.watched or c.busy or c.unsaved or c.queued) and c.touched_at < long_ago
            ]
            for key in idle:
                del self._recent[key]
