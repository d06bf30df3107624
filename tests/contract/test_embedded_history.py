"""Conversations, messages, ratings and the app's description, shaped and ordered as recorded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.contract.recorded import Exchange, fits, shape


@pytest.fixture
def user() -> str:
    return f"reader-{uuid4()}"


@pytest.fixture
def ask(client: httpx.Client, user: str) -> Callable[..., dict[str, Any]]:
    def blocking(query: str, **more: Any) -> dict[str, Any]:
        body = {"inputs": {}, "query": query, "user": user, **more}
        answer = client.post("chat-messages", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return blocking


def conversations(client: httpx.Client, user: str, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("conversations", params={"user": user, **params}).json()
    return found


def messages(client: httpx.Client, user: str, conversation_id: str, **params: Any) -> dict[str, Any]:
    params = {"user": user, "conversation_id": conversation_id, **params}
    found: dict[str, Any] = client.get("messages", params=params).json()
    return found


def without_inputs(value: Any) -> Any:
    """The inputs of a recorded app are not those of ours."""
    if isinstance(value, dict):
        return {key: without_inputs(item) for key, item in value.items() if key != "inputs"}
    return [without_inputs(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["info", "meta", "site", "parameters"])
def test_app(client: httpx.Client, name: str) -> None:
    recorded = Exchange.read(f"10_app_chat_{name}")
    answer = client.get(name)
    assert answer.headers["content-type"] == recorded.response_headers["content-type"]
    assert fits(shape(answer.json()), shape(recorded.json))


def test_the_forms_control_is_shaped_like_a_recorded_one(client: httpx.Client) -> None:
    (ours,) = client.get("parameters").json()["user_input_form"]
    theirs = Exchange.read("10_app_chat_parameters").json["user_input_form"][0]
    assert shape(ours) == shape(theirs)


def test_messages_are_the_newest_page_oldest_first(
    client: httpx.Client, user: str, ask: Callable[..., Any]
) -> None:
    conversation = ask("demo: bench 1 1 1")["conversation_id"]
    for number in range(2, 6):
        ask(f"demo: bench 1 1 {number}", conversation_id=conversation)
    newest = messages(client, user, conversation, limit=2)
    assert fits(shape(without_inputs(newest)), shape(without_inputs(Exchange.read("61_messages_page1").json)))
    middle = messages(client, user, conversation, limit=2, first_id=newest["data"][0]["id"])
    oldest = messages(client, user, conversation, limit=2, first_id=middle["data"][0]["id"])
    pages = [newest, middle, oldest]
    assert [[each["query"][-1] for each in page["data"]] for page in pages] == [["4", "5"], ["2", "3"], ["1"]]
    assert [page["has_more"] for page in pages] == [True, True, False]
    unknown = client.get(
        "messages",
        params={"user": user, "conversation_id": conversation, "first_id": str(uuid4())},
    )
    assert unknown.json() == Exchange.read("61_messages_bad_first_id").json


def test_conversations_in_every_order(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    quick = {"query": "demo: bench 1 1 1", "auto_generate_name": False}
    ids = [ask(**quick)["conversation_id"] for _ in range(4)]
    ask(**quick, conversation_id=ids[1])
    a, b, c, d = ids
    orders = {
        "created_at": [a, b, c, d],
        "-created_at": [d, c, b, a],
        "updated_at": [a, c, d, b],
        "-updated_at": [b, d, c, a],
    }
    for sort_by, expected in orders.items():
        found: list[str] = []
        last_id = ""
        while True:
            page = conversations(client, user, sort_by=sort_by, limit=1, last_id=last_id)
            found += [each["id"] for each in page["data"]]
            if not page["has_more"]:
                break
            last_id = found[-1]
        assert found == expected, sort_by
    default = conversations(client, user)
    assert [each["id"] for each in default["data"]] == orders["-updated_at"]
    recorded = Exchange.read("63_conversations_page1").json
    assert fits(shape(without_inputs(default)), shape(without_inputs(recorded)))


def test_title_comes_late(client: httpx.Client, user: str) -> None:
    query = "demo: error completion_request_error"
    client.post("chat-messages", json={"inputs": {}, "query": query, "user": user})
    (now,) = conversations(client, user)["data"]
    assert now["name"] == "demo: error completi…"
    deadline = time.monotonic() + 5
    while (name := conversations(client, user)["data"][0]["name"]) == now["name"]:
        assert time.monotonic() < deadline, "no title"
        time.sleep(0.1)
    assert name == "Demo: error completion_request_error"


def test_a_name_given_by_hand_is_kept(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    conversation = ask("hello there")["conversation_id"]
    renamed = client.post(f"conversations/{conversation}/name", json={"name": "Größe 你好 😀", "user": user})
    recorded = Exchange.read("64_rename").json
    assert fits(shape(without_inputs(renamed.json())), shape(without_inputs(recorded)))
    time.sleep(1.5)  # the automatic title would be there by now
    assert conversations(client, user)["data"][0]["name"] == "Größe 你好 😀"
    automatic = {"auto_generate": True, "name": "ignored", "user": user}
    assert client.post(f"conversations/{conversation}/name", json=automatic).json()["name"] == "Hello there"


def test_no_automatic_name_unless_wanted(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    ask("How do I stop an answer?", auto_generate_name=False)
    time.sleep(1.5)
    assert conversations(client, user)["data"][0]["name"] == "How do I stop an ans…"


def test_a_name_that_is_too_long_breaks_a_real_server_too(
    client: httpx.Client, user: str, ask: Callable[..., Any]
) -> None:
    conversation = ask("hello")["conversation_id"]
    answer = client.post(f"conversations/{conversation}/name", json={"name": "x" * 256, "user": user})
    assert (answer.status_code, answer.json()["code"]) == (500, "unknown")


def test_delete(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    asked = ask("hello")
    path = f"conversations/{asked['conversation_id']}"
    first = client.request("DELETE", path, json={"user": user})
    assert (first.status_code, first.content) == (204, b"")
    assert first.headers["content-type"] == Exchange.read("65_delete").response_headers["content-type"]
    second = client.request("DELETE", path, json={"user": user})
    assert second.json() == Exchange.read("65_delete_again").json
    assert conversations(client, user)["data"] == []
    params = {"user": user, "conversation_id": asked["conversation_id"]}
    assert client.get("messages", params=params).status_code == 404


def test_rating(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    asked = ask("hello")
    path = f"messages/{asked['message_id']}/feedbacks"
    nothing = client.post(path, json={"user": user})
    assert nothing.json() == Exchange.read("62_feedback_rating_missing").json

    def rating() -> Any:
        return messages(client, user, asked["conversation_id"])["data"][0]["feedback"]

    for given in ("like", "dislike"):
        body = {"rating": given, "content": "because", "user": user}
        assert client.post(path, json=body).json() == {"result": "success"}
        assert rating() == {"rating": given}
    assert client.post(path, json={"rating": None, "user": user}).json() == {"result": "success"}
    assert rating() is None


def test_suggested(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    asked = ask("What are annotations?")
    answer = client.get(f"messages/{asked['message_id']}/suggested", params={"user": user})
    assert shape(answer.json()) == shape(Exchange.read("60_suggested").json)
    assert answer.json()["data"][0] == "How do I manage annotations?"


def test_introduction_is_filled_and_inputs_are_kept(
    client: httpx.Client, user: str, ask: Callable[..., Any]
) -> None:
    conversation = ask("hello", inputs={"name": "Ada", "unknown": 1})["conversation_id"]
    ask("hello", conversation_id=conversation)
    (found,) = conversations(client, user)["data"]
    assert found["introduction"].startswith("Hello Ada\n")
    assert found["inputs"] == {"name": "Ada"}
    first, second = messages(client, user, conversation)["data"]
    assert (first["inputs"], second["inputs"]) == ({"name": "Ada"}, {"name": "Ada"})


def test_citations_in_history(client: httpx.Client, user: str, ask: Callable[..., Any]) -> None:
    asked = ask("How do I stop an answer?")
    streamed = asked["metadata"]["retriever_resources"]
    kept = messages(client, user, asked["conversation_id"])["data"][0]["retriever_resources"]
    assert [each["position"] for each in kept] == list(range(1, len(streamed) + 1))
    assert list(kept[0])[:2] == ["id", "message_id"]
    for ours, before in zip(kept, streamed, strict=True):
        assert before.items() <= ours.items()
