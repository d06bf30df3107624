"""The services of this process, put together once; what pages and routes reach them by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from services import roll_call
from services.administration import Administration
from services.annotations.curation import Curations
from services.annotations.work import AnnotationWork
from services.app_settings import AppSettings
from services.apps import App, NoSuchApp
from services.archive import Archive
from services.audit import Audit
from services.auth_settings import AuthSettings
from services.backend import Backend
from services.conversations import Conversation
from services.dify.client import Client
from services.dify.models import Models
from services.directory import Directory
from services.feedback.inbox import Inbox
from services.files import Files
from services.gaps.gaps import Gaps
from services.icons import Icons
from services.identities.accounts import LocalAccounts
from services.identities.chosen import chosen
from services.identities.oidc import Streamlits
from services.identity import Departures, Identities, Identity, Role, Secret
from services.limits import Limits, Meter
from services.looks import Looks
from services.numbers.numbers import Numbers
from services.outcome import Failure
from services.pending import PendingFiles
from services.people.harvest import Harvest
from services.people.people import People
from services.preferences import Preferences
from services.privacy.erasure import Erasure
from services.privacy.retention import Retention
from services.queue import Queue
from services.runs import Runs
from services.settings import Settings
from services.speech import Speeches
from services.store import Owned, Store, StoreError
from services.tabs import Tabs
from services.titles import Titles
from services.turn import Turn
from services.variable_log import VariableLog
from services.variable_watch import VariableWatch
from services.work.work import Work

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
    numbers: Numbers
    gaps: Gaps
    queue: Queue
    meter: Meter
    pending: PendingFiles
    audit: Audit
    looks: Looks
    feedback: Inbox
    work: Work
    people: People
    harvest: Harvest
    erasure: Erasure
    retention: Retention
    administration: Administration
    files: Files = field(default_factory=Files)
    icons: Icons = field(default_factory=Icons)
    backend: Backend | None = None
    """The embedded one, where no Dify is configured."""
    remarks: tuple[str, ...] = ()
    speeches: Speeches = field(default_factory=Speeches)
    departures: Departures = field(default_factory=Departures)
    tabs: Tabs = field(default_factory=Tabs)
    ending: threading.Event = field(default_factory=threading.Event)
    auth: AuthSettings = field(default_factory=AuthSettings)
    """What is told of it: which groups give which role, and whom to ask."""

    @classmethod
    def built(cls, settings: Settings, root: Path, streamlits: Streamlits | None = None) -> Site:
        """From settings; nothing is started yet. Raises OSError where the data folder cannot be used, and
        SettingsError; AUTH=oidc needs `streamlits` to sign in by.
        """
        store = Store.on(settings.postgres) if settings.postgres else Store.behind(settings.database)
        departures = Departures()
        known: dict[str, Any] = {
            "departures": departures,
            "pending": PendingFiles(settings.data_dir / "pending"),
            "remarks": settings.remarks,
            "auth": settings.auth,
            "meter": Meter(settings.limits),
        }
        secret = Secret.kept_in(settings.data_dir)
        known |= {
            "retention_days": settings.retention_days,
            "digest": lambda name: secret.digest("erased", name),
        }
        identities = chosen(settings.auth, secret, store.database, departures, streamlits)
        if settings.apps:
            first, *others = map(_app, settings.apps)
            return cls.over(first, identities, store, others, **known)
        backend = Backend(root, settings.data_dir / "embedded")
        first, *others = (App(slug, Client(backend.base_url, key)) for slug, key in backend.keys.items())
        return cls.over(first, identities, store, others, backend=backend, **known)

    @classmethod
    def over(
        cls,
        first: App,
        identities: Identities,
        store: Store,
        others: Sequence[App] = (),
        *,
        backend: Backend | None = None,
        remarks: tuple[str, ...] = (),
        pending: PendingFiles | None = None,
        departures: Departures | None = None,
        meter: Meter | None = None,
        retention_days: int | None = None,
        digest: Callable[[str], str] | None = None,
        auth: AuthSettings | None = None,
    ) -> Site:
        """The services around these parts; `first` is the app of an address that names none, `digest` makes
        64 hexadecimal digits of a name.
        """
        apps, meter = (first, *others), meter or Meter(Limits())
        departures, audit = departures or Departures(), Audit(store.database)
        directory, preferences, titles = Directory(store), Preferences(store), Titles()
        looks = Looks(store.database, directory, audit, departures)
        variable_log, annotations = VariableLog(store), Curations(store.database)
        variable_watch = VariableWatch(variable_log, apps)
        annotation_work = AnnotationWork.over(annotations, identities.role)
        runs, pending = Runs(store, titles, variable_watch.answered), pending or PendingFiles()
        find, tabs, files, speeches = partial(_named, apps), Tabs(), Files(), Speeches()
        archive = Archive.over(store, directory, titles, preferences, find, pending)
        work = Work.over(store, looks, audit, archive, titles, find)
        people = People(store.database, audit, looks.allowed)
        people.follow(apps, directory, runs, tabs)

        def forget(user: str) -> None:
            """Whatever of a person is in memory."""
            directory.forget(user)
            runs.forget(user)
            for part in (looks, preferences, variable_log, archive.exports, people):
                part.forget(user)
            for app in apps:
                titles.forget(app.slug, user)
            files.forget()
            speeches.forget()
            if isinstance(identities, LocalAccounts):
                identities.book.sessions.forget()

        return cls(
            apps=apps,
            identities=identities,
            store=store,
            runs=runs,
            directory=directory,
            titles=titles,
            preferences=preferences,
            archive=archive,
            variable_log=variable_log,
            variable_watch=variable_watch,
            annotations=annotations,
            annotation_work=annotation_work,
            numbers=Numbers(store),
            gaps=Gaps(store.database, annotations, annotation_work.cases),
            meter=meter,
            queue=Queue(store, runs, lambda conversation: _named(apps, conversation.app).client, meter),
            backend=backend,
            remarks=remarks,
            pending=pending,
            audit=audit,
            looks=looks,
            feedback=Inbox(store, directory, looks, audit, retention_days),
            work=work,
            files=files,
            speeches=speeches,
            erasure=Erasure(store, audit, apps, pending, forget, digest),
            retention=Retention(store, pending, retention_days),
            people=people,
            harvest=Harvest(people),
            tabs=tabs,
            administration=Administration.over(identities, store.database, audit),
            departures=departures,
            auth=auth or AuthSettings(),
        )

    def apps_of(self, identity: Identity) -> tuple[App, ...]:
        """Those that this person may use."""
        return tuple(app for app in self.apps if app.access.allows(identity))

    def counted(self, identity: Identity, slug: str = "") -> tuple[str, ...] | None:
        """Slugs of the apps whose numbers and gaps this person may see, or of this one alone; None for all,
        also those that are not configured any more. Raises NoSuchApp.
        """
        if slug:
            return (self.app(identity, slug).slug,)
        if identity.role is Role.ADMIN:
            return None
        return tuple(app.slug for app in self.apps_of(identity))

    def app(self, identity: Identity, slug: str | None) -> App:
        """The app of a slug, the person's first one where there is no slug. Raises NoSuchApp."""
        mine = self.apps_of(identity)
        if slug is None and mine:
            return mine[0]
        return _named(mine, slug or "")

    def app_of(self, conversation: Conversation) -> App:
        """Raises NoSuchApp where it is not configured any more."""
        return _named(self.apps, conversation.app)

    def opening(self, conversation: Conversation) -> str | None:
        """The app's opening statement with this conversation's inputs in it; None where it has none."""
        profile, inputs = self.app_of(conversation).known, conversation.inputs
        return profile.opening(inputs) if profile and inputs else None

    @property
    def store_trouble(self) -> Failure | None:
        """Set while the database cannot be opened or written; answers are then in memory alone."""
        return self.runs.saver.trouble

    def start(self) -> None:
        """Begin the work that needs no visitor: the backend, and answers that a dead process left."""
        if self.backend:
            self.backend.start()
        self.archive.start()
        self.numbers.start(self.ending)
        self.retention.start()
        threading.Thread(target=self._reconcile, name="reconcile", daemon=True).start()
        roll_call.begin(self.apps, self.backend, self.ending)

    def stop(self) -> None:
        """Everything unsaved is written and the backend is gone when this returns (about a second)."""
        self.ending.set()
        self.harvest.ending.set()
        self.erasure.ending.set()
        self.retention.stop()
        self.archive.stop()
        self.runs.close()
        self.annotation_work.close()
        self.feedback.close()
        if self.backend:
            self.backend.stop()
        self.store.close()

    def _reconcile(self) -> None:
        while (left := self._left_behind()) is None:
            if self.ending.wait(LOOK_AGAIN):
                return
        # First, so that an answer that is found goes on with what waits for it.
        self.queue.restore(self.directory)
        served = {app.slug: app.client for app in self.apps}
        for owned, turn in left:
            # What belongs to an app that is not configured now waits until it is again.
            if client := served.get(owned.app):
                self.runs.reconcile(client, self.directory.adopt(owned), turn)
        self.annotation_work.go_on(self.apps)

    def _left_behind(self) -> list[tuple[Owned, Turn]] | None:
        """None where the database cannot be read yet."""
        try:
            return self.store.unfinished()
        except StoreError:
            return None


def _app(settings: AppSettings) -> App:
    models = Models(settings.base_url, settings.dataset_key) if settings.dataset_key else None
    client = Client(settings.base_url, settings.api_key)
    return App(settings.slug, client, settings.name, settings.access, models)


def _named(apps: Sequence[App], slug: str) -> App:
    found = next((app for app in apps if app.slug == slug), None)
    if found is None:
        raise NoSuchApp(slug)
    return found


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
