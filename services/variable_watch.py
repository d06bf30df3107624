"""When the variables of conversations are read for the log: at the opening, and after each answer.

Only for apps that can have any: chatflows, and of these not the ones that showed none. It costs one request
an answer, after the answer's end.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from services.apps import App
from services.conversations import Conversation
from services.dify.errors import DifyError, EndpointMissing
from services.run import Run
from services.turn import Turn
from services.variable_log import Place, VariableLog
from services.variables import Listing, listed

log = logging.getLogger(__name__)
NONE_FOR = 600.0
"""Seconds for which an app that showed no variables is not asked again."""
READ_WITHIN = 60.0
"""Seconds after an answer's end within which its changes are read."""
CHATFLOW = "advanced-chat"


class VariableWatch:
    """Safe to use from any thread."""

    def __init__(self, changes: VariableLog, apps: Iterable[App]) -> None:
        self._log = changes
        self._apps = {app.slug: app for app in apps}
        self._lock = threading.Lock()
        self._opening: set[Place] = set()
        self._none_until: dict[str, float] = {}

    def may_have(self, app: App) -> bool:
        """Whether conversations of this app can have variables, as far as is known without asking."""
        mode = app.known.info.mode if app.known else ""
        # The oldest servers do not tell the mode.
        return mode in (CHATFLOW, "") and self._none_until.get(app.slug, 0.0) <= time.monotonic()

    def opened(self, conversation: Conversation) -> None:
        """Somebody looks at this conversation: learn what its variables are before the next answer."""
        app, place = self._apps.get(conversation.app), place_of(conversation)
        if not (app and place.conversation_id and self.may_have(app) and settled(conversation)):
            return
        with self._lock:
            if place in self._opening or self._log.knows(place):
                return
            self._opening.add(place)
        threading.Thread(
            target=self._begin, args=(app, conversation, place), name="variables", daemon=True
        ).start()

    def answered(self, run: Run) -> None:
        """An answer has ended: keep what it changed, and tell its turn. In the Run's own thread."""
        conversation, place = run.conversation, place_of(run.conversation)
        app = self._apps.get(conversation.app)
        if not (app and place.conversation_id and self.may_have(app)):
            return
        listing = self._read(app, place)
        if listing is None:
            return
        if not listing.variables and run.turn.state == "complete":
            self._none_until[app.slug] = time.monotonic() + NONE_FOR
        changed = self._log.note(
            place,
            listing.variables,
            "answer",
            turn=run.turn.id,
            whole=not listing.cut,
            new=_first(run.turn, conversation),
        )
        if changed:
            run.changed(tuple(each.either.name for each in changed))

    def _begin(self, app: App, conversation: Conversation, place: Place) -> None:
        try:
            listing = self._read(app, place)
            if listing is not None and settled(conversation):
                self._log.note(place, listing.variables, "begin", whole=not listing.cut)
        finally:
            self._opening.discard(place)

    def _read(self, app: App, place: Place) -> Listing | None:
        try:
            return listed(app.client, place)
        except EndpointMissing:
            self._none_until[app.slug] = time.monotonic() + NONE_FOR
        except DifyError as error:
            log.info("variables could not be read: %s", error.code)
        return None


def _first(turn: Turn, conversation: Conversation) -> bool:
    """Whether the conversation began with this turn; not where its history could not be looked at."""
    looked = conversation.loaded_at is not None and not conversation.trouble
    first = next(iter(conversation.turns()), None)
    return looked and conversation.older is None and first is not None and first.id == turn.id


def settled(conversation: Conversation) -> bool:
    """No answer runs, and none has just ended: what is read then is from between two answers."""
    newest = next(reversed(conversation.turns()), None)
    if newest is None or newest.id == newest.message_id:  # as history tells it
        return True
    return not newest.running and (newest.answered_at or 0.0) < time.time() - READ_WITHIN


def place_of(conversation: Conversation) -> Place:
    """`conversation_id` is "" until Dify has named it."""
    return Place(conversation.app, conversation.user, conversation.conversation_id or "")
