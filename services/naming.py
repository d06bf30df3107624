"""What conversations are called: by Dify, on request, or by hand; and what to show until they have a name.

Dify's own title comes late and would overwrite a name that was given meanwhile. So such a name is kept here
too, and given again where the list tells another one soon after.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import replace

from services.apps import App
from services.conversations import Conversation as Open
from services.dify.errors import DifyError
from services.dify.records import Conversation
from services.identity import Identity, Role
from services.marks import Mark, Marks
from services.preferences import Preferences
from services.store import Store, StoreError
from services.titles import Titles

log = logging.getLogger(__name__)
LONGEST_NAME = 255
"""Characters: a longer one is an error 500 at Dify (recording 64_rename_long_name)."""
LONGEST_SHOWN = 80
"""Characters of a question that stands for a name."""
SETTLING = 120.0
"""Seconds after which another name than the one given by hand is no late title, but somebody's will."""
NONE_YET = frozenset({"", "New conversation"})
"""What Dify calls one that it has not named."""


class BadName(ValueError):
    """`code`: blank or too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Naming:
    def __init__(self, store: Store, marks: Marks, titles: Titles, preferences: Preferences) -> None:
        self._store, self._marks, self._titles, self._preferences = store, marks, titles, preferences
        self._mending: set[str] = set()
        self._lock = threading.Lock()

    def rename(self, identity: Identity, app: App, conversation_id: str, name: str) -> str:
        """Give it a name by hand; the name as Dify took it. Raises Denied, BadName, DifyError."""
        identity.require(Role.AGENT)
        name = " ".join(name.encode("utf-8", "replace").decode().split())
        if not name:
            raise BadName("blank")
        if len(name) > LONGEST_NAME:
            raise BadName("too_long")
        renamed = app.client.conversations.rename(conversation_id, identity.user, name=name)
        self._keep(app, identity.user, conversation_id, name)
        self._titles.forget(app.slug, identity.user)
        return renamed.name if renamed and renamed.name else name

    def generate(self, identity: Identity, app: App, conversation_id: str) -> str:
        """Have Dify name it; "" from servers that do not tell the name. Raises Denied, DifyError."""
        identity.require(Role.AGENT)
        renamed = app.client.conversations.rename(conversation_id, identity.user, auto_generate=True)
        self._keep(app, identity.user, conversation_id, None)
        self._titles.forget(app.slug, identity.user)
        return renamed.name if renamed else ""

    def shown(self, app: App, user: str, rows: Iterable[Conversation]) -> list[Conversation]:
        """With the names to show: those given by hand, Dify's, or the question while there is none."""
        try:
            marks = self._marks.of(app.slug, user)
        except StoreError:
            marks = {}
        return [replace(row, name=self._name(app, user, row, marks.get(row.id, Mark()))) for row in rows]

    def after_answer(self, app: App, conversation: Open) -> None:
        """The first answer is there: where titles are made on request, this is the request."""
        turns = conversation.turns()
        conversation_id = conversation.conversation_id
        if len(turns) != 1 or not turns[0].answer or not conversation_id:
            return
        if self._preferences.titles(conversation.user) != "request":
            return
        try:
            if self._marks.of(app.slug, conversation.user).get(conversation_id, Mark()).name is None:
                app.client.conversations.rename(conversation_id, conversation.user, auto_generate=True)
        except (DifyError, StoreError) as error:
            log.info("a conversation was not named: %s", type(error).__name__)

    def _name(self, app: App, user: str, row: Conversation, mark: Mark) -> str:
        if mark.name and mark.name != row.name:
            if time.time() - (mark.named_at or 0.0) < SETTLING:
                self._mend(app, user, row.id, mark.name)
                return mark.name
            self._keep(app, user, row.id, None)
        if row.name in NONE_YET:
            return self._question(app, user, row.id) or row.name
        return row.name

    def _question(self, app: App, user: str, conversation_id: str) -> str:
        try:
            owned = self._store.by_conversation(app.slug, user, conversation_id)
            query = self._store.first_query(owned.key) if owned else ""
        except StoreError:
            return ""
        line = " ".join(query.split())
        return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"

    def _mend(self, app: App, user: str, conversation_id: str, name: str) -> None:
        """Give the name again, aside: whoever looks at the list need not wait for it."""

        def work() -> None:
            try:
                app.client.conversations.rename(conversation_id, user, name=name)
                self._titles.forget(app.slug, user)
            except DifyError as error:
                log.info("a name was not given again: %s", error.code)
            finally:
                self._mending.discard(conversation_id)

        with self._lock:
            if conversation_id in self._mending:
                return
            self._mending.add(conversation_id)
        threading.Thread(target=work, name="naming", daemon=True).start()

    def _keep(self, app: App, user: str, conversation_id: str, name: str | None) -> None:
        try:
            self._marks.name(app.slug, user, conversation_id, name)
        except StoreError as error:
            log.warning("a name cannot be kept: %s", error)
