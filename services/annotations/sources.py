"""Which conversation an annotation was made in: only those of the person who asks are told."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from services.annotations.change import annotation_changes
from services.database import Database
from services.identity import Identity, Role
from services.store import conversations, turns


def conversations_of(
    database: Database, identity: Identity, app: str, row_ids: Sequence[str]
) -> dict[str, str]:
    """Conversation id by annotation id, of these annotations. Raises Denied, StoreError."""
    identity.require(Role.CURATOR)
    made, known = annotation_changes.alias("made"), annotation_changes.alias("known")
    mine = (conversations.c.app == app) & (conversations.c.user == identity.user)
    query = (
        sa.select(known.c.annotation_id, conversations.c.conversation_id)
        .join(made, (made.c.origin == known.c.origin) & (made.c.app == known.c.app))
        .join(turns, turns.c.message_id == made.c.message_id)
        .join(conversations, turns.c.key == conversations.c.key)
        .where((made.c.app == app) & (made.c.message_id != "") & (made.c.state == "done") & mine)
        .where((known.c.state == "done") & conversations.c.conversation_id.is_not(None))
        .where((known.c.app == app) & known.c.annotation_id.in_(row_ids))
    )
    with database.begin() as connection:
        return {row.annotation_id: row.conversation_id for row in connection.execute(query)}
