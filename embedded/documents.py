"""Documents: how each of the five API documents would have the server speak, as changes of what it really
says.

`000` is the documentation of 2026, `001` an older template, `002` the OpenAPI file, `003` an older page with
`pinned`, `004` a Chinese one. A document is a row of named differences; `dialects` applies them at the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

Json: TypeAlias = Any
Change: TypeAlias = Callable[[Json], Json]
Usage: TypeAlias = dict[str, Any]
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """`lacks`, `statuses`, `requests` and `answers` go by the names of `dialects.ROUTES`."""

    lacks: frozenset[str] = frozenset()
    """Endpoints that it does not know."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    requests: Mapping[str, Change] = field(default_factory=dict)
    """Of JSON bodies."""
    answers: Mapping[str, Change] = field(default_factory=dict)
    """Of JSON bodies with a status below 300."""
    refusal: Change | None = None
    frames: tuple[Change, ...] = ()
    """Of every event; None drops it."""
    broken: str = ""
    """What stands between the name message_id and its value in the second and third frame of text."""
    speaks_forms: bool = False
    """text-to-audio takes a form and answers with audio/wav."""
    largest_limit: bool = False
    """A limit above 100 means 100."""
    unsorted: bool = False
    """sort_by is not known."""
    largest_audio: int = 30 * MEGABYTE


def _without(*names: str) -> Change:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def _with_default(name: str, value: Json) -> Change:
    return lambda body: {name: value, **body}


def _one_after_another(*changes: Change) -> Change:
    def change(body: Json) -> Json:
        for each in changes:
            body = each(body)
        return body

    return change


def _each_of_data(change: Change) -> Change:
    return lambda body: {**body, "data": [change(each) for each in body["data"]]}


def _inputs_listed(record: Json) -> Json:
    inputs = record.get("inputs")
    if not isinstance(inputs, dict):
        return record
    return {**record, "inputs": [{name: value} for name, value in inputs.items()]}


def _only_success(_body: Json) -> Json:
    return {"result": "success"}


def _uncoded(body: Json) -> Json:
    return _without("code")(body) if body.get("status") in (404, 500) else body


def _coded_by_subject(body: Json) -> Json:
    # 000 names what does not exist: conversation_not_exists, message_not_exists, variable_not_exists.
    message = str(body.get("message", ""))
    for subject, code in (
        ("Last Conversation", "last_conversation_not_exists"),
        ("First Message", "first_message_not_exists"),
        ("Conversation Variable", "variable_not_exists"),
        ("Conversation", "conversation_not_exists"),
        ("Message", "message_not_exists"),
    ):
        if message.startswith(f"{subject} Not Exists"):
            return {**body, "code": code}
    return body


def _server_error_named(body: Json) -> Json:
    return {**body, "code": "internal_server_error"} if body.get("status") == 500 else body


def _other_end_id(event: Json) -> Json:
    if event.get("event") != "message_end":
        return event
    other = str(uuid5(NAMESPACE_URL, str(event.get("id"))))
    return {**_without("message_id")(event), "id": other}


def _without_task(event: Json) -> Json:
    return _without("task_id")(event) if event.get("event") in ("message", "message_end") else event


def _thoughts_with_chain(event: Json) -> Json:
    return {**event, "chain_id": None} if event.get("event") == "agent_thought" else event


def _short_usage(event: Json) -> Json:
    metadata = event.get("metadata")
    if event.get("event") != "message_end" or not isinstance(metadata, dict):
        return event
    usage = metadata.get("usage") or {}
    short = {name: usage[name] for name in ("total_tokens", "latency") if name in usage}
    return {**event, "metadata": {**_without("retriever_resources")(metadata), "usage": short}}


def _cited_in_usage(event: Json) -> Json:
    metadata = event.get("metadata")
    if event.get("event") != "message_end" or not isinstance(metadata, dict):
        return event
    cited = metadata.get("retriever_resources", [])
    usage = {**(metadata.get("usage") or {}), "retriever_resources": cited}
    return {**event, "metadata": {**_without("retriever_resources")(metadata), "usage": usage}}


def _silent(event: Json) -> Json:
    return None if str(event.get("event")).startswith("tts_") else event


def _whole_number_author(body: Json) -> Json:
    return {**body, "created_by": int(str(body["created_by"])[:7].replace("-", ""), 16)}


def _thought_files(record: Json) -> Json:
    thoughts = [
        {**_without("files")(each), "message_files": each["files"]} for each in record["agent_thoughts"]
    ]
    return {**record, "agent_thoughts": thoughts}


def _variables_of_000(record: Json) -> Json:
    kind = "json" if record["value_type"] == "object" else record["value_type"]
    times = {name: record[name] * 1000 for name in ("created_at", "updated_at")}
    return {**record, "value_type": kind, **times}


def _reply_fields(body: Json) -> Json:
    names = {"embedding_model_provider": "embedding_provider_name", "embedding_model": "embedding_model_name"}
    given = {names.get(name, name): value for name, value in body.items()}
    defaults = {"score_threshold": 0.9, "embedding_provider_name": "embedded", "embedding_model_name": ""}
    return {**defaults, **given}


def _job_state(body: Json) -> Json:
    states = {"completed": "succeeded", "error": "failed"}
    return {**body, "job_status": states.get(body["job_status"], body["job_status"])}


def _only_limits(count: int) -> Change:
    def change(body: Json) -> Json:
        limits = dict(list(body["system_parameters"].items())[:count])
        return {**_without("text_to_speech")(body), "system_parameters": limits}

    return change


def _parameters_of_004(body: Json) -> Json:
    limits = {"image_file_size_limit": str(body["system_parameters"]["image_file_size_limit"])}
    kept = _without("text_to_speech", "opening_statement")(body)
    return {"introduction": body["opening_statement"], **kept, "system_parameters": limits}


NEWER = frozenset(("info", "preview", "end_user", "feedbacks", "variables", "variable", "annotations"))
OLD = NEWER | {"annotation", "site", "reply", "job"}
DEFAULTS = _with_default("inputs", {})
DELETED = {"conversation": 200}
RECORDS = _each_of_data(_inputs_listed)
MESSAGES = _each_of_data(_one_after_another(_inputs_listed, _thought_files))
UNRATED = _without("content")
UNNAMED = _without("task_id", "id")

_OLDER = {
    "requests": {"chat": DEFAULTS, "feedback": UNRATED},
    "statuses": {**DELETED, "upload": 200},
    "refusal": _uncoded,
    "speaks_forms": True,
    "largest_limit": True,
    "largest_audio": 15 * MEGABYTE,
    "lacks": OLD,
}

DOCUMENTS: dict[str, Document] = {
    "000": Document(
        lacks=frozenset(("site", "preview", "end_user", "feedbacks", "variable")),
        statuses={"upload": 200},
        requests={"chat": DEFAULTS, "reply": _reply_fields},
        answers={
            "info": lambda body: {name: body[name] for name in ("name", "description", "tags")},
            "messages": _each_of_data(_thought_files),
            "variables": _each_of_data(_variables_of_000),
            "job": _job_state,
            "parameters": _only_limits(4),
        },
        refusal=_coded_by_subject,
        frames=(_other_end_id, _without_task),
        broken=" : ",
        largest_audio=15 * MEGABYTE,
    ),
    "001": Document(
        **_OLDER,  # type: ignore[arg-type]
        answers={
            "conversations": RECORDS,
            "messages": MESSAGES,
            "name": _one_after_another(_inputs_listed, _without("updated_at", "status")),
            "chat": UNNAMED,
            "parameters": _only_limits(4),
        },
        frames=(_other_end_id, _without_task, _thoughts_with_chain),
        broken=": : ",
    ),
    "002": Document(
        answers={"messages": lambda body: body},
        refusal=_server_error_named,
        frames=(_short_usage,),
    ),
    "003": Document(
        **_OLDER,  # type: ignore[arg-type]
        answers={
            "conversations": RECORDS,
            "messages": MESSAGES,
            "name": _one_after_another(_inputs_listed, _without("updated_at", "status")),
            "chat": UNNAMED,
            "parameters": _only_limits(4),
        },
        frames=(_other_end_id, _without_task),
        broken=": : ",
    ),
    "004": Document(
        **_OLDER,  # type: ignore[arg-type]
        answers={
            "conversations": RECORDS,
            "messages": MESSAGES,
            "name": _only_success,
            "chat": UNNAMED,
            "upload": _whole_number_author,
            "parameters": _parameters_of_004,
        },
        frames=(_cited_in_usage, _silent, _without_task),
        broken=": : ",
        unsorted=True,
    ),
}
