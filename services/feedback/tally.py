"""How much was liked, day by day; counted in the database, from an index alone."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from services.database import Database
from services.feedback.tables import HOUR, feedback

DAY = 24
"""Hours."""


@dataclass(frozen=True, slots=True)
class Day:
    """`start` is in unix seconds of UTC midnight of that date."""

    start: float
    likes: int
    dislikes: int


@dataclass(frozen=True, slots=True)
class Tally:
    likes: int = 0
    dislikes: int = 0
    open: int = 0
    """Dislikes that nobody has handled."""
    days: tuple[Day, ...] = ()

    @property
    def like_rate(self) -> float | None:
        """From 0 to 1; None without a rating."""
        return self.likes / (self.likes + self.dislikes) if self.likes + self.dislikes else None


def tally(database: Database, app: str, since: float | None, hours: int) -> Tally:
    """By days that begin so many hours before those of UTC. Raises StoreError."""
    table = feedback.c
    which = table.app == app
    if since is not None:
        which &= table.hour >= int(since // HOUR)
    day = ((table.hour + hours) // DAY).label("day")
    unhandled = sa.case((table.handled_at == 0, 1), else_=0)
    query = sa.select(day, table.rating, sa.func.count(), sa.func.sum(unhandled)).where(which)
    with database.begin() as connection:
        counted = connection.execute(query.group_by(day, table.rating).order_by(day)).all()
    days: dict[int, dict[str, int]] = {}
    for number, rating, count, _ in counted:
        days.setdefault(int(number), {})[rating] = int(count)
    drawn = tuple(
        Day(float(number * DAY * HOUR), of.get("like", 0), of.get("dislike", 0))
        for number, of in days.items()
    )
    unsolved = sum(int(waiting) for _, rating, _, waiting in counted if rating == "dislike")
    return Tally(sum(d.likes for d in drawn), sum(d.dislikes for d in drawn), unsolved, drawn)
