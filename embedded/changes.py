"""Changes: the single differences that the API documents are made of, each a function of a JSON value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

Json: TypeAlias = Any
Change: TypeAlias = Callable[[Json], Json]


def without(*names: str) -> Change:
    """Names left out."""
    return lambda body: {name: value for name, value in body.items() if name not in names}


def with_default(name: str, value: Json) -> Change:
    """A value where none is given."""
    return lambda body: {name: value, **body}


def one_after_another(*changes: Change) -> Change:
    """Several changes as one."""

    def change(body: Json) -> Json:
        for each in changes:
            body = each(body)
        return body

    return change


def each_of_data(change: Change) -> Change:
    """A change of every record in `data`."""
    return lambda body: {**body, "data": [change(each) for each in body["data"]]}


def inputs_listed(record: Json) -> Json:
    """Inputs as an array of objects instead of one object."""
    inputs = record.get("inputs")
    if not isinstance(inputs, dict):
        return record
    return {**record, "inputs": [{name: value} for name, value in inputs.items()]}


def only_success(_body: Json) -> Json:
    """Nothing but the success."""
    return {"result": "success"}


def uncoded(body: Json) -> Json:
    """404 and 500 without a code."""
    return without("code")(body) if body.get("status") in (404, 500) else body


def coded_by_subject(body: Json) -> Json:
    """404 with a code that names what does not exist."""
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


def server_error_named(body: Json) -> Json:
    """500 with the code internal_server_error."""
    return {**body, "code": "internal_server_error"} if body.get("status") == 500 else body


def other_end_id(event: Json) -> Json:
    """A message_end whose id is not the message's, and no message_id."""
    if event.get("event") != "message_end":
        return event
    other = str(uuid5(NAMESPACE_URL, str(event.get("id"))))
    return {**without("message_id")(event), "id": other}


def without_task(event: Json) -> Json:
    """Text and its end without a task id."""
    return without("task_id")(event) if event.get("event") in ("message", "message_end") else event


def thoughts_with_chain(event: Json) -> Json:
    """Thoughts with a chain id, which is null."""
    return {**event, "chain_id": None} if event.get("event") == "agent_thought" else event


def short_usage(event: Json) -> Json:
    """A message_end with two figures of usage and no citations."""
    metadata = event.get("metadata")
    if event.get("event") != "message_end" or not isinstance(metadata, dict):
        return event
    usage = metadata.get("usage") or {}
    short = {name: usage[name] for name in ("total_tokens", "latency") if name in usage}
    return {**event, "metadata": {**without("retriever_resources")(metadata), "usage": short}}


def cited_in_usage(event: Json) -> Json:
    """Citations inside the usage."""
    metadata = event.get("metadata")
    if event.get("event") != "message_end" or not isinstance(metadata, dict):
        return event
    cited = metadata.get("retriever_resources", [])
    usage = {**(metadata.get("usage") or {}), "retriever_resources": cited}
    return {**event, "metadata": {**without("retriever_resources")(metadata), "usage": usage}}


def silent(event: Json) -> Json:
    """No speech events."""
    return None if str(event.get("event")).startswith("tts_") else event


def whole_number_author(body: Json) -> Json:
    """An upload whose author is a number."""
    return {**body, "created_by": int(str(body["created_by"])[:7].replace("-", ""), 16)}


def thought_files(record: Json) -> Json:
    """`files` of thoughts called message_files."""
    thoughts = [
        {**without("files")(each), "message_files": each["files"]} for each in record["agent_thoughts"]
    ]
    return {**record, "agent_thoughts": thoughts}


def variables_of_000(record: Json) -> Json:
    """Times in milliseconds, objects of the type `json`."""
    kind = "json" if record["value_type"] == "object" else record["value_type"]
    times = {name: record[name] * 1000 for name in ("created_at", "updated_at")}
    return {**record, "value_type": kind, **times}


def reply_fields(body: Json) -> Json:
    """The other names of the embedding model, and nothing required."""
    names = {"embedding_model_provider": "embedding_provider_name", "embedding_model": "embedding_model_name"}
    given = {names.get(name, name): value for name, value in body.items()}
    defaults = {"score_threshold": 0.9, "embedding_provider_name": "embedded", "embedding_model_name": ""}
    return {**defaults, **given}


def job_state(body: Json) -> Json:
    """The words succeeded and failed."""
    states = {"completed": "succeeded", "error": "failed"}
    return {**body, "job_status": states.get(body["job_status"], body["job_status"])}


def only_limits(count: int) -> Change:
    """The first so many upload limits, and no text_to_speech."""

    def change(body: Json) -> Json:
        limits = dict(list(body["system_parameters"].items())[:count])
        return {**without("text_to_speech")(body), "system_parameters": limits}

    return change


def parameters_of_004(body: Json) -> Json:
    """An introduction instead of the opening statement, one limit, as text."""
    limits = {"image_file_size_limit": str(body["system_parameters"]["image_file_size_limit"])}
    kept = without("text_to_speech", "opening_statement")(body)
    return {"introduction": body["opening_statement"], **kept, "system_parameters": limits}
