"""Case files as the staff changes them: one, where two must not overwrite each other, or many at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa

from services.identity import Identity
from services.store import Store
from services.variable_log import Place
from services.work import tags, undoing
from services.work.case import (
    MOST_AT_ONCE,
    NOBODY,
    STATUSES,
    Before,
    Case,
    Change,
    Done,
    Meanwhile,
    Seen,
)
from services.work.reach import Reach
from services.work.reading import of_places, plain
from services.work.staff import Staff
from services.work.writing import drop_empty, write

LONGEST_TITLE = 255
Titles = Callable[[Sequence[Place]], dict[Place, str]]


class Cases:
    """Every method raises Denied, and StoreError where the database cannot be read or written."""

    def __init__(self, store: Store, reach: Reach, staff: Staff, titles: Titles) -> None:
        """`titles` gives what conversations are called, as far as it knows without asking anybody."""
        self._store, self._reach, self._staff, self._titles = store, reach, staff, titles

    def one(self, identity: Identity, place: Place) -> Case | None:
        """None where nothing is kept of the conversation."""
        self._reach.require(identity, place.user)
        with self._store.database.begin() as connection:
            return of_places(connection, [place]).get(place)

    def change(
        self, identity: Identity, places: Sequence[Place], change: Change, seen: Seen | None = None
    ) -> Done:
        """Change these conversations' files, making those that are not there yet.

        With `seen`, raises Meanwhile where one is no longer as it was seen and nothing is changed. Raises
        ValueError for what cannot be: too many, an unknown state, somebody who is not of the staff.
        """
        self._check(identity, places, change)
        add, remove = tags.cleaned(change.add), {tags.fold(tag) for tag in change.remove}
        titles, now = self._titles(places), time.time()
        done: list[Before] = []
        with self._store.database.begin() as connection:
            known = of_places(connection, places, lock=True)
            for place in dict.fromkeys(places):
                before = known.get(place)
                case = before or Case(place)
                _compare(case, change, seen)
                kept = {tags.fold(tag): tag for tag in case.tags}
                kept = {key: tag for key, tag in {**add, **kept}.items() if key not in remove}
                if len(kept) > tags.MOST:
                    raise ValueError(f"at most {tags.MOST} tags")
                after = replace(
                    case,
                    title=(titles.get(place) or case.title)[:LONGEST_TITLE],
                    status=change.status or case.status,
                    assignee=case.assignee if change.assignee is None else change.assignee,
                    tags=tuple(kept[key] for key in sorted(kept)),
                    changed_at=now,
                )
                done.append(Before(before, after))
            write(self._store.database, connection, [each.after for each in done])
            token = undoing.keep(connection, identity.user, now, done)
        self._tell(identity, "work.change", [each.after.place for each in done], **change.told)
        return Done(token, tuple(each.after for each in done))

    def undo(self, identity: Identity, token: str) -> tuple[int, int]:
        """Take a change of this person back: in how many files, and in how many others not, since they were
        changed again. Raises LookupError where it is not known (any more).
        """
        with self._store.database.begin() as connection:
            done = undoing.kept(connection, identity.user, token)
        for user in {each.after.place.user for each in done}:
            self._reach.require(identity, user)
        back: list[Case] = []
        with self._store.database.begin() as connection:
            if not undoing.drop(connection, identity.user, token):
                raise LookupError(token)
            now = of_places(connection, [each.after.place for each in done], lock=True)
            for each in done:
                case = now.get(each.after.place)
                if case and plain(case) == plain(each.after):
                    before = each.before or Case(case.place)
                    back.append(replace(before, title=case.title))
            write(self._store.database, connection, back)
            for case in (case for case in back if not case.changed_at):
                drop_empty(connection, case.place)
        self._tell(identity, "work.undo", [case.place for case in back])
        return len(back), len(done) - len(back)

    @contextmanager
    def touched(self, place: Place) -> Iterator[sa.Connection]:
        """A transaction in which something is written about this conversation: it has a file from now on,
        changed just now.
        """
        called = self._titles([place]).get(place, "")
        with self._store.database.begin() as connection:
            case = of_places(connection, [place], lock=True).get(place) or Case(place)
            title = (called or case.title)[:LONGEST_TITLE]
            write(self._store.database, connection, [replace(case, title=title, changed_at=time.time())])
            yield connection

    def _check(self, identity: Identity, places: Sequence[Place], change: Change) -> None:
        if not 0 < len(places) <= MOST_AT_ONCE or any(len(p.conversation_id) > 255 for p in places):
            raise ValueError(f"1 to {MOST_AT_ONCE} conversations")
        for user in {place.user for place in places}:
            self._reach.require(identity, user)
        if change.status not in {None, *STATUSES}:
            raise ValueError(f"status is one of {', '.join(STATUSES)}")
        if change.assignee not in {None, NOBODY, identity.user} and not self._staff.has(
            change.assignee or ""
        ):
            raise ValueError("assignee is one of the staff")

    def _tell(self, identity: Identity, action: str, places: Sequence[Place], **details: str) -> None:
        """One row of the audit trail, also for many."""
        match places:
            case []:
                return
            case [place]:
                about, details = place.conversation_id, {"user": place.user, **details}
            case _:
                about, details = "", {"conversations": str(len(places)), **details}
        self._reach.audit.note(identity, action, app=places[0].app, about=about, **details)


def _compare(case: Case, change: Change, seen: Seen | None) -> None:
    """Raises Meanwhile. Tags come and go one by one, so nobody overwrites those of another."""
    for name in ("status", "assignee"):
        wanted, was, now = getattr(change, name), getattr(seen, name, None), getattr(case, name)
        if wanted is not None and was is not None and now not in (was, wanted):
            raise Meanwhile(case)
