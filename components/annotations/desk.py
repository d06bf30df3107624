"""What one curator is at, in this tab: the view of the list, what is being edited, what was said last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from components import session
from services.annotations.book import Book
from services.annotations.bulk import Bulk, undo_all
from services.annotations.change import Change
from services.annotations.curation import Curation
from services.annotations.draft import Draft
from services.annotations.row import Row
from services.annotations.view import View
from services.apps import App
from services.identity import Identity
from services.site import Site

VIEW, SELECTED, EDITING, TASK, SAID = "an-view", "an-selected", "an-editing", "an-task", "an-said"
MOVED = "an-moved"
CHAT = "chat"
MOMENT = 0.25
"""Seconds in which most changes are done: the page then need not tell that they are under way."""


@dataclass(frozen=True, slots=True)
class Editing:
    """An editor that is open. `key` names its widgets, so that another one begins anew."""

    key: str
    question: str = ""
    answer: str = ""
    row: Row | None = None
    """The live row as the curator saw it."""
    draft: Draft | None = None
    message_id: str = ""
    problem: str = ""
    theirs: Row | None = None
    """How somebody else has changed it meanwhile."""
    gone: bool = False
    saved: Callable[[Row | Draft], None] | None = None
    """Told of what it has become."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something else than the list: `what` is replace, history or source."""

    what: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What every section of the page is given."""

    site: Site
    identity: Identity
    app: App
    curation: Curation
    place: str
    """The section, or chat: each has an editor of its own."""

    @classmethod
    def of(cls, site: Site, identity: Identity, app: App, place: str) -> Desk:
        return cls(site, identity, app, site.annotations.of(app), place)

    @property
    def book(self) -> Book:
        return self.curation.book

    @property
    def view(self) -> View:
        kept = session.kept(VIEW, None)
        return kept if isinstance(kept, View) else View()

    @property
    def selected(self) -> tuple[str, ...]:
        """Ids of the rows that are selected in the list."""
        return tuple(session.kept(SELECTED, ()))

    def select(self, ids: Sequence[str]) -> None:
        session.keep(SELECTED, tuple(ids))

    @property
    def editing(self) -> Editing | None:
        kept = session.kept(f"{EDITING}-{self.place}", None)
        return kept if isinstance(kept, Editing) else None

    def edit(self, editing: Editing | None) -> None:
        session.keep(f"{EDITING}-{self.place}", editing)

    def edit_problem(
        self, editing: Editing, problem: str, *, theirs: Row | None = None, gone: bool = False
    ) -> None:
        self.edit(replace(editing, problem=problem, theirs=theirs, gone=gone))

    def say(self, words: str) -> None:
        """For callbacks: told as soon as the page is drawn."""
        session.keep(SAID, words)

    def speak(self) -> None:
        if words := session.kept(SAID, ""):
            session.keep(SAID, "")
            st.toast(words, icon=":material/rate_review:")

    @property
    def task(self) -> Task | None:
        kept = session.kept(TASK, None)
        return kept if isinstance(kept, Task) else None

    def turn_to(self, task: Task | None) -> None:
        session.keep(TASK, task)

    @property
    def bulk(self) -> Bulk | None:
        """What this curator has begun last, here or in another tab."""
        return self.curation.bulks.get(self.identity.user)

    def begin(self, bulk: Bulk) -> None:
        self.curation.bulks[self.identity.user] = bulk
        bulk.done.wait(MOMENT)

    def dismiss(self) -> None:
        """What was begun last need be told no more, once it is over; the section of all changes knows it."""
        if self.bulk and self.bulk.done.is_set():
            self.curation.bulks.pop(self.identity.user, None)

    def undo(self, changes: Sequence[Change]) -> None:
        self.begin(undo_all(self.book, self.identity, changes))

    def undo_last(self) -> None:
        """The newest change of this person that is in force, with all that was done in one go with it."""
        last = self.book.last_change(self.identity)
        if last is None:
            return
        self.undo(self.book.batch(self.identity, last.batch) if last.batch else (last,))

    def reread(self) -> None:
        """What is known of the list is old from now on."""
        self.book.forget(self.identity)

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """Those of them that are known still, as this curator has seen them."""
        wanted = set(ids)
        return [row for row in self.book.seen(self.identity) if row.id in wanted]
