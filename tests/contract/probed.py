"""The document as schemathesis is given it: with types for the files that it makes up, and with what leads
from one answer to the next request, so that it can follow a conversation through."""

from __future__ import annotations

import copy
from typing import Any

from tests.contract.document import document

ANSWERED = "$response.body#/"
USER = "$request.body#/user"
CONVERSATION = {"path.conversation_id": f"{ANSWERED}conversation_id"}
MESSAGE = {"path.message_id": f"{ANSWERED}message_id"}
ANNOTATION = {"path.annotation_id": f"{ANSWERED}id"}
JOB = {"path.job_id": f"{ANSWERED}job_id", "path.action": "$request.path.action"}
BY_USER = {"query.user": USER}

# An operation and its status, the operation that may follow, its parameters and its body.
LINKS: tuple[tuple[str, str, str, dict[str, str], dict[str, str]], ...] = (
    ("sendChatMessage", "200", "getConversationsList", BY_USER, {}),
    (
        *("sendChatMessage", "200", "getConversationHistory"),
        {"query.conversation_id": f"{ANSWERED}conversation_id", **BY_USER},
        {},
    ),
    ("sendChatMessage", "200", "getConversationVariables", {**CONVERSATION, **BY_USER}, {}),
    ("sendChatMessage", "200", "getSuggestedQuestions", {**MESSAGE, **BY_USER}, {}),
    ("sendChatMessage", "200", "postChatMessageFeedback", MESSAGE, {"user": USER, "rating": "like"}),
    ("sendChatMessage", "200", "renameConversation", CONVERSATION, {"user": USER, "name": "Renamed"}),
    ("sendChatMessage", "200", "deleteConversation", CONVERSATION, {"user": USER}),
    ("sendChatMessage", "200", "textToAudioChat", {}, {"user": USER, "message_id": f"{ANSWERED}message_id"}),
    ("createAnnotation", "201", "updateAnnotation", ANNOTATION, {}),
    ("createAnnotation", "201", "deleteAnnotation", ANNOTATION, {}),
    ("initialAnnotationReplySettings", "200", "getInitialAnnotationReplySettingsStatus", JOB, {}),
    ("uploadChatFile", "201", "previewChatFile", {"path.file_id": f"{ANSWERED}id"}, {}),
    ("uploadChatFile", "201", "getEndUserChat", {"path.end_user_id": f"{ANSWERED}created_by"}, {}),
)
FILES = {"uploadChatFile": "image/png", "audioToText": "audio/wav"}


def probed() -> dict[str, Any]:
    """The document to make up requests from."""
    content = copy.deepcopy(document().content)
    operations = _operations(content)
    for operation, kind in FILES.items():
        form = operations[operation]["requestBody"]["content"]["multipart/form-data"]
        form["encoding"] = {"file": {"contentType": kind}}
    return content


def linked() -> dict[str, Any]:
    """The document to follow conversations by: questions are asked so that their answer names its ids."""
    content = probed()
    operations = _operations(content)
    question = content["components"]["schemas"]["ChatRequest"]
    question["properties"]["query"]["minLength"] = question["properties"]["user"]["minLength"] = 1
    question["properties"]["response_mode"]["enum"] = ["blocking"]
    for made_up in ("conversation_id", "files"):
        del question["properties"][made_up]
    question["additionalProperties"] = False
    for operation, status, following, parameters, body in LINKS:
        link: dict[str, Any] = {"operationId": following, "parameters": parameters}
        if body:
            link["requestBody"] = body
        operations[operation]["responses"][status].setdefault("links", {})[following] = link
    return content


def _operations(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in content["paths"].values()
        for operation in methods.values()
    }
