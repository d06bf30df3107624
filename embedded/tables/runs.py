"""Runs of a chatflow, and the forms that some of them wait for. Source: recordings a0_* to a3_*."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any
from uuid import uuid4

from embedded.database import Database

OPEN_FOR = 3600.0  # seconds that a form waits for its answer
TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `nodes` are those that have begun, as `node_finished` describes them; times in unix
    seconds."""

    id: str
    message_id: str
    app_id: str
    user: str
    task_id: str
    status: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    error: str | None
    nodes: tuple[Mapping[str, Any], ...]
    tokens: int
    created_at: float
    finished_at: float | None

    @classmethod
    def of(cls, row: Row) -> Run:
        """A row of the table `runs`."""
        values = {name: row[name] for name in cls.__dataclass_fields__}
        values |= {name: json.loads(row[name]) for name in ("inputs", "outputs")}
        return cls(**{**values, "nodes": tuple(json.loads(row["nodes"]))})

    @property
    def elapsed(self) -> float:
        """Seconds it took, 0 while it is under way."""
        return round(self.finished_at - self.created_at, 6) if self.finished_at else 0.0


@dataclass(frozen=True, slots=True)
class Form:
    """What a paused run asks a human. `definition` is the `data` of its human_input_required."""

    token: str
    id: str
    run_id: str
    definition: Mapping[str, Any]
    submission: Mapping[str, Any] | None
    expires_at: float

    @classmethod
    def of(cls, row: Row) -> Form:
        """A row of the table `forms`."""
        submission = row["submission"]
        return cls(
            row["token"],
            row["id"],
            row["run_id"],
            json.loads(row["definition"]),
            json.loads(submission) if submission else None,
            row["expires_at"],
        )


class Runs:
    """The tables `runs` and `forms`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, run_id: str, message_id: str, app_id: str, user: str, task_id: str, inputs: Mapping[str, Any]
    ) -> None:
        """Write down a run that starts."""
        self._database.write(
            "INSERT INTO runs (id, message_id, app_id, user, task_id, inputs, created_at)"
            " SELECT ?, id, ?, ?, ?, ?, ? FROM messages WHERE id = ?",
            run_id,
            app_id,
            user,
            task_id,
            json.dumps(dict(inputs)),
            time.time(),
            message_id,
        )

    def change(
        self,
        run_id: str,
        status: str,
        nodes: list[dict[str, Any]],
        outputs: Mapping[str, Any],
        error: str | None = None,
        tokens: int = 0,
    ) -> None:
        """Write down how far a run came, or how it ended."""
        self._database.write(
            "UPDATE runs SET status = ?, nodes = ?, outputs = ?, error = ?, tokens = ?, finished_at = ?"
            " WHERE id = ?",
            status,
            json.dumps(nodes),
            json.dumps(dict(outputs)),
            error,
            tokens,
            None if status in ("running", "paused") else time.time(),
            run_id,
        )

    def one(self, app_id: str, run_id: str) -> Run | None:
        """One run, None if this app has no such."""
        row = self._database.one("SELECT * FROM runs WHERE app_id = ? AND id = ?", app_id, run_id)
        return Run.of(row) if row else None

    def ask(self, run_id: str, definition: Mapping[str, Any]) -> Form:
        """Open a form; the same with its token, id and time of expiry (also in its definition)."""
        token, form_id = secrets.token_urlsafe(TOKEN_BYTES).replace("-", "x").replace("_", "y"), str(uuid4())
        expires_at = time.time() + OPEN_FOR
        whole = {
            "form_id": form_id,
            **definition,
            "form_token": token,
            "approval_channels": ["console"],
            "resolved_default_values": {},
            "expiration_time": int(expires_at),
        }
        self._database.write(
            "INSERT INTO forms (token, id, run_id, definition, expires_at)"
            " SELECT ?, ?, id, ?, ? FROM runs WHERE id = ?",
            token,
            form_id,
            json.dumps(whole),
            expires_at,
            run_id,
        )
        return Form(token, form_id, run_id, whole, None, expires_at)

    def form(self, app_id: str, token: str) -> Form | None:
        """One form, None if this app has no such."""
        row = self._database.one(
            "SELECT forms.* FROM forms JOIN runs ON runs.id = run_id WHERE app_id = ? AND token = ?",
            app_id,
            token,
        )
        return Form.of(row) if row else None

    def form_of(self, run_id: str) -> Form | None:
        """The form of a run, None if it has none."""
        row = self._database.one("SELECT * FROM forms WHERE run_id = ?", run_id)
        return Form.of(row) if row else None

    def run_of(self, message_id: str) -> str | None:
        """The id of a message's run, None if it has none."""
        row = self._database.one("SELECT id FROM runs WHERE message_id = ?", message_id)
        return row["id"] if row else None

    def submit(self, token: str, submission: Mapping[str, Any]) -> bool:
        """Keep the answer to a form; False if somebody was faster."""
        with self._database.change() as db:
            sql = "UPDATE forms SET submission = ? WHERE token = ? AND submission IS NULL"
            return db.execute(sql, (json.dumps(dict(submission)), token)).rowcount > 0

    def give_up(self, error: str) -> None:
        """End every run that was under way when the server ended; its answer is lost."""
        self._database.write(
            "UPDATE runs SET status = 'failed', error = ?, finished_at = ? WHERE status = 'running'",
            error,
            time.time(),
        )

    def answered(self) -> list[tuple[str, str]]:
        """App and id of the runs that are paused although their form was answered."""
        sql = (
            "SELECT runs.app_id, runs.id FROM runs JOIN forms ON forms.run_id = runs.id"
            " WHERE status = 'paused' AND submission IS NOT NULL"
        )
        return [(row["app_id"], row["id"]) for row in self._database.all(sql, {})]
