"""Annotation reply: switched on and off by jobs. Source: "Annotations" in the API document, recordings
93_*."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from embedded import worker
from embedded.backend import Backend
from embedded.caller import Caller, keyed, speaking
from embedded.errors import broken, invalid, read
from embedded.responses import CompactJSON
from embedded.tables.jobs import Job

SETTLES = 0.2  # seconds that a job is seen waiting

router = APIRouter(prefix="/apps/annotation-reply")


class AnnotationReplyActionPayload(BaseModel):
    """The body of both actions; thresholds and model names are taken as they are."""

    score_threshold: float
    embedding_provider_name: str
    embedding_model_name: str


@router.post("/{action}")
async def switch(caller: Annotated[Caller, Depends(speaking)], action: str) -> Response:
    """Begin a job that switches annotation reply on (`enable`) or off (`disable`)."""
    payload = read(AnnotationReplyActionPayload, caller.body)
    if action not in ("enable", "disable"):
        raise broken()  # recording 93_reply_enable_bad_action
    job = await asyncio.to_thread(
        caller.backend.jobs.add,
        caller.app.id,
        action,
        payload.score_threshold,
        payload.embedding_provider_name,
        payload.embedding_model_name,
    )
    work_later(caller.backend)
    return CompactJSON({"job_id": job.id, "job_status": "waiting"})


@router.get("/{action}/status/{job_id:uuid}")
def status(caller: Annotated[Caller, Depends(keyed)], action: str, job_id: UUID) -> Response:
    """How far a job is: waiting, completed, or error."""
    job = caller.backend.jobs.one(caller.app.id, action, str(job_id))
    if job is None:
        raise invalid("The job does not exist.")
    return CompactJSON({"job_id": job.id, "job_status": job.status, "error_msg": job.error})


def work_later(backend: Backend) -> None:
    """Do every waiting job in a moment, in their order; from the event loop."""

    async def work() -> None:
        await asyncio.get_running_loop().run_in_executor(backend.clerk, _work, backend)

    backend.tasks.later(SETTLES, work)


def _work(backend: Backend) -> None:
    for job in backend.jobs.waiting():
        _do(backend, job)


def _do(backend: Backend, job: Job) -> None:
    if job.action == "disable" and backend.annotations.settings(job.app_id) is None:
        backend.jobs.abandon(job)  # a real server leaves it waiting for ever
        return
    if job.action == "enable" and backend.annotations.all(job.app_id):
        if job.provider not in ("embedded", backend.likeness.provider):
            backend.jobs.fail(job, f"Provider {job.provider} does not exist.")
            return
        try:
            backend.matcher.index(job.app_id)
        except worker.Ended:
            return  # it is done at the next start
        except (worker.Broken, worker.Missing) as error:
            backend.jobs.fail(job, f"The embedding model failed: {error}")
            return
    backend.jobs.complete(job)
