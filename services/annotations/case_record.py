"""The test cases of an app, and what came of every run of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict

import sqlalchemy as sa

from services.annotations.case import (
    Case,
    CaseResult,
    CaseRun,
    annotation_case_results,
    annotation_case_runs,
    annotation_cases,
)
from services.database import Database


class CaseRecord:
    """Of one app. Methods raise StoreError."""

    def __init__(self, app: str, database: Database) -> None:
        self._app, self._database = app, database

    def add(self, case: Case) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.insert(annotation_cases).values(asdict(case)))

    def cases(self) -> list[Case]:
        """Oldest first."""
        query = sa.select(annotation_cases).where(annotation_cases.c.app == self._app)
        with self._database.begin() as connection:
            found = connection.execute(query.order_by(annotation_cases.c.at)).mappings()
            return [Case(**row) for row in found]

    def remove(self, case_id: str) -> None:
        table = annotation_cases.c
        with self._database.begin() as connection:
            connection.execute(
                sa.delete(annotation_cases).where((table.app == self._app) & (table.id == case_id))
            )

    def begin(self, run: CaseRun) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.insert(annotation_case_runs).values(asdict(run)))

    def note(self, run_id: str, result: CaseResult) -> None:
        with self._database.begin() as connection:
            values = {"run_id": run_id, **asdict(result)}
            connection.execute(sa.insert(annotation_case_results).values(values))

    def end(self, run_id: str) -> None:
        which = annotation_case_runs.c.id == run_id
        with self._database.begin() as connection:
            connection.execute(sa.update(annotation_case_runs).where(which).values(ended_at=time.time()))

    def runs(self, limit: int) -> list[tuple[CaseRun, Mapping[str, int]]]:
        """Newest first, with how many results of each outcome."""
        runs, results = annotation_case_runs.c, annotation_case_results.c
        query = sa.select(annotation_case_runs).where(runs.app == self._app).order_by(runs.at.desc())
        with self._database.begin() as connection:
            found = [CaseRun(**row) for row in connection.execute(query.limit(limit)).mappings()]
            counted = sa.select(results.run_id, results.outcome, sa.func.count()).where(
                results.run_id.in_([run.id for run in found])
            )
            counts = connection.execute(counted.group_by(results.run_id, results.outcome)).all()
        return [(run, {outcome: n for of, outcome, n in counts if of == run.id}) for run in found]

    def results(self, run_id: str) -> list[CaseResult]:
        results, runs = annotation_case_results.c, annotation_case_runs.c
        names = [column for column in annotation_case_results.c if column.name != "run_id"]
        query = sa.select(*names).join(annotation_case_runs, runs.id == results.run_id)
        query = query.where((runs.app == self._app) & (results.run_id == run_id))
        with self._database.begin() as connection:
            return [CaseResult(**row) for row in connection.execute(query).mappings()]
