"""What is kept of imports: each file's rows as they were read, what is meant to become of them, what did.

A row is written as "sending" before it is sent and as "done" after, so that whoever goes on after a kill
knows the one row whose fate is open. Methods raise StoreError where the database fails.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from services.annotations.imported import Import, ImportRow, import_rows, imports
from services.database import Database

AT_ONCE = 200
"""Rows that are written or read in one piece."""


class Ledger:
    def __init__(self, app: str, database: Database) -> None:
        self._app, self._database = app, database

    def begin(self, user: str, name: str) -> Import:
        """A new import, whose rows are still being read."""
        made = Import(uuid.uuid4().hex, self._app, user, name[:255], time.time(), "reading")
        with self._database.begin() as connection:
            connection.execute(sa.insert(imports).values(asdict(made)))
        return made

    def write(self, rows: Iterable[ImportRow]) -> None:
        """Add rows, or put them in the place of those with their numbers."""
        values = [asdict(row) for row in rows]
        if not values:
            return
        statement, keys = self._database.insert(import_rows), ["import_id", "number"]
        others = {name: statement.excluded[name] for name in values[0] if name not in keys}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
        with self._database.begin() as connection:
            connection.execute(statement, values)

    def change(self, import_id: str, **values: Any) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.update(imports).where(imports.c.id == import_id).values(values))

    def change_row(self, row: ImportRow, **values: Any) -> None:
        table = import_rows.c
        this = (table.import_id == row.import_id) & (table.number == row.number)
        with self._database.begin() as connection:
            connection.execute(sa.update(import_rows).where(this).values(values))

    def decide(self, import_id: str, choices: Mapping[str, str]) -> None:
        """What becomes of the rows that nothing was done with yet, by their kind."""
        table = import_rows.c
        open_ = table.state.in_(("waiting", "skipped"))
        with self._database.begin() as connection:
            for kind, action in choices.items():
                these = (table.import_id == import_id) & (table.kind == kind) & open_
                values = {"action": action, "state": "skipped" if action == "skip" else "waiting"}
                connection.execute(sa.update(import_rows).where(these).values(values))

    def one(self, import_id: str) -> Import | None:
        found = self._imports(imports.c.id == import_id)
        return found[0] if found else None

    def newest(self, limit: int = 20) -> list[Import]:
        return self._imports(imports.c.state != "reading", limit)

    def running(self) -> list[Import]:
        return self._imports(imports.c.state == "running")

    def drop_unread(self) -> None:
        """Forget imports whose dry run was never finished: its process is gone."""
        for unread in self._imports(imports.c.state == "reading"):
            self.drop(unread.id)

    def drop(self, import_id: str) -> None:
        """Forget an import with its rows; what it has changed at Dify stays in the annotations' journal."""
        with self._database.begin() as connection:
            connection.execute(sa.delete(import_rows).where(import_rows.c.import_id == import_id))
            connection.execute(sa.delete(imports).where(imports.c.id == import_id))

    def counts(self, import_id: str) -> dict[tuple[str, str], int]:
        """How many rows there are, by kind and state."""
        table = import_rows.c
        query = sa.select(table.kind, table.state, sa.func.count()).where(table.import_id == import_id)
        with self._database.begin() as connection:
            rows = connection.execute(query.group_by(table.kind, table.state)).all()
        return {(kind, state): count for kind, state, count in rows}

    def rows(
        self,
        import_id: str,
        *,
        kinds: Sequence[str] = (),
        states: Sequence[str] = (),
        after: int = -1,
        limit: int = AT_ONCE,
    ) -> list[ImportRow]:
        """In the order of the file, from row number `after` on."""
        table = import_rows.c
        query = sa.select(import_rows).where((table.import_id == import_id) & (table.number > after))
        query = query.where(table.kind.in_(kinds)) if kinds else query
        query = query.where(table.state.in_(states)) if states else query
        with self._database.begin() as connection:
            found = connection.execute(query.order_by(table.number).limit(limit)).mappings().all()
        return [ImportRow(**row) for row in found]

    def all_rows(self, import_id: str, **which: Any) -> Iterator[ImportRow]:
        """The same for as many as there are, some at a time; what is done with them meanwhile is allowed."""
        after = -1
        while found := self.rows(import_id, after=after, **which):
            yield from found
            after = found[-1].number

    def made(self, import_id: str) -> set[str]:
        """Ids of the annotations that this import has added."""
        table = import_rows.c
        query = sa.select(table.annotation_id).where(
            (table.import_id == import_id) & (table.annotation_id != "") & (table.action == "add")
        )
        with self._database.begin() as connection:
            return set(connection.execute(query).scalars())

    def _imports(self, which: sa.ColumnElement[bool], limit: int | None = None) -> list[Import]:
        query = sa.select(imports).where((imports.c.app == self._app) & which)
        query = query.order_by(imports.c.at.desc()).limit(limit)
        with self._database.begin() as connection:
            return [Import(**row) for row in connection.execute(query).mappings()]
