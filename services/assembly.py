"""The services of a site, put together once: made in the order in which they need one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from services.administration import Administration
from services.annotations.curation import Curations
from services.annotations.work import AnnotationWork
from services.app_settings import AppSettings
from services.apps import App, named
from services.archive import Archive
from services.audit import Audit
from services.auth_settings import AuthSettings
from services.backend import Backend
from services.dify.client import Client
from services.dify.models import Models
from services.directory import Directory
from services.feedback.inbox import Inbox
from services.gaps.gaps import Gaps
from services.identities.accounts import LocalAccounts
from services.identities.chosen import chosen
from services.identities.oidc import Oidc, Streamlits
from services.identity import Departures, Identities, Secret
from services.limits import Limits, Meter
from services.looks import Looks
from services.numbers.numbers import Numbers
from services.pending import PendingFiles
from services.people.harvest import Harvest
from services.people.people import People
from services.preferences import Preferences
from services.privacy.erasure import Erasure
from services.privacy.retention import Retention
from services.queue import Queue
from services.runs import Runs
from services.settings import Settings
from services.site import Site
from services.store import Store
from services.tabs import Tabs
from services.titles import Titles
from services.variable_log import VariableLog
from services.variable_watch import VariableWatch
from services.work.work import Work


def built(settings: Settings, root: Path, streamlits: Streamlits | None = None) -> Site:
    """From settings; nothing is started yet. Raises OSError where the data folder cannot be used, and
    SettingsError; AUTH=oidc needs `streamlits` to sign in by.
    """
    store = Store.on(settings.postgres) if settings.postgres else Store.behind(settings.database)
    departures, secret = Departures(), Secret.kept_in(settings.data_dir)
    known: dict[str, Any] = {
        "departures": departures,
        "pending": PendingFiles(settings.data_dir / "pending"),
        "remarks": settings.remarks,
        "auth": settings.auth,
        "meter": Meter(settings.limits),
        "retention_days": settings.retention_days,
        "gaps_by_meaning": settings.gaps_by_meaning,
        "digest": lambda name: secret.digest("erased", name),
    }
    identities = chosen(settings.auth, secret, store.database, departures, streamlits)
    if settings.apps:
        first, *others = map(_app, settings.apps)
        return over(first, identities, store, others, **known)
    backend = Backend(root, settings.data_dir / "embedded")
    first, *others = (App(slug, Client(backend.base_url, key)) for slug, key in backend.keys.items())
    return over(first, identities, store, others, backend=backend, **known)


def _app(settings: AppSettings) -> App:
    models = Models(settings.base_url, settings.dataset_key) if settings.dataset_key else None
    client = Client(settings.base_url, settings.api_key)
    return App(settings.slug, client, settings.name, settings.access, models)


def over(
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
    gaps_by_meaning: bool = False,
) -> Site:
    """The services around these parts; `first` is the app of an address that names none, `digest` makes
    64 hexadecimal digits of a name.
    """
    apps, find = (first, *others), partial(named, (first, *others))
    meter, pending, departures = (
        meter or Meter(Limits()),
        pending or PendingFiles(),
        departures or Departures(),
    )
    # What everybody uses.
    audit, directory, titles, tabs = Audit(store.database), Directory(store), Titles(), Tabs()
    preferences, variable_log = Preferences(store), VariableLog(store)
    variable_watch = VariableWatch(variable_log, apps)
    runs = Runs(store, titles, variable_watch.answered)
    archive = Archive.over(store, directory, titles, preferences, find, pending)
    # What curators use.
    annotations = Curations(store.database)
    annotation_work = AnnotationWork.over(annotations, identities.role)
    looks = Looks(store.database, directory, audit, departures)
    # What is done with people.
    people = People(store.database, audit, looks.allowed)
    people.sightings.follow(apps, directory, runs, tabs)

    def forget(user: str) -> None:
        _forget(site, user)

    site = Site(
        apps=apps,
        identities=identities,
        store=store,
        audit=audit,
        directory=directory,
        titles=titles,
        preferences=preferences,
        archive=archive,
        runs=runs,
        queue=Queue(store, runs, lambda conversation: find(conversation.app).client, meter),
        meter=meter,
        pending=pending,
        tabs=tabs,
        variable_log=variable_log,
        variable_watch=variable_watch,
        annotations=annotations,
        annotation_work=annotation_work,
        looks=looks,
        feedback=Inbox(store, directory, looks, people, audit, retention_days),
        gaps=Gaps(store.database, annotations, annotation_work.cases, by_meaning=gaps_by_meaning),
        work=Work.over(store, looks, audit, archive, titles, find),
        numbers=Numbers(store),
        people=people,
        harvest=Harvest(people),
        erasure=Erasure(store, audit, apps, pending, forget, digest),
        retention=Retention(store, pending, retention_days),
        administration=Administration.over(identities, store.database, audit),
        departures=departures,
        backend=backend,
        remarks=remarks,
        auth=auth or AuthSettings(),
    )
    return site


def _forget(site: Site, user: str) -> None:
    """Whatever of a person is in memory."""
    site.directory.forget(user)
    site.runs.forget(user)
    sightings = site.people.sightings
    for part in (site.looks, site.preferences, site.variable_log, site.archive.exports, sightings):
        part.forget(user)
    for app in site.apps:
        site.titles.forget(app.slug, user)
    site.files.forget()
    site.speeches.forget()
    site.gaps.let_go()
    match site.identities:
        case LocalAccounts(book=book):
            book.sessions.forget()
        case Oidc(sign_ins=sign_ins):
            sign_ins.end_all(user)
