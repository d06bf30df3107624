"""Where misses come from: what was asked through this site and not answered, and what was disliked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from services.annotations.comparing import meaning
from services.database import Database
from services.feedback.tables import feedback
from services.gaps.miss import Miss, Why
from services.gaps.phrases import HEARD, Listener, Phrases
from services.numbers.measure import measures
from services.search import seen
from services.store import ratings, turns

MOST = 50_000
"""Questions of a period that are looked at, the newest ones."""
AT_ONCE = 80
"""Characters of an answer within which a stop says that it was no good."""
LONGEST = 2_000
"""Characters of a question."""
Apps = Collection[str] | None
"""Slugs; None for all."""


def unanswered(database: Database, since: float, until: float, apps: Apps) -> Iterator[Miss]:
    """Questions of a time (Unix seconds) whose answer failed, broke off, was empty, was stopped at once or
    says that it does not know; not those that were answered when they were asked again. Raises StoreError.
    """
    row = measures.c
    answer = sa.func.substr(turns.c.answer, 1, HEARD).label("answer")
    question = sa.func.substr(turns.c.query, 1, LONGEST).label("question")
    query = (
        sa.select(
            row.turn_id,
            row.place,
            row.app,
            row.at,
            row.state,
            row.annotated,
            row.message_id,
            question,
            answer,
        )
        .join(turns, turns.c.id == row.turn_id)
        .where((row.at >= since) & (row.at < until) & _of(apps))
        .order_by(row.at.desc())
        .limit(MOST)
    )
    with database.begin() as connection:
        found = connection.execute(query).all()
    listeners = {slug: Phrases(database).listener(slug) for slug in {each.app for each in found}}
    missed = [(each, _why(each, listeners[each.app])) for each in found]
    answered = {(each.place, meaning(each.question)) for each, why in missed if why is None}
    for each, why in missed:
        # Whoever is told that the app does not know has been answered, so another try settles nothing.
        if why and (why == "unknown" or (each.place, meaning(each.question)) not in answered):
            yield Miss(each.question, why, each.app, each.message_id or each.turn_id, float(each.at))


def disliked(database: Database, since: float, until: float, apps: Apps) -> Iterator[Miss]:
    """Answers that were disliked here in that time. Raises StoreError."""
    table, row = ratings.c, measures.c
    query = (
        sa.select(
            sa.func.substr(turns.c.query, 1, LONGEST),
            row.app,
            row.message_id,
            table.updated_at,
            table.content,
        )
        .select_from(ratings)
        .join(measures, (row.message_id == table.message_id) & (row.user == table.user))
        .join(turns, turns.c.id == row.turn_id)
        .where((table.rating == "dislike") & (row.message_id != "") & _of(apps))
        .where((table.updated_at >= since) & (table.updated_at < until))
    )
    with database.begin() as connection:
        found = connection.execute(query).all()
    for question, app, message_id, at, reason in found:
        yield Miss(question, "dislike", app, message_id, at, reason)


def rated(database: Database, since: float, until: float, apps: Apps) -> Iterator[Miss]:
    """Answers that were disliked anywhere, as Dify tells of them, where this site has seen the question.

    Raises StoreError.
    """
    table, known = feedback.c, seen.c
    mine = sa.true() if apps is None else table.app.in_(apps)
    query = (
        sa.select(
            sa.func.substr(known.query, 1, LONGEST),
            table.app,
            table.message_id,
            table.created_at,
            table.content,
        )
        .select_from(feedback)
        .join(seen, (known.app == table.app) & (known.message_id == table.message_id))
        .where((table.rating == "dislike") & mine)
        .where((table.created_at >= since) & (table.created_at < until))
        .order_by(table.created_at.desc())
        .limit(MOST)
    )
    with database.begin() as connection:
        found = connection.execute(query).all()
    for question, app, message_id, at, reason in found:
        yield Miss(question, "dislike", app, message_id, at, reason)


def _why(row: Any, listener: Listener) -> Why | None:
    if row.state in {"failed", "incomplete"}:
        known: Why = "failed" if row.state == "failed" else "incomplete"
        return known
    if row.state == "stopped":
        return "stopped" if len(row.answer) < AT_ONCE else None
    if not row.answer.strip():
        return "empty"
    return "unknown" if not row.annotated and listener.hears(row.answer) else None


def _of(apps: Apps) -> sa.ColumnElement[bool]:
    return sa.true() if apps is None else measures.c.app.in_(apps)
