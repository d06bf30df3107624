"""The embedded backend's event stream, byte by byte like the recorded ones."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from embedded.pacing import paced
from embedded.reply import Reply
from embedded.tasks import Task
from tests.contract.recorded import Exchange, fits, frames, shape


def ask(client: httpx.Client, query: str, user: str = "asker", **more: Any) -> list[dict[str, Any]]:
    """The events of a whole streamed answer."""
    body = {"inputs": {}, "query": query, "user": user, "response_mode": "streaming", **more}
    with client.stream("POST", "chat-messages", json=body) as response:
        assert response.status_code == 200, response.read()
        return frames(b"".join(response.iter_raw()))


def history(client: httpx.Client, conversation_id: str, user: str = "asker") -> list[dict[str, Any]]:
    params = {"conversation_id": conversation_id, "user": user}
    data: list[dict[str, Any]] = client.get("messages", params=params).json()["data"]
    return data


def text(events: list[dict[str, Any]]) -> str:
    return "".join(event["answer"] for event in events if event["event"] == "message")


def test_whole_answer_is_shaped_like_a_recorded_one(client: httpx.Client) -> None:
    theirs = frames(Exchange.read("20_chat_stream_new").body)
    ours = ask(client, "How do I stop an answer?")
    assert {each["event"] for each in ours[:-1]} == {"message"}
    assert fits(shape(ours[0]), shape(theirs[0]))
    assert fits(shape(ours[-1]), shape(theirs[-1]))
    assert ours[-2]["answer"] == theirs[-2]["answer"] == ""
    for key in ("conversation_id", "message_id", "task_id", "id", "created_at"):
        assert len({each[key] for each in ours}) == 1, f"{key} changes inside a stream"
    usage = ours[-1]["metadata"]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0


def test_headers(client: httpx.Client) -> None:
    recorded = Exchange.read("20_chat_stream_new").response_headers
    body = {"inputs": {}, "query": "hi", "user": "u", "response_mode": "streaming"}
    with client.stream("POST", "chat-messages", json=body) as response:
        response.read()
    for name in ("content-type", "access-control-allow-origin", "transfer-encoding", "vary", "x-env"):
        assert response.headers[name] == recorded[name]
    assert "cache-control" not in response.headers


def test_blocking_answer_is_shaped_like_a_recorded_one(client: httpx.Client) -> None:
    for case in ("21_chat_blocking", "58_kb_chat_blocking"):
        recorded = Exchange.read(case)
        answer = client.post(
            "chat-messages", json={"inputs": {}, "query": "How do I stop an answer?", "user": "b"}
        )
        assert answer.headers["content-type"] == recorded.response_headers["content-type"]
        assert fits(shape(answer.json()), shape(recorded.json))
    assert "Stop answer" in answer.json()["answer"]


@pytest.mark.parametrize("conversation_id", ["", None])
def test_no_conversation_is_a_new_one(client: httpx.Client, conversation_id: str | None) -> None:
    first = ask(client, "hello", conversation_id=conversation_id)
    second = ask(client, "hello", conversation_id=first[0]["conversation_id"])
    assert second[0]["conversation_id"] == first[0]["conversation_id"]
    assert second[0]["message_id"] != first[0]["message_id"]


def test_separators_travel_raw(client: httpx.Client) -> None:
    """Recording 22_chat_unicode_line_separators: clients that split at U+2028 would break here too."""
    name = "A\u2028B\u0085C"
    body = {"inputs": {"name": name}, "query": "hello", "user": "u", "response_mode": "streaming"}
    with client.stream("POST", "chat-messages", json=body) as response:
        raw = b"".join(response.iter_raw())
    assert "\u2028".encode() in raw
    assert name in text(frames(raw))


def test_stop_keeps_the_partial_text(client: httpx.Client) -> None:
    recorded = frames(Exchange.read("41_stop_chat_stream").body)
    body = {"inputs": {}, "query": "demo: slow 60", "user": "stopper", "response_mode": "streaming"}
    with client.stream("POST", "chat-messages", json=body) as response:
        chunks = response.iter_raw()
        raw = next(chunks)
        (first,) = frames(raw)
        for user in ("somebody else", "stopper"):
            stopped = client.post(f"chat-messages/{first['task_id']}/stop", json={"user": user})
            assert stopped.content == Exchange.read("41_stop_chat_call").body
            if user == "somebody else":
                raw += next(chunks)  # ignored: the answer goes on
        raw += b"".join(chunks)
    events = frames(raw)
    assert len(events) < 20
    assert fits(shape(events[-1]), shape(recorded[-1]))
    assert events[-1]["metadata"]["usage"]["total_tokens"] == 0
    (message,) = history(client, first["conversation_id"], "stopper")
    assert message["answer"] == text(events).strip() != ""
    theirs = Exchange.read("41_stop_chat_messages_after").json["data"][0]
    assert [key for key in message if key != "inputs"] == [key for key in theirs if key != "inputs"]
    assert (message["status"], message["error"], message["total_tokens"]) == ("normal", None, 0)


def test_reader_that_leaves_leaves_an_empty_answer(client: httpx.Client, embedded: Any) -> None:
    body = {"inputs": {}, "query": "demo: slow 2", "user": "quitter", "response_mode": "streaming"}
    with embedded.client() as other, other.stream("POST", "chat-messages", json=body) as response:
        (first,) = frames(next(response.iter_raw()))
    time.sleep(2.5)  # longer than the answer would have taken
    (message,) = history(client, first["conversation_id"], "quitter")
    recorded = Exchange.read("b0_disconnect_chat_messages_later").json["data"][0]
    for key in ("answer", "status", "error", "total_tokens", "provider_response_latency"):
        assert message[key] == recorded[key]


@pytest.mark.parametrize(
    ("query", "case"),
    [
        ("demo: error", "35_err_model_bad_stream"),
        ("demo: error rate_limit_error", "35_err_model_rate_stream"),
    ],
)
def test_failure(client: httpx.Client, query: str, case: str) -> None:
    (theirs,) = frames(Exchange.read(case).body)
    *said, failure = ask(client, query)
    assert text(said) != ""
    assert fits(shape(failure), shape(theirs))
    assert (failure["code"], failure["status"]) == (theirs["code"], theirs["status"])
    (message,) = history(client, failure["conversation_id"])
    assert (message["answer"], message["status"]) == ("", "error")
    assert message["error"] == failure["message"]


def test_failure_of_a_blocking_answer(client: httpx.Client) -> None:
    recorded = Exchange.read("35_err_model_bad_blocking")
    answer = client.post("chat-messages", json={"inputs": {}, "query": "demo: error", "user": "u"})
    assert answer.status_code == recorded.status
    assert answer.json()["code"] == recorded.json["code"]


@pytest.mark.parametrize(("query", "recovered"), [("demo: cut", True), ("demo: cut lost", False)])
def test_cut_in_the_middle_of_a_frame(client: httpx.Client, query: str, recovered: bool) -> None:
    body = {"inputs": {}, "query": query, "user": "asker", "response_mode": "streaming"}
    raw = b""
    with (
        client.stream("POST", "chat-messages", json=body) as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        for chunk in response.iter_raw():
            raw += chunk
    whole, _, rest = raw.rpartition(b"\n\n")
    assert rest.startswith(b"data: {")
    events = frames(whole + b"\n\n")
    conversation = events[0]["conversation_id"]
    assert history(client, conversation)[0]["answer"] == ""
    deadline = time.monotonic() + 6
    while (answer := history(client, conversation)[0]["answer"]) == "" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert bool(answer) == recovered
    if recovered:
        assert answer.startswith(text(events)) and len(answer) > len(text(events))


def test_flood_and_bench_are_exact(client: httpx.Client) -> None:
    assert len(text(ask(client, "demo: flood"))) == 20_000
    events = ask(client, "demo: bench 300 5000 7")
    sizes = [len(event["answer"]) for event in events if event["event"] == "message"]
    assert sizes == [7] * 300 + [0]


def test_question_of_100_kilobytes(client: httpx.Client) -> None:
    query = "annotations " * 8500
    events = ask(client, query)
    assert history(client, events[0]["conversation_id"])[0]["query"] == query


def test_fifty_at_once(embedded: Any) -> None:
    def one(number: int) -> str:
        with embedded.client() as client:
            return text(ask(client, "demo: bench 100 100 4", user=f"crowd-{number}"))

    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(one, range(50)))
    assert len(answers[0]) == 400
    assert set(answers) == {answers[0]}


def test_pings_only_while_silent() -> None:
    async def batches() -> list[list[str]]:
        reply = Reply(("one ", "two"), gap=0, silence=0.7)
        return [batch async for batch in paced(reply, Task("u"), ping_after=0.2)]

    *pings, said = asyncio.run(batches())
    assert pings
    assert set(map(len, pings)) == {0}
    assert said == ["one ", "two"]
