"""The services of this process, which pages and routes reach by it; put together in assembly.py."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from services import left_behind, roll_call
from services.administration import Administration
from services.annotations.curation import Curations
from services.annotations.work import AnnotationWork
from services.apps import App, named
from services.archive import Archive
from services.audit import Audit
from services.auth_settings import AuthSettings
from services.backend import Backend
from services.conversations import Conversation
from services.directory import Directory
from services.feedback.inbox import Inbox
from services.files import Files
from services.gaps.gaps import Gaps
from services.icons import Icons
from services.identity import Departures, Identities, Identity, Role
from services.limits import Meter
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
from services.speech import Speeches
from services.store import Store
from services.tabs import Tabs
from services.titles import Titles
from services.variable_log import VariableLog
from services.variable_watch import VariableWatch
from services.work.work import Work


@dataclass(frozen=True, slots=True)
class Site:
    apps: tuple[App, ...]
    identities: Identities
    store: Store
    audit: Audit

    # What everybody uses.
    directory: Directory
    titles: Titles
    preferences: Preferences
    archive: Archive
    runs: Runs
    queue: Queue
    meter: Meter
    pending: PendingFiles
    tabs: Tabs
    variable_log: VariableLog
    variable_watch: VariableWatch

    # What curators and agents use.
    annotations: Curations
    annotation_work: AnnotationWork
    looks: Looks
    feedback: Inbox
    gaps: Gaps
    work: Work
    numbers: Numbers

    # What admins use.
    people: People
    harvest: Harvest
    erasure: Erasure
    retention: Retention
    administration: Administration

    departures: Departures
    backend: Backend | None
    """The embedded one, where no Dify is configured."""
    remarks: tuple[str, ...]
    auth: AuthSettings
    """What is told of it: which groups give which role, and whom to ask."""
    files: Files = field(default_factory=Files)
    icons: Icons = field(default_factory=Icons)
    speeches: Speeches = field(default_factory=Speeches)
    ending: threading.Event = field(default_factory=threading.Event)

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
        return named(mine, slug or "")

    def naming(self, slug: str) -> dict[str, str]:
        """How an address names an app; a site of one has no need to."""
        return {"app": slug} if slug and len(self.apps) > 1 else {}

    def app_of(self, conversation: Conversation) -> App:
        """Raises NoSuchApp where it is not configured any more."""
        return named(self.apps, conversation.app)

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
        self.erasure.start()
        threading.Thread(target=left_behind.take_up, args=(self,), name="reconcile", daemon=True).start()
        roll_call.begin(self.apps, self.backend, self.ending)

    def stop(self) -> None:
        """Everything unsaved is written and the backend is gone when this returns (about a second)."""
        self.ending.set()
        self.harvest.ending.set()
        self.erasure.stop()
        self.retention.stop()
        self.archive.stop()
        self.runs.close()
        self.annotation_work.close()
        self.feedback.close()
        self.gaps.meanings.close()
        if self.backend:
            self.backend.stop()
        self.store.close()


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
