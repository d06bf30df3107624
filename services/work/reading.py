"""Case files as they are read: some by their place, a page of the list, the tags there are."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import sqlalchemy as sa

from services.identity import Identity
from services.passages import MOST_WORDS, folded
from services.store import Store
from services.variable_log import Place
from services.work import tags
from services.work.case import NOBODY, Case, Filters
from services.work.reach import Reach
from services.work.tables import case_notes, case_tags, cases

CHUNK = 300
"""Ids in one statement."""
PAGE = 60
DAY = 86_400.0
Clause: TypeAlias = sa.ColumnElement[bool]


class After(NamedTuple):
    """The last row of a page: the next one begins behind it."""

    changed_at: float
    user: str
    conversation_id: str


class CaseList:
    """Every method raises Denied, and StoreError where the database cannot be read."""

    def __init__(self, store: Store, reach: Reach) -> None:
        self._store, self._reach = store, reach

    def page(
        self, identity: Identity, app: str, filters: Filters, after: After | None = None, limit: int = PAGE
    ) -> list[Case]:
        """The latest changed first: all that this person may work on, or their own alone."""
        self._reach.require(identity, identity.user)
        everybody = self._reach.everybody(identity)
        mine = [] if everybody else [cases.c.user == identity.user]
        readable = readable_by(identity, everybody=everybody)
        query = sa.select(cases).where(cases.c.app == app, *mine, *_matching(identity, filters, readable))
        place = sa.tuple_(cases.c.changed_at, cases.c.user, cases.c.conversation_id)
        if after:
            query = query.where(place < sa.tuple_(*map(sa.literal, after)))
        columns = (cases.c.changed_at, cases.c.user, cases.c.conversation_id)
        query = query.order_by(*(column.desc() for column in columns)).limit(limit)
        with self._store.database.begin() as connection:
            rows = connection.execute(query).mappings().all()
            return _whole(connection, app, rows, readable)

    def known(self, identity: Identity, app: str, ids: Sequence[str]) -> set[str]:
        """Those of this person's own conversations of which a file is kept."""
        mine = (cases.c.app == app) & (cases.c.user == identity.user)
        with self._store.database.begin() as connection:
            query = sa.select(cases.c.conversation_id).where(mine & cases.c.conversation_id.in_(ids))
            return set(connection.execute(query).scalars())

    def tags(self, identity: Identity, app: str, most: int = 200) -> list[str]:
        """Those in use, the most used first; as they are mostly written."""
        self._reach.require(identity, identity.user)
        table, count = case_tags.c, sa.func.count()
        query = sa.select(sa.func.min(table.tag)).where(table.app == app)
        if not self._reach.everybody(identity):
            query = query.where(table.user == identity.user)
        query = query.group_by(table.folded).order_by(count.desc(), table.folded).limit(most)
        with self._store.database.begin() as connection:
            return list(connection.execute(query).scalars())


def _matching(identity: Identity, filters: Filters, readable: Sequence[Clause]) -> list[Clause]:
    c, found = cases.c, list[Clause]()
    if filters.status:
        found.append(c.status != "done" if filters.status == "open" else c.status == filters.status)
    match filters.assignee:
        case "":
            pass
        case "nobody":
            found.append(c.assignee == NOBODY)
        case "me":
            found.append(c.assignee == identity.user)
        case other:
            found.append(c.assignee == other.removeprefix("user:"))
    if filters.tag:
        found.append(sa.exists().where(_same(case_tags), case_tags.c.folded == tags.fold(filters.tag)))
    if filters.days:
        found.append(c.changed_at >= time.time() - filters.days * DAY)
    for word in filters.text.split()[:MOST_WORDS]:
        noted = case_notes.c.folded.contains(folded(word), autoescape=True)
        inside = sa.exists().where(_same(case_notes), noted, *readable)
        found.append(c.folded.contains(folded(word), autoescape=True) | inside)
    return found


def _whole(
    connection: sa.Connection, app: str, rows: Sequence[Any], readable: Sequence[Clause]
) -> list[Case]:
    """Rows of `cases` with their tags and the count of their notes."""
    places = [Place(app, row["user"], row["conversation_id"]) for row in rows]
    tagged = _tags(connection, app, places)
    c, counts = case_notes.c, dict[Place, int]()
    for some in _chunks(places):
        query = sa.select(c.user, c.conversation_id, sa.func.count())
        query = query.where(c.app == app, c.conversation_id.in_(some), *readable)
        for user, conversation_id, count in connection.execute(query.group_by(c.user, c.conversation_id)):
            counts[Place(app, user, conversation_id)] = count
    return [
        _case(place, row, tagged[place], counts.get(place, 0))
        for place, row in zip(places, rows, strict=True)
    ]


def readable_by(identity: Identity, *, everybody: bool) -> list[Clause]:
    """Notes that somebody may read: what colleagues write about the conversations of somebody who is not let
    look at those of others is not for them, since they are its end user.
    """
    there: list[Clause] = [case_notes.c.deleted_at.is_(None)]
    return there if everybody else [*there, case_notes.c.author == identity.user]


def of_places(connection: sa.Connection, places: Sequence[Place], *, lock: bool = False) -> dict[Place, Case]:
    """Those of which a file is kept, without the count of their notes; all are of one app."""
    if not places:
        return {}
    app, wanted = places[0].app, set(places)
    tagged, found = _tags(connection, app, places), dict[Place, Case]()
    for some in _chunks(places):
        query = sa.select(cases).where(cases.c.app == app, cases.c.conversation_id.in_(some))
        for row in connection.execute(query.with_for_update() if lock else query).mappings():
            place = Place(app, row["user"], row["conversation_id"])
            if place in wanted:
                found[place] = _case(place, row, tagged[place])
    return found


def recent(case: Case, filters: Filters) -> bool:
    """Whether it has changed within the days asked for."""
    return not filters.days or case.changed_at >= time.time() - filters.days * DAY


def plain(case: Case) -> tuple[str, str, tuple[str, ...]]:
    """What a change can change."""
    return case.status, case.assignee, case.tags


def _case(place: Place, row: Any, tagged: Iterable[str], notes: int = 0) -> Case:
    kept = tuple(sorted(tagged, key=tags.fold))
    return Case(place, row["title"], row["status"], row["assignee"], kept, row["changed_at"], notes)


def _tags(connection: sa.Connection, app: str, places: Sequence[Place]) -> defaultdict[Place, list[str]]:
    c, found = case_tags.c, defaultdict[Place, list[str]](list)
    for some in _chunks(places):
        query = sa.select(c.user, c.conversation_id, c.tag).where(c.app == app, c.conversation_id.in_(some))
        for user, conversation_id, tag in connection.execute(query):
            found[Place(app, user, conversation_id)].append(tag)
    return found


def _chunks(places: Sequence[Place]) -> Iterable[list[str]]:
    ids = list(dict.fromkeys(place.conversation_id for place in places))
    return (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK))


def _same(table: sa.Table) -> sa.ColumnElement[bool]:
    """Of the same conversation as the row of `cases`."""
    c = table.c
    return (c.app == cases.c.app) & (c.user == cases.c.user) & (c.conversation_id == cases.c.conversation_id)
