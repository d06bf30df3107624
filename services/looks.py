"""Looks at other end users' conversations: for reading alone, by those who may, each written down first.

A look has a key of its own, good for who looks and only in routes that read: a route that changes something
asks the Directory, which knows no such key.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from services.apps import App
from services.audit import Audit
from services.conversations import Conversation
from services.database import Database, metadata
from services.dify import records
from services.directory import Directory, NotTheirs
from services.identity import Denied, Departures, Identity, Role
from services.lately import Lately

PAGE = 100
"""Conversations in one piece; more Dify does not give."""
ONE_LOOK = 600.0
"""Seconds for which going back to the same conversation is the same look."""
MOST = 200
"""Looks in memory."""
LISTED = 1_000
"""Looks at lists of which that is remembered."""
grants = sa.Table(
    "grants",
    metadata,
    sa.Column("user", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("by", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """An agent who may look; `by` names the admin."""

    user: str
    name: str
    by: str
    at: float


@dataclass(slots=True)
class Look:
    key: str
    identity: Identity
    app: str
    conversation: Conversation
    """As its owner has it here: a running answer is seen running."""
    at: float = field(default_factory=time.monotonic)


class Looks:
    """Safe to use from any thread."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        audit: Audit,
        departures: Departures,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._directory, self._audit = database, directory, audit
        self._departures, self._clock = departures, clock
        self._lock = threading.Lock()
        self._looks: dict[str, Look] = {}
        self._listed: Lately[tuple[str, str, str], float] = Lately(LISTED)
        self._granted: frozenset[str] | None = None

    def allowed(self, identity: Identity) -> bool:
        """Whether this person may look at all. Raises StoreError."""
        if identity.role >= Role.CURATOR:
            return True
        return identity.role >= Role.AGENT and identity.user in self._users()

    def conversations(
        self, identity: Identity, app: App, user: str, after: str | None = None
    ) -> records.Page[records.Conversation]:
        """Those of an end user, newest first, after the id `after`; `user` is Dify's external user id.

        Raises Denied, DifyError, StoreError.
        """
        self._require(identity)
        seen = (identity.user, app.slug, user)
        at = self._listed.get(seen)
        if at is None or time.monotonic() - at >= ONE_LOOK:
            self._audit.record(identity, "look.list", app=app.slug, about=user)
            self._listed.put(seen, time.monotonic())
        return app.client.conversations.list(user, last_id=after, limit=PAGE)

    def open(self, identity: Identity, app: App, user: str, conversation_id: str) -> Look:
        """Look at a conversation of an end user; it is written down before anything is read.

        Raises Denied, NotTheirs where Dify has no such conversation of theirs, DifyError, StoreError.
        """
        self._require(identity)
        if not (user and conversation_id):
            raise NotTheirs
        with self._lock:
            if found := self._known(identity, app.slug, user, conversation_id):
                return found
        self._audit.record(identity, "look.conversation", app=app.slug, about=conversation_id, user=user)
        app.client.messages.list(conversation_id, user, limit=1)
        place = self._directory.glimpse(app, user, conversation_id)
        look = Look(secrets.token_hex(12), identity, app.slug, place)
        with self._lock:
            self._looks[look.key] = look
            for old in list(self._looks)[:-MOST]:
                del self._looks[old]
        return look

    def of(self, identity: Identity, key: str) -> Conversation:
        """The conversation of a look's key, for a route that reads. Raises NotTheirs."""
        with self._lock:
            look = self._looks.get(key)
        if look is None or look.identity != identity:
            raise NotTheirs
        return look.conversation

    def holds(self, identity: Identity, key: str) -> bool:
        """Whether that look still is: asked by an open stream again and again."""
        look = self._looks.get(key)
        return look is not None and look.identity == identity

    def grants(self, identity: Identity) -> list[Grant]:
        """Agents who may look. Raises Denied, StoreError."""
        identity.require(Role.ADMIN)
        with self._database.begin() as connection:
            rows = connection.execute(sa.select(grants).order_by(grants.c.at)).all()
        return [Grant(row.user, row.name, row.by, row.at) for row in rows]

    def grant(self, identity: Identity, user: str, name: str) -> None:
        """Let the agent of this `user` (Identity.user) look. Raises Denied, StoreError."""
        identity.require(Role.ADMIN)
        self._audit.record(identity, "look.granted", about=user, name_given=name)
        row = {"name": name, "by": identity.name or identity.user, "at": self._clock()}
        statement = self._database.insert(grants).values(user=user, **row)
        with self._database.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["user"], set_=row))
        self._granted = None

    def revoke(self, identity: Identity, user: str) -> None:
        """Take it back; what that person looks at closes. Raises Denied, StoreError."""
        identity.require(Role.ADMIN)
        self._audit.record(identity, "look.revoked", about=user)
        with self._database.begin() as connection:
            connection.execute(sa.delete(grants).where(grants.c.user == user))
        self._granted = None
        self._close(lambda look: look.identity.user == user)

    def forget(self, user: str) -> None:
        """Close every look at this end user's conversations."""
        self._close(lambda look: look.conversation.user == user)

    def _close(self, which: Callable[[Look], bool]) -> None:
        with self._lock:
            self._looks = {key: look for key, look in self._looks.items() if not which(look)}
        self._departures.ring()

    def _require(self, identity: Identity) -> None:
        if not self.allowed(identity):
            raise Denied("needs the right to look at other people's conversations")

    def _known(self, identity: Identity, app: str, user: str, conversation_id: str) -> Look | None:
        for look in self._looks.values():
            place = look.conversation
            same = (look.app, place.user, place.conversation_id) == (app, user, conversation_id)
            if same and look.identity == identity and time.monotonic() - look.at < ONE_LOOK:
                return look
        return None

    def _users(self) -> frozenset[str]:
        known = self._granted
        if known is None:
            with self._database.begin() as connection:
                known = frozenset(connection.execute(sa.select(grants.c.user)).scalars())
            self._granted = known
        return known
