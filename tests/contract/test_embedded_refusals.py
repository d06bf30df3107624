"""The embedded backend refuses what a real server refused, in its words: recorded exchanges, sent again."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.contract.overhearing import HELD
from tests.contract.recorded import Exchange

CASES = (
    "12_index_root",
    "30_err_bad_key",
    "30_err_bearer_no_space",
    "30_err_chat_bad_key_stream",
    "30_err_no_auth_header",
    "30_err_not_bearer",
    "31_err_conv_bad_uuid",
    "31_err_conv_not_found",
    "31_err_conv_not_found_blocking",
    "32_err_bad_json",
    "32_err_bad_response_mode",
    "32_err_empty_body",
    "32_err_empty_query",
    "32_err_get_method",
    "32_err_missing_inputs",
    "32_err_missing_query",
    "32_err_missing_user",
    "32_err_no_content_type",
    "32_err_query_not_string",
    "32_err_unknown_path",
    "41_stop_missing_user",
    "41_stop_no_body",
    "41_stop_unknown_task",
    "59_user_256_chars",
    "59_user_empty",
    "60_suggested_bad_id",
    "60_suggested_no_user",
    "60_suggested_not_uuid",
    "61_messages_first_id_not_uuid",
    "61_messages_limit_0",
    "61_messages_limit_101",
    "61_messages_no_conv",
    "61_messages_no_user",
    "61_messages_unknown_conv",
    "62_feedback_bad_message",
    "62_feedback_bad_rating",
    "62_feedback_no_user",
    "63_conversations_bad_last_id",
    "63_conversations_last_id_not_uuid",
    "63_conversations_limit_0",
    "63_conversations_limit_101",
    "63_conversations_new_user_empty",
    "63_conversations_no_user",
    "63_conversations_sort_name",
    "64_rename_missing_name",
    "64_rename_unknown",
    "65_delete_again",
    "65_delete_no_body",
    "65_delete_query_user",
)
# 405 is the one answer that a real server gives without its CORS headers.
HEADERS = ("content-type", "www-authenticate", "access-control-expose-headers", "x-env", "vary")


@pytest.mark.parametrize("case", CASES)
def test_recorded_exchange(case: str, client: httpx.Client) -> None:
    recorded = Exchange.read(case)
    headers = {
        name: re.sub(r"app-LOCALKEY-\w+", "app-contract", text) for name, text in recorded.headers.items()
    }
    with httpx.Client(event_hooks=HELD) as bare:
        answer = bare.request(
            recorded.method,
            f"{str(client.base_url).rstrip('/').removesuffix('/v1')}{recorded.path}",
            headers=headers,
            content=recorded.content,
        )
    assert answer.status_code == recorded.status
    for name in HEADERS:
        if name in recorded.response_headers:
            assert answer.headers.get(name) == recorded.response_headers[name], name
    if answer.headers["content-type"] == "application/json":
        assert answer.json() == _of_our_pydantic(recorded.json)
    else:
        assert answer.content == recorded.body


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"1", b'{"user":"u"', b"\xff", b"[" * 100_000, b'{"user":"u","query":"\\ud800"}'],
    ids=["list", "null", "number", "unclosed", "not-utf8", "deep", "half-surrogate"],
)
def test_body_that_is_no_object(body: bytes, client: httpx.Client) -> None:
    answer = client.post("chat-messages", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_wrong_method(method: str, client: httpx.Client) -> None:
    assert client.request(method, "chat-messages").json()["code"] == "method_not_allowed"


def test_input_that_is_too_long(client: httpx.Client) -> None:
    body = {"inputs": {"name": "x" * 49}, "query": "hi", "user": "u"}
    answer = client.post("chat-messages", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "name in input form must be less than 48 characters"


def test_another_users_conversation_is_unknown(client: httpx.Client) -> None:
    asked = client.post("chat-messages", json={"inputs": {}, "query": "hi", "user": "owner"}).json()
    own, message = asked["conversation_id"], asked["message_id"]
    thief = {"user": "thief"}
    answers = [
        client.post("chat-messages", json={"inputs": {}, "query": "x", "conversation_id": own, **thief}),
        client.get("messages", params={"conversation_id": own, **thief}),
        client.get("conversations", params={"last_id": own, **thief}),
        client.post(f"conversations/{own}/name", json={"name": "mine", **thief}),
        client.request("DELETE", f"conversations/{own}", json=thief),
        client.post(f"messages/{message}/feedbacks", json={"rating": "like", **thief}),
        client.get(f"messages/{message}/suggested", params=thief),
    ]
    assert [answer.status_code for answer in answers] == [404] * 7
    assert {answer.json()["code"] for answer in answers} == {"not_found"}
    kept = client.get("conversations", params={"user": "owner"}).json()["data"]
    assert [each["name"] for each in kept if each["id"] == own] in (["hi"], ["Hi"])


def test_preflight(client: httpx.Client) -> None:
    recorded = Exchange.read("59_cors_preflight")
    answer = client.request("OPTIONS", "chat-messages", headers=recorded.headers)
    assert answer.status_code == recorded.status
    for name in ("allow-origin", "allow-headers", "allow-methods", "expose-headers"):
        name = f"access-control-{name}"
        assert answer.headers[name] == recorded.response_headers[name]


def _of_our_pydantic(body: object) -> object:
    from pydantic import VERSION

    minor = ".".join(VERSION.split(".")[:2])
    return json.loads(json.dumps(body).replace("errors.pydantic.dev/2.12/", f"errors.pydantic.dev/{minor}/"))
