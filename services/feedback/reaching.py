"""From a rating to the conversation it is about; and where none can be reached, why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from services.apps import App
from services.conversations import Conversation
from services.dify.end_users import EndUser
from services.dify.errors import DifyError, EndpointMissing, NotFound
from services.directory import Directory, NotTheirs
from services.feedback.ledger import Ledger
from services.feedback.query import Row
from services.identity import Identity
from services.looks import Look, Looks
from services.people.people import People
from services.store import Store
from services.tables import conversations
from services.turn import Turn

SERVICE = frozenset({"service-api", "service_api", ""})
"""Types of end users whose conversations the Service API has. Recordings 83_*; the document writes it with
an underscore."""
WEB = frozenset({"browser"})
Why = Literal["unnamed", "anonymous", "web", "stranger", "old", "deleted", "message"]


class Unreached(LookupError):
    """`why`: unnamed (Dify names nobody), anonymous (requests without an end user), web (made in Dify's own
    web app), stranger (not an end user of this app), old (this Dify explains no end users), deleted (the
    conversation), message (not in its conversation).
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Reached:
    look: Look
    turn: Turn
    """The question and the answer that were rated."""


class Reaching:
    """Every method raises StoreError."""

    def __init__(
        self, store: Store, ledger: Ledger, looks: Looks, directory: Directory, people: People
    ) -> None:
        self._store, self._ledger = store, ledger
        self._looks, self._directory, self._people = looks, directory, people

    def reach(self, identity: Identity, app: App, row: Row) -> Reached:
        """Look at the conversation of this rating; the look is written down.

        Raises Denied, Unreached, DifyError.
        """
        user, doubt = self._user(app, row)
        try:
            look = self._looks.open(identity, app, user, row.conversation_id)
        except NotTheirs:
            raise Unreached("deleted") from None
        except EndpointMissing:
            raise
        except NotFound:
            raise Unreached(doubt or "deleted") from None
        turn = self._turn(look.conversation, app, row.message_id)
        if turn is None:
            raise Unreached("message")
        return Reached(look, turn)

    def _user(self, app: App, row: Row) -> tuple[str, Why | None]:
        """Whose conversation it is; and why it may be out of reach all the same. Raises Unreached."""
        why, person = self._person(app, row)
        if person and person.type in SERVICE and person.user:
            return person.user, "anonymous" if person.is_anonymous else None
        if mine := self._asked_here(app, row.conversation_id):
            return mine, None
        if person and person.user and person.type not in WEB:
            return person.user, "web"
        raise Unreached(why)

    def _person(self, app: App, row: Row) -> tuple[Why, EndUser | None]:
        # Somebody of the app's team rates in the name of nobody; the end user may have rated it too.
        named = row.end_user_id or self._ledger.end_user_beside(app.slug, row.conversation_id)
        if not named:
            return "unnamed", None
        try:
            person = self._people.explained(app, named)
        except EndpointMissing:
            return "old", None
        except NotFound:
            return "stranger", None
        return "web" if person.type in WEB else "anonymous", person

    def _asked_here(self, app: App, conversation_id: str) -> str:
        """Whose it is, if it was asked through this site."""
        table = conversations.c
        which = (table.app == app.slug) & (table.conversation_id == conversation_id)
        with self._store.database.begin() as connection:
            return str(connection.execute(sa.select(table.user).where(which).limit(1)).scalar() or "")

    def _turn(self, place: Conversation, app: App, message_id: str) -> Turn | None:
        """That message, page after page back to the beginning. Raises DifyError."""
        self._directory.load(place, app)
        if place.trouble:
            raise DifyError(place.trouble.code, place.trouble.message, place.trouble.status)
        turns, before = place.turns(), place.older
        while True:
            found = next((turn for turn in turns if turn.message_id == message_id), None)
            if found or before is None:
                return found
            older, before = self._directory.older(place, app, before)
            turns = [turn for _, turn in older]
