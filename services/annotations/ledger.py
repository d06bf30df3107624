"""What is kept of imports: each file's rows as they were read, what is meant to become of them, what did.

A row is written as "sending" before it is sent and as "done" after, so that whoever goes on after a kill
knows the one row whose fate is open. Methods raise StoreError where the database fails.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import sqlalchemy as sa

from services.database import Database, Memory, metadata

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(64), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("direction", sa.String(8), nullable=False),
    sa.Column("error", sa.String(255), nullable=False),
    sa.Column("retry_at", sa.Float),
    sa.Index("imports_by_time", "app", "at"),
)
import_rows = sa.Table(
    "import_rows",
    metadata,
    sa.Column("import_id", sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(64), nullable=False),
    sa.Column("likeness", sa.Integer, nullable=False),
    sa.Column("other_row", sa.Integer),
    sa.Column("other_id", sa.String(255), nullable=False),
    sa.Column("other_question", sa.Text, nullable=False),
    sa.Column("other_answer", sa.Text, nullable=False),
    sa.Column("action", sa.String(8), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("twins", sa.JSON),
    sa.Column("annotation_id", sa.String(255), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("import_rows_by_kind", "import_id", "kind"),
    sa.Index("import_rows_by_state", "import_id", "state"),
)
State = Literal["reading", "prepared", "running", "paused", "done"]
AT_ONCE = 200
"""Rows that are written or read in one piece."""


@dataclass(frozen=True, slots=True)
class Import:
    id: str
    app: str
    user: str
    name: str
    """Of the file."""
    at: float
    """Unix seconds."""
    state: State
    direction: Literal["forth", "back"] = "forth"
    """back: it is being rolled back, or was."""
    error: str = ""
    """Code of what made it pause."""
    retry_at: float | None = None
    """Unix seconds: the server asked to wait until then."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """`state`: waiting, invalid, skipped, sending, done, failed; rolling back: undoing, undone, kept."""

    import_id: str
    number: int
    question: str
    answer: str
    kind: str
    """As services.annotations.comparing says."""
    reason: str = ""
    """Why it is invalid, or why it failed."""
    likeness: int = 0
    other_row: int | None = None
    other_id: str = ""
    other_question: str = ""
    other_answer: str = ""
    action: str = ""
    """add, update, skip; "" before the choice."""
    state: str = "waiting"
    twins: Any = None
    """Ids of annotations with the same texts that were there before this row was sent."""
    annotation_id: str = ""
    error: str = ""
    """The server's own words."""


class Ledger:
    def __init__(self, app: str, database: Database | Memory) -> None:
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

    def next(self, import_id: str, *states: str) -> ImportRow | None:
        """The first row in one of these states."""
        return next(iter(self.rows(import_id, states=states, limit=1)), None)

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
        """The same for as many as there are, some at a time."""
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
