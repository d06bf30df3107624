"""What a curator made of a group of questions: kept for each of its misses, so that groups may change."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from services.database import Database, metadata

if TYPE_CHECKING:
    from services.gaps.miss import Miss

State = Literal["covered", "drafted", "dismissed"]
gap_marks = sa.Table(
    "gap_marks",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False, index=True),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("phrasings", sa.JSON, nullable=False),
    sa.Column("misses", sa.JSON, nullable=False),
    sa.Column("annotation_id", sa.String(255), nullable=False),
    sa.Column("draft_id", sa.String(32), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """covered: an annotation answers it; drafted: one that is not live yet; dismissed: none is wanted."""

    id: str
    app: str
    user: str
    at: float
    """Unix seconds: what was missed later is not settled by it."""
    state: State
    question: str
    phrasings: tuple[str, ...]
    misses: tuple[str, ...]
    """Message ids."""
    annotation_id: str = ""
    draft_id: str = ""

    def settles(self, miss: Miss) -> bool:
        return miss.app == self.app and miss.at <= self.at and miss.message_id in self.misses


class MarkBook:
    """Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        user: str,
        app: str,
        state: State,
        question: str,
        phrasings: Sequence[str],
        misses: Sequence[str],
        *,
        annotation_id: str = "",
        draft_id: str = "",
    ) -> Mark:
        mark = Mark(
            uuid.uuid4().hex,
            app,
            user,
            time.time(),
            state,
            question,
            tuple(phrasings),
            tuple(misses),
            annotation_id,
            draft_id,
        )
        with self._database.begin() as connection:
            connection.execute(sa.insert(gap_marks).values(_row(mark)))
        return mark

    def all(self, apps: Sequence[str] | None) -> list[Mark]:
        """Of these apps; None for every app."""
        query = (
            sa.select(gap_marks) if apps is None else sa.select(gap_marks).where(gap_marks.c.app.in_(apps))
        )
        with self._database.begin() as connection:
            return [_mark(row) for row in connection.execute(query).mappings()]

    def live(self, mark: Mark, annotation_id: str) -> bool:
        """Its draft has become this annotation; False where somebody else has told so already."""
        waits = (gap_marks.c.id == mark.id) & (gap_marks.c.state == "drafted")
        now = {"state": "covered", "annotation_id": annotation_id}
        with self._database.begin() as connection:
            return connection.execute(sa.update(gap_marks).where(waits).values(now)).rowcount > 0

    def remove(self, mark_id: str) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.delete(gap_marks).where(gap_marks.c.id == mark_id))


def _row(mark: Mark) -> dict[str, object]:
    return asdict(mark) | {"misses": list(mark.misses), "phrasings": list(mark.phrasings)}


def _mark(row: sa.RowMapping) -> Mark:
    mark = Mark(**{field.name: row[field.name] for field in fields(Mark)})
    return replace(mark, misses=tuple(row["misses"]), phrasings=tuple(row["phrasings"]))
