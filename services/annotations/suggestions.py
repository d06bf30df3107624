"""What might become annotations: answers of this site that somebody disliked, with the words they gave."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from services.annotations.change import annotation_changes
from services.annotations.dismissals import dismissed_suggestions
from services.annotations.draft import annotation_drafts
from services.database import Database
from services.identity import Identity, Role
from services.store import conversations, ratings, turns

MOST = 50


@dataclass(frozen=True, slots=True)
class Suggestion:
    message_id: str
    question: str
    answer: str
    reason: str
    """What the person wrote; "" for nothing."""
    at: float
    """Unix seconds of the rating."""


def disliked(database: Database, identity: Identity, app: str) -> tuple[Suggestion, ...]:
    """Newest first, at most MOST, without those of which a draft or an annotation was made, and without
    what was dismissed, unless it was disliked anew since.

    Covers what was asked and rated through this site. Raises Denied, StoreError.
    """
    identity.require(Role.CURATOR)
    drafts, changes = annotation_drafts.c, annotation_changes.c
    drafted = sa.select(drafts.message_id).where(drafts.app == app)
    in_force = (changes.state == "done") & (changes.undone_by == "")
    made = sa.select(changes.message_id).where((changes.app == app) & in_force)
    message, dismissed = turns.c.message_id, dismissed_suggestions.c
    put_away = (dismissed.app == app) & (dismissed.message_id == message)
    query = (
        sa.select(message, turns.c.query, turns.c.answer, ratings.c.content, ratings.c.updated_at)
        .join(conversations, conversations.c.key == turns.c.key)
        .join(ratings, (ratings.c.message_id == message) & (ratings.c.user == conversations.c.user))
        .where((conversations.c.app == app) & (ratings.c.rating == "dislike") & (message != ""))
        .outerjoin(dismissed_suggestions, put_away & (dismissed.at >= ratings.c.updated_at))
        .where(message.not_in(drafted) & message.not_in(made) & dismissed.message_id.is_(None))
        .order_by(ratings.c.updated_at.desc())
        .limit(MOST)
    )
    with database.begin() as connection:
        return tuple(Suggestion(*row) for row in connection.execute(query))
