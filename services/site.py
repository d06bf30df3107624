"""The services of this process, put together once; what pages and routes reach them by."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from services.apps import App
from services.backend import Backend
from services.conversations import Conversation
from services.dify.client import Client
from services.directory import Directory
from services.identity import Identities
from services.outcome import Failure
from services.preferences import Preferences
from services.runs import Runs
from services.settings import Settings
from services.store import Store, StoreError
from services.titles import Titles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    apps: tuple[App, ...]
    identities: Identities
    store: Store
    runs: Runs
    directory: Directory
    titles: Titles
    preferences: Preferences
    backend: Backend | None = None
    """The embedded one, where no Dify is configured."""
    remarks: tuple[str, ...] = ()
    broken_store: Failure | None = None
    """Why the database could not be opened; conversations are then kept in memory."""

    @classmethod
    def built(cls, settings: Settings, root: Path) -> Site:
        """From settings; nothing is started yet. Raises OSError where the data folder cannot be used."""
        identities = Identities.kept_in(settings.data_dir)
        broken = None
        try:
            store = Store.at(settings.database)
        except StoreError as error:
            log.error("the database cannot be opened: %s", error)
            store, broken = Store.in_memory(), Failure("store", type(error.__cause__).__name__)
        backend, titles = None, Titles()
        if settings.app is None:
            backend = Backend(root, settings.data_dir / "embedded")
            app = App("app", Client(backend.base_url, backend.api_key))
        else:
            app = App(settings.app.slug, Client(settings.app.base_url, settings.app.api_key))
        return cls(
            apps=(app,),
            identities=identities,
            store=store,
            runs=Runs(store, titles),
            directory=Directory(store),
            titles=titles,
            preferences=Preferences(store),
            backend=backend,
            remarks=settings.remarks,
            broken_store=broken,
        )

    def app(self, slug: str | None) -> App:
        """The app of a slug; the first one where there is none of that name."""
        return next((app for app in self.apps if app.slug == slug), self.apps[0])

    def app_of(self, conversation: Conversation) -> App:
        return self.app(conversation.app)

    def load(self, conversation: Conversation) -> None:
        """Read a conversation's newest history and how it was opened; blocks on Dify."""
        app = self.app_of(conversation)
        self.directory.load(conversation, app)
        inputs = conversation.inputs
        if inputs and app.known:
            conversation.opening = app.known.opening(inputs)

    @property
    def store_trouble(self) -> Failure | None:
        return self.broken_store or self.runs.store_trouble

    def start(self) -> None:
        """Begin the work that needs no visitor: the backend, and answers that a dead process left."""
        if self.backend:
            self.backend.start()
        threading.Thread(target=self._reconcile, name="reconcile", daemon=True).start()

    def stop(self) -> None:
        """Everything unsaved is written and the backend is gone when this returns (about a second)."""
        self.runs.close()
        if self.backend:
            self.backend.stop()
        self.store.close()

    def _reconcile(self) -> None:
        try:
            left = self.store.unfinished()
        except StoreError as error:
            log.warning("interrupted answers could not be looked for: %s", error)
            return
        for owned, turn in left:
            app = self.app(owned.app)
            conversation = self.directory.adopt(owned)
            self.runs.reconcile(app.client, conversation, turn)


class Misconfigured(RuntimeError):
    """There is no site; the message tells the operator what to mend."""


_site: Site | str = "The site has not been started: run `streamlit run app.py`."


def use(site: Site) -> None:
    """Make this the site of the process: called by the lifespan, and by tests."""
    global _site  # noqa: PLW0603 - one process, one site; Streamlit gives pages no other way to reach it
    _site = site


def refuse(reason: str) -> None:
    """There is no site, and this is why."""
    global _site  # noqa: PLW0603 - as above
    _site = reason


def current() -> Site:
    """Raises Misconfigured where there is none."""
    if isinstance(_site, str):
        raise Misconfigured(_site)
    return _site
