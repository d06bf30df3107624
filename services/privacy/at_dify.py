"""A person's conversations at Dify, deleted one by one: how far that is, and what would not go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.apps import App
from services.dify.client import Client
from services.dify.errors import DifyError, EndpointMissing, NotFound

log = logging.getLogger(__name__)
PAGE = 100
"""More Dify does not give in one piece."""


@dataclass(frozen=True, slots=True)
class Left:
    """What stayed: a conversation, or with no id the list of an app's conversations."""

    app: str
    conversation_id: str
    code: str


@dataclass(slots=True)
class AtDify:
    """Read by pages while its thread works. A site that ends meanwhile leaves the rest as it is."""

    total: int | None = None
    """Conversations; None until they are counted."""
    deleted: int = 0
    left: list[Left] = field(default_factory=list)
    over: bool = False

    def begin(
        self,
        apps: Sequence[App],
        users: Sequence[str],
        done: Callable[[AtDify], None],
        ending: threading.Event,
    ) -> None:
        """In a thread of its own; `done` is called when it is over."""

        def work() -> None:
            try:
                self.carry_out(apps, users, ending)
            except Exception:
                log.exception("deleting at Dify failed")
                self.left.append(Left("", "", "internal_error"))
            finally:
                done(self)
                self.over = True

        threading.Thread(target=work, name="erasing", daemon=True).start()

    def carry_out(self, apps: Sequence[App], users: Sequence[str], ending: threading.Event) -> None:
        found = [(app, user, each) for app in apps for user in users for each in self._listed(app, user)]
        self.total = len(found)
        for app, user, conversation_id in found:
            if ending.is_set():
                self.left.append(Left(app.slug, conversation_id, "interrupted"))
                continue
            try:
                _delete(app.client, user, conversation_id)
                self.deleted += 1
            except DifyError as error:
                self.left.append(Left(app.slug, conversation_id, error.code))

    def _listed(self, app: App, user: str) -> list[str]:
        ids: list[str] = []
        try:
            while True:
                page = app.client.conversations.list(user, last_id=ids[-1] if ids else None, limit=PAGE)
                fresh = [row.id for row in page.data if row.id not in ids[-PAGE:]]
                ids += fresh
                if not (page.has_more and fresh):
                    return ids
        except DifyError as error:
            self.left.append(Left(app.slug, "", error.code))
            return ids


def _delete(client: Client, user: str, conversation_id: str) -> None:
    try:
        client.conversations.delete(conversation_id, user)
    except EndpointMissing:
        raise
    except NotFound:
        return  # it is gone
