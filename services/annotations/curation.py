"""All that the curators of an app work with, put together once per app and process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from services.annotations.book import Book
from services.annotations.bulk import Bulk
from services.annotations.dismissals import Dismissals
from services.annotations.drafts import Drafts
from services.annotations.guidelines import Guidelines
from services.annotations.likeness import Likeness
from services.apps import App
from services.database import Database


@dataclass(frozen=True, slots=True)
class Curation:
    book: Book
    drafts: Drafts
    guidelines: Guidelines
    dismissals: Dismissals
    likeness: Likeness = field(default_factory=Likeness)
    bulks: dict[str, Bulk] = field(default_factory=dict)
    """The last change that each curator has begun, by user."""


class Curations:
    """Safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lock = threading.Lock()
        self._known: dict[str, Curation] = {}

    def of(self, app: App) -> Curation:
        with self._lock:
            if app.slug not in self._known:
                book = Book(app, self.database)
                drafts, guidelines = Drafts(book, self.database), Guidelines(app.slug, self.database)
                self._known[app.slug] = Curation(
                    book, drafts, guidelines, Dismissals(app.slug, self.database)
                )
            return self._known[app.slug]
