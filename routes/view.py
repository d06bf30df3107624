"""A Turn as the transcript reads it: JSON, by parts, so that only what changed has to travel."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import takewhile
from typing import Any

from services import form_files, human_input
from services.calls import calls
from services.dify.form import HumanInput
from services.dify.loose import text
from services.dify.parts import File, Thought
from services.dify.step import Step
from services.draft import Waiting
from services.outcome import Failure
from services.turn import Turn

Part = Callable[[Turn], Any]


def _said(**values: Any) -> dict[str, Any]:
    """Without what is empty, since absent means empty."""
    empty: tuple[Any, ...] = ("", (), [], {})
    return {k: v for k, v in values.items() if v is not None and v is not False and v not in empty}


def _file(file: File) -> dict[str, Any]:
    """The address of a file that Dify keeps stays here: routes/files.py serves it by its id."""
    return _said(
        id=file.id,
        name=file.name,
        type=file.type,
        size=file.size,
        mime_type=file.mime_type,
        elsewhere=file.elsewhere,
        ignored=file.ignored,
    )


def _thought(thought: Thought) -> dict[str, Any]:
    return _said(
        id=thought.id or str(thought.position),
        thought=thought.thought,
        calls=[_said(**asdict(call)) for call in calls(thought)],
        files=list(thought.files),
    )


def _step(step: Step) -> dict[str, Any]:
    return (
        {"id": step.id, "kind": step.kind, "state": step.state}
        | _said(
            node_id=step.node_id,
            node_type=step.node_type,
            title=step.title,
            tokens=step.tokens,
            retries=step.retries or None,
            error=step.error,
            parent=step.parent,
            details=step.details,
        )
        | {key: value for key in ("elapsed", "round") if (value := getattr(step, key)) is not None}
    )


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    return asdict(failure) if failure else None


def _form(form: HumanInput) -> dict[str, Any]:
    """Without its token, which alone would open it at Dify."""
    return {
        "id": form.form_id,
        "title": form.node_title,
        "content": form.content,
        "inputs": [
            {
                "name": text(field.get("output_variable_name")),
                "type": text(field.get("type")),
                "default": human_input.default(form, field),
                "options": list(human_input.options(field)),
                **_wanted(field),
            }
            for field in form.inputs
        ],
        "actions": [
            {"id": text(a.get("id")), "title": text(a.get("title")), "style": text(a.get("button_style"))}
            for a in form.actions
        ],
        "expires_at": form.expires_at,
        "open": bool(form.form_token) and not (form.submitted or form.expired),
        "expired": form.expired,
        "choice": form.choice,
        "rendered": form.rendered,
    }


def _wanted(field: Mapping[str, Any]) -> dict[str, Any]:
    """Of a field for files: how many, and what a file dialog may offer."""
    if str(field.get("type")) not in form_files.KINDS:
        return {}
    rules = form_files.rules(field)
    return {"most": rules.most, "endings": list(rules.all_extensions)}


def _left(until: float | None) -> float | None:
    """Seconds; None where that time has come."""
    left = (until or 0.0) - time.time()
    return left if left > 0 else None


PARTS: Mapping[str, tuple[str, Part]] = {
    "state": ("state", lambda t: t.state),
    "query": ("query", lambda t: t.query),
    "attempt_of": ("attempt_of", lambda t: t.attempt_of),
    "attachments": ("attachments", lambda t: [_file(f) for f in t.attachments]),
    "text": ("answer", lambda t: t.answer),
    "replaced": ("replaced", lambda t: t.replaced),
    "replaced_reason": ("replaced_reason", lambda t: t.replaced_reason),
    "spoken": ("spoken", lambda t: t.spoken),
    "reasoning": ("reasoning", lambda t: t.reasoning),
    "thoughts": ("thoughts", lambda t: [_thought(thought) for thought in t.thoughts]),
    "steps": ("steps", lambda t: [_step(step) for step in t.steps]),
    "citations": ("citations", lambda t: [_said(**asdict(citation)) for citation in t.citations]),
    "files": ("files", lambda t: [_file(f) for f in t.files]),
    "forms": ("forms", lambda t: [_form(form) for form in t.forms]),
    "annotation": ("annotation", lambda t: asdict(t.annotation) if t.annotation else None),
    "usage": ("usage", lambda t: asdict(t.usage) if t.usage else None),
    "rating": ("rating", lambda t: asdict(t.rating) if t.rating else None),
    "timings": ("timings", lambda t: asdict(t.timings)),
    "changed_variables": ("changed_variables", lambda t: list(t.changed_variables)),
    "error": ("error", lambda t: _failure(t.error)),
    "whole": ("whole", lambda t: t.whole),
    # The reader's clock may differ from ours: it is told how long, not until when.
    "retry_at": ("retry_in", lambda t: _left(t.retry_at)),
    "asked_at": ("asked_at", lambda t: t.asked_at),
    "answered_at": ("answered_at", lambda t: t.answered_at),
    "message_id": ("message_id", lambda t: t.message_id or None),
    "conversation_id": ("conversation_id", lambda t: t.conversation_id or None),
    "task_id": ("task_id", lambda t: t.task_id or None),
}
"""Field of Turn -> (key of the JSON, how to read it). Fields without an entry stay on the server."""
ALWAYS = frozenset({"state", "query"})
LISTS: Mapping[str, Callable[[Any], Any]] = {"thoughts": _thought, "steps": _step, "files": _file}
"""Fields that grow by items while an answer runs -> how to read one."""


def whole(index: int, turn: Turn) -> dict[str, Any]:
    """The whole Turn; empty parts are left out, since absent means empty."""
    view: dict[str, Any] = {"index": index, "id": turn.id}
    for field, (key, read) in PARTS.items():
        value = read(turn)
        if field in ALWAYS or (value is not None and value not in ("", [], False)):
            view[key] = value
    return view


def changed(index: int, turn: Turn, fields: Collection[str], before: Turn | None = None) -> dict[str, Any]:
    """Only these fields, also where they are empty now: the reader may know them from before.

    Of a list that begins as in `before`, which the reader has, only the rest: `{"from": n, "items": […]}`
    keeps the first n. To tell all of it each time would cost the square of its length.
    """
    keys = ((field, *PARTS[field]) for field in PARTS if field in fields)
    news = {key: (before and _rest(field, turn, before)) or read(turn) for field, key, read in keys}
    return {"index": index, "id": turn.id, **news}


def _rest(field: str, turn: Turn, before: Turn) -> dict[str, Any] | None:
    """None where the field is no list, or nothing of it stays."""
    if field not in LISTS:
        return None
    now = getattr(turn, field)
    kept = _kept(now, getattr(before, field))
    return {"from": kept, "items": [LISTS[field](item) for item in now[kept:]]} if kept else None


def _kept(now: Sequence[object], before: Sequence[object]) -> int:
    """How many items at the beginning are the same objects."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(now, before, strict=False)))


def queue(waiting: Iterable[Waiting], held: str = "") -> dict[str, Any]:
    """Questions that wait for the running answer; `held` where nothing will send them by itself."""
    rows = (
        {"id": each.id, "query": each.draft.query, "attachments": [_file(f) for f in each.draft.files]}
        for each in waiting
    )
    return {"held": held, "waiting": list(rows)}


def failure(reason: Failure | None) -> dict[str, Any] | None:
    """A banner's code and the server's words."""
    return _failure(reason)
