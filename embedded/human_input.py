"""Human input: the form that a paused run waits for. Source: recordings a1_*."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from embedded.app import App
from embedded.approval import ACTIONS, COMMENT
from embedded.backend import Backend
from embedded.caller import Caller, keyed, speaking
from embedded.chatflow import go_on
from embedded.errors import Refused, not_found, read
from embedded.responses import CompactJSON, SpacedJSON
from embedded.tables.runs import Form

router = APIRouter(prefix="/form/human_input")


class HumanInputFormSubmitPayload(BaseModel):
    """The body of POST: a value for every input, and the id of the action that was chosen."""

    inputs: dict[str, Any]
    action: str


@router.get("/{token}")
def show(caller: Annotated[Caller, Depends(keyed)], token: str) -> Response:
    """What is asked."""
    form = _open(caller, token)
    definition = form.definition
    answer = SpacedJSON(
        {
            "form_content": definition["form_content"],
            "inputs": definition["inputs"],
            "resolved_default_values": {},
            "user_actions": definition["actions"],
            "expiration_time": definition["expiration_time"],
        }
    )
    answer.headers["content-type"] = "application/json"
    return answer


@router.post("/{token}")
async def submit(caller: Annotated[Caller, Depends(speaking)], token: str) -> Response:
    """Answer the form: its run goes on."""
    caller.named()
    payload = read(HumanInputFormSubmitPayload, caller.body)
    form = await asyncio.to_thread(_open, caller, token)
    if payload.action not in (each["id"] for each in ACTIONS):
        raise Refused(400, "invalid_form_data", f"Invalid action: {payload.action}")
    name = str(COMMENT["output_variable_name"])
    comment = payload.inputs.get(name)
    if comment is None:
        raise Refused(400, "invalid_form_data", f"Missing required inputs: {name}")
    if not isinstance(comment, str):
        raise Refused(400, "invalid_form_data", f"Invalid value for input: {name}")
    submission = {"inputs": {name: comment}, "action": payload.action}
    if not await asyncio.to_thread(caller.backend.runs.submit, token, submission):
        raise _submitted(form)
    await resume(caller.backend, caller.app, form.run_id, caller.base)
    return CompactJSON({})


async def resume(backend: Backend, app: App, run_id: str, base: str) -> None:
    """Let a run go on whose form was answered."""
    run = await asyncio.to_thread(backend.runs.one, app.id, run_id)
    form = await asyncio.to_thread(backend.runs.form_of, run_id)
    if run is None or form is None:
        return  # the conversation was deleted meanwhile
    message = await asyncio.to_thread(backend.store.message, app.id, run.user, run.message_id)
    if message is None:
        return
    number = await asyncio.to_thread(backend.store.number, message)
    asked = message.asked(number)
    go_on(backend, app, run, form, asked, message.query, message.outcome.answer, base)


def _open(caller: Caller, token: str) -> Form:
    form = caller.backend.runs.form(caller.app.id, token)
    if form is None:
        raise not_found(
            f"Form not found. You have requested this URI [/v1/form/human_input/{token}] but did you mean "
            "/v1/form/human_input/<string:form_token> or /api/form/human_input/<string:form_token> or "
            "/api/form/human_input/<string:form_token>/upload-token ?"
        )
    if form.submission is not None:
        raise _submitted(form)
    if form.expires_at < time.time():
        message = f"This form has expired, form_id={form.id}"
        raise Refused(412, "human_input_form_expired", message)
    return form


def _submitted(form: Form) -> Refused:
    message = f"This form has already been submitted by another user, form_id={form.id}"
    return Refused(412, "human_input_form_submitted", message)
