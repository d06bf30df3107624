"""What became of a conversation's variables: after which answer or edit which of them were what.

Dify tells only what they are now. So they are read when a conversation of a chatflow is opened, after each
answer, and around each edit made here; what differs from the last reading is kept, and nothing else. "Before"
an answer is what they were last known to be: what somebody changed elsewhere between two readings counts as
the answer's. The value of a secret is never kept, only the time of its change.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from services.audit import Audit
from services.database import StoreError, metadata
from services.dify.variables import Variable
from services.store import Store, turns
from services.variable_states import Cause, Difference, Kept, Point, State, between, delta, laid_over

log = logging.getLogger(__name__)
changes = sa.Table(
    "variable_changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("conversation_id", sa.String(255), nullable=False),
    sa.Column("cause", sa.String(16), nullable=False),
    sa.Column("turn", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("changes", sa.JSON, nullable=False),
    sa.Index("variable_changes_of_a_conversation", "app", "user", "conversation_id"),
)
REMEMBERED = 500
"""Conversations whose last state is in memory."""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation, as the log knows it; keys of ours may change, these do not."""

    app: str
    user: str
    conversation_id: str


class VariableLog:
    """The table `variable_changes`. Safe to use from any thread."""

    def __init__(self, store: Store) -> None:
        self._database = store.database
        self.audit = Audit(store.database)
        self._lock = threading.Lock()
        self._last: OrderedDict[Place, State] = OrderedDict()

    def knows(self, place: Place) -> bool:
        """Whether there was a reading of this conversation before; also where that cannot be found out."""
        with self._lock:
            try:
                return self._state(place) is not None
            except StoreError:
                return True

    def note(
        self,
        place: Place,
        variables: Iterable[Variable],
        cause: Cause,
        *,
        turn: str = "",
        whole: bool = True,
        new: bool = False,
    ) -> tuple[Difference, ...]:
        """Keep what differs from the last reading, and return that; nothing while the database fails.

        `whole`: these are all variables, so that others are gone. `new`: the conversation began with this
        answer, which changed only what was written since. Any other first reading changes nothing.
        """
        variables = tuple(variables)
        read = {each.id: Kept.of(each) for each in variables}
        with self._lock:
            try:
                known = self._state(place)
                before = known or {}
                if known is None and new:
                    before = {each.id: read[each.id] for each in variables if not each.written}
                    if before:
                        self._write(place, "begin", "", before)
                after = read if whole else {**before, **read}
                if known is None and not new:
                    cause, turn = "begin", ""
                if change := delta(before, after):
                    self._write(place, cause, turn, change)
            except StoreError as error:
                log.warning("changes of variables cannot be kept: %s", error)
                self._last.pop(place, None)
                return ()
            self._remember(place, after)
        return between(before, after) if cause != "begin" else ()

    def points(self, place: Place) -> Sequence[Point]:
        """All changes, oldest first. Raises StoreError."""
        found: list[Point] = []
        state: State = {}
        for row in self._rows(place):
            change = {each: Kept(**kept) if kept else None for each, kept in row.changes.items()}
            before, state = state, laid_over(state, change)
            found.append(Point(row.id, row.at, row.cause, row.turn, row.query or "", before, state))
        return found

    def of_turn(self, place: Place, turn: str) -> tuple[Difference, ...]:
        """What this answer changed. Raises StoreError."""
        points = [point for point in self.points(place) if point.turn == turn]
        return between(points[0].before, points[-1].after) if points else ()

    def forget(self, user: str) -> None:
        """This person's data is erased; what was last known of it is in memory."""
        with self._lock:
            for place in [each for each in self._last if each.user == user]:
                del self._last[place]

    def _state(self, place: Place) -> State | None:
        """The last one; None where there was none. Raises StoreError."""
        if place in self._last:
            self._last.move_to_end(place)
            return self._last[place]
        points = self.points(place)
        return points[-1].after if points else None

    def _remember(self, place: Place, state: State) -> None:
        self._last[place] = state
        self._last.move_to_end(place)
        while len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def _rows(self, place: Place) -> Sequence[sa.Row[Any]]:
        table = changes.c
        mine = (table.app == place.app) & (table.user == place.user)
        query = sa.select(changes, turns.c.query).outerjoin(turns, table.turn == turns.c.id)
        query = query.where(mine & (table.conversation_id == place.conversation_id)).order_by(table.id)
        with self._database.begin() as connection:
            return connection.execute(query).all()

    def _write(self, place: Place, cause: Cause, turn: str, change: Mapping[str, Kept | None]) -> None:
        values = {each: asdict(kept) if kept else None for each, kept in change.items()}
        row = {**asdict(place), "cause": cause, "turn": turn, "at": time.time(), "changes": values}
        with self._database.begin() as connection:
            connection.execute(sa.insert(changes).values(row))
