"""What is done with many annotations at once: imports, annotation reply, and the proof that it works."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.annotations.book import Book
from services.annotations.cases import Cases
from services.annotations.curation import Curations
from services.annotations.imports import Imports
from services.annotations.reply import Replies
from services.apps import App
from services.database import StoreError
from services.identity import Role

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnnotationWork:
    imports: Imports
    replies: Replies
    cases: Cases

    @classmethod
    def over(cls, curations: Curations, role_of: Callable[[str], Role | None]) -> AnnotationWork:
        """`role_of` an end user, as it is now; None where that is not known."""

        def book(app: App) -> Book:
            return curations.of(app).book

        database = curations.database
        return cls(Imports(book, database, role_of=role_of), Replies(database), Cases(book, database))

    def go_on(self, apps: Iterable[App]) -> None:
        """What was under way when the last process ended, at the start of this one."""
        for app in apps:
            try:
                self.imports.go_on(app)
            except StoreError as error:
                log.warning("interrupted imports stand still, for the database fails: %s", error)

    def close(self) -> None:
        self.imports.close()
        self.cases.close()
