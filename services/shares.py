"""Read-only links to chosen turns: a copy of what was shared, as it then was, under a name nobody can guess.

A link opens that copy and nothing else: no key, no address of files, nothing that leads to the person or to
the rest of the conversation. It ends at its time, when it is taken back, or with the conversation.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from services import saved
from services.apps import App
from services.audit import Audit
from services.database import metadata
from services.identity import Identity, Role
from services.store import Store
from services.turn import Turn

DAY = 24 * 3600.0
LIFETIMES = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY}
"""Seconds."""
MOST = 200
"""Turns in one link."""

shares = sa.Table(
    "shares",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False, index=True),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("turns", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Share:
    token: str
    conversation_id: str
    title: str
    created_at: float
    expires_at: float
    turns: tuple[Turn, ...] = ()
    """Only in what `opened` gives."""


class Shares:
    """Every method raises StoreError where the database cannot be read or written."""

    def __init__(self, store: Store) -> None:
        self._store, self._audit = store, Audit(store.database)

    def make(
        self,
        identity: Identity,
        app: App,
        conversation_id: str,
        title: str,
        chosen: Sequence[Turn],
        lifetime: float,
    ) -> Share:
        """`lifetime` in seconds. Raises Denied, ValueError where nothing or too much was chosen."""
        identity.require(Role.AGENT)
        if not 0 < len(chosen) <= MOST:
            raise ValueError(f"1 to {MOST} turns")
        now = time.time()
        share = Share(secrets.token_urlsafe(24), conversation_id, title, now, now + lifetime)
        row = {
            "token": share.token,
            "app": app.slug,
            "user": identity.user,
            "conversation_id": conversation_id,
            "title": title,
            "turns": [saved.to_row(_public(turn)) for turn in chosen],
            "created_at": share.created_at,
            "expires_at": share.expires_at,
        }
        told = {"messages": len(chosen), "days": round(lifetime / DAY)}
        self._audit.record(identity, "share.made", app=app.slug, about=conversation_id, **told)
        with self._store.database.begin() as connection:
            connection.execute(sa.delete(shares).where(shares.c.expires_at < now))
            connection.execute(sa.insert(shares).values(row))
        return share

    def opened(self, token: str) -> Share | None:
        """What a link shows; None for one that never was, has ended or was taken back."""
        it = (shares.c.token == token) & (shares.c.expires_at > time.time())
        with self._store.database.begin() as connection:
            row = connection.execute(sa.select(shares).where(it)).mappings().first()
        return _share(row, tuple(map(saved.from_row, row["turns"]))) if row else None

    def of(self, identity: Identity, app: App) -> list[Share]:
        """The person's own links that still work, newest first."""
        identity.require(Role.VIEWER)
        table = shares.c
        mine = (table.app == app.slug) & (table.user == identity.user) & (table.expires_at > time.time())
        columns = [column for column in table if column is not table.turns]
        query = sa.select(*columns).where(mine).order_by(table.created_at.desc())
        with self._store.database.begin() as connection:
            return [_share(row) for row in connection.execute(query).mappings()]

    def revoke(self, identity: Identity, token: str) -> bool:
        """Whether there was such a link of this person."""
        identity.require(Role.VIEWER)
        it = (shares.c.token == token) & (shares.c.user == identity.user)
        with self._store.database.begin() as connection:
            statement = sa.delete(shares).where(it).returning(shares.c.app, shares.c.conversation_id)
            gone = connection.execute(statement).first()
        if gone:
            self._audit.note(identity, "share.revoked", app=gone.app, about=gone.conversation_id)
        return gone is not None


def _share(row: Any, turns: tuple[Turn, ...] = ()) -> Share:
    known = (row["token"], row["conversation_id"], row["title"], row["created_at"], row["expires_at"])
    return Share(*known, turns)


def _public(turn: Turn) -> Turn:
    """What others may see: the question, the answer and its sources; no inputs, ids, addresses or ratings."""
    return Turn(
        turn.query,
        state=turn.state,
        text=turn.text,
        replaced=turn.replaced,
        attachments=tuple(replace(f, id="", url="", upload_file_id="") for f in turn.attachments),
        files=tuple(replace(f, id="", url="", upload_file_id="") for f in turn.files),
        citations=tuple(replace(c, document_id="", dataset_id="", segment_id="") for c in turn.citations),
        asked_at=turn.asked_at,
        answered_at=turn.answered_at,
    )
