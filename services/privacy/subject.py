"""A person whose data is asked for: which rows of the database are theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from services.audit import ADDRESS
from services.audit import table as audit
from services.database import metadata
from services.looks import grants
from services.people.table import people
from services.privacy.holdings import ACCOUNT, WORKED, Holding, whose
from services.search import seen, unindex
from services.tables import conversations
from services.word_index import INDEXES

BATCH = 500
"""Rows at a time of what has to be read before it can go."""


@dataclass(frozen=True, slots=True)
class Subject:
    user: str
    """The external id at Dify."""
    account: str = ""
    """The name of an account of this site, where it goes as well."""
    end_users: tuple[str, ...] = ()
    """Dify's own ids of this person."""
    called: tuple[str, ...] = ()
    """What this site has shown them as; others may be called the same."""

    @property
    def users(self) -> tuple[str, ...]:
        """A curator's test questions are asked by an end user of their own (services/annotations)."""
        return self.user, f"{self.user}-test"

    @property
    def names(self) -> frozenset[str]:
        """By which nobody else is known."""
        return frozenset({*self.users, *self.end_users, self.account} - {""})


def known(connection: sa.Connection, subject: Subject) -> Subject:
    """With Dify's ids of this person, and what they are called, as far as this site knows."""
    theirs = people.c.user.in_(subject.users)
    rows = connection.execute(sa.select(people.c.end_user_id, people.c.name).where(theirs)).all()
    signed = sa.select(audit.c.name).where(audit.c.user.in_(subject.users)).distinct()
    given = sa.select(grants.c.name).where(grants.c.user.in_(subject.users))
    called = {row.name for row in rows}
    for query in (signed, given):
        called |= set(connection.execute(query).scalars())
    ids = {*subject.end_users, *(row.end_user_id for row in rows)}
    return replace(subject, end_users=tuple(ids - {None, ""}), called=tuple(called - {None, ""}))


def counted(connection: sa.Connection, subject: Subject) -> dict[str, int]:
    """How many rows there are of each kind, those with none left out."""
    counts: dict[str, int] = {}
    for each in whose():
        query = sa.select(sa.func.count()).select_from(each.table).where(_theirs(each, subject))
        counts[each.kind] = counts.get(each.kind, 0) + (connection.execute(query).scalar() or 0)
    for name, column in ACCOUNT.items() if subject.account else ():
        account = metadata.tables[name]
        query = sa.select(sa.func.count()).where(account.c[column] == subject.account)
        counts["account"] = counts.get("account", 0) + (connection.execute(query).scalar() or 0)
    for table, columns in _worked():
        query = sa.select(sa.func.count()).select_from(table).where(_named(table, columns, subject))
        counts["worked"] = counts.get("worked", 0) + (connection.execute(query).scalar() or 0)
    return {kind: count for kind, count in counts.items() if count}


def erase(connection: sa.Connection, subject: Subject, instead: str) -> None:
    """All rows of theirs go; where they are named as who did some work, `instead` stands."""
    _unindex(connection, subject)
    for each in whose():
        connection.execute(sa.delete(each.table).where(_theirs(each, subject)))
    if subject.account:
        for name, column in ACCOUNT.items():
            account = metadata.tables[name]
            connection.execute(sa.delete(account).where(account.c[column] == subject.account))
    _untell(connection, subject, instead)
    for table, columns in _worked():
        for column, shown in columns.items():
            those = sa.update(table).where(table.c[column].in_(subject.names))
            connection.execute(those.values({column: instead, **({shown: ""} if shown else {})}))
    by = sa.update(grants).where(grants.c.by.in_(subject.called))
    connection.execute(by.values(by=instead))
    INDEXES[connection.dialect.name].forget(connection)


def _theirs(holding: Holding, subject: Subject) -> sa.ColumnElement[bool]:
    table = holding.table
    keys = sa.select(conversations.c.key).where(conversations.c.user.in_(subject.users))
    ids = sa.select(conversations.c.conversation_id).where(conversations.c.user.in_(subject.users))
    either: list[sa.ColumnElement[bool]] = [sa.false()]
    if holding.user:
        either.append(table.c[holding.user].in_(subject.users))
    if holding.end_user:
        either.append(table.c[holding.end_user].in_(subject.end_users))
    if holding.key:
        either.append(table.c[holding.key].in_(keys))
    if holding.conversation:
        either.append(table.c[holding.conversation].in_(ids.where(conversations.c.conversation_id != "")))
    column, parent = holding.of
    if parent:
        above = next(each for each in whose() if each.name == parent)
        either.append(table.c[column].in_(sa.select(above.table.c.id).where(_theirs(above, subject))))
    return sa.or_(*either)


def _named(table: sa.Table, columns: Iterable[str], subject: Subject) -> sa.ColumnElement[bool]:
    return sa.or_(*(table.c[column].in_(subject.names) for column in columns))


def _worked() -> list[tuple[sa.Table, Mapping[str, str]]]:
    return [(metadata.tables[name], columns) for name, columns in WORKED.items() if name in metadata.tables]


def _unindex(connection: sa.Connection, subject: Subject) -> None:
    """The index must be told the very words that it was given."""
    mine, last = seen.c.user.in_(subject.users), 0
    while rows := (
        connection.execute(sa.select(seen).where(mine & (seen.c.id > last)).order_by(seen.c.id).limit(BATCH))
        .mappings()
        .all()
    ):
        for row in rows:
            unindex(connection, row)
        last = rows[-1]["id"]


def _untell(connection: sa.Connection, subject: Subject, instead: str) -> None:
    """Details of the audit trail name people as well."""
    last = 0
    query = sa.select(audit).order_by(audit.c.id).limit(BATCH)
    while rows := connection.execute(query.where(audit.c.id > last)).all():
        for row in rows:
            told = {row.user, row.about, *(held for held in row.details.values() if isinstance(held, str))}
            if told & subject.names:
                names = {*subject.names, *subject.called}
                own = row.user in subject.names and row.about in names  # what they did about themselves
                values = {
                    "details": _without(row.details, names, instead),
                    "about": instead if own else row.about,
                }
                connection.execute(sa.update(audit).where(audit.c.id == row.id).values(values))
        last = rows[-1].id


def _without(details: Mapping[str, Any], names: Collection[str], instead: str) -> dict[str, Any]:
    return {
        key: instead if key == ADDRESS or (isinstance(held, str) and held in names) else held
        for key, held in details.items()
    }
