"""Where a real server was recorded to break the API document, and our backend does as it does.

Each entry names the recording that shows it. `test_document.py` holds every recording against the document:
with all entries none of them breaks it, and without any one entry its recording does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
HTML = {"text/html": {"schema": {"type": "string"}}}
BINARY = {"schema": {"type": "string", "format": "binary"}}
OF_A_USER = ("/chat-messages", "/conversations", "/messages", "/files", "/audio-to-text", "/text-to-audio")
WORKFLOW_EVENTS = """
    workflow_started workflow_paused workflow_finished node_started node_finished node_retry iteration_started
    iteration_next iteration_completed loop_started loop_next loop_completed agent_log text_chunk
    reasoning_chunk human_input_required human_input_form_filled human_input_form_timeout
""".split()  # noqa: SIM905 - a quoted list of names reads worse


class Allowance(Protocol):
    """One difference, and the recording that shows it."""

    @property
    def recording(self) -> str: ...

    def make(self, document: dict[str, Any]) -> None:
        """Change the document."""


@dataclass(frozen=True)
class Laid:
    """`put` is laid over the node at `at` (a JSON pointer): dicts are merged, lists joined, None removes."""

    recording: str
    at: str
    put: dict[str, Any]

    def make(self, document: dict[str, Any]) -> None:
        """Change the document."""
        node = document
        for step in self.at.split("/")[1:]:
            node = node[step.replace("~1", "/")]
        _lay(node, self.put)


@dataclass(frozen=True)
class Everywhere:
    """A status that every operation may answer with for which `where` holds, shown for one of them."""

    recording: str
    status: int
    content: dict[str, Any]
    where: Callable[[str, dict[str, Any]], bool]

    def make(self, document: dict[str, Any]) -> None:
        """Change the document."""
        answer = {str(self.status): {"description": "recorded", "content": self.content}}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                if "responses" in operation and self.where(path, operation):
                    _lay(operation["responses"], answer)


def _body(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return content


def _lay(node: dict[str, Any], put: dict[str, Any]) -> None:
    for key, value in put.items():
        if value is None:
            del node[key]
        elif isinstance(value, dict):
            _lay(node.setdefault(key, {}), value)
        elif isinstance(value, list):
            node[key] = [*node.get(key, []), *value]
        else:
            node[key] = value


def _property(name: str, recording: str, **put: Any) -> Laid:
    schema, _, field = name.partition(".")
    return Laid(recording, f"/components/schemas/{schema}/properties/{field}", put)


def _status(operation: str, status: int, recording: str, content: Any = ERROR) -> Laid:
    method, _, path = operation.partition(" ")
    at = f"/paths/{path.replace('/', '~1')}/{method.lower()}/responses"
    return Laid(recording, at, {str(status): {"description": "recorded", "content": content}})


ALLOWANCES: tuple[Allowance, ...] = (
    # Null where nothing is set.
    *(
        _property(f"WebAppSettingsResponse.{field}", "10_app_chat_site", nullable=True)
        for field in ("chat_color_theme", "copyright", "description", "privacy_policy")
    ),
    # Times without a zone; they are UTC.
    _property("EndUserDetail.created_at", "83_end_user", format=None),
    _property("EndUserDetail.updated_at", "83_end_user", format=None),
    _property("FeedbackItem.created_at", "62_app_feedbacks", format=None),
    _property("FeedbackItem.updated_at", "62_app_feedbacks", format=None),
    # Controls that the document does not know.
    Laid(
        "10_app_chat_parameters",
        "/components/schemas/UserInputFormItem",
        {
            "oneOf": [
                {"type": "object", "required": [kind], "properties": {kind: {"type": "object"}}}
                for kind in ("number", "checkbox", "file", "file-list")
            ]
        },
    ),
    # A chatflow tells of its nodes, and of the time it waits for a person.
    Laid(
        "53_flow_stream",
        "/components/schemas",
        {
            "StreamEventWorkflow": {
                "type": "object",
                "required": ["event", "task_id", "workflow_run_id", "data"],
                "properties": {
                    "event": {"type": "string", "enum": WORKFLOW_EVENTS},
                    "task_id": {"type": "string", "format": "uuid"},
                    "workflow_run_id": {"type": "string", "format": "uuid"},
                    "message_id": {"type": "string", "format": "uuid"},
                    "conversation_id": {"type": "string", "format": "uuid"},
                    "created_at": {"type": "integer"},
                    "data": {"type": "object"},
                },
            },
            "ChatStreamEvent": {
                "oneOf": [{"$ref": "#/components/schemas/StreamEventWorkflow"}],
                "discriminator": {
                    "mapping": dict.fromkeys(WORKFLOW_EVENTS, "#/components/schemas/StreamEventWorkflow")
                },
            },
        },
    ),
    Laid(
        "a0_hitl_blocking",
        "/components/schemas/ChatCompletionResponse/properties/metadata/properties/usage",
        {"nullable": True},
    ),
    # Where JSON is wanted, a body of another type, or none, is refused.
    Everywhere("41_stop_no_body", 415, ERROR, lambda path, operation: "application/json" in _body(operation)),
    # An id in a path that is no UUID leads nowhere, and that is said in HTML.
    Everywhere("60_suggested_not_uuid", 404, HTML, lambda path, operation: "_id}" in path),
    # What is missing or wrong in a request.
    _status("POST /messages/{message_id}/feedbacks", 400, "62_feedback_bad_rating"),
    _status("GET /app/feedbacks", 400, "62_app_feedbacks_limit_102"),
    _status("GET /apps/annotations", 400, "92_ann_list_page0"),
    _status("POST /apps/annotations", 400, "92_ann_create_no_answer"),
    _status("PUT /apps/annotations/{annotation_id}", 400, "92_ann_update_partial"),
    _status("POST /apps/annotation-reply/{action}", 400, "93_reply_enable_missing"),
    # What a real server breaks over: more than 255 characters for a user or a name, an unknown action.
    Everywhere("64_rename_long_name", 500, ERROR, lambda path, operation: path.startswith(OF_A_USER)),
    _status("POST /apps/annotation-reply/{action}", 500, "93_reply_enable_bad_action"),
    # A file comes as what it is.
    *(
        _status("GET /files/{file_id}/preview", 200, recording, {kind: BINARY})
        for kind, recording in (
            ("image/png", "82_preview_png"),
            ("text/plain", "82_preview_txt"),
            ("audio/mpeg", "82_preview_audio"),
        )
    ),
    # Speech for a message that does not exist.
    _status(
        "POST /text-to-audio",
        200,
        "91_tts_bad_message_id",
        {"application/json": {"schema": {"nullable": True, "enum": [None]}}},
    ),
    _status("GET /info", 403, "56_api_disabled"),
)
