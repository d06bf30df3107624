"""The services of this process, put together once; what pages and routes reach them by."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.annotations.curation import Curations
from services.annotations.work import AnnotationWork
from services.apps import App, NotServed
from services.archive import Archive
from services.backend import Backend
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.errors import DifyError
from services.directory import Directory
from services.files import Files
from services.icons import Icons
from services.identities.chosen import chosen
from services.identities.oidc import Streamlits
from services.identity import Departures, Identities, Secret
from services.outcome import Failure
from services.pending import PendingFiles
from services.preferences import Preferences
from services.queue import Queue
from services.runs import Runs
from services.settings import AppSettings, Settings
from services.speech import Speeches
from services.store import Owned, Store, StoreError
from services.tabs import Tabs
from services.titles import Titles
from services.turn import Turn
from services.variable_log import VariableLog
from services.variable_watch import VariableWatch

LOOK_AGAIN = 1.0
"""Seconds until the database that could not be read is asked again for interrupted answers."""


@dataclass(frozen=True, slots=True)
class Site:
    apps: tuple[App, ...]
    identities: Identities
    store: Store
    runs: Runs
    directory: Directory
    titles: Titles
    preferences: Preferences
    archive: Archive
    variable_log: VariableLog
    variable_watch: VariableWatch
    annotations: Curations
    annotation_work: AnnotationWork
    queue: Queue
    pending: PendingFiles = field(default_factory=PendingFiles)
    files: Files = field(default_factory=Files)
    icons: Icons = field(default_factory=Icons)
    backend: Backend | None = None
    """The embedded one, where no Dify is configured."""
    remarks: tuple[str, ...] = ()
    speeches: Speeches = field(default_factory=Speeches)
    departures: Departures = field(default_factory=Departures)
    tabs: Tabs = field(default_factory=Tabs)
    ending: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def built(cls, settings: Settings, root: Path, streamlits: Streamlits | None = None) -> Site:
        """From settings; nothing is started yet. Raises OSError where the data folder cannot be used, and
        SettingsError; AUTH=oidc needs `streamlits` to sign in by.
        """
        store, departures = Store.behind(settings.database), Departures()
        secret = Secret.kept_in(settings.data_dir)
        identities = chosen(settings.auth, secret, store.database, departures, streamlits)
        if settings.app is None:
            backend = Backend(root, settings.data_dir / "embedded")
            app = App("app", Client(backend.base_url, backend.api_key))
            return cls.over(app, identities, store, departures, backend=backend, remarks=settings.remarks)
        app = App(settings.app.slug, Client(settings.app.base_url, settings.app.api_key))
        return cls.over(app, identities, store, departures, settings.app, remarks=settings.remarks)

    @classmethod
    def over(
        cls,
        app: App,
        identities: Identities,
        store: Store,
        departures: Departures | None = None,
        settings: AppSettings | None = None,
        *,
        backend: Backend | None = None,
        remarks: tuple[str, ...] = (),
    ) -> Site:
        """The services around these parts."""
        directory, preferences, titles = Directory(store), Preferences(store), Titles()
        variable_log, annotations = VariableLog(store), Curations(store.database)
        variable_watch = VariableWatch(variable_log, (app,))
        runs = Runs(store, titles, variable_watch.answered)
        return cls(
            apps=(app,),
            identities=identities,
            store=store,
            runs=runs,
            directory=directory,
            titles=titles,
            preferences=preferences,
            archive=Archive.over(store, directory, titles, preferences, lambda _: app),
            variable_log=variable_log,
            variable_watch=variable_watch,
            annotations=annotations,
            annotation_work=AnnotationWork.over(annotations, settings),
            queue=Queue(store, runs, lambda _: app.client),
            backend=backend,
            remarks=remarks,
            departures=departures or Departures(),
        )

    def app(self, slug: str | None) -> App:
        """The app of a slug; the first one where there is none of that name."""
        return next((app for app in self.apps if app.slug == slug), self.apps[0])

    def app_of(self, conversation: Conversation) -> App:
        return self.app(conversation.app)

    def opening(self, conversation: Conversation) -> str | None:
        """The app's opening statement with this conversation's inputs in it; None where it has none."""
        profile, inputs = self.app_of(conversation).known, conversation.inputs
        return profile.opening(inputs) if profile and inputs else None

    @property
    def store_trouble(self) -> Failure | None:
        """Set while the database cannot be opened or written; answers are then in memory alone."""
        return self.runs.store_trouble

    def start(self) -> None:
        """Begin the work that needs no visitor: the backend, and answers that a dead process left."""
        if self.backend:
            self.backend.start()
        self.archive.start()
        threading.Thread(target=self._reconcile, name="reconcile", daemon=True).start()
        threading.Thread(target=self._introduce, name="introduce", daemon=True).start()

    def stop(self) -> None:
        """Everything unsaved is written and the backend is gone when this returns (about a second)."""
        self.ending.set()
        self.archive.stop()
        self.runs.close()
        self.annotation_work.close()
        if self.backend:
            self.backend.stop()
        self.store.close()

    def _introduce(self) -> None:
        """The first visitor need not wait until the apps have said what they are."""
        for app in self.apps:
            with suppress(DifyError, NotServed, RuntimeError):  # the last of a client that was closed
                app.profile()

    def _reconcile(self) -> None:
        while (left := self._left_behind()) is None:
            if self.ending.wait(LOOK_AGAIN):
                return
        # First, so that an answer that is found goes on with what waits for it.
        self.queue.restore(self.directory)
        for owned, turn in left:
            app = self.app(owned.app)
            conversation = self.directory.adopt(owned)
            self.runs.reconcile(app.client, conversation, turn)
        self.annotation_work.go_on(self.apps)

    def _left_behind(self) -> list[tuple[Owned, Turn]] | None:
        """None where the database cannot be read yet."""
        try:
            return self.store.unfinished()
        except StoreError:
            return None


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
