"""Sums over many measures. Four statements, three of which read an index alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from services.numbers.figures import Figures
from services.numbers.measure import measures
from services.store import ratings

Group = TypeVar("Group", bound=Hashable)
Places = Callable[..., Iterable[Group]]
"""The groups that a row counts for, by the values of its columns."""
SUMS = ("annotated", "prompt_tokens", "completion_tokens", "total_tokens")


def summed(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]],
    groups: Places[Group],
) -> dict[Group, Figures]:
    """Figures by group, of the measures that `which` selects; `columns` are what `groups` is told of each."""
    found: dict[Group, Figures] = defaultdict(Figures)
    _add(connection, which, columns, groups, found)
    _conversations(connection, which, columns, groups, found)
    _first_texts(connection, which, columns, groups, found)
    _ratings(connection, which, columns, groups, found)
    return dict(found)


def _add(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]],
    groups: Places[Group],
    found: dict[Group, Figures],
) -> None:
    table, wide = measures.c, len(columns)
    states = [sa.func.sum(sa.case((table.state == state, 1), else_=0)) for state in ("complete", "stopped")]
    sums = [sa.func.coalesce(sa.func.sum(table[name]), 0) for name in SUMS]
    query = sa.select(
        *columns, table.currency, sa.func.count(), *states, *sums, sa.func.count(table.price),
        sa.func.sum(table.price),
    )  # fmt: skip
    for row in connection.execute(query.where(which).group_by(*columns, table.currency)):
        currency, questions, answers, stopped, *more, priced, price = row[wide:]
        for group in groups(*row[:wide]):
            figures = found[group]
            figures.questions += questions
            figures.answers += int(answers)
            figures.stopped += int(stopped)
            figures.failed += questions - int(answers) - int(stopped)
            for name, value in zip(SUMS, more, strict=True):
                setattr(figures, name, getattr(figures, name) + int(value))
            if priced:
                figures.prices[currency] += int(price)


def _conversations(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]],
    groups: Places[Group],
    found: dict[Group, Figures],
) -> None:
    places: dict[Group, set[str]] = defaultdict(set)
    for *known, place in connection.execute(sa.select(*columns, measures.c.place).where(which).distinct()):
        for group in groups(*known):
            places[group].add(place)
    for group, each in places.items():
        found[group].conversations = len(each)


def _first_texts(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]],
    groups: Places[Group],
    found: dict[Group, Figures],
) -> None:
    import numpy as np  # where it is needed: it is a fifth of the start

    table, times = measures.c, defaultdict[Group, list[int]](list)
    # As one text for each group: a row for each question takes three times as long.
    joined = sa.func.aggregate_strings(sa.cast(table.first_ms, sa.String), ",")
    query = sa.select(*columns, joined).where(which & table.first_ms.is_not(None)).group_by(*columns)
    for *known, milliseconds in connection.execute(query):
        each = list(map(int, milliseconds.split(",")))
        for group in groups(*known):
            times[group] += each
    for group, each in times.items():
        median, p95 = np.percentile(each, (50, 95)) / 1000
        found[group].first_median, found[group].first_p95 = float(median), float(p95)


def _ratings(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    columns: Sequence[sa.ColumnElement[Any]],
    groups: Places[Group],
    found: dict[Group, Figures],
) -> None:
    """As they are now: a rating that was changed or taken back changes the day of its answer."""
    rated = (ratings.c.message_id == measures.c.message_id) & (ratings.c.user == measures.c.user)
    query = sa.select(*columns, ratings.c.rating, sa.func.count()).select_from(measures).join(ratings, rated)
    query = query.where(which).group_by(*columns, ratings.c.rating)
    for *known, rating, count in connection.execute(query):
        for group in groups(*known):
            if rating == "like":
                found[group].likes += count
            else:
                found[group].dislikes += count
