"""The import that this tab is at, and what is done with it: callbacks that keep what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components import session
from components import words_annotation_files as said
from components.annotations import telling
from components.annotations.desk import Desk
from services.annotations.imports import Busy, Imports, NoSuchImport
from services.annotations.standing import Standing
from services.apps import App
from services.database import StoreError
from services.dify.errors import DifyError
from services.identity import Identity

CURRENT, TROUBLE = "im-current", "im-trouble"


@dataclass(frozen=True, slots=True)
class ImportDesk:
    desk: Desk

    @property
    def imports(self) -> Imports:
        return self.desk.site.annotation_work.imports

    @property
    def identity(self) -> Identity:
        return self.desk.identity

    @property
    def app(self) -> App:
        return self.desk.app

    @property
    def current(self) -> str:
        """Its id; "" while a file is chosen."""
        return str(session.kept(CURRENT, ""))

    def standing(self) -> Standing:
        """Raises NoSuchImport, StoreError."""
        return self.imports.standing(self.identity, self.app, self.current)

    def open(self, import_id: str) -> None:
        session.keep(CURRENT, import_id)
        session.keep(TROUBLE, "")

    def close(self) -> None:
        self.open("")

    @property
    def trouble(self) -> str:
        """Why the last thing asked for did not happen."""
        return str(session.kept(TROUBLE, ""))

    def attempt(self, act: Callable[[], None]) -> None:
        """For callbacks: nothing they may raise is lost."""
        trouble = ""
        try:
            act()
        except Busy:
            trouble = said.BUSY
        except NoSuchImport:
            trouble = said.GONE_IMPORT
        except (DifyError, StoreError) as error:
            trouble = telling.why(error)
        session.keep(TROUBLE, trouble)
