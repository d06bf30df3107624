"""Answering the form that a paused answer waits for; then the rest of the answer is followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services import form_files
from services.apps import App
from services.conversations import Conversation
from services.dify.errors import Invalid
from services.dify.form import HumanInput
from services.dify.loose import text
from services.dify.parts import File
from services.identity import Identity, Role
from services.limits import Meter
from services.runs import Busy, Runs
from services.turn import Turn
from services.uploads import Chosen, Unfit, unfit, upload

SUBMITTED = "human_input_form_submitted"
EXPIRED = "human_input_form_expired"


class NoSuchForm(LookupError):
    """No paused answer with an open form of that id."""


class Unsuitable(ValueError):
    """The file cannot go; `unfit` says why."""

    def __init__(self, reason: Unfit) -> None:
        super().__init__(reason.code)
        self.unfit = reason


def submit(
    runs: Runs,
    identity: Identity,
    app: App,
    conversation: Conversation,
    turn_id: str,
    form_id: str,
    inputs: Mapping[str, Any],
    action: str,
) -> None:
    """Send it, and let the answer go on: also where somebody else has sent it before.

    Raises Denied, NoSuchForm, Busy, ValueError, DifyError (recordings a1_form_*): the form then stays as it
    was.
    """
    identity.require(Role.AGENT)
    turn, form = open_form(conversation, turn_id, form_id)
    if conversation.busy:
        raise Busy
    choice, values = title(form, action), form_files.filled(form, inputs)
    try:
        app.client.human_input.submit(form.form_token, conversation.user, values, action)
    except Invalid as error:
        if error.code == EXPIRED:
            gone = tuple(replace(f, expired=True) if f is form else f for f in turn.forms)
            conversation.change(replace(turn, forms=gone))
        if error.code != SUBMITTED:
            raise
        choice = ""
    runs.resume(app.client, conversation, turn.resumed(form_id, choice))


def bring(
    identity: Identity,
    app: App,
    conversation: Conversation,
    turn_id: str,
    form_id: str,
    name: str,
    chosen: Chosen,
    meter: Meter,
) -> File:
    """Upload one file for the field `name` of an open form; blocks on Dify.

    Raises Denied, NoSuchForm, Unsuitable, NotServed, DifyError.
    """
    identity.require(Role.AGENT)
    _, form = open_form(conversation, turn_id, form_id)
    field = form_files.field_of(form, name)
    if field is None:
        raise NoSuchForm(name)
    taken = form_files.rules(field, app.profile().parameters.file_upload)
    if wrong := unfit(chosen, taken):
        raise Unsuitable(wrong)
    return upload(app.client, identity, chosen, taken, meter)


def open_form(conversation: Conversation, turn_id: str, form_id: str) -> tuple[Turn, HumanInput]:
    """A paused answer and its form. Raises NoSuchForm."""
    turn = conversation.turn(turn_id)
    form = next((f for f in turn.forms if f.form_id == form_id), None) if turn else None
    if turn is None or form is None or turn.state != "paused" or not form.form_token:
        raise NoSuchForm(form_id)
    return turn, form


def title(form: HumanInput, action: str) -> str:
    """The words on the button of an action."""
    return next((text(each.get("title")) for each in form.actions if each.get("id") == action), "")


def default(form: HumanInput, field: Mapping[str, Any]) -> str:
    """What a control of it begins with."""
    named = form.defaults.get(text(field.get("output_variable_name")))
    given = field.get("default")
    constant = given.get("value") if isinstance(given, dict) else given
    return text(named if named is not None else constant)


def options(field: Mapping[str, Any]) -> tuple[str, ...]:
    """Of a select."""
    source = field.get("option_source")
    found = source.get("value") if isinstance(source, dict) else field.get("options")
    return tuple(t for t in map(text, found) if t) if isinstance(found, list) else ()
