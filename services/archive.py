"""What a person can do with earlier conversations: find, name, pin, delete, export and share them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from services.apps import App
from services.conversations import Conversation
from services.deleting import Deleting
from services.deletions import Deletions
from services.directory import Directory
from services.exports.jobs import Exports
from services.history import History
from services.marks import Marks
from services.naming import Naming
from services.newest import Newest
from services.pending import PendingFiles
from services.preferences import Preferences
from services.search import Search
from services.shares import Shares
from services.store import Store, StoreError
from services.titles import Titles

log = logging.getLogger(__name__)
LOOK_AGAIN = 2.0
"""Seconds until a store that could not be read is asked again."""


@dataclass(frozen=True, slots=True)
class Archive:
    history: History
    naming: Naming
    marks: Marks
    deletions: Deletions
    deleting: Deleting
    shares: Shares
    exports: Exports
    search: Search
    newest: Newest

    @classmethod
    def over(
        cls,
        store: Store,
        directory: Directory,
        titles: Titles,
        preferences: Preferences,
        app: Callable[[str], App],
        pending: PendingFiles,
    ) -> Archive:
        """`app` gives the app of a slug; raises NoSuchApp."""
        search, marks = Search(store), Marks(store)
        history = History(store, titles, search)
        naming = Naming(store, marks, titles, preferences)

        def gone(app_slug: str, user: str, conversation_id: str) -> None:
            directory.close(app_slug, user, conversation_id)
            history.gone(app_slug, user, conversation_id)

        def vanished(app_slug: str, user: str, conversation_id: str) -> None:
            history.gone(app_slug, user, conversation_id)
            try:
                marks.pin(app_slug, user, conversation_id, False)
            except StoreError as error:
                log.warning("a pin cannot be taken out: %s", error)

        def answered(conversation: Conversation) -> None:
            turns, conversation_id = conversation.turns(), conversation.conversation_id
            error = turns[-1].error if turns else None
            if error and error.code == "not_found" and conversation_id:
                vanished(conversation.app, conversation.user, conversation_id)
            else:
                naming.after_answer(app(conversation.app), conversation)

        directory.vanished, titles.after_answer = vanished, answered
        deletions = Deletions(store)
        deleting = Deleting(store, deletions, app, directory.at, gone, pending)
        exports = Exports(directory, history, naming.shown)
        newest = Newest(directory, titles, history, naming, marks, deletions)
        return cls(history, naming, marks, deletions, deleting, Shares(store), exports, search, newest)

    def start(self) -> None:
        """Begin what needs no visitor: deletions that wait, words that are not indexed yet."""
        self.deleting.start()
        threading.Thread(target=self._index, name="search", daemon=True).start()

    def stop(self) -> None:
        self.deleting.stop()

    def _index(self) -> None:
        while not self.deleting.ending.is_set():
            try:
                if not self.search.catch_up():
                    return
            except StoreError as error:
                log.info("words are not indexed yet: %s", error)
                self.deleting.ending.wait(LOOK_AGAIN)
