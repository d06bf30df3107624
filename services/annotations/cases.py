"""Proof that annotations answer: a question tried, questions kept as cases, all cases run, and the record."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.annotations.book import Book, Row
from services.annotations.case import Case, CaseResult, CaseRun
from services.annotations.case_record import CaseRecord
from services.annotations.comparing import Comparison, Near, meaning
from services.annotations.patience import Patience, Told
from services.annotations.row import LONGEST_QUESTION, Invalid
from services.annotations.scratch import Heard, Scratch
from services.apps import App
from services.database import Database, StoreError
from services.dify.errors import DifyError
from services.identity import Identity, Role

RESEMBLING = 40
"""Percent of equal letters below which a question is not worth showing."""
SHOWN = 3
ENDS_WITHIN = 0.5


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one question. `row` is the annotation that answered, if it is still there."""

    question: str
    heard: Heard
    row: Row | None
    near: tuple[Near, ...]


class Running(Exception):
    """The cases of this app are being run already."""


class Cases:
    """Of all apps. Every method needs the role curator, and raises StoreError."""

    def __init__(self, book: Callable[[App], Book], database: Database, pause: float = 0.5) -> None:
        self._book, self._database, self._pause = book, database, pause
        self._scratch = Scratch()
        self._lock = threading.Lock()
        self._runners: dict[str, tuple[str, threading.Event, threading.Thread]] = {}

    def try_out(self, identity: Identity, app: App, question: str) -> Tried:
        """Ask the app. Raises Invalid, DifyError."""
        identity.require(Role.CURATOR)
        _check(question)
        heard = self._scratch.ask(identity, app, question)
        rows = self._book(app).rows(identity)
        row = next((row for row in rows if row.id == heard.annotation_id), None)
        near = Comparison(rows).nearest(question, SHOWN, RESEMBLING)
        return Tried(question, heard, row, tuple(near))

    def save(self, identity: Identity, app: App, question: str, expected: Row | None) -> Case:
        """Keep a question with the annotation that should answer it; None: none should. Raises Invalid."""
        identity.require(Role.CURATOR)
        _check(question)
        row = expected or Row("")
        case = Case(uuid.uuid4().hex, app.slug, identity.user, time.time(), question, row.id, row.question)
        self._record(app).add(case)
        return case

    def all(self, identity: Identity, app: App) -> list[Case]:
        """Oldest first."""
        identity.require(Role.CURATOR)
        return self._record(app).cases()

    def remove(self, identity: Identity, app: App, case_id: str) -> None:
        identity.require(Role.CURATOR)
        self._record(app).remove(case_id)

    def run(self, identity: Identity, app: App) -> str:
        """Ask every case's question, in a thread; the id of the run. Raises Running."""
        identity.require(Role.CURATOR)
        record = self._record(app)
        cases = record.cases()
        with self._lock:
            if self._at_work(app):
                raise Running
            run = CaseRun(uuid.uuid4().hex, app.slug, identity.user, time.time(), None, len(cases))
            record.begin(run)
            stop = threading.Event()
            thread = threading.Thread(
                target=self._run, args=(identity, app, run, cases, stop), name="cases", daemon=True
            )
            self._runners[app.slug] = run.id, stop, thread
            thread.start()
        return run.id

    def stop(self, identity: Identity, app: App) -> None:
        """After the question that is being asked."""
        identity.require(Role.CURATOR)
        with self._lock:
            _, stop, _ = self._runners.get(app.slug, ("", threading.Event(), None))
        stop.set()

    def under_way(self, identity: Identity, app: App) -> str | None:
        """The id of the run that goes on now."""
        identity.require(Role.CURATOR)
        with self._lock:
            return self._at_work(app)

    def runs(self, identity: Identity, app: App, limit: int = 50) -> list[tuple[CaseRun, Mapping[str, int]]]:
        """Newest first, each with how many results of each outcome it has."""
        identity.require(Role.CURATOR)
        return self._record(app).runs(limit)

    def results(self, identity: Identity, app: App, run_id: str) -> list[CaseResult]:
        identity.require(Role.CURATOR)
        return self._record(app).results(run_id)

    def close(self) -> None:
        with self._lock:
            working = list(self._runners.values())
        for _, stop, _ in working:
            stop.set()
        for _, _, thread in working:
            thread.join(ENDS_WITHIN)

    def _record(self, app: App) -> CaseRecord:
        return CaseRecord(app.slug, self._database)

    def _at_work(self, app: App) -> str | None:
        run_id, _, thread = self._runners.get(app.slug, ("", None, None))
        return run_id if thread and thread.is_alive() else None

    def _run(
        self, identity: Identity, app: App, run: CaseRun, cases: list[Case], stop: threading.Event
    ) -> None:
        record, patience = self._record(app), Patience(stop, lambda _: None, self._pause)
        try:
            rows: dict[str, Row] = {}
            for case in cases:
                if stop.is_set():
                    return
                result = self._result(identity, app, case, rows, patience)
                record.note(run.id, result)
            record.end(run.id)
        except Told:
            return
        except StoreError:
            return  # what was written stays: a run without an end

    def _result(
        self, identity: Identity, app: App, case: Case, rows: dict[str, Row], patience: Patience
    ) -> CaseResult:
        def ask() -> Heard:
            if not rows:
                rows.update((row.id, row) for row in self._book(app).rows(identity, fresh=True))
            return self._scratch.ask(identity, app, case.question)

        try:
            heard = patience.through(ask)
        except DifyError as error:
            return CaseResult(
                case.id, case.question, case.expected_id, case.expected_question, "error", error.code
            )
        got = rows.get(heard.annotation_id, Row(heard.annotation_id))
        outcome = "error" if heard.error else _outcome(case, got)
        return CaseResult(
            case.id,
            case.question,
            case.expected_id,
            case.expected_question,
            outcome,
            heard.error,
            got.id,
            got.question,
        )


def _outcome(case: Case, got: Row) -> str:
    if not got.id:
        return "hit" if not case.expected_id else "miss"
    # One that was deleted and restored has another id, and the same question.
    same = got.id == case.expected_id or (
        bool(case.expected_id) and meaning(got.question) == meaning(case.expected_question)
    )
    return "hit" if same else "wrong"


def _check(question: str) -> None:
    if not question.strip():
        raise Invalid("question", "empty")
    if len(question) > LONGEST_QUESTION:
        raise Invalid("question", "too_long", LONGEST_QUESTION)
