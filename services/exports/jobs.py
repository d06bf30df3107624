"""Exports that were asked for: what goes into each, in which format, and how far it is.

A job is only its description: nothing is read before its file is fetched, and no more than one conversation
of it is in memory at a time.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.apps import App
from services.audit import Audit
from services.dify.errors import DifyError
from services.dify.records import Conversation
from services.directory import Directory
from services.exports.csv_file import CsvFile
from services.exports.document import Document, Writer, file_name, gathered
from services.exports.html_page import HtmlPage
from services.exports.json_file import JsonFile
from services.exports.markdown_file import MarkdownFile
from services.exports.pictures import Pictures
from services.history import History, Query
from services.identity import Identity, Role
from services.privacy.masking import Masker
from services.store import StoreError

FORMATS = ("markdown", "json", "csv", "html")
KEPT = 3600.0
"""Seconds for which a job can be fetched."""
MOST = 500
"""Jobs that are remembered."""
Named = Callable[[App, str, list[Conversation]], list[Conversation]]


@dataclass(slots=True)
class Job:
    token: str
    app: App
    identity: Identity
    wanted: Sequence[str] | Query
    """Ids of conversations, or what finds them."""
    kind: str
    """One of FORMATS."""
    made_at: float
    mask: bool = False
    """Personal data is replaced by placeholders, as far as it is found."""
    total: int | None = None
    """Conversations; None until they are counted."""
    done: int = 0
    failed: int = 0
    """Conversations that could not be read whole; the file says so at their place."""
    state: str = "waiting"
    """waiting, running, complete, failed."""
    users: Mapping[str, str] = field(default_factory=dict)
    """Whose conversations they are, by id, where they are not all of whoever asked."""

    def user(self, conversation_id: str) -> str:
        return self.users.get(conversation_id, self.identity.user)

    @property
    def reader(self) -> str:
        """Whose pictures can be had: those of one person."""
        users = set(self.users.values())
        return users.pop() if len(users) == 1 else self.identity.user


class Exports:
    def __init__(self, audit: Audit, directory: Directory, history: History, named: Named) -> None:
        self._audit, self._directory, self._history, self._named = audit, directory, history, named
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def request(
        self, identity: Identity, app: App, wanted: Sequence[str] | Query, kind: str, *, mask: bool = False
    ) -> Job:
        """Remember what is to be exported. Raises Denied, ValueError for an unknown format."""
        identity.require(Role.VIEWER)
        if kind not in FORMATS:
            raise ValueError(f"one of {', '.join(FORMATS)}")
        now = time.monotonic()
        job = Job(secrets.token_urlsafe(16), app, identity, wanted, kind, now, mask)
        with self._lock:
            self._jobs[job.token] = job
            old = [token for token, known in self._jobs.items() if known.made_at < now - KEPT]
            for token in old or (list(self._jobs)[:1] if len(self._jobs) > MOST else []):
                del self._jobs[token]
        return job

    def of(self, identity: Identity, token: str) -> Job | None:
        """The job, if it is this person's."""
        job = self._jobs.get(token)
        return job if job and job.identity.user == identity.user else None

    def forget(self, user: str) -> None:
        """This person's data is erased: what was asked for can no longer be fetched."""
        with self._lock:
            for token in [token for token, job in self._jobs.items() if job.identity.user == user]:
                del self._jobs[token]

    def writer(self, job: Job) -> Writer:
        match job.kind:
            case "json":
                return JsonFile()
            case "csv":
                return CsvFile()
            case "html" if not job.mask:  # nobody looks for names in pictures
                return HtmlPage(Pictures(job.app, job.reader).address)
            case "html":
                return HtmlPage()
            case _:
                return MarkdownFile()

    def name(self, job: Job) -> str:
        """What the file is called."""
        extension = self.writer(job).extension
        if isinstance(job.wanted, Query) or len(job.wanted) != 1 or job.mask:
            return file_name("", extension)
        return file_name(self._row(job, job.wanted[0]).name, extension)

    def written(self, job: Job) -> Iterator[bytes]:
        """The file, piece by piece; blocks on Dify. Raises DifyError, StoreError, before the first piece."""
        job.state = "running"
        try:
            ids = self._ids(job)
            one = ids[0] if len(ids) == 1 else ""
            self._audit.record(
                job.identity,
                "conversation.exported",
                app=job.app.slug,
                about=one,
                count=len(ids),
                format=job.kind,
            )
        except (DifyError, StoreError):
            job.state = "failed"
            raise
        job.total, job.done, job.failed = len(ids), 0, 0
        writer = self.writer(job)
        users = [job.identity.user, *set(job.users.values())]
        masker = Masker([job.identity.name], users) if job.mask else None
        try:
            title = "Conversations"
            for number, conversation_id in enumerate(ids):
                document = self._document(job, conversation_id)
                document = masker.record(document) if masker else document
                if number == 0:
                    title = document.title if len(ids) == 1 else title
                    yield _bytes(writer.head(title))
                for piece in writer.one(document):
                    if piece:
                        yield _bytes(piece)
                job.failed += bool(document.problem)
                job.done += 1
            if not ids:
                yield _bytes(writer.head(title))
            yield _bytes(writer.foot())
            job.state = "complete"
        finally:
            if job.state != "complete":
                job.state = "failed"

    def _ids(self, job: Job) -> Sequence[str]:
        if isinstance(job.wanted, Query):
            return self._history.matching(job.identity, job.app, job.wanted)
        return job.wanted

    def _document(self, job: Job, conversation_id: str) -> Document:
        return gathered(job.app, self._directory, job.user(conversation_id), self._row(job, conversation_id))

    def _row(self, job: Job, conversation_id: str) -> Conversation:
        user = job.user(conversation_id)
        return self._named(job.app, user, self._history.rows(job.app, user, [conversation_id]))[0]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
