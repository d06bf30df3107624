"""The numbers of the apps that somebody may use: in sum, by day, app and person, and each question."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.identity import Identity, Role
from services.numbers.counting import Counting
from services.numbers.figures import Figures, Report
from services.numbers.measure import measures
from services.numbers.period import Period
from services.numbers.summing import summed
from services.store import Store, ratings

PAGE = 2_000
"""Questions read together."""
Apps = Collection[str] | None
"""Slugs; None for all that this site has ever had."""


class Numbers:
    """Every method that reads needs the role curator, and raises Denied and StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.counting = Counting(store)

    def start(self, ending: threading.Event) -> None:
        """Count what was there before."""
        threading.Thread(target=self.counting.run, args=(ending,), name="count", daemon=True).start()

    def report(self, identity: Identity, period: Period, apps: Apps) -> Report:
        identity.require(Role.CURATOR)
        day = period.day_of(measures.c.at)

        def groups(number: int, app: str) -> tuple[date | str | None, ...]:
            return None, Period.date_of(number), app

        with self._store.database.begin() as connection:
            found = summed(connection, _which(period, apps), (day, measures.c.app), groups)
        slugs = sorted((s for s in found if isinstance(s, str)), key=lambda s: (-found[s].questions, s))
        return Report(
            found.get(None, Figures()),
            {each: found.get(each, Figures()) for each in period.days},
            {slug: found[slug] for slug in slugs},
        )

    def people(self, identity: Identity, period: Period, apps: Apps) -> dict[str, Figures]:
        """By end user, most questions first."""
        identity.require(Role.CURATOR)
        with self._store.database.begin() as connection:
            found = summed(connection, _which(period, apps), (measures.c.user,), lambda user: (user,))
        return dict(sorted(found.items(), key=lambda each: (-each[1].questions, each[0])))

    def since(self, identity: Identity, apps: Apps) -> float | None:
        """Unix seconds of the first question; None where nothing was asked."""
        identity.require(Role.CURATOR)
        query = sa.select(sa.func.min(measures.c.at)).where(_of(apps))
        with self._store.database.begin() as connection:
            return connection.execute(query).scalar()

    def questions(self, identity: Identity, period: Period, apps: Apps) -> Iterator[dict[str, Any]]:
        """Each question as it was measured, with its rating; oldest first, read as it is taken."""
        identity.require(Role.CURATOR)
        return self._questions(_which(period, apps))

    def _questions(self, which: sa.ColumnElement[bool]) -> Iterator[dict[str, Any]]:
        table = measures.c
        rated = (ratings.c.message_id == table.message_id) & (ratings.c.user == table.user)
        query = sa.select(measures, ratings.c.rating).outerjoin(ratings, rated).where(which)
        query = query.order_by(table.at, table.turn_id).limit(PAGE)
        last: tuple[int, str] | None = None
        while True:
            after = sa.tuple_(table.at, table.turn_id) > last if last else sa.true()
            with self._store.database.begin() as connection:
                rows = connection.execute(query.where(after)).mappings().all()
            yield from map(dict, rows)
            if len(rows) < PAGE:
                return
            last = rows[-1]["at"], rows[-1]["turn_id"]


def _which(period: Period, apps: Apps) -> sa.ColumnElement[bool]:
    return (measures.c.at >= period.since) & (measures.c.at < period.until) & _of(apps)


def _of(apps: Apps) -> sa.ColumnElement[bool]:
    return sa.true() if apps is None else measures.c.app.in_(apps)
