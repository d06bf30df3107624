"""Annotation reply: switched on and off by jobs of the server, which are followed to whatever end they have.

The Service API tells nobody the present settings, so what was set from here is kept, job and all; a job that
never ends (a disable of what was never enabled) is given up after PATIENCE, and can be looked at again.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Literal

import sqlalchemy as sa

from services.apps import App
from services.audit import Audit
from services.database import Database, metadata
from services.dify.annotations import Action
from services.dify.errors import DifyError, Invalid, NotFound, ServerFailed, Unreachable
from services.dify.models import EmbeddingModel
from services.dify.parameters import Parameters
from services.identity import Identity, Role

PATIENCE = 30.0
"""Seconds; real jobs over a few hundred annotations take two to ten."""
LONGEST = 255
"""Characters of a provider's or a model's name."""
RUNNING = ("asked", "waiting", "processing")
annotation_reply_jobs = sa.Table(
    "annotation_reply_jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("app", sa.String(64), nullable=False),
    sa.Column("user", sa.String(255), nullable=False),
    sa.Column("action", sa.String(8), nullable=False),
    sa.Column("threshold", sa.Float, nullable=False),
    sa.Column("provider", sa.String(255), nullable=False),
    sa.Column("model", sa.String(255), nullable=False),
    sa.Column("job_id", sa.String(255), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    sa.Index("reply_jobs_by_time", "app", "asked_at"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What annotation reply is switched on with; off wants the same three."""

    threshold: float
    provider: str
    model: str

    def problem(self) -> Literal["threshold", "provider", "model"] | None:
        """Which of them cannot be sent; the server would take any threshold, and match nothing or all."""
        if not (isfinite(self.threshold) and 0 <= self.threshold <= 1):
            return "threshold"
        for name in ("provider", "model"):
            given: str = getattr(self, name)
            if not given.strip() or len(given) > LONGEST:
                return name
        return None


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch that was asked for from here, and what is known of its job.

    `status`: asked (no job is known: the answer never came), waiting, processing, completed, error, refused
    (the server took no job on), forgotten (it knows the job no longer, or never did).
    """

    id: str
    app: str
    user: str
    action: Action
    threshold: float
    provider: str
    model: str
    job_id: str = ""
    status: str = "asked"
    error: str = ""
    asked_at: float = 0.0
    """Unix seconds."""
    ended_at: float | None = None

    @property
    def running(self) -> bool:
        return self.status in RUNNING

    def overdue(self, now: float) -> bool:
        """Whether nothing came of it for so long that nobody need wait on."""
        return self.running and (self.status == "asked" or now - self.asked_at > PATIENCE)

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.threshold, self.provider, self.model)


class UnderWay(Exception):
    """A job that was begun a moment ago is still running."""


class Replies:
    """Of all apps. Every method needs the role curator, and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database, self._audit = database, Audit(database)
        self._lock = threading.Lock()

    def switch(self, identity: Identity, app: App, action: Action, wanted: Wanted) -> Switch:
        """Ask for it; the job is then followed by `look`. Raises ValueError, UnderWay.

        What the server refuses is no exception: it is what became of the switch.
        """
        identity.require(Role.CURATOR)
        if found := wanted.problem():
            raise ValueError(found)
        now = time.time()
        with self._lock:
            last = self._newest(app, 1)
            if last and last[0].running and not last[0].overdue(now):
                raise UnderWay
            values = asdict(replace(wanted, provider=wanted.provider.strip(), model=wanted.model.strip()))
            self._audit.record(identity, "reply.switched", app=app.slug, to=action, **values)
            switch = Switch(uuid.uuid4().hex, app.slug, identity.user, action, **values, asked_at=now)
            with self._database.begin() as connection:
                connection.execute(sa.insert(annotation_reply_jobs).values(asdict(switch)))
        call = app.client.annotations.enable if action == "enable" else app.client.annotations.disable
        try:
            job = call(switch.threshold, switch.provider, switch.model)
        except DifyError as error:
            unknown = isinstance(error, ServerFailed) or type(error) is Unreachable
            return self._known(switch, status="asked" if unknown else "refused", error=error.message)
        return self._known(switch, job_id=job.id, status=job.status, error=job.error)

    def look(self, identity: Identity, app: App) -> Switch | None:
        """The last switch, after a look at its job if that still runs; None where none was asked for here.

        Raises DifyError where the job cannot be looked at now.
        """
        switch = self.last(identity, app)
        if switch is None or not switch.running or not switch.job_id:
            return switch
        try:
            job = app.client.annotations.status(switch.action, switch.job_id)
        except (Invalid, NotFound):
            return self._known(switch, status="forgotten")
        return self._known(switch, status=job.status, error=job.error)

    def last(self, identity: Identity, app: App) -> Switch | None:
        """As it was last known; asks nobody."""
        identity.require(Role.CURATOR)
        return next(iter(self._newest(app, 1)), None)

    def earlier(self, identity: Identity, app: App) -> list[Switch]:
        """The last twenty, newest first."""
        identity.require(Role.CURATOR)
        return self._newest(app, 20)

    def parameters(self, identity: Identity, app: App) -> Parameters:
        """What the app itself says now; a chatflow never says that it is on. Raises DifyError."""
        identity.require(Role.CURATOR)
        return app.client.application.parameters()

    def models(self, identity: Identity, app: App) -> tuple[EmbeddingModel, ...] | None:
        """Embedding models of the workspace; None where no dataset key is set. Raises DifyError."""
        identity.require(Role.CURATOR)
        return None if app.models is None else app.models.embedding()

    def _newest(self, app: App, limit: int) -> list[Switch]:
        table = annotation_reply_jobs.c
        query = sa.select(annotation_reply_jobs).where(table.app == app.slug)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(table.asked_at.desc()).limit(limit)).mappings()
            return [Switch(**row) for row in rows]

    def _known(self, switch: Switch, *, status: str, job_id: str | None = None, error: str = "") -> Switch:
        ended = None if status in RUNNING else time.time()
        job_id = switch.job_id if job_id is None else job_id
        known = replace(switch, status=status, job_id=job_id, error=error[:2000], ended_at=ended)
        if known != switch:
            values = {"status": status, "job_id": job_id, "error": known.error, "ended_at": ended}
            which = annotation_reply_jobs.c.id == switch.id
            with self._database.begin() as connection:
                connection.execute(sa.update(annotation_reply_jobs).where(which).values(values))
        return known
