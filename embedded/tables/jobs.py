"""Jobs: annotation reply being switched on or off, kept so that an acknowledged one is done after a crash
too. Source: recordings 93_*."""

from __future__ import annotations

import time
from dataclasses import dataclass
from sqlite3 import Row
from uuid import uuid4

from embedded.database import Database

FORGOTTEN_AFTER = 600.0  # seconds that an ended job is still known


@dataclass(frozen=True, slots=True)
class Job:
    """One wish to switch annotation reply on (`enable`) or off (`disable`)."""

    id: str
    app_id: str
    action: str
    threshold: float
    provider: str
    model: str
    status: str = "waiting"
    error: str = ""

    @classmethod
    def of(cls, row: Row) -> Job:
        """A row of the table."""
        return cls(*(row[name] for name in cls.__dataclass_fields__))


class Jobs:
    """The table `jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, app_id: str, action: str, threshold: float, provider: str, model: str) -> Job:
        """A new job, waiting."""
        job = Job(str(uuid4()), app_id, action, threshold, provider, model)
        self._database.write(
            "INSERT INTO jobs (id, app_id, action, threshold, provider, model) VALUES (?, ?, ?, ?, ?, ?)",
            job.id,
            app_id,
            action,
            threshold,
            provider,
            model,
        )
        return job

    def one(self, app_id: str, action: str, job_id: str) -> Job | None:
        """One job, None if there is no such or it ended too long ago."""
        row = self._database.one(
            "SELECT * FROM jobs WHERE app_id = ? AND action = ? AND id = ?"
            " AND (ended_at IS NULL OR ended_at > ?)",
            app_id,
            action,
            job_id,
            time.time() - FORGOTTEN_AFTER,
        )
        return Job.of(row) if row else None

    def waiting(self) -> list[Job]:
        """Every job that is still to be done, oldest first."""
        rows = self._database.all(
            "SELECT * FROM jobs WHERE status = 'waiting' AND ended_at IS NULL ORDER BY seq", {}
        )
        return [Job.of(row) for row in rows]

    def fail(self, job: Job, error: str) -> None:
        """End a job with an error, changing nothing else."""
        self._database.write(
            "UPDATE jobs SET status = 'error', error = ?, ended_at = ? WHERE id = ?",
            error,
            time.time(),
            job.id,
        )

    def abandon(self, job: Job) -> None:
        """Leave a job waiting for ever."""
        self._database.write("UPDATE jobs SET ended_at = ? WHERE id = ?", time.time(), job.id)

    def complete(self, job: Job) -> None:
        """Do what the job asks for and end it, together."""
        with self._database.change() as db:
            if job.action == "enable":
                db.execute(
                    "INSERT INTO annotation_replies (app_id, id, threshold, provider, model)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (app_id) DO UPDATE SET"
                    " threshold = excluded.threshold, provider = excluded.provider, model = excluded.model",
                    (job.app_id, str(uuid4()), job.threshold, job.provider, job.model),
                )
            else:
                db.execute("DELETE FROM annotation_replies WHERE app_id = ?", (job.app_id,))
            db.execute(
                "UPDATE jobs SET status = 'completed', ended_at = ? WHERE id = ?", (time.time(), job.id)
            )
