"""How well the annotations of an app serve: from the answers that went through this site."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

import sqlalchemy as sa

from services.database import Database
from services.identity import Identity, Role
from services.store import conversations, turns


@dataclass(frozen=True, slots=True)
class Day:
    """Answers of one day, and how many of them an annotation gave."""

    day: date
    answers: int
    annotated: int


@dataclass(frozen=True, slots=True)
class Health:
    days: tuple[Day, ...]
    """Only those with answers, oldest first."""
    hits: Counter[str]
    """Answers by annotation id."""
    last_hit: dict[str, float]
    """Unix seconds by annotation id."""

    @property
    def answers(self) -> int:
        return sum(day.answers for day in self.days)

    @property
    def annotated(self) -> int:
        return sum(day.annotated for day in self.days)


def measured(database: Database, identity: Identity, app: str, since: float, zone: tzinfo = UTC) -> Health:
    """From `since` (Unix seconds), days as in `zone`. Raises Denied, StoreError."""
    identity.require(Role.CURATOR)
    annotation = turns.c.rest["annotation"]["id"].as_string().label("annotation")
    query = (
        sa.select(turns.c.asked_at, annotation)
        .join(conversations, turns.c.key == conversations.c.key)
        .where((conversations.c.app == app) & (turns.c.state == "complete") & (turns.c.asked_at >= since))
        .order_by(turns.c.asked_at)
    )
    answers: Counter[date] = Counter()
    annotated: Counter[date] = Counter()
    hits: Counter[str] = Counter()
    last: dict[str, float] = {}
    with database.begin() as connection:
        for asked_at, annotation_id in connection.execute(query):
            day = datetime.fromtimestamp(asked_at, zone).date()
            answers[day] += 1
            if annotation_id:
                annotated[day] += 1
                hits[annotation_id] += 1
                last[annotation_id] = asked_at
    days = tuple(Day(day, count, annotated[day]) for day, count in sorted(answers.items()))
    return Health(days, hits, last)
