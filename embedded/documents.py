"""Documents: how each of the five API documents would have the server speak, as changes of what it really
says.

`000` is the documentation of 2026, `001` an older template, `002` the OpenAPI file, `003` an older page with
`pinned`, `004` a Chinese one. A document is a row of named differences; `dialects` applies them at the edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from embedded.changes import (
    Change,
    cited_in_usage,
    coded_by_subject,
    each_of_data,
    inputs_listed,
    job_state,
    one_after_another,
    only_limits,
    only_success,
    other_end_id,
    parameters_of_004,
    reply_fields,
    server_error_named,
    short_usage,
    silent,
    thought_files,
    thoughts_with_chain,
    uncoded,
    variables_of_000,
    whole_number_author,
    with_default,
    without,
    without_task,
)

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


NEWER = frozenset(("info", "preview", "end_user", "feedbacks", "variables", "variable", "annotations"))
OLD = NEWER | {"annotation", "site", "reply", "job"}
DEFAULTS = with_default("inputs", {})
DELETED = {"conversation": 200}
RECORDS = each_of_data(inputs_listed)
MESSAGES = each_of_data(one_after_another(inputs_listed, thought_files))
UNRATED = without("content")
UNNAMED = without("task_id", "id")

_OLDER = {
    "requests": {"chat": DEFAULTS, "feedback": UNRATED},
    "statuses": {**DELETED, "upload": 200},
    "refusal": uncoded,
    "speaks_forms": True,
    "largest_limit": True,
    "largest_audio": 15 * MEGABYTE,
    "lacks": OLD,
}

_LISTED = {
    "conversations": RECORDS,
    "messages": MESSAGES,
    "name": one_after_another(inputs_listed, without("updated_at", "status")),
    "chat": UNNAMED,
    "parameters": only_limits(4),
}

DOCUMENTS: dict[str, Document] = {
    "000": Document(
        lacks=frozenset(("site", "preview", "end_user", "feedbacks", "variable")),
        statuses={"upload": 200},
        requests={"chat": DEFAULTS, "reply": reply_fields},
        answers={
            "info": lambda body: {name: body[name] for name in ("name", "description", "tags")},
            "messages": each_of_data(thought_files),
            "variables": each_of_data(variables_of_000),
            "job": job_state,
            "parameters": only_limits(4),
        },
        refusal=coded_by_subject,
        frames=(other_end_id, without_task),
        broken=" : ",
        largest_audio=15 * MEGABYTE,
    ),
    "001": Document(
        **_OLDER,  # type: ignore[arg-type]
        answers=_LISTED,
        frames=(other_end_id, without_task, thoughts_with_chain),
        broken=": : ",
    ),
    "002": Document(
        refusal=server_error_named,
        frames=(short_usage,),
    ),
    "003": Document(
        **_OLDER,  # type: ignore[arg-type]
        answers=_LISTED,
        frames=(other_end_id, without_task),
        broken=": : ",
    ),
    "004": Document(
        **_OLDER,  # type: ignore[arg-type]
        answers={
            "conversations": RECORDS,
            "messages": MESSAGES,
            "name": only_success,
            "chat": UNNAMED,
            "upload": whole_number_author,
            "parameters": parameters_of_004,
        },
        frames=(cited_in_usage, silent, without_task),
        broken=": : ",
        unsorted=True,
    ),
}
