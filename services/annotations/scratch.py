"""A question to the app as nobody's, in a conversation of its own that is deleted once it was answered."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from services.apps import App
from services.dify.errors import DifyError, EndpointMissing, NotFound
from services.dify.parameters import InputField
from services.identity import Identity, Role
from services.turn import Turn

LONGEST = 120.0
"""Seconds that an answer may take."""
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """`annotation_id` is "" where the model answered. With `error`, nothing is known."""

    annotation_id: str = ""
    answer: str = ""
    error: str = ""
    """Code, of Dify or of ours."""
    left_behind: bool = False
    """The conversation could not be deleted; the next question of this person tries again."""


class Scratch:
    """One question at a time for each person, so that none deletes another's conversation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def ask(self, identity: Identity, app: App, question: str) -> Heard:
        """Raises Denied below curator, DifyError where the question was refused or could not be sent."""
        identity.require(Role.CURATOR)
        user = f"{identity.user}-test"
        with self._lock:
            own = self._locks.setdefault(user, threading.Lock())
        with own:
            try:
                turn = _answered(app, user, question)
            finally:
                left = _swept(app, user)
        found = turn.annotation.id if turn.annotation else ""
        failed = turn.state in {"failed", "incomplete"} and not found
        code = (turn.error.code if turn.error else turn.state) if failed else ""
        return Heard(found, turn.answer, code, left)


def _answered(app: App, user: str, question: str) -> Turn:
    form = app.profile().parameters.user_input_form
    inputs = {field.variable: value for field in form if (value := _some(field)) is not None}
    turn = Turn.asked(question)
    # Streamed, because agents answer in no other way.
    sent = app.client.chat.send(query=question, user=user, inputs=inputs, auto_generate_name=False)
    with sent as stream:
        stream.until = time.monotonic() + LONGEST
        try:
            for event in stream:
                turn = turn.after(event)
        except DifyError as error:
            return turn.closed(error)
    return turn.closed()


def _some(field: InputField) -> Any:
    """Any value that the app takes: annotations are matched by the question alone."""
    if field.default not in (None, ""):
        return field.default
    if not field.required:
        return None
    match field.kind:
        case "select":
            return field.options[0] if field.options else None
        case "number":
            return 1
        case "checkbox":
            return True
        case "file" | "file-list":
            return None
        case "json" | "json_object":
            return {}
        case _:
            return "test"[: field.max_length]


def _swept(app: App, user: str) -> bool:
    """Delete all conversations of this user, those of a killed process too; whether some may be left.

    Their list is asked, because an annotation's answer in a chatflow never says which it is in
    (recording 95_flow_annotation_hit).
    """
    try:
        page = app.client.conversations.list(user, limit=AT_ONCE)
        for conversation in page.data:
            try:
                app.client.conversations.delete(conversation.id, user)
            except NotFound as error:
                if isinstance(error, EndpointMissing):
                    return True  # an old server: nothing can be deleted there
    except DifyError:
        return True
    return page.has_more
